"""How common values are: by how many persons and records each is held, counted once and looked up where only some are compared.

A pair's weight heeds how common the agreed value is among all records. Who compares only some records therefore brings the counts
of all along; they go by a hash of the value, so that they can be kept where no value may lie.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.integer[Any]]
Hashes = npt.NDArray[np.uint64]

_MOST_BUCKETS = 20


def bucket(counts: Ints) -> Ints:
    """floor(log2(count)), at most 20; a count of nought is read as one."""
    return np.minimum(np.floor(np.log2(np.maximum(counts, 1))), _MOST_BUCKETS).astype(np.int8)


@dataclass(frozen=True)
class Counted:
    """Holders of each value of a column, value by value.

    Attributes:
        persons: How many are told apart: by the other name, the initials or the birth date beside the value.
        records: How many records hold it.
    """

    persons: Ints
    records: Ints

    def spread(self, repeats: float) -> Ints:
        """About how many persons: those told apart, or as many as there must be at ``repeats`` records a person."""
        return np.maximum(self.persons, np.round(self.records / repeats).astype(np.int64))


@dataclass(frozen=True)
class Frequencies:
    """Counts over all records, by column and by hash of the value.

    Attributes:
        values: Column > hashes, ascending.
        counted: Column > counts beside them.
    """

    values: Mapping[str, Hashes]
    counted: Mapping[str, Counted]

    def of(self, column: str, hashes: Hashes) -> Counted:
        """Counts of some values; of one that nobody was seen to hold, nought."""
        values = self.values.get(column, np.zeros(0, dtype=np.uint64))
        if not len(values):
            return Counted(np.zeros(len(hashes), dtype=np.int64), np.zeros(len(hashes), dtype=np.int64))
        at = np.minimum(np.searchsorted(values, hashes), len(values) - 1)
        known, counted = values[at] == hashes, self.counted[column]
        return Counted(np.where(known, counted.persons[at], 0), np.where(known, counted.records[at], 0))

    def frame(self) -> pd.DataFrame:
        """As a frame to keep: ``column``, ``value``, ``persons``, ``records``; hashes and counts only."""
        parts = [
            pd.DataFrame({"column": name, "value": values, "persons": counts.persons, "records": counts.records})
            for (name, values), counts in zip(self.values.items(), self.counted.values(), strict=True)
        ]
        return pd.concat(parts, ignore_index=True)

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> Self:
        """Inverse of ``frame``."""
        parts = {str(name): part for name, part in frame.groupby("column", sort=False)}
        return cls(
            {name: part["value"].to_numpy(dtype=np.uint64) for name, part in parts.items()},
            {name: Counted(part["persons"].to_numpy(), part["records"].to_numpy()) for name, part in parts.items()},
        )
