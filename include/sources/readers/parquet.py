"""Parquet: a table whose columns may hold lists and records of their own."""

from collections.abc import Iterator
from typing import Any

from include.sources.declaration import Stream
from include.sources.readers.columns import Columns, Piece
from include.sources.readers.delimited import require
from include.sources.readers.rows import Unreadable

_ROWS_AT_ONCE = 10_000


def pieces(file: Any, stream: Stream) -> Iterator[Piece]:
    """Read a Parquet file, some thousand rows at once; ``file`` must be able to seek.

    Raises:
        Unreadable: It is none, is cut off, or lacks a required column.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    position = 1
    try:
        table = pq.ParquetFile(file)
        require(table.schema_arrow.names, stream)
        for group in range(table.num_row_groups):  # of all groups at once memory would grow with the file
            for batch in table.iter_batches(_ROWS_AT_ONCE, row_groups=[group]):
                batch.validate(full=True)  # else text that is no UTF-8 comes to light in a later step
                yield Columns(position, pa.Table.from_batches([batch]))
                position += batch.num_rows
    except (pa.ArrowException, OSError, UnicodeDecodeError):  # their messages may quote the file
        raise Unreadable("is no Parquet file, or one cut off", position) from None
