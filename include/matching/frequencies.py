"""How common values are: by how many persons and records each is held, counted once and looked up where only some are compared.

A pair's weight heeds how common the agreed value is among all records. Who compares only some records therefore brings the counts
of all along; they go by a hash of the value, so that they can be kept where no value may lie.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from include.matching.letters import Hashes

Ints = npt.NDArray[np.integer[Any]]

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


class Frequencies(Protocol):
    """Counts over all records."""

    def of(self, column: str, hashes: Hashes) -> Counted:
        """Counts of some values of a column; of one that nobody holds, nought."""


class Unseen:
    """Nothing counted yet: so every value is somebody's."""

    def of(self, column: str, hashes: Hashes) -> Counted:  # noqa: ARG002, D102
        none = np.zeros(len(hashes), dtype=np.int64)
        return Counted(none, none)
