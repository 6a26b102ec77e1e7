"""Row data between steps: Parquet files in the lake, each under a path that only one attempt ever writes.

Object storage has no atomic rename, so nothing is ever overwritten: a killed attempt leaves a file nobody points at, a retry
writes another, and what counts is the reference that the next step (or the manifest) holds.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from airflow.sdk import ObjectStoragePath

if TYPE_CHECKING:  # Dag files import this module, and pandas and pyarrow would make their parsing slow
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

CHUNK_ROWS = 50_000
"""Rows held in memory at once: about 100 MB of canonical customers."""


class FrameWriter:
    """Appends frames to one Parquet file."""

    def __init__(self, uri: str, writer: "pq.ParquetWriter", schema: "pa.Schema") -> None:
        self.uri, self.rows, self._writer, self._schema = uri, 0, writer, schema

    def write(self, frame: "pd.DataFrame") -> None:
        """Append; an empty frame adds nothing."""
        from suki.frames import to_table

        if len(frame):
            self._writer.write_table(to_table(frame, self._schema))
            self.rows += len(frame)


class Lake:
    """The folder or bucket that holds row data.

    Args:
        root: Its path; any ``ObjectStoragePath``.
    """

    def __init__(self, root: ObjectStoragePath) -> None:
        self._root = root

    def attempt_path(self, *parts: str) -> ObjectStoragePath:
        """A path no other attempt writes: the parts, then a random file name."""
        path = self._root
        for part in parts:
            path = path / part.replace("/", "_").replace(":", "")
        path.mkdir(parents=True, exist_ok=True)
        return path / f"{uuid4().hex}.parquet"

    @contextmanager
    def writing(self, schema: "pa.Schema", *parts: str) -> Iterator[FrameWriter]:
        """Open a new file under ``parts`` for appending frames."""
        import pyarrow.parquet as pq

        path = self.attempt_path(*parts)
        with path.open("wb") as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
            yield FrameWriter(str(path), writer, schema)

    def reading(self, uri: str, rows: int = CHUNK_ROWS) -> "Iterator[pd.DataFrame]":
        """Frames of at most ``rows`` rows, in file order. A file without rows yields nothing."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from suki.frames import from_table

        with self._at(uri).open("rb") as file:
            for record_batch in pq.ParquetFile(file).iter_batches(batch_size=rows):
                yield from_table(pa.Table.from_batches([record_batch]))

    def put(self, frame: "pd.DataFrame", *parts: str) -> str:
        """Write one frame whole with the types it has; returns its uri."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.attempt_path(*parts)
        with path.open("wb") as file:
            pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), file, compression="zstd")
        return str(path)

    def get(self, uri: str) -> "pd.DataFrame":
        """Read one frame whole."""
        import pyarrow.parquet as pq

        from suki.frames import from_table

        with self._at(uri).open("rb") as file:
            return from_table(pq.read_table(file))

    @staticmethod
    def _at(uri: str) -> ObjectStoragePath:
        return ObjectStoragePath(uri)  # a remote uri names its connection itself: s3://suki_lake@bucket/...
