"""The register as frames to keep: one layer of all records, and thin ones of what came since.

A frame holds numbers, hashes and opaque ids. The first layer is written once; a change adds a layer of its own size, until the
thin ones together weigh so much that all are better written as one.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from include.matching.register import COUNTED, Register, Sizes, key_parts, regions_of, sizes_of, value_parts
from include.matching.spec import ModelSpec
from include.matching.table import Table

FORMAT = 4
"""Of the frames; a register kept in another is made anew."""

_LIBRARIES = ("anyascii", "nicknames", "opencc-python-reimplemented", "pandas", "rapidfuzz", "recordlinkage")
_THIN = 0.25
"""Share of the first layer up to which the later ones together are kept beside it."""


Columns = pd.DataFrame | Mapping[str, npt.NDArray[Any]]
"""A frame as it is written, or its columns as they were read."""


@dataclass(frozen=True)
class Fresh:
    """One layer to be written: as ``Layer``, but keys and values come a kind at a time, made when they are asked for.

    They are most of a register, and all kinds together many times what it takes to make one.
    """

    records: pd.DataFrame
    keys: Iterator[pd.DataFrame]
    counted: Iterator[pd.DataFrame]
    retired: pd.DataFrame


@dataclass(frozen=True)
class Layer:
    """One layer as it was read.

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


def of_table(table: Table, spec: ModelSpec, sizes: dict[str, Sizes]) -> Fresh:
    """The register of a whole snapshot, never all in memory; ``sizes`` of each rule are told as its keys are asked for."""
    caps = {rule.rule: rule.cap for rule in spec.blocking}

    def keys() -> Iterator[tuple[str, Part]]:
        for rule, part in key_parts(table, spec, 0):
            sizes[rule] = sizes_of(part, len(table), caps[rule])
            yield rule, part

    return _fresh(_records(table.record_id, regions_of(table)), keys(), value_parts(table, 0), np.zeros(0, dtype=np.int64))


def whole(register: Register) -> Fresh:
    """All live records, numbered anew."""
    number = np.cumsum(register.live) - 1
    keys = ((rule, _live(register.of_rule(rule), number)) for rule in register.keys)
    counted = ((column, _live(register.of_column(column), number)) for column in register.counted)
    records = _records(register.record_id[register.live], register.region[register.live])
    return _fresh(records, keys, counted, np.zeros(0, dtype=np.int64))


def newest(before: Register, after: Register) -> Fresh:
    """What a change brought: the last part of each kind."""
    first = len(before.live)
    keys = ((rule, parts[-1]) for rule, parts in after.keys.items())
    counted = ((column, parts[-1]) for column, parts in after.counted.items())
    records = _records(after.record_id[first:], after.region[first:])
    return _fresh(records, keys, counted, np.flatnonzero(before.live & ~after.live[:first]))


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


def _fresh(
    records: pd.DataFrame,
    held: Iterable[tuple[str, Part]],
    said: Iterable[tuple[str, Part]],
    retired: npt.NDArray[np.int64],
) -> Fresh:
    """A layer of what comes in the order of the declared rules, and of ``COUNTED``."""
    keys = (_frame(part, place) for place, (_, part) in enumerate(held))
    counted = (_frame(part, place).assign(apart=_apart(part)) for place, (_, part) in enumerate(said))
    return Fresh(records, keys, counted, pd.DataFrame({"number": retired.astype(np.int32)}))


def _frame(part: Part, of: int) -> pd.DataFrame:
    kind = np.full(len(part), of, dtype=np.int16)
    return pd.DataFrame({"of": kind, "key": part.key, "number": part.number}, copy=False)


def _apart(part: Part) -> npt.NDArray[np.uint64]:
    return np.zeros(len(part), dtype=np.uint64) if part.apart is None else part.apart


def _parts(columns: Columns, kinds: int) -> list[Part]:
    """The parts of a layer, kind by kind; each lies in one piece, in order of its keys."""
    of, key, number = (np.asarray(columns[name]) for name in ("of", "key", "number"))
    apart = np.asarray(columns["apart"]) if "apart" in columns else None
    ends = np.searchsorted(of, np.arange(kinds + 1))
    return [
        Part(key[begin:end], number[begin:end], None if apart is None else apart[begin:end])
        for begin, end in pairwise(ends)
    ]  # fmt: skip
