"""A vocabulary of words that are compared by their spelling: what shows cheaply that two of them cannot be alike.

Most pairs that blocking brings together differ in most fields altogether. Of each word its length, the set of its letters and
its two ends are known as numbers, once; only pairs these do not rule out are read letter by letter, and each of those once. The
answers are the same as if all had been read.
"""

from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from include.matching.table import Ints
from include.matching.texts import code_points, objects

Bools = npt.NDArray[np.bool_]
Words = npt.NDArray[np.object_]
Judgement = TypeVar("Judgement", bound=np.generic)


class Spelling:
    """A vocabulary; pairs of its words are asked for by their codes.

    Attributes:
        texts: The words.
        lengths: Their lengths.
        letters: Which letters (code points modulo 64) each holds, as bits.
    """

    def __init__(self, words: Words | pa.StringArray) -> None:
        self.texts: pa.StringArray = words if isinstance(words, pa.Array) else pa.array(words, pa.string())
        self._words: Words | None = None if isinstance(words, pa.Array) else words
        self.points, self.begin, lengths = code_points(self.texts)
        self.lengths = lengths.astype(np.int32)
        self.letters = _bits(self.points, self.begin, self.lengths)
        self._ends: dict[int, tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]] = {}

    def one_slip(self, x: Ints, y: Ints, shortest: int = 0) -> Bools:
        """Whether two words, both at least ``shortest`` long, are at most one slip apart (optimal string alignment)."""
        found = self.slip_possible(x, y, shortest)
        at = np.flatnonzero(found)
        found[at] = self.edits(x[at], y[at], 1) <= 1
        return found

    def slip_possible(self, x: Ints, y: Ints, shortest: int = 0) -> Bools:
        """Whether two words can be one slip apart, by their lengths, letters and ends."""
        at = np.flatnonzero(np.bitwise_count(self.letters[x] ^ self.letters[y]) <= 2)  # a letter out, one in: few are left
        at = at[self._slips_possible(x[at], y[at], 1, self._only(x[at], y[at]))]
        at = at[np.minimum(self.lengths[x[at]], self.lengths[y[at]]) >= shortest]
        if shortest > 2:
            first, last = self.ends(shortest)
            at = at[(first[x[at]] == first[y[at]]) | (last[x[at]] == last[y[at]])]
        found = np.zeros(len(x), dtype=bool)
        found[at] = True
        return found

    def alike(self, x: Ints, y: Ints) -> Bools:
        """Whether two streets or towns are one spelled twice."""
        found: Bools = x == y
        at = np.flatnonzero(~found)
        at = at[self.alike_possible(x[at], y[at])]
        found[at] = over_unique(x[at], y[at], self._alike)
        return found

    def alike_possible(self, x: Ints, y: Ints) -> Bools:
        """Whether two streets or towns can be one spelled twice, by their letters."""
        return self.near_possible(x, y, 2, 0.93)

    def near_possible(self, x: Ints, y: Ints, slips: int, least: float) -> Bools:
        """Whether two words can be so many slips apart or reach so much Jaro-Winkler similarity, by their letters."""
        only = self._only(x, y)
        return self._slips_possible(x, y, slips, only) | self._similar_possible(x, y, least, only)

    def _alike(self, x: Ints, y: Ints) -> Bools:
        shortest = np.minimum(self.lengths[x], self.lengths[y])
        slips = self.edits(x, y, 2)
        similar = (self.jaro_winkler(x, y) >= 0.93) & (shortest >= 4)
        return np.asarray((slips <= 1) | ((slips <= 2) & (shortest >= 6)) | similar)

    def edits(self, x: Ints, y: Ints, most: int) -> Ints:
        """Optimal string alignment distance: slips of the keyboard, a transposition counting once; ``most + 1`` if above."""
        return np.asarray(cpdist(self.read(x), self.read(y), scorer=OSA.distance, score_cutoff=most, dtype=np.int32))

    def jaro_winkler(self, x: Ints, y: Ints) -> npt.NDArray[np.float32]:
        """Jaro-Winkler similarity, 0 to 1; unsafe alone (john and joan reach 0.93), so it never gives more than ``close``."""
        return np.asarray(cpdist(self.read(x), self.read(y), scorer=JaroWinkler.similarity, dtype=np.float32))

    def read(self, codes: Ints) -> Words:
        """The words behind codes; of a vocabulary in Arrow, which is large, only these are written down."""
        return objects(self.texts.take(pa.array(codes))) if self._words is None else self._words[codes]

    def similar_possible(self, x: Ints, y: Ints, least: float) -> Bools:
        """Whether Jaro-Winkler can reach ``least`` (0.7 or more), by the letters the words can have in common at most."""
        return self._similar_possible(x, y, least, self._only(x, y))

    def _similar_possible(self, x: Ints, y: Ints, least: float, only: tuple[Ints, Ints]) -> Bools:
        # A common start of four letters gives at most 0.4 of what Jaro alone misses, and nothing below 0.7.
        jaro = least if least <= 0.7 else (least - 0.4) / 0.6
        length_x, length_y = self.lengths[x], self.lengths[y]
        common = np.minimum(length_x - only[0], length_y - only[1]).astype(np.float32)
        reach, product = common * (length_x + length_y), length_x * length_y
        found: Bools = reach >= np.float32(3 * jaro - 1 - 1e-5) * product
        at = np.flatnonzero(found)
        apart = at[self.starts[x[at]] != self.starts[y[at]]]  # without a common start Jaro alone has to reach it
        found[apart] = reach[apart] >= np.float32(3 * least - 1 - 1e-5) * product[apart]
        return found

    @cached_property
    def starts(self) -> Ints:
        """The letter each word begins with."""
        return self.points[self.begin]

    def _slips_possible(self, x: Ints, y: Ints, most: int, only: tuple[Ints, Ints]) -> Bools:
        return np.asarray((np.abs(self.lengths[x] - self.lengths[y]) <= most) & (np.maximum(*only) <= most))

    def _only(self, x: Ints, y: Ints) -> tuple[Ints, Ints]:
        """How many letters, at least, only the one or only the other word holds."""
        mine, other = self.letters[x], self.letters[y]
        return np.bitwise_count(mine & ~other), np.bitwise_count(other & ~mine)

    def ends(self, shortest: int) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
        """A number for either end of each word; of two words so long, one slip leaves one half whole."""
        if shortest not in self._ends:
            reach = -(-(shortest - 2) // 2)
            first, last = (_end(self.points, self.begin, self.lengths, reach, side) for side in ("first", "last"))
            self._ends[shortest] = first, last
        return self._ends[shortest]


class Holding:
    """Which words of one vocabulary stand, letter by letter, within those of another; of a word too short nothing is said."""

    shortest = 3

    def __init__(self, texts: Words, words: Words) -> None:
        self.texts, self.words = texts, words
        self.lengths = np.fromiter(map(len, words), dtype=np.int32, count=len(words))
        self.pairs_of_texts, self.pairs_of_words = _bigrams(texts), _bigrams(words)

    def holds(self, text: Ints, word: Ints) -> Bools:
        """Whether each text holds the word."""
        possible = (self.lengths[word] >= self.shortest) & (self.pairs_of_words[word] & ~self.pairs_of_texts[text] == 0)
        at = np.flatnonzero(possible)
        held = np.zeros(len(text), dtype=bool)
        found = (w in t for t, w in zip(self.texts[text[at]], self.words[word[at]], strict=True))
        held[at] = np.fromiter(found, dtype=bool, count=len(at))
        return held


def over_unique(a: Ints, b: Ints, judge: Callable[[Ints, Ints], npt.NDArray[Judgement]]) -> npt.NDArray[Judgement]:
    """``judge`` each unordered pair of codes once; it must not care which comes first."""
    if len(a) == 0:
        return judge(a, b)
    import pandas as pd

    low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
    size = int(high.max()) + 1
    place, pairs = pd.factorize(low * size + high)
    return judge(pairs // size, pairs % size)[place]


_BIT = np.left_shift(np.uint64(1), np.arange(64, dtype=np.uint64))
_AT_ONCE = 1 << 15
"""Words whose letters are looked at together: they fit a processor's cache."""


def _bits(points: Ints, begin: Ints, lengths: Ints) -> npt.NDArray[np.uint64]:
    """Which letters (code points modulo 64) each word holds."""
    return _gathered(points, begin, lengths, lambda letters, _: _BIT[letters & 63])


def _bigrams(words: Words) -> npt.NDArray[np.uint64]:
    """Which pairs of neighbouring letters (hashed to 64) each word holds."""
    points, begin, lengths = code_points(pa.array(words, pa.string()))

    def bits(letters: Ints, last: Ints) -> npt.NDArray[np.uint64]:
        points = letters.astype(np.uint32)
        pairs = np.zeros_like(points)
        pairs[:-1] = (points[:-1] * np.uint32(0x9E3779B1) + points[1:] * np.uint32(0x85EBCA6B)) >> np.uint32(26)
        found = _BIT[pairs]
        found[last] = 0  # the last letter has no neighbour in its word
        return found

    return _gathered(points, begin, lengths, bits)


def _gathered(
    points: Ints, begin: Ints, lengths: Ints, bits: Callable[[Ints, Ints], npt.NDArray[np.uint64]]
) -> npt.NDArray[np.uint64]:
    """The bits of each word's letters together, given the letters of many words and where each word's last one is."""
    held = np.zeros(len(begin), dtype=np.uint64)
    for first in range(0, len(begin), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        starts, size = begin[some] - begin[first], lengths[some]
        letters = points[begin[first] : begin[first] + starts[-1] + size[-1] + 1]
        found = bits(letters, (starts + size - 1)[size > 0])
        found[-1] = 0  # the nought at the end or the first letter of the next word
        held[some] = np.bitwise_or.reduceat(found, starts)
    held[lengths == 0] = 0
    return held


def _end(points: Ints, begin: Ints, lengths: Ints, reach: int, side: str) -> npt.NDArray[np.uint64]:
    """A number for the first or last ``reach`` letters; where a word is shorter, its letters and what stands beside them."""
    start = begin if side == "first" else np.maximum(begin + lengths - reach, 0)
    ends = np.zeros(len(begin), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for step in range(reach):
            ends = ends * np.uint64(0x9E3779B97F4A7C15) + points[np.minimum(start + step, len(points) - 1)]
    return ends
