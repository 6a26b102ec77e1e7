"""Bytes to lines of text: byte order marks, line ends, undecodable bytes, and a hash of what went by."""

import codecs
import hashlib
import io
import re
from collections.abc import Iterator
from typing import Any

from include.sources.readers.rows import Unreadable

_MARKS = (  # longest first: the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-16", "utf-32")  # many bytes a character: one lost byte spoils all that follows
_PEEK = 4096
_DAMAGE = re.compile("[\udc80-\udcff]")  # what surrogateescape makes of a byte that is no text


class HashedFile(io.RawIOBase):
    """A binary file that keeps the sha256 of all that was read from it."""

    def __init__(self, file: Any) -> None:
        self._file, self._hash = file, hashlib.sha256()

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read and hash."""
        data = self._file.read(len(buffer))
        self._hash.update(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the file below too."""
        self._file.close()
        super().close()

    def hexdigest(self) -> str:
        """Of the whole file: what was not read yet is read now."""
        while data := self._file.read(1 << 20):
            self._hash.update(data)
        return self._hash.hexdigest()


class Text:
    """A file's text. Bytes that are none in its encoding become lone surrogates, so that only their row suffers.

    Args:
        file: The binary file.
        encoding: The declared one; a byte order mark wins over it.

    Raises:
        Unreadable: The file is binary.
    """

    def __init__(self, file: HashedFile, encoding: str) -> None:
        buffered = io.BufferedReader(file, 1 << 16)
        head = buffered.peek(_PEEK)[:_PEEK]
        self.encoding = next((name for mark, name in _MARKS if head.startswith(mark)), codecs.lookup(encoding).name)
        self.wide = self.encoding.startswith(_WIDE)
        if not self.wide and b"\0" in head:
            raise Unreadable(f"is no {self.encoding} text but binary data or another encoding", 1)
        self.stream = io.TextIOWrapper(buffered, self.encoding, errors="strict" if self.wide else "surrogateescape", newline="")
        self.line = 0

    def lines(self) -> Iterator[str]:
        """Lines with their ends as written; ``line`` is the number of the last one given."""
        try:
            for text in self.stream:
                self.line += 1
                yield text
        except UnicodeError as error:
            raise self._unreadable(error) from None

    def blocks(self, size: int) -> Iterator[str]:
        """The text in blocks, for formats without lines; ``line`` counts the line ends given so far."""
        try:
            while block := self.stream.read(size):
                self.line += block.count("\n")
                yield block
        except UnicodeError as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: UnicodeError) -> Unreadable:
        """Of the error only its reason is looked at: the rest of it quotes the file."""
        reason = getattr(error, "reason", "")
        if "truncated" in reason or "end of data" in reason:
            return Unreadable("the file is cut off in the middle of a character", self.line + 1)
        return Unreadable(f"is no {self.encoding} text from here on", self.line + 1)

    def is_damaged(self, text: str) -> bool:
        """Whether the text holds bytes that are no text."""
        return not text.isascii() and _DAMAGE.search(text) is not None

    def shown(self, text: str) -> str:
        """The text with such bytes written out in hexadecimal."""
        if not self.is_damaged(text):
            return text
        encoding = self.encoding.removesuffix("-sig")
        return text.encode(encoding, "surrogateescape").decode(encoding, "backslashreplace")


def storable(text: str) -> str:
    """The text without lone halves of a character, which no database and no file in UTF-8 can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
