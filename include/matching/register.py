"""What blocking and counting need to know of all records, so that a few changed ones can be resolved without reading the others.

The register holds hashes and numbers only: by which keys each record can be found, which values it counts under, and in which
region it is. It follows from the records and the declared model, so it can be thrown away at any time and made anew.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from include.matching.frequencies import Counted
from include.matching.holdings import NOT_KNOWN, Flags, Holdings, Part, joined
from include.matching.index import affordable_caps, record_bits
from include.matching.keys import key_holdings
from include.matching.labels import Labels
from include.matching.letters import Hashes, hashed
from include.matching.spec import ModelSpec
from include.matching.table import APART, SET_COLUMNS, Ints, Table, hashes, run_on, vocabulary

BARE = {"given": "bare given", "family": "bare family"}
"""Column of names > the same run together, by their keys and as written: names that agree have one of them in common."""

COUNTED = (*APART, "home", *SET_COLUMNS, *BARE.values())
"""Columns whose values a register holds."""

Sizes = npt.NDArray[np.int64]
"""How many keys of a rule 0, 1, 2 ... records hold, up to its declared cap."""


@dataclass(frozen=True)
class Register:
    """All records by number, retired numbers included.

    Attributes:
        record_id: Record id of each number.
        region: Region of each number; None where it has none.
        live: Whether the number is in force: the newest of a record that is there.
        keys: Blocking rule > who holds which key.
        counted: Counted column (or ``BARE``) > who holds which value.
        sizes: Blocking rule > how many keys 0, 1, 2 ... records hold, up to the declared cap.
    """

    record_id: Labels
    region: Labels
    live: Flags
    keys: Mapping[str, tuple[Part, ...]]
    counted: Mapping[str, tuple[Part, ...]]
    sizes: Mapping[str, npt.NDArray[np.int64]]

    @classmethod
    def of_table(cls, table: Table, spec: ModelSpec) -> Self:
        """The register of a whole snapshot."""
        live = np.ones(len(table), dtype=bool)
        keys = {rule: (part,) for rule, part in keys_of(table, spec, 0).items()}
        counted = {column: (part,) for column, part in values_of(table, 0).items()}
        sizes = {rule.rule: sizes_of(keys[rule.rule][0], len(table), rule.cap) for rule in spec.blocking}
        return cls(Labels.of(table.record_id), regions_of(table), live, keys, counted, sizes)

    def __len__(self) -> int:
        return int(self.live.sum())

    def of_rule(self, rule: str) -> Holdings:
        """Who holds which key of a rule."""
        return Holdings(self.keys[rule], self.live)

    def of_column(self, column: str) -> Holdings:
        """Who holds which value of a column."""
        return Holdings(self.counted[column], self.live)

    def of(self, column: str, hashes: Hashes) -> Counted:
        """How common values are among all live records."""
        return self.of_column(column).tally(hashes)

    def numbers_of(self, record_ids: pd.Index) -> Flags:
        """The live numbers of some records, as flags."""
        return np.asarray(self.live & self.record_id.are_among(record_ids))

    def retired(self, numbers: Flags) -> Self:
        """Without some numbers; ``sizes`` are left as they were."""
        return replace(self, live=self.live & ~numbers)

    def with_values(self, table: Table) -> Self:
        """With what more records say, which get the next numbers; their keys come after, for these depend on the counts."""
        more = values_of(table, len(self.live))
        return replace(
            self,
            record_id=self.record_id.joined(Labels.of(table.record_id)),
            region=self.region.joined(regions_of(table)),
            live=np.r_[self.live, np.ones(len(table), dtype=bool)],
            counted={column: (*parts, more[column]) for column, parts in self.counted.items()},
        )

    def with_keys(self, more: Mapping[str, Part]) -> Self:
        """With the keys of the newest numbers."""
        return replace(self, keys={rule: (*parts, more[rule]) for rule, parts in self.keys.items()})

    def stacked(self) -> Self:
        """With what came after the first part as one part, so that looking up stays as quick as at first."""

        def stack(kinds: Mapping[str, tuple[Part, ...]]) -> dict[str, tuple[Part, ...]]:
            return {kind: (parts[0], joined(parts[1:])) if len(parts) > 2 else parts for kind, parts in kinds.items()}

        return replace(self, keys=stack(self.keys), counted=stack(self.counted))

    def caps(self, spec: ModelSpec) -> list[int]:
        """The cap of each rule, lowered where the budget of pairs is short for these records."""
        sizes = [_Sizes(self.sizes[rule.rule]) for rule in spec.blocking]
        return affordable_caps(sizes, spec.blocking, len(self), spec.budget)


@dataclass(frozen=True)
class _Sizes:
    """How many keys each number of records holds, in place of the blocks themselves."""

    keys: npt.NDArray[np.int64]

    def pairs_by_size(self) -> npt.NDArray[np.int64]:
        size = np.arange(len(self.keys), dtype=np.int64)
        return self.keys * size * (size - 1) // 2


def moved_sizes(sizes: npt.NDArray[np.int64], before: Ints, after: Ints) -> npt.NDArray[np.int64]:
    """Counts of keys by size, once some keys went from one size to another."""
    most = len(sizes) - 1
    gone, come = (np.bincount(held[held <= most], minlength=most + 1) for held in (before, after))
    moved: npt.NDArray[np.int64] = sizes - gone + come
    moved[0] = 0
    return moved


def sizes_of(part: Part, records: int, cap: int) -> Sizes:
    """The sizes of a rule of which this is all, each of so many records in force."""
    held = Holdings((part,), np.ones(records, dtype=bool))
    return moved_sizes(np.zeros(cap + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), held.sizes()[1])


def regions_of(table: Table) -> Labels:
    """Region of each record; None where it has none."""
    words = Labels.of([*table.words["region"], None])
    return words.chosen(np.where(table.column("region") < 0, len(words) - 1, table.column("region")))


def keys_of(table: Table, spec: ModelSpec, first: int) -> dict[str, Part]:
    """Keys by rule; of each as many bits as blocking compares."""
    return dict(key_parts(table, spec, first))


def key_parts(table: Table, spec: ModelSpec, first: int) -> Iterator[tuple[str, Part]]:
    """The same, one rule after the other."""
    spare = np.uint64(record_bits(1))
    for rule in spec.blocking:
        record, key = key_holdings(table, rule.keys)
        yield rule.rule, Part.of(key >> spare << spare, record + first)


def values_of(table: Table, first: int) -> dict[str, Part]:
    """Values that are counted, those of nobody included, and what tells their holders apart; in the order of ``COUNTED``."""
    return dict(value_parts(table, first))


def value_parts(table: Table, first: int) -> Iterator[tuple[str, Part]]:
    """The same, one column after the other."""
    initials = np.where(table.initials >= 0, table.initials + 1, 0).astype(np.uint64)  # 0: not known
    for column, apart in {**APART, "home": "initials"}.items():
        beside = initials if apart == "initials" else _hash_of(table, apart)
        codes = table.column(column)
        record = np.flatnonzero(codes >= 0)
        yield column, Part.of(hashes(table, vocabulary(column))[codes[record]], record + first, beside[record])
    for column in SET_COLUMNS:
        held = table.sets[column]
        who, item = (np.concatenate(two) for two in zip((held.record, held.held), held.nobodys, strict=True))
        yield column, Part.of(hashes(table, column)[item], who + first, initials[who])
    bare = hashed(run_on(table.texts["name"]))
    for column, name in BARE.items():
        forms = [table.column(one) for one in (column, f"written_{column}")]
        holders = [np.flatnonzero(codes >= 0) for codes in forms]
        value = np.concatenate([bare[codes[who]] for codes, who in zip(forms, holders, strict=True)])
        yield name, Part.of(value, np.concatenate(holders) + first)


def _hash_of(table: Table, column: str) -> Hashes:
    """Hash of each record's value; ``NOT_KNOWN`` where it has none."""
    return np.append(hashes(table, vocabulary(column)), NOT_KNOWN)[table.column(column)]
