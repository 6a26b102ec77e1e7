"""CSV: rows of columns under a header."""

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence

from include.sources import paths
from include.sources.declaration import Stream
from include.sources.readers.detecting import DELIMITERS
from include.sources.readers.rows import RawRow, Unreadable, unread
from include.sources.readers.text import Text

FIELD_LIMIT = csv.field_size_limit()
"""Longest field in characters (131,072). A longer one is an open quote that swallows the file: no export writes such a field."""


def rows(text: Text, stream: Stream, delimiter: str) -> Iterator[RawRow]:
    """Read a CSV file row by row.

    Args:
        text: The file.
        stream: What its columns mean.
        delimiter: Between its fields, declared or detected.

    Raises:
        Unreadable: No header, a required column is missing, or the file is cut off.
    """
    tape = _Tape(text, stream.final_newline)
    reader = csv.reader(tape, delimiter=delimiter, skipinitialspace=stream.space_after_delimiter, strict=True)
    header = _header(reader, tape, stream, delimiter)
    for position, cells, problem in _cells(reader, tape, len(header)):
        if problem:
            yield unread(position, problem, text.shown(tape.text()))
        elif cells:
            yield RawRow(position, dict(zip(header, cells, strict=True)))
    tape.check_end()


class _Tape:
    """Lines on their way to the csv reader, of which those of the current row are kept."""

    def __init__(self, text: Text, final_newline: bool) -> None:
        self._text, self._lines, self._final_newline = text, text.lines(), final_newline
        self._row: list[str] = []
        self._last = "\n"
        self.ended = False

    def __iter__(self) -> "_Tape":
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except StopIteration:
            self.ended = True
            raise
        self._row.append(line)
        self._last = line
        return line

    def begin(self) -> int:
        """Forget the row before; the line the next one begins on."""
        self._row = []
        return self._text.line + 1

    def text(self) -> str:
        """The current row as written."""
        return "".join(self._row).rstrip("\r\n")

    def is_damaged(self) -> bool:
        """Whether the current row holds bytes that are no text."""
        return any(self._text.is_damaged(line) for line in self._row)

    @property
    def line(self) -> int:
        """The last line read."""
        return self._text.line

    def is_unended(self) -> bool:
        """Whether the last line read has no line end, as only a file's last line can."""
        return not self._last.endswith(("\n", "\r"))

    def check_end(self) -> None:
        """A cut in the last cell leaves a row of the right length, so the missing line end is all there is to see."""
        if self._final_newline and self.is_unended():
            raise Unreadable(
                "the file is cut off: its last line has no line end (declare 'final_newline: false' if its exporter writes none)",
                self.line,
            )


def _header(reader: "csv._reader", tape: _Tape, stream: Stream, delimiter: str) -> list[str]:  # type: ignore[name-defined]
    try:
        cells = next(reader, None)
    except csv.Error:
        parted = f"with the declared {json.dumps(delimiter)} between its fields"
        raise Unreadable(f"the header is no CSV {parted}", max(tape.line, 1)) from None
    if cells is None:
        raise Unreadable("the file is empty: not even a header", 1)
    if tape.is_damaged():
        raise Unreadable("the header is not in the declared encoding", 1)
    header = named([cell.strip() for cell in cells])
    require(header, stream)
    return header


def require(header: Sequence[str], stream: Stream) -> None:
    """Refuse a table that lacks a column without which its rows are nobody's.

    Raises:
        Unreadable: Names the column.
    """
    for path in (*stream.key.paths(), *stream.required):
        column = paths.parse(path, stream.flat)[0].name
        if column not in header:
            raise Unreadable(f"the header lacks the column '{column}'{_likely(column, header, stream)}", 1)


def _likely(column: str, header: Sequence[str], stream: Stream) -> str:
    """What is probably the matter; a header may be a customer's row, so only what is declared or a mark is quoted of it."""
    if column.casefold() in map(str.casefold, header):
        return " (it has one that differs in capitals alone)"
    if stream.format == "csv" and len(header) == 1:
        for mark in DELIMITERS:
            if column in map(str.strip, header[0].split(mark)):
                return f" (it has it between other marks: declare 'delimiter: {json.dumps(mark)}')"
    return ""


def named(cells: list[str]) -> list[str]:
    """Names for columns: the second ``Email`` is ``Email#2`` and so shows as drift; a nameless third column is ``#3``."""
    seen: Counter[str] = Counter()
    names = []
    for number, cell in enumerate(cells, 1):
        seen[cell] += 1
        names.append(f"#{number}" if not cell else cell if seen[cell] == 1 else f"{cell}#{seen[cell]}")
    return names


def _cells(reader: "csv._reader", tape: _Tape, width: int) -> Iterator[tuple[int, list[str], str | None]]:  # type: ignore[name-defined]
    while True:
        position = tape.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            _refuse_open_quote(tape, position)
            yield position, [], "bad_quotes"
            continue
        if cells and len(cells) != width:
            if len(cells) < width and tape.is_unended():
                raise Unreadable("the file is cut off in the middle of a row", position)
            yield position, [], "wrong_field_count"
        else:
            yield position, cells, "bad_encoding" if tape.is_damaged() else None


def _refuse_open_quote(tape: _Tape, position: int) -> None:
    """The csv reader gives up at the file's end or at its limit when a quote is never closed: nothing behind is sure."""
    if tape.ended or len(tape.text()) > FIELD_LIMIT:
        raise Unreadable("a quote is opened here and never closed", position)
