"""Words as numbers that can be put together: of a name's parts as of the whole, without writing the whole down."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

ODD = np.uint64(0x9E3779B97F4A7C15)


def mixed(key: Hashes) -> Hashes:
    """Every bit of a number spread over all of its bits (splitmix64's finish)."""
    with np.errstate(over="ignore"):
        x = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


_AT_ONCE = 1 << 15
"""Words read at once: their letters fit a processor's cache."""


def run_together(words: Iterable[str | None]) -> tuple[Hashes, Hashes]:
    """A hash of each word and how it shifts the hash of a word it is written behind: ``h(ab) = h(a) * shift(b) + h(b)``."""
    hashed, shifts = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.uint64)]
    for points, lengths, end in _points(words):
        with np.errstate(over="ignore"):
            powers: Hashes = np.cumprod(np.r_[np.uint64(1), np.full(int(lengths.max(initial=0)), ODD)], dtype=np.uint64)
            letters = points * powers[np.repeat(end, lengths) - 1 - np.arange(len(points))]
            hashed.append(_sums(letters, lengths, end))
            shifts.append(powers[lengths])
    return np.concatenate(hashed), np.concatenate(shifts)


def bags(words: Iterable[str | None]) -> Hashes:
    """A hash of each word's letters, whatever their order and the blanks between them: that of two words is the sum of theirs."""
    hashed = [np.zeros(0, dtype=np.uint64)]
    for points, lengths, end in _points(words):
        letters = mixed(points * ODD)
        letters[points == ord(" ")] = 0
        hashed.append(_sums(letters, lengths, end))
    return np.concatenate(hashed)


def _points(words: Iterable[str | None]) -> Iterator[tuple[Hashes, npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Part by part all letters one after the other, the length of each word, and where it ends."""
    waiting = iter(words)
    while part := list(islice(waiting, _AT_ONCE)):
        texts = [word or "" for word in part]
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        points = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        yield points.astype(np.uint64), lengths, np.cumsum(lengths)


def _sums(letters: Hashes, lengths: npt.NDArray[Any], end: npt.NDArray[Any]) -> Hashes:
    with np.errstate(over="ignore"):
        sums: Hashes = np.r_[np.uint64(0), np.cumsum(letters, dtype=np.uint64)]
        found: Hashes = np.subtract(sums[end], sums[end - lengths])
        return found
