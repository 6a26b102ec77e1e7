"""The register as columns to keep: one layer of all records, and thin ones of what came since.

They hold numbers, hashes and opaque ids. The first layer is written once; a change adds a layer of its own size, until the
thin ones together weigh so much that all are better written as one.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from importlib.metadata import version
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from include.matching.holdings import Holdings, Part, joined
from include.matching.labels import Labels
from include.matching.register import COUNTED, Register, Sizes, key_parts, regions_of, sizes_of, value_parts
from include.matching.spec import ModelSpec
from include.matching.table import Table

FORMAT = 5
"""Of the files; a register kept in another is made anew."""

_LIBRARIES = ("anyascii", "nicknames", "opencc-python-reimplemented", "pandas", "rapidfuzz", "recordlinkage")
_THIN = 0.25
"""Share of the first layer up to which the later ones together are kept beside it."""


@dataclass(frozen=True)
class Fresh:
    """One layer to be written: as ``Layer``, but keys and values come a kind at a time, made when they are asked for.

    They are most of a register, and all kinds together many times what it takes to make one.
    """

    records: pa.RecordBatch
    keys: Iterator[pa.RecordBatch]
    counted: Iterator[pa.RecordBatch]
    retired: pa.RecordBatch

    def __len__(self) -> int:
        return len(self.records) + len(self.retired)


@dataclass(frozen=True)
class Layer:
    """One layer as it was read. What it holds is not looked at before somebody asks for it, so it may lie in a file until then.

    Attributes:
        records: ``record_id``, ``region``, in the order of the numbers.
        keys: ``key``, ``number`` of each rule, in the order in which the rules are declared.
        counted: ``key``, ``number``, ``apart`` of each of ``COUNTED``.
        retired: ``number`` of those that went out of force with it.
    """

    records: pa.RecordBatch
    keys: Sequence[pa.RecordBatch]
    counted: Sequence[pa.RecordBatch]
    retired: pa.RecordBatch

    @classmethod
    def without_keys(cls, records: int, spec: ModelSpec, counted: Sequence[pa.RecordBatch], retired: pa.RecordBatch) -> Self:
        """A layer that says how common values are, and no more: nobody is looked up in it."""
        nameless = pa.nulls(records, pa.large_string())
        none = _batch(Part(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int32)))
        return cls(_records(Labels(nameless), Labels(nameless)), [none] * len(spec.blocking), counted, retired)


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

    return _fresh(
        _records(Labels.of(table.record_id), regions_of(table)), keys(), value_parts(table, 0), np.zeros(0, dtype=np.int64)
    )


def whole(register: Register) -> Fresh:
    """All live records, numbered anew."""
    number = np.cumsum(register.live) - 1
    keys = ((rule, _live(register.of_rule(rule), number)) for rule in register.keys)
    counted = ((column, _live(register.of_column(column), number)) for column in register.counted)
    records = _records(register.record_id.chosen(register.live), register.region.chosen(register.live))
    return _fresh(records, keys, counted, np.zeros(0, dtype=np.int64))


def newest(before: Register, after: Register) -> Fresh:
    """What a change brought: the last part of each kind."""
    first = len(before.live)
    keys = ((rule, parts[-1]) for rule, parts in after.keys.items())
    counted = ((column, parts[-1]) for column, parts in after.counted.items())
    records = _records(after.record_id.after(first), after.region.after(first))
    return _fresh(records, keys, counted, np.flatnonzero(before.live & ~after.live[:first]))


def is_thin(layers: Sequence[int]) -> bool:
    """Whether the later layers, by their records, are light enough to be kept beside the first."""
    return sum(layers[1:]) <= _THIN * layers[0]


def assembled(layers: Sequence[Layer], sizes: Mapping[str, Sequence[int]], spec: ModelSpec) -> Register:
    """The register of some layers, the first first.

    Raises:
        ValueError: A layer is of other rules or columns.
    """
    ids, regions = (
        reduce(Labels.joined, (Labels(layer.records.column(name)) for layer in layers)) for name in ("record_id", "region")
    )
    live = np.ones(len(ids), dtype=bool)
    for layer in layers:
        live[layer.retired.column("number").to_numpy()] = False
    if any(len(layer.keys) != len(spec.blocking) or len(layer.counted) != len(COUNTED) for layer in layers):
        raise ValueError("the register is of other rules or columns")
    return Register(
        record_id=ids,
        region=regions,
        live=live,
        keys={rule.rule: tuple(_part(layer.keys[place]) for layer in layers) for place, rule in enumerate(spec.blocking)},
        counted={column: tuple(_part(layer.counted[place]) for layer in layers) for place, column in enumerate(COUNTED)},
        sizes={rule: np.array(held, dtype=np.int64) for rule, held in sizes.items()},
    ).stacked()


def _live(held: Holdings, number: np.ndarray) -> Part:
    kept = [part.chosen(held.live[part.number]) for part in held.parts]
    part = joined(kept)
    return Part(part.key, number[part.number].astype(np.int32), part.apart)


def _records(record_id: Labels, region: Labels) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([record_id.texts, region.texts], ["record_id", "region"])


def _fresh(
    records: pa.RecordBatch,
    held: Iterable[tuple[str, Part]],
    said: Iterable[tuple[str, Part]],
    retired: npt.NDArray[np.int64],
) -> Fresh:
    """A layer of what comes in the order of the declared rules, and of ``COUNTED``."""
    keys = (_batch(part) for _, part in held)
    counted = (_batch(part, apart=_apart(part)) for _, part in said)
    return Fresh(records, keys, counted, pa.RecordBatch.from_pydict({"number": pa.array(retired.astype(np.int32))}))


def _batch(part: Part, **more: npt.NDArray[np.uint64]) -> pa.RecordBatch:
    columns = {"key": part.key, "number": part.number, **more}
    return pa.RecordBatch.from_pydict({name: pa.array(column) for name, column in columns.items()})


def _apart(part: Part) -> npt.NDArray[np.uint64]:
    return np.zeros(len(part), dtype=np.uint64) if part.apart is None else part.apart


def _part(batch: pa.RecordBatch) -> Part:
    """Holdings where they lie: nothing is copied."""
    return Part(*(column.to_numpy() for column in batch.columns))
