"""A declared ladder in numbers: which code each level gets, and back."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from include.matching.spec import LADDERS, Comparison
from include.matching.table import Ints

MOST_BUCKETS = 21
"""Codes above the top level: one for each log2 bucket of how common the agreed value is."""


@dataclass(frozen=True)
class Ladder:
    """Codes of one comparison: 0 null, 1 the bottom, ``top`` the strongest agreement, ``top + b`` that on a value of bucket b."""

    names: tuple[str, ...]
    code_of_level: npt.NDArray[np.int8]
    by_frequency: bool

    @classmethod
    def of(cls, comparison: Comparison) -> Self:
        """Number a declared ladder; a level that is not declared falls to the next one below it."""
        declared = [level.level for level in comparison.levels]
        code, codes = 0, {}
        for level in reversed(LADDERS[comparison.compare]):
            code += level in declared
            codes[level] = code
        in_order = np.array([codes[level] for level in LADDERS[comparison.compare]], dtype=np.int8)
        return cls(tuple(reversed(declared)), in_order, comparison.frequency is not None)

    @property
    def top(self) -> int:
        """Code of the strongest level."""
        return len(self.names)

    @property
    def size(self) -> int:
        """Number of codes, null and buckets included."""
        return self.top + (MOST_BUCKETS if self.by_frequency else 1)

    def codes(self, levels: Ints, buckets: Ints, null: npt.NDArray[np.bool_]) -> Ints:
        """Codes of level positions (0 is the ladder's top), with the bucket on top of the top."""
        code = self.code_of_level.take(levels, mode="clip")  # of null any will do
        if self.by_frequency:
            code += buckets * (code == self.top)
        code[null] = 0
        return code

    def level(self, code: int) -> str:
        """Name of a code's level."""
        return "null" if code == 0 else self.names[min(code, self.top) - 1]

    def bucket(self, code: int) -> int:
        """log2 bucket in a code, 0 below the top."""
        return max(code - self.top, 0)
