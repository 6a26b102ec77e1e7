"""Names of several words beside others, word by word: a second given name or a family name dropped, a slip in each word."""

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from include.matching.spelling import Bools, Spelling, over_unique
from include.matching.table import Ints, within_runs

_LEAST = 4
"""Letters of a word in which a slip is looked for."""


class WordByWord:
    """The words of a vocabulary of names; pairs of names are asked for by their codes.

    Two words that are given names each, Maria and Marta, are no slip of each other.
    """

    def __init__(self, names: pa.StringArray, given: pa.StringArray) -> None:
        """Split them.

        Args:
            names: Folded, one blank between two words.
            given: Every word that is known as a given name.
        """
        parts = pc.split_pattern(names, " ")
        words = parts.flatten().dictionary_encode()
        offsets = parts.offsets.to_numpy()
        self.word = words.indices.to_numpy()
        self.begin, self.count = offsets[:-1], np.diff(offsets)
        self.spelling = Spelling(words.dictionary)
        self.known = pc.is_in(words.dictionary, value_set=given).to_numpy(zero_copy_only=False)

    def compare(self, x: Ints, y: Ints) -> tuple[Bools, Bools, Bools]:
        """How two names agree.

        Returns:
            Whether they have a word of two letters or more in common; whether they nearly have one, a slip in a long word
            apart; and whether, of as many words each, every word is the same as the other's in its place, or one slip from it.
        """
        most = self.count[x] * self.count[y]
        pair, at = np.repeat(np.arange(len(x)), most), within_runs(most)
        i, j = np.divmod(at, self.count[y][pair])
        v, w = self.word[self.begin[x][pair] + i], self.word[self.begin[y][pair] + j]
        shortest = np.minimum(self.spelling.lengths[v], self.spelling.lengths[w])
        same = v == w
        slip = np.zeros(len(v), dtype=bool)
        apart = np.flatnonzero(~same & (shortest >= _LEAST) & ~(self.known[v] & self.known[w]))
        slip[apart] = over_unique(v[apart], w[apart], partial(self.spelling.one_slip, shortest=_LEAST))

        def in_any(found: Bools) -> Bools:
            return np.bincount(pair[found], minlength=len(x)) > 0

        alike = np.bincount(pair[(i == j) & (same | slip)], minlength=len(x))
        each = (self.count[x] == self.count[y]) & (self.count[x] > 1) & (alike == self.count[x])
        return in_any(same & (shortest > 1)), in_any(slip & (shortest > _LEAST)), each
