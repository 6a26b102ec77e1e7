"""Excel workbooks (XLSX): the rows of one sheet under a header, read one after the other."""

import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from include.sources.declaration import Stream
from include.sources.readers.delimited import named, require
from include.sources.readers.packed import FREE_BYTES, MOST_TIMES
from include.sources.readers.rows import RawRow, Unreadable, plain, unread
from include.sources.values import as_text

_DAMAGE = (zipfile.BadZipFile, KeyError, OSError, ValueError, TypeError, EOFError, ParseError)
_ERRORS = frozenset({"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#GETTING_DATA"})
"""What a cell shows in place of a value that could not be worked out."""


def rows(file: Any, stream: Stream) -> Iterator[RawRow]:
    """Read a sheet row by row; ``file`` must be able to seek. A row's position is its number in the sheet.

    Raises:
        Unreadable: It is no workbook, is cut off, has no such sheet, or its header lacks a required column.
    """
    import openpyxl

    position = 0
    try:
        _bounded(file)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            read = _sheet(book, stream).iter_rows(values_only=True)
            header: list[str] = []
            for position, cells in enumerate(read, 1):
                texts = _trimmed([_text(cell) for cell in cells])
                if not texts:
                    continue
                if not header:
                    header = named([text or "" for text in texts])
                    require(header, stream)
                elif len(texts) > len(header):
                    yield unread(position, "wrong_field_count", "\t".join(text or "" for text in texts))
                else:
                    yield RawRow(position, dict(zip(header, texts + [None] * (len(header) - len(texts)), strict=True)))
            if not header:
                raise Unreadable("the sheet is empty: not even a header", 1)
        finally:
            book.close()
    except _DAMAGE:  # their messages may quote a cell
        raise Unreadable("is no XLSX workbook, or one cut off", position + 1) from None


def _bounded(file: Any) -> None:
    packed = unpacked = 0
    for part in zipfile.ZipFile(file).infolist():
        packed, unpacked = packed + part.compress_size, unpacked + part.file_size
    if unpacked > max(FREE_BYTES, MOST_TIMES * packed):
        raise Unreadable(f"unpacks to more than {MOST_TIMES} times its size: no workbook does", 1)


def _sheet(book: Any, stream: Stream) -> Any:
    if stream.sheet is None:
        return book.worksheets[0]
    for sheet in book.worksheets:
        if sheet.title == stream.sheet:
            return sheet
    raise Unreadable(f"the workbook has no sheet '{stream.sheet}' (it has {len(book.worksheets)} of other names)", 1)


def _trimmed(texts: list[str | None]) -> list[str | None]:
    """Without the empty cells at its end: a sheet is as wide as its widest row."""
    while texts and texts[-1] is None:
        texts.pop()
    return texts


def _text(cell: Any) -> str | None:
    """A cell as a CSV export of the sheet would have it, but dates in ISO 8601 whatever the cell's format."""
    if cell is None or cell == "" or (isinstance(cell, str) and cell in _ERRORS):
        return None
    return as_text(plain(cell))
