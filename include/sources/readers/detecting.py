"""What an export does not say of itself: the encoding it is written in, the mark between its fields."""

import codecs
import csv
from collections.abc import Iterable
from typing import Any

from include.sources.readers.rows import Unreadable
from include.sources.readers.text import marked

DETECT = "detect"
"""Stands in a declaration in the place of what is to be detected."""

DELIMITERS = (",", ";", "\t", "|")
"""What exporters put between fields, the likelier one first."""

_BLOCK = 1 << 16
_SAMPLE = 1 << 17
_ENCODINGS = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "iso8859_15",
    "koi8_r", "koi8_u", "cp932", "euc_jis_2004", "cp949", "big5", "gb18030", "cp437", "cp850", "cp852", "cp866", "mac_roman",
]  # fmt: skip
"""Those that exports are written in. More would only make it likelier to be wrong."""


def encoding_of(file: Any) -> str:
    """The encoding of a whole file, which is read to its end.

    A byte order mark says it. Else it is UTF-8 if at least half of the lines that are not plain ASCII are such: a line in another
    encoding is it by a rare chance, so a few spoilt rows do not make a file of UTF-8 another one. What is left is what
    chardet makes of those lines.

    Args:
        file: The file's unpacked bytes, from the start.

    Raises:
        Unreadable: No encoding fits.
    """
    block = file.read(_BLOCK) or b""
    if sure := marked(block) or _wide(block):
        return sure
    lines, rest = _Lines(), b""
    while block:
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            lines.judge(line)
        if len(rest) > _SAMPLE:  # a document without line ends
            lines.judge(rest, cut=True)
            rest = b""
        block = file.read(_BLOCK) or b""
    lines.judge(rest, cut=True)
    return "utf-8" if lines.fit >= lines.unfit else _likeliest(bytes(lines.sample))


class _Lines:
    """How many of the lines that are not plain ASCII are UTF-8, and a sample of those that are not."""

    def __init__(self) -> None:
        self.fit, self.unfit, self.sample = 0, 0, bytearray()

    def judge(self, line: bytes, cut: bool = False) -> None:
        """Count a line; one cut off may end in the middle of a character."""
        if line.isascii():
            return
        try:
            codecs.getincrementaldecoder("utf-8")().decode(line, final=not cut)
            self.fit += 1
        except UnicodeDecodeError:
            self.unfit += 1
            if len(self.sample) < _SAMPLE:
                self.sample += line + b"\n"


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of its ASCII characters is nothing."""
    low, high = head[1::2].count(0), head[0::2].count(0)
    if max(low, high) <= len(head) // 8:
        return None
    return "utf-16-le" if low > high else "utf-16-be"


def _likeliest(sample: bytes) -> str:
    import chardet

    found = chardet.detect(sample, include_encodings=_ENCODINGS, compat_names=False)["encoding"]
    if found is None:
        raise Unreadable("no encoding fits it; declare 'encoding'", 1)
    return codecs.lookup(found).name


def delimiter_of(head: str, columns: Iterable[str]) -> str:
    """The mark between a CSV file's fields: the one that shows most of the declared columns in its header.

    Args:
        head: The file's first characters.
        columns: The columns that are declared.
    """
    header = head.lstrip("\ufeff").lstrip("\r\n").partition("\n")[0].rstrip("\r")
    wanted = set(columns)

    def shown(mark: str) -> tuple[int, int]:
        cells = [cell.strip() for cell in next(csv.reader([header], delimiter=mark), [])]
        return len(wanted.intersection(cells)), len(cells)

    return max(DELIMITERS, key=shown)
