"""Many texts as the bytes they lie in, so that all can be read without writing any of them down for Python."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

ROOM = 8
"""Noughts behind the last text, so that its end can be read eight bytes at a time like any other."""


class Laid(NamedTuple):
    """Texts in UTF-8, one after the other.

    Attributes:
        data: The bytes, and eight noughts.
        begin: Where each text begins.
        lengths: Its bytes.
    """

    data: npt.NDArray[np.uint8]
    begin: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]

    @property
    def ascii(self) -> bool:
        """Whether each letter is one byte."""
        return int(self.data.max()) < 0x80


def laid(texts: pa.StringArray) -> Laid:
    """Texts as they lie in an Arrow array; null is the empty text."""
    texts = texts.fill_null("") if texts.null_count else texts
    if not len(texts):
        return Laid(np.zeros(ROOM, dtype=np.uint8), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    held = np.zeros(int(ends[-1] - ends[0]) + ROOM, dtype=np.uint8)
    if len(held) > ROOM:
        held[:-ROOM] = np.frombuffer(data, dtype=np.uint8)[ends[0] : ends[-1]]
    return Laid(held, ends[:-1] - ends[0], np.diff(ends))


def up_to(texts: Laid, sign: str) -> npt.NDArray[np.int64]:
    """Bytes of each text before the first place where an ASCII sign stands; all of one without it."""
    signs = np.r_[np.flatnonzero(texts.data == ord(sign)), len(texts.data)]
    found: npt.NDArray[np.int64] = np.minimum(signs[np.searchsorted(signs, texts.begin)] - texts.begin, texts.lengths)
    return found


def letters_of(texts: Laid, lengths: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Letters of as many bytes from the beginning of each text."""
    if texts.ascii:
        return lengths
    further = np.r_[0, np.cumsum(texts.data & 0xC0 == 0x80)]  # bytes that only go on with a letter
    found: npt.NDArray[np.int64] = lengths - (further[texts.begin + lengths] - further[texts.begin])
    return found


def objects(texts: pa.StringArray) -> npt.NDArray[np.object_]:
    """Texts written down for Python."""
    return np.asarray(texts.to_numpy(zero_copy_only=False), dtype=object)


def code_points(texts: pa.StringArray) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The letters of texts one after the other, with noughts at the end, where each text begins, and its length."""
    lie = laid(texts)
    if lie.ascii:  # most are, and then a byte is a letter
        return lie.data, lie.begin, lie.lengths
    points = np.frombuffer(lie.data.tobytes().decode().encode("utf-32-le"), dtype=np.uint32)
    lengths = letters_of(lie, lie.lengths)
    return points, np.cumsum(lengths) - lengths, lengths
