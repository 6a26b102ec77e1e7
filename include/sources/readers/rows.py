"""What every reader gives: raw rows, and one way to say that a file cannot be read to its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PROBLEMS: Mapping[str, str] = {
    "bad_json": "is no JSON",
    "not_an_object": "is no JSON object",
    "bad_encoding": "holds bytes that are not in the declared encoding",
    "bad_quotes": "has quotes that do not fit together",
    "wrong_field_count": "has more or fewer fields than the header",
    "orphan_child": "belongs to a record that is not in the file",
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


class Unreadable(Exception):  # not an error by itself: the delivery is refused, another may take its place
    """The file cannot be read to its end. ``what`` never quotes the file."""

    def __init__(self, what: str, line: int) -> None:
        self.what, self.line = what, line
        super().__init__(f"line {line}: {what}")
