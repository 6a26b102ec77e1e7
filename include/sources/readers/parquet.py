"""Parquet: a table whose columns may hold lists and records of their own."""

from collections.abc import Iterator
from typing import Any

from include.sources.declaration import Stream
from include.sources.readers.delimited import require
from include.sources.readers.rows import RawRow, Unreadable, plain

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
                yield RawRow(position, {name: plain(value) for name, value in raw.items()})
    except (pa.ArrowException, OSError, UnicodeDecodeError):  # their messages may quote the file
        raise Unreadable("is no Parquet file, or one cut off", position + 1) from None
