"""Parquet: a table whose columns may hold lists and records of their own."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from include.sources.declaration import Stream
from include.sources.readers.delimited import require
from include.sources.readers.rows import RawRow, Unreadable

_ROWS_AT_ONCE = 10_000


def rows(file: Any, stream: Stream) -> Iterator[RawRow]:
    """Read a Parquet file row by row; ``file`` must be able to seek.

    Raises:
        Unreadable: It is none, is cut off, or lacks a required column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    position = 0
    try:
        table = pq.ParquetFile(file)
        require(table.schema_arrow.names, stream)
        for batch in table.iter_batches(_ROWS_AT_ONCE):
            for raw in batch.to_pylist():
                position += 1
                yield RawRow(position, {name: _plain(value) for name, value in raw.items()})
    except (pa.ArrowException, OSError, UnicodeDecodeError):  # their messages may quote the file
        raise Unreadable("is no Parquet file, or one cut off", position + 1) from None


def _plain(value: Any) -> Any:
    """A value as JSON has it, lists and records all the way down."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
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
}
