"""CSV: rows of columns under a header."""

import csv
import json
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from include.sources import paths
from include.sources.declaration import Stream
from include.sources.readers.columns import Columns, Piece
from include.sources.readers.delimited_block import Blocks
from include.sources.readers.detecting import DELIMITERS
from include.sources.readers.rows import RawRow, Unreadable, unread
from include.sources.readers.text import Text

FIELD_LIMIT = csv.field_size_limit()
"""Longest field in characters (131,072). A longer one is an open quote that swallows the file: no export writes such a field."""

_HEAD, _BLOCK = 1 << 14, 1 << 19
"""Bytes looked at at once: of a file's beginning, which holds the header, and of the rest of it."""
_ROWS_AT_ONCE = 500
_AHEAD = 2
"""Blocks that are made tables of at a time, each by a thread: pyarrow works beside Python."""


def pieces(text: Text, stream: Stream, delimiter: str) -> Iterator[Piece]:
    """Read a CSV file: a block of sound lines at once, and row by row where something in a block is not plain.

    Args:
        text: The file.
        stream: What its columns mean.
        delimiter: Between its fields, declared or detected.

    Raises:
        Unreadable: No header, a required column is missing, or the file is cut off.
    """
    with ThreadPoolExecutor(_AHEAD) as pool:
        tape = _Tape(text, stream.final_newline)
        reader = csv.reader(tape, delimiter=delimiter, skipinitialspace=stream.space_after_delimiter, strict=True)
        tape.go_on()
        header = _header(reader, tape, stream, delimiter)
        if len(set(header)) == len(header) and not stream.space_after_delimiter:
            blocks = Blocks(header, delimiter, text.encoding)
            tape.look_ahead(lambda lines: pool.submit(blocks.table, lines))
        yield from _one_by_one(reader, tape, text, header)
        while (block := tape.block()) is not None:
            if empty := _empty_lines(block.lines):  # a packed file of nothing else would take minutes line by line
                text.line += empty
                tape.passed()
            elif (table := block.table()) is None:
                tape.unroll(block)
                yield from _one_by_one(reader, tape, text, header)
            else:
                yield Columns(text.line + 1, table)
                text.line += table.num_rows
                tape.passed()
        tape.check_end()


@dataclass(frozen=True)
class _Block:
    """Some lines, and the table another thread makes of them if they are plain."""

    lines: bytes
    future: "Future[Any] | None"

    def table(self) -> Any | None:
        """The table; None of what is not plain."""
        return None if self.future is None else self.future.result()


def _empty_lines(lines: bytes) -> int:
    """How many lines these are, if none of them says anything; 0 if one does, or if they end in more than one way."""
    ends = lines.count(b"\n")
    ended_alike = not (returns := lines.count(b"\r")) or returns == ends == lines.count(b"\r\n")
    return ends if ended_alike and ends + returns == len(lines) else 0


def _one_by_one(reader: "csv._reader", tape: "_Tape", text: Text, header: list[str]) -> Iterator[Piece]:  # type: ignore[name-defined]
    some: list[RawRow] = []
    for position, cells, problem in _cells(reader, tape, len(header)):
        if problem:
            some.append(unread(position, problem, text.shown(tape.text())))
        elif cells:
            some.append(RawRow(position, dict(zip(header, cells, strict=True))))
        if len(some) == _ROWS_AT_ONCE:
            yield some
            some = []
    if some:
        yield some


class _Tape:
    """Lines on their way to the csv reader, of which those of the current row are kept.

    It ends where a block ends between two rows; a row that goes on behind its block is followed into the next.
    """

    def __init__(self, text: Text, final_newline: bool) -> None:
        self._text, self._final_newline = text, final_newline
        self._blocks = text.blocks_of_lines(_HEAD, _BLOCK) if text.in_bytes else iter(())
        self._lines: Iterator[str] = iter(()) if text.in_bytes else text.lines()
        self._ahead = deque[_Block]()
        self._submit: Callable[[bytes], Future[Any]] | None = None
        self._row: list[str] = []
        self._last = "\n"
        self.ended = False

    def __iter__(self) -> "_Tape":
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None and self._row:
            self.go_on()
            line = next(self._lines, None)
            self.ended = line is None
        if line is None:
            raise StopIteration
        self._row.append(line)
        self._last = line
        return line

    def look_ahead(self, submit: "Callable[[bytes], Future[Any]]") -> None:
        """Have tables made of the next blocks while one is taken."""
        self._submit = submit

    def block(self) -> _Block | None:
        """The next block of lines, for whoever can take it whole."""
        while len(self._ahead) < (_AHEAD if self._submit else 1) and (lines := next(self._blocks, None)) is not None:
            self._ahead.append(_Block(lines, self._submit(lines) if self._submit else None))
        return self._ahead.popleft() if self._ahead else None

    def unroll(self, block: _Block) -> None:
        """Give the lines of a block."""
        self._lines = self._text.lines_of(block.lines)

    def go_on(self) -> None:
        """Give the lines of the next block, if there is one."""
        if (block := self.block()) is not None:
            self.unroll(block)

    def passed(self) -> None:
        """A block was taken whole; it ended with a line's end."""
        self._row, self._last = [], "\n"

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
