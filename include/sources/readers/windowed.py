"""What tables and APIs have in common: neither lays down a delivery, so it is made of the window they are asked for."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from include.batch import Window
from include.sources.declaration import Source, Stream
from include.sources.readers.columns import Columns, Piece, rows_of
from include.sources.readers.rows import RawRow

Place = Mapping[str, Any]
"""Where reading can go on: plain values, none of them a secret of the login."""
Page = tuple[Piece, Place | None]
"""Some rows, and the place behind them; None where reading cannot go on from there."""


@dataclass
class WindowDelivery:
    """What a source gives for a window. Iterate it for its rows; after that its hash and count are known.

    Attributes:
        source: Whose.
        stream: Which of its streams.
        window: Of source time; what changed at its end or later is left to the next one, which asks for it.
        read_from: From when on changes are asked for, the overlap included; None asks from the beginning.
        sha256: Of the rows, once read.
        rows: Rows given, once read.
    """

    source: Source = field(repr=False)
    stream: Stream = field(repr=False)
    window: Window
    read_from: datetime | None
    scope: str | None = None
    refused: str | None = None
    read_as: str = ""
    sha256: str = ""
    rows: int = 0

    def pages(self, after: Place | None = None) -> Iterator[Page]:
        """Its rows as the source gives them.

        Args:
            after: A place that came with an earlier page of the same window; what was given up to it is not asked for again.
        """
        raise NotImplementedError

    def __iter__(self) -> Iterator[RawRow]:
        """Its rows; raises what ``pages`` does."""
        return rows_of(self.pieces())

    def pieces(self) -> Iterator[Piece]:
        """The same, many at once where they come so."""
        return self.counted(self.pages())

    def counted(self, pages: Iterable[Page]) -> Iterator[Piece]:
        """The rows of pages, whether the source gave them now or before; what is known after that is of all of them."""
        digest, self.rows = hashlib.sha256(), 0
        for page, _ in pages:
            first = self.rows + 1
            self.rows += len(page)
            if isinstance(page, Columns):
                digest.update(page.said())
                yield replace(page, position=first)
                continue
            for row in page:
                digest.update(json.dumps(row.raw, sort_keys=True, default=str).encode())
            yield [replace(row, position=position) for position, row in enumerate(page, first)]
        self.sha256 = digest.hexdigest()

    @property
    def delivered_on(self) -> date:
        """The last day of the window."""
        return (self.window.end - timedelta(microseconds=1)).astimezone(UTC).date()


def start(window: Window, read_to: datetime | None, overlap_minutes: int) -> datetime | None:
    """From when on changes are asked for: where an earlier window was never read, from where reading ended.

    Args:
        window: That is asked for.
        read_to: Up to when the stream has been read; None if it never was.
        overlap_minutes: How far before that.
    """
    return None if read_to is None else min(read_to, window.start) - timedelta(minutes=overlap_minutes)


def has_passed(window: Window, read_to: datetime | None) -> bool:
    """Whether a snapshot of the window cannot be had any more: what is there now was read as of a later one."""
    return read_to is not None and read_to > window.end
