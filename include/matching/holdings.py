"""Which records hold a key: looked up by key, and kept up to date without being written anew.

A record has a number for as long as what it says does not change. Once it changes, its number is retired and it gets the next; so
what is on file of a number is never corrected, only added to or passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from include.matching.frequencies import Counted, Ints
from include.matching.letters import Hashes
from include.matching.table import within_runs

Flags = npt.NDArray[np.bool_]
"""By number: whether it is among some."""

NOT_KNOWN = np.uint64(0)
"""In ``apart``: nothing tells this holder from others."""


@dataclass(frozen=True)
class Part:
    """Holdings that came together.

    Attributes:
        key: Hashes of what is held, ascending.
        number: Who holds it.
        apart: Of a counted value, a hash of what tells its holder from others.
    """

    key: Hashes
    number: npt.NDArray[np.int32]
    apart: Hashes | None = None

    @classmethod
    def of(cls, key: Hashes, number: Ints, apart: Hashes | None = None) -> "Part":
        """In order of the keys, each holding once."""
        order = np.lexsort((number, key))
        key, who = key[order], number[order].astype(np.int32)
        fresh = _begins(key, who)
        return cls(key[fresh], who[fresh], None if apart is None else apart[order][fresh])

    def __len__(self) -> int:
        return len(self.key)

    def chosen(self, kept: Flags) -> "Part":
        """Some of the holdings."""
        return Part(self.key[kept], self.number[kept], None if self.apart is None else self.apart[kept])

    def apart_of(self, key: np.uint64) -> np.uint64:
        """What tells the first holder of a value from others."""
        assert self.apart is not None
        return np.uint64(self.apart[np.searchsorted(self.key, key)])

    def runs(self, keys: Hashes) -> tuple[Ints, Ints]:
        """Where the holdings of each key begin and end."""
        return np.searchsorted(self.key, keys, side="left"), np.searchsorted(self.key, keys, side="right")


@dataclass(frozen=True)
class Holdings:
    """All holdings of one kind, and which numbers are in force.

    Attributes:
        parts: As they came.
        live: By number, whether it is in force.
    """

    parts: tuple[Part, ...]
    live: Flags

    @cached_property
    def _retired(self) -> list[Hashes]:
        """By part, what numbers hold that are no longer in force: of most registers little or nothing."""
        return [part.key[np.flatnonzero(~self.live[part.number])] for part in self.parts]

    def counts(self, keys: Hashes) -> npt.NDArray[np.int64]:
        """How many live records hold each key."""
        found = np.zeros(len(keys), dtype=np.int64)
        for part, retired in zip(self.parts, self._retired, strict=True):
            for held, sign in ((part.key, 1), (retired, -1)):
                begin, end = (np.searchsorted(held, keys, side=side) for side in ("left", "right"))
                found += sign * (end - begin)
        return found

    def holders(self, keys: Hashes) -> tuple[Ints, npt.NDArray[np.int32]]:
        """Every live holder of some keys: (place of the key, number)."""
        at, number, _ = self._rows(keys)
        return at, number

    def tally(self, keys: Hashes) -> Counted:
        """How many persons, as told apart, and records hold each value."""
        at, _, apart = self._rows(keys)
        records = np.bincount(at, minlength=len(keys))
        at, apart = at[apart != NOT_KNOWN], apart[apart != NOT_KNOWN]
        order = np.lexsort((apart, at))
        at, apart = at[order], apart[order]
        return Counted(np.bincount(at[_begins(at, apart)], minlength=len(keys)), records)

    def tallies(self) -> "Tallies":
        """How common every value is, counted once for whoever asks often."""
        keys, _ = self.held_by(self.live)
        apart = np.concatenate([part.chosen(self.live[part.number]).apart for part in self.parts])
        order = np.lexsort((apart, keys))
        keys, apart = keys[order], apart[order]
        first = np.flatnonzero(_begins(keys))
        ends = np.r_[first, len(keys)]
        persons = np.r_[0, np.cumsum(_begins(keys, apart) & (apart != NOT_KNOWN))]
        return Tallies(keys[first], np.diff(persons[ends]).astype(np.int32), np.diff(ends).astype(np.int32))

    def is_told(self, key: np.uint64, apart: np.uint64) -> bool:
        """Whether a live holder of a value is told apart by this."""
        _, _, told = self._rows(np.array([key], dtype=np.uint64))
        return bool((told == apart).any())

    def held_by(self, numbers: Flags) -> tuple[Hashes, npt.NDArray[np.int32]]:
        """What some numbers hold, retired ones too: (key, number)."""
        keys, who = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int32)]
        for part in self.parts:
            kept = numbers[part.number]
            keys.append(part.key[kept])
            who.append(part.number[kept])
        return np.concatenate(keys), np.concatenate(who)

    def sizes(self) -> tuple[Hashes, npt.NDArray[np.int64]]:
        """Every key some live record holds, and how many do."""
        keys = np.sort(self.held_by(self.live)[0])
        begin = np.flatnonzero(_begins(keys))
        return keys[begin], np.diff(np.r_[begin, len(keys)])

    def _rows(self, keys: Hashes) -> tuple[Ints, npt.NDArray[np.int32], Hashes]:
        places, numbers, beside = [], [], []
        for part in self.parts:
            begin, end = part.runs(keys)
            at, row = expanded(begin, end)
            kept = self.live[part.number[row]]
            row = row[kept]
            places.append(at[kept])
            numbers.append(part.number[row])
            beside.append(np.zeros(0, dtype=np.uint64) if part.apart is None else part.apart[row])
        return np.concatenate(places), np.concatenate(numbers), np.concatenate(beside)


@dataclass(frozen=True)
class Tallies:
    """How many persons and records hold each value of a column.

    Attributes:
        key: Hashes of the values that anybody holds, ascending.
        persons: Of each, how many are told apart.
        records: Of each, how many hold it.
    """

    key: Hashes
    persons: npt.NDArray[np.int32]
    records: npt.NDArray[np.int32]

    def of(self, keys: Hashes) -> Counted:
        """Of some values; of one that nobody holds, nought."""
        if not len(self.key):
            none = np.zeros(len(keys), dtype=np.int64)
            return Counted(none, none)
        at = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        there = self.key[at] == keys
        return Counted(*(np.where(there, held[at], 0).astype(np.int64) for held in (self.persons, self.records)))


def _begins(*columns: npt.NDArray[Any]) -> Flags:
    """Where in sorted rows another begins than the one before."""
    found = np.zeros(len(columns[0]), dtype=bool)
    found[:1] = True
    for column in columns:
        found[1:] |= column[1:] != column[:-1]
    return found


def expanded(begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Every place of several runs: (which run, place)."""
    lengths = end - begin
    return np.repeat(np.arange(len(lengths)), lengths), within_runs(lengths) + np.repeat(begin, lengths)


def joined(parts: Sequence[Part]) -> Part:
    """Several parts as one."""
    if len(parts) == 1:
        return parts[0]
    key, number = np.concatenate([part.key for part in parts]), np.concatenate([part.number for part in parts])
    apart = [part.apart for part in parts if part.apart is not None]
    return Part.of(key, number, np.concatenate(apart) if len(apart) == len(parts) else None)
