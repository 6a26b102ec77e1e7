"""Bytes to lines of text: byte order marks, line ends, undecodable bytes, and a hash of what went by."""

import codecs
import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
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
_ASCII = bytes(range(128))
LONGEST_LINE = 64 << 20
"""Bytes. A longer line is no record but a file without line ends, or one made to fill the memory."""
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
        count = int(self._file.readinto(buffer) or 0)
        self._hash.update(buffer[:count])
        return count

    def close(self) -> None:
        """Close the file below too."""
        self._file.close()
        super().close()

    def hexdigest(self) -> str:
        """Of the whole file: what was not read yet is read now."""
        while data := self._file.read(1 << 20):
            self._hash.update(data)
        return self._hash.hexdigest()


class _Watched(io.RawIOBase):
    """A binary file, given up where it is read by lines and a line does not end."""

    def __init__(self, file: Any) -> None:
        self._file, self.lines, self._unended = file, False, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = int(self._file.readinto(buffer) or 0)
        if self.lines:
            ended = self._last_end(buffer, count)
            self._unended = self._unended + count if ended < 0 else count - ended
            if self._unended > LONGEST_LINE:
                raise Unreadable(f"a line is longer than {LONGEST_LINE >> 20} MiB: the file has no line ends, or no records", 0)
        return count

    @staticmethod
    def _last_end(buffer: Any, count: int) -> int:
        """Where the last line ends; mostly that is not far from the end of what was read."""
        for begin in (max(count - _PEEK, 0), 0):
            data = bytes(buffer[begin:count])
            if (ended := max(data.rfind(b"\n"), data.rfind(b"\r"))) >= 0:
                return begin + ended
        return -1

    def close(self) -> None:
        self._file.close()
        super().close()


def no_page(head: str) -> None:
    """Whoever fetches exports with a script that looks at no status saves the page to sign in under the export's name.

    Raises:
        Unreadable: A file begins as a web page or XML does; no export that is read here does.
    """
    if head.lstrip("\ufeff \t\r\n")[:9].casefold().startswith(("<!", "<html", "<?xml")):
        raise Unreadable("is a web page or XML, such as one to sign in or of an error, saved in place of the export", 1)


def marked(head: bytes) -> str | None:
    """The encoding a file's byte order mark names, if it begins with one."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), None)


class Text:
    """A file's text. Bytes that are none in its encoding become lone surrogates, so that only their row suffers.

    Args:
        file: The binary file.
        encoding: The declared one; a byte order mark wins over it.

    Raises:
        Unreadable: The file is binary, or a web page.
    """

    def __init__(self, file: io.RawIOBase, encoding: str) -> None:
        self.line = 0
        self._watched = _Watched(file)
        buffered = io.BufferedReader(self._watched, 1 << 16)
        with self._placed():
            head = buffered.peek(_PEEK)[:_PEEK]
        self.encoding = marked(head) or codecs.lookup(encoding).name
        self.wide = self.encoding.startswith(_WIDE)
        if not self.wide and b"\0" in head:
            raise Unreadable(f"is no {self.encoding} text but binary data or another encoding", 1)
        self.head = head.decode(self.encoding, "replace")
        no_page(self.head)
        self._bytes = buffered
        self.stream = io.TextIOWrapper(buffered, self.encoding, errors="strict" if self.wide else "surrogateescape", newline="")

    def lines(self) -> Iterator[str]:
        """Lines with their ends as written; ``line`` is the number of the last one given."""
        self._watched.lines = True
        with self._placed():
            for text in self.stream:
                self.line += 1
                yield text

    @property
    def in_bytes(self) -> bool:
        """Whether its lines can be told in its bytes: every sign of ASCII is written as ASCII has it, and stands for itself."""
        try:
            return not self.wide and _ASCII.decode(self.encoding) == _ASCII.decode("ascii")
        except UnicodeError:
            return False

    def blocks_of_lines(self, first: int, size: int) -> Iterator[bytes]:
        """Whole lines as they are written, about so many bytes of them at once; for what is ``in_bytes``.

        Whoever takes a block counts its lines (``line``), by ``lines_of`` or himself.
        """
        self._watched.lines = True
        with self._placed():
            rest, mark = b"", codecs.BOM_UTF8 if self.encoding == "utf-8-sig" else b""
            wanted = first
            while block := self._bytes.read(wanted).removeprefix(mark):
                wanted, mark = size, b""
                end = block.rfind(b"\n") + 1
                if not end:
                    rest += block
                    end = rest.rfind(b"\r", 0, -1) + 1  # of a file whose lines end so
                    if end:
                        yield rest[:end]
                        rest = rest[end:]
                    continue
                yield b"".join((rest, memoryview(block)[:end]))
                rest = block[end:]
            if rest:
                yield rest

    def lines_of(self, block: bytes) -> Iterator[str]:
        """The lines of such a block, as ``lines`` gives them."""
        for text in io.StringIO(block.decode(self.encoding.removesuffix("-sig"), "surrogateescape"), newline=""):
            self.line += 1
            yield text

    def blocks(self, size: int) -> Iterator[str]:
        """The text in blocks, for formats without lines; ``line`` counts the line ends given so far."""
        with self._placed():
            while block := self.stream.read(size):
                self.line += block.count("\n")
                yield block

    @contextmanager
    def _placed(self) -> Iterator[None]:
        """Say of what stops the reading in which line it does."""
        try:
            yield
        except UnicodeError as error:
            raise self._unreadable(error) from None
        except Unreadable as error:
            raise Unreadable(error.what, error.line or self.line + 1) from None

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
