"""Words as numbers that can be put together: of a name's parts as of the whole, without writing the whole down."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from include.matching.texts import ROOM, code_points, laid

Hashes = npt.NDArray[np.uint64]

ODD = np.uint64(0x9E3779B97F4A7C15)


def mixed(key: Hashes) -> Hashes:
    """Every bit of a number spread over all of its bits (splitmix64's finish)."""
    with np.errstate(over="ignore"):
        x = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


_AT_ONCE = 1 << 14
"""Words read at once: what is known of them fits a processor's cache."""
_UP_TO = np.array([(1 << 8 * size) - 1 for size in range(ROOM + 1)], dtype=np.uint64)
"""The low bytes of a number, by how many."""


def hashed(texts: pa.StringArray) -> Hashes:
    """A hash of each text, the same in every table."""
    return hashed_parts(*laid(texts))


def hashed_parts(
    data: npt.NDArray[np.uint8], begin: npt.NDArray[np.integer[Any]], lengths: npt.NDArray[np.integer[Any]]
) -> Hashes:
    """A hash of part of each text, the same wherever the part stands.

    Args:
        data: Bytes of texts, and eight noughts (``Laid``).
        begin: Where each part begins.
        lengths: How many bytes it has.
    """
    eight: npt.NDArray[np.uint64] = np.ndarray(len(data) - ROOM + 1, dtype="<u8", buffer=data, strides=(1,))
    found = np.empty(len(begin), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for first in range(0, len(begin), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            at, left = begin[some].astype(np.int64), lengths[some].astype(np.int64)
            made = (left.astype(np.uint64) + np.uint64(1)) * ODD
            for step in range(0, int(left.max(initial=0)), ROOM):
                here = np.clip(left - step, 0, ROOM)
                piece = eight[np.where(here > 0, at + step, 0)] & _UP_TO[here]
                further = (made ^ piece) * _SPREAD
                made = np.where(here > 0, further ^ (further >> np.uint64(32)), made)
            found[some] = mixed(made)
    return found


_SPREAD = np.uint64(0xD6E8FEB86659FD93)


def run_together(words: pa.StringArray) -> tuple[Hashes, Hashes]:
    """A hash of each word and how it shifts the hash of a word it is written behind: ``h(ab) = h(a) * shift(b) + h(b)``."""
    hashed, shifts = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.uint64)]
    for points, lengths, end in _points(words):
        with np.errstate(over="ignore"):
            powers: Hashes = np.cumprod(np.r_[np.uint64(1), np.full(int(lengths.max(initial=0)), ODD)], dtype=np.uint64)
            letters = points * powers[np.repeat(end, lengths) - 1 - np.arange(len(points))]
            hashed.append(_sums(letters, lengths, end))
            shifts.append(powers[lengths])
    return np.concatenate(hashed), np.concatenate(shifts)


def bags(words: pa.StringArray) -> Hashes:
    """A hash of each word's letters, whatever their order and the blanks between them: that of two words is the sum of theirs."""
    hashed = [np.zeros(0, dtype=np.uint64)]
    for points, lengths, end in _points(words):
        letters = mixed(points * ODD)
        letters[points == ord(" ")] = 0
        hashed.append(_sums(letters, lengths, end))
    return np.concatenate(hashed)


def first_letters(words: pa.StringArray) -> npt.NDArray[np.int64]:
    """The code point each word begins with; nought of one without letters."""
    points, begin, lengths = code_points(words)
    return np.where(lengths > 0, points[begin], 0).astype(np.int64)


def _points(words: pa.StringArray) -> Iterator[tuple[Hashes, npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Part by part all letters one after the other, the length of each word, and where it ends."""
    points, begin, lengths = code_points(words)
    for first in range(0, len(begin), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        ends = np.cumsum(lengths[some])
        yield points[begin[first] : begin[first] + ends[-1]].astype(np.uint64), lengths[some], ends


def _sums(letters: Hashes, lengths: npt.NDArray[Any], end: npt.NDArray[Any]) -> Hashes:
    with np.errstate(over="ignore"):
        sums: Hashes = np.r_[np.uint64(0), np.cumsum(letters, dtype=np.uint64)]
        found: Hashes = np.subtract(sums[end], sums[end - lengths])
        return found
