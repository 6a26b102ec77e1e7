"""What every reader gives: raw rows, and one way to say that a file cannot be read to its end."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from include.sources.readers.columns import Piece

PROBLEMS: Mapping[str, str] = {
    "bad_json": "is no JSON",
    "not_an_object": "is no JSON object",
    "bad_encoding": "holds bytes that are not in the declared encoding",
    "bad_quotes": "has quotes that do not fit together",
    "wrong_field_count": "has more or fewer fields than the header",
    "orphan_child": "belongs to a record that is not in the file",
    "list_cut": "has a list that goes on behind what the query asks for: raise its first",
}
"""Why a row cannot be read, in words for who sent it."""


@dataclass(frozen=True)
class RawRow:
    """One row of a delivered file.

    Attributes:
        position: Line the row begins on (lines formats) or number of the element (JSON documents), from 1.
        raw: The record; of a row that could not be read ``{"_text": what stood there}``.
        problem: Why it could not be read, a key of ``PROBLEMS``; None if it could.
    """

    position: int
    raw: Mapping[str, Any]
    problem: str | None = None


def unread(position: int, problem: str, text: str) -> RawRow:
    """A row that could not be read; its text is kept, for whoever may see raw data."""
    return RawRow(position, {"_text": text}, problem)


class Delivery(Protocol):
    """What a source delivers at once: a file, or what a table or an API gives for a window. Iterate it for its rows.

    Attributes:
        scope: The part of the source it comes from, e.g. a store.
        refused: Why nothing of it is taken; then it has no rows.
        sha256: Of what was delivered, once read.
        rows: Rows given, once read.
        read_as: What nobody declared and the delivery showed, once read.
    """

    scope: str | None
    refused: str | None
    sha256: str
    rows: int
    read_as: str

    @property
    def file(self) -> str:
        """What it is called: a file's path below the exports root, or a name like it."""

    @property
    def delivered_on(self) -> date:
        """The date it is delivered for."""

    @property
    def mode(self) -> Literal["changes", "snapshot"]:
        """Whether it holds what changed, or everything."""

    def __iter__(self) -> "Iterator[RawRow]":
        """Its rows."""

    def pieces(self) -> "Iterator[Piece]":
        """Its rows, many at once where it can be."""


class Unreadable(Exception):  # not an error by itself: the delivery is refused, another may take its place
    """The file cannot be read to its end. ``what`` never quotes the file."""

    def __init__(self, what: str, line: int) -> None:
        self.what, self.line = what, line
        super().__init__(f"line {line}: {what}")


def plain(value: Any) -> Any:
    """A value as JSON has it, lists and records all the way down."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    written = _WRITTEN.get(type(value))
    return written(value) if written else value


def _number(value: float) -> float | int | None:
    """A whole number is written as one: a column with gaps often holds its numbers as floats."""
    if value != value:  # noqa: PLR0124 (NaN)
        return None
    return int(value) if value.is_integer() else value


def _moment(value: datetime) -> str:
    """A moment at midnight without a zone is a date: so are columns of dates often stored."""
    at_midnight = value.tzinfo is None and value.time() == time()
    return value.date().isoformat() if at_midnight else value.isoformat()


_WRITTEN: dict[type, Callable[[Any], Any]] = {
    float: _number,
    datetime: _moment,
    date: date.isoformat,
    time: time.isoformat,
    Decimal: str,
    bytes: lambda value: value.decode("utf-8", "backslashreplace"),
    memoryview: lambda value: bytes(value).decode("utf-8", "backslashreplace"),
    UUID: str,
}
