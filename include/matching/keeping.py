"""The register as frames to keep: one layer of all records, and thin ones of what came since.

A frame holds numbers, hashes and opaque ids. The first layer is written once; a change adds a layer of its own size, until the
thin ones together weigh so much that all are better written as one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.matching.holdings import Holdings, Part, joined
from include.matching.register import COUNTED, Register
from include.matching.spec import ModelSpec

FORMAT = 3
"""Of the frames; a register kept in another is made anew."""

_LIBRARIES = ("anyascii", "nicknames", "opencc-python-reimplemented", "pandas", "rapidfuzz", "recordlinkage")
_THIN = 0.25
"""Share of the first layer up to which the later ones together are kept beside it."""


Columns = pd.DataFrame | Mapping[str, npt.NDArray[Any]]
"""A frame as it is written, or its columns as they were read."""


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        records: ``record_id``, ``region``, in the order of the numbers.
        keys: ``of`` (position of the rule), ``key``, ``number``.
        counted: ``of`` (position of the column), ``key``, ``number``, ``apart``.
        retired: ``number`` of those that went out of force with it.
    """

    records: Columns
    keys: Columns
    counted: Columns
    retired: Columns


@cache
def code_version() -> str:
    """sha256 of the code that makes keys, counts and weights, and of its libraries: what other code found must be found anew."""
    found = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in _LIBRARIES).encode())
    for path in sorted(Path(__file__).parent.glob("*")):
        if path.suffix in (".py", ".yml"):
            found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()


def whole(register: Register, spec: ModelSpec) -> Layer:
    """All live records, numbered anew."""
    number = np.cumsum(register.live) - 1
    keys = {rule: _live(register.of_rule(rule), number) for rule in register.keys}
    counted = {column: _live(register.of_column(column), number) for column in register.counted}
    records = _records(register.record_id[register.live], register.region[register.live])
    return _layer(records, keys, counted, np.zeros(0, dtype=np.int64), spec)


def newest(before: Register, after: Register, spec: ModelSpec) -> Layer:
    """What a change brought: the last part of each kind."""
    first = len(before.live)
    keys = {rule: parts[-1] for rule, parts in after.keys.items()}
    counted = {column: parts[-1] for column, parts in after.counted.items()}
    records = _records(after.record_id[first:], after.region[first:])
    return _layer(records, keys, counted, np.flatnonzero(before.live & ~after.live[:first]), spec)


def is_thin(layers: Sequence[int]) -> bool:
    """Whether the later layers, by their records, are light enough to be kept beside the first."""
    return sum(layers[1:]) <= _THIN * layers[0]


def assembled(layers: Sequence[Layer], sizes: Mapping[str, Sequence[int]], spec: ModelSpec) -> Register:
    """The register of some layers, the first first."""
    ids, regions = (
        np.concatenate([np.asarray(layer.records[name], dtype=object) for layer in layers]) for name in ("record_id", "region")
    )
    live = np.ones(len(ids), dtype=bool)
    for layer in layers:
        live[np.asarray(layer.retired["number"], dtype=np.int64)] = False
    keys = [_parts(layer.keys, len(spec.blocking)) for layer in layers]
    counted = [_parts(layer.counted, len(COUNTED)) for layer in layers]
    return Register(
        record_id=ids,
        region=regions,
        live=live,
        keys={rule.rule: tuple(layer[number] for layer in keys) for number, rule in enumerate(spec.blocking)},
        counted={column: tuple(layer[number] for layer in counted) for number, column in enumerate(COUNTED)},
        sizes={rule: np.array(held, dtype=np.int64) for rule, held in sizes.items()},
    ).stacked()


def _live(held: Holdings, number: np.ndarray) -> Part:
    kept = [part.chosen(held.live[part.number]) for part in held.parts]
    part = joined(kept)
    return Part(part.key, number[part.number].astype(np.int32), part.apart)


def _records(record_id: np.ndarray, region: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"record_id": record_id, "region": region}, dtype=object)


def _layer(
    records: pd.DataFrame, held: Mapping[str, Part], said: Mapping[str, Part], retired: np.ndarray, spec: ModelSpec
) -> Layer:
    keys = pd.concat([_frame(held[rule.rule], number) for number, rule in enumerate(spec.blocking)], ignore_index=True)
    counted = pd.concat([_frame(said[column], number) for number, column in enumerate(COUNTED)], ignore_index=True)
    return Layer(records, keys.drop(columns="apart"), counted, pd.DataFrame({"number": retired.astype(np.int32)}))


def _frame(part: Part, of: int) -> pd.DataFrame:
    apart = np.zeros(len(part), dtype=np.uint64) if part.apart is None else part.apart
    kind = np.full(len(part), of, dtype=np.int16)
    return pd.DataFrame({"of": kind, "key": part.key, "number": part.number, "apart": apart})


def _parts(columns: Columns, kinds: int) -> list[Part]:
    """The parts of a layer, kind by kind; each lies in one piece, in order of its keys."""
    of, key, number = (np.asarray(columns[name]) for name in ("of", "key", "number"))
    apart = np.asarray(columns["apart"]) if "apart" in columns else None
    ends = np.searchsorted(of, np.arange(kinds + 1))
    return [
        Part(key[begin:end], number[begin:end], None if apart is None else apart[begin:end])
        for begin, end in pairwise(ends)
    ]  # fmt: skip
