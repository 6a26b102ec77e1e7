"""Row data between steps: files in the lake, Parquet but for a few, each under a path that only one attempt ever writes.

Object storage has no atomic rename, so nothing is ever overwritten: a killed attempt leaves a file nobody points at, a retry
writes another, and what counts is the reference that the next step (or the manifest) holds. A reference to an object store names
its connection (``s3://suki_lake@bucket/...``), so any worker on any machine can follow it.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from airflow.sdk import ObjectStoragePath

from suki.connections import LAKE
from suki.storage import plain_storage_errors

if TYPE_CHECKING:  # Dag files import this module, and pandas and pyarrow would make their parsing slow
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

CHUNK_ROWS = 50_000
"""Rows held in memory at once: about 100 MB of canonical customers."""

_BLOCK = 16 << 20
"""Bytes an object store's file holds in memory, and the size of its parts: a gate writes two files at once."""


class FrameWriter:
    """Appends frames to one Parquet file."""

    def __init__(self, path: ObjectStoragePath, writer: "pq.ParquetWriter", schema: "pa.Schema") -> None:
        self.uri, self.rows, self.schema, self._path, self._writer = str(path), 0, schema, path, writer

    def write(self, frame: "pd.DataFrame") -> None:
        """Append; an empty frame adds nothing."""
        from suki.frames import to_table

        if len(frame):
            self.append(to_table(frame, self.schema))

    def append(self, table: "pa.Table") -> None:
        """Append a table that has the schema, as a row group of its own; an empty one adds nothing."""
        if table.num_rows:
            with plain_storage_errors(LAKE, self._path):
                self._writer.write_table(table)
            self.rows += table.num_rows


class Lake:
    """The folder or bucket that holds row data.

    Args:
        root: Its path; any ``ObjectStoragePath``.
    """

    def __init__(self, root: ObjectStoragePath) -> None:
        self._root = root

    def attempt_path(self, *parts: str) -> ObjectStoragePath:
        """A path no other attempt writes: the parts, then a random file name."""
        path = self._folder(*parts)
        if path.protocol == "file":  # an object store has no folders, and would make a bucket of a misspelt name
            path.mkdir(parents=True, exist_ok=True)
        return path / f"{uuid4().hex}.parquet"

    @contextmanager
    def writing(self, schema: "pa.Schema", *parts: str, repeating: bool = True) -> Iterator[FrameWriter]:
        """Open a new file for appending frames.

        Args:
            schema: Of every frame.
            parts: Its folder.
            repeating: Whether values come again in a column: of hashes and ids, looking for it only costs.
        """
        import pyarrow.parquet as pq

        path, kept = self.attempt_path(*parts), "zstd" if repeating else "lz4"
        with _created(path) as file, pq.ParquetWriter(file, schema, compression=kept, use_dictionary=repeating) as writer:
            yield FrameWriter(path, writer, schema)

    def reading(self, uri: str, rows: int = CHUNK_ROWS) -> "Iterator[pd.DataFrame]":
        """Frames of at most ``rows`` rows, in file order. A file without rows yields nothing."""
        from suki.frames import from_table

        for table in self.tables(uri, rows):
            yield from_table(table)

    def tables(self, uri: str, rows: int = CHUNK_ROWS, columns: Collection[str] | None = None) -> "Iterator[pa.Table]":
        """The same as Arrow tables; of some columns alone, those of them that it has."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        with _opened(uri) as file:
            parquet = pq.ParquetFile(file)
            for record_batch in parquet.iter_batches(batch_size=rows, columns=_among(parquet, columns)):
                yield pa.Table.from_batches([record_batch])

    def blocks(self, uri: str) -> "Blocks":
        """The rows of a file as Arrow tables, which can be gone through more than once."""
        return Blocks(self, uri)

    def groups(self, uri: str, parts: "Iterable[Sequence[int]]") -> "Iterator[pa.Table]":
        """The row groups of a file, some together at a time."""
        import pyarrow.parquet as pq

        with _opened(uri) as file:
            parquet = pq.ParquetFile(file)
            for part in parts:
                yield parquet.read_row_groups(list(part))

    def put(self, frame: "pd.DataFrame", *parts: str, name: str | None = None) -> str:
        """Write one frame whole with the types it has; returns its uri.

        Args:
            frame: What to write.
            parts: Its folder.
            name: What ``named`` finds it by, in a folder that only one attempt writes; without, it has a name of its own.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.attempt_path(*parts)
        if name is not None:
            path = path.parent / f"{name}.parquet"
        table = pa.Table.from_pandas(frame, preserve_index=False)
        with _created(path) as file:
            pq.write_table(table, file, compression="zstd")
        return str(path)

    def put_long(self, frame: "pd.DataFrame", *parts: str, rows: int = 2 * CHUNK_ROWS) -> str:
        """Write one frame so many rows at a time, as row groups of one file; returns its uri.

        What the rows have in common is one object in a frame and written out for every row on the way to a file, so a frame with
        texts takes many times its memory when it is written at once. No column may begin with so many empty rows.
        """
        slices = (frame.iloc[start : start + rows] for start in range(0, max(len(frame), 1), rows))
        return self.put_parts(slices, *parts, repeating=True)

    def put_parts(self, frames: "Iterable[pd.DataFrame]", *parts: str, repeating: bool = False) -> str:
        """Write frames, at least one, as one file, holding one at a time; returns its uri. ``repeating`` as of ``writing``."""
        import pyarrow as pa

        tables = (pa.Table.from_pandas(frame, preserve_index=False) for frame in frames)
        first = next(tables)
        with self.writing(first.schema, *parts, repeating=repeating) as writer:
            writer.append(first)
            del first
            for table in tables:
                writer.append(table)
            return writer.uri

    def put_batches(self, batches: "Iterable[pa.RecordBatch]", *parts: str) -> str:
        """Write columns of numbers, at least one batch of them, as they lie in memory, holding one at a time; returns the uri."""
        import pyarrow as pa

        path = self.attempt_path(*parts)
        path = path.parent / f"{path.stem}.arrow"
        rest = iter(batches)
        first = next(rest)
        with _created(path) as file, pa.ipc.new_file(file, first.schema) as writer:
            for batch in chain([first], rest):
                writer.write_batch(batch)
        return str(path)

    def batches(self, uri: str) -> "list[pa.RecordBatch]":
        """What ``put_batches`` wrote. Out of a folder only that is read which is looked at, and when it is."""
        import pyarrow as pa

        path = ObjectStoragePath(uri)
        with plain_storage_errors(LAKE, path):
            if path.protocol == "file":
                source = pa.memory_map(path.path)
            else:
                with path.fs.open(path.path, "rb", block_size=_BLOCK) as file:
                    source = pa.BufferReader(file.read())
            reader = pa.ipc.open_file(source)
            return [reader.get_batch(number) for number in range(reader.num_record_batches)]

    def named(self, name: str, *parts: str) -> str:
        """Where ``put`` writes a frame of this name, whether or not it has."""
        return str(self._folder(*parts) / f"{name}.parquet")

    def _folder(self, *parts: str) -> ObjectStoragePath:
        path = self._root
        for part in parts:
            path = path / part.replace("/", "_").replace(":", "")
        return path

    def put_table(self, table: "pa.Table", *parts: str) -> str:
        """Write an Arrow table whole; returns its uri."""
        import pyarrow.parquet as pq

        path = self.attempt_path(*parts)
        with _created(path) as file:
            pq.write_table(table, file, compression="zstd")
        return str(path)

    def table(self, uri: str, columns: Collection[str] | None = None) -> "pa.Table":
        """Read one file whole as an Arrow table, or those of some columns that it has."""
        import pyarrow.parquet as pq

        with _opened(uri) as file:
            parquet = pq.ParquetFile(file)
            return parquet.read(_among(parquet, columns))

    def get(self, uri: str, start: int = 0, stop: int | None = None) -> "pd.DataFrame":
        """Read one frame whole, or its rows from ``start`` to before ``stop``; what lies around them is not held in memory."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        from suki.frames import from_table

        with _opened(uri) as file:
            if stop is None:
                return from_table(pq.read_table(file).slice(start))
            parquet, parts, at = pq.ParquetFile(file), [], 0
            for group in range(parquet.num_row_groups):
                begin, at = at, at + parquet.metadata.row_group(group).num_rows
                if begin < stop and at > start:
                    here = max(start - begin, 0)
                    parts.append(parquet.read_row_group(group).slice(here, stop - begin - here))
            return from_table(pa.concat_tables(parts) if parts else parquet.schema_arrow.empty_table())


def _among(parquet: "pq.ParquetFile", columns: Collection[str] | None) -> list[str]:
    """The names of a file's columns, in its order; of some alone."""
    return [name for name in parquet.schema_arrow.names if columns is None or name in columns]


class Blocks:
    """The rows of a file in the lake, read anew whenever they are gone through: they are never all in memory."""

    def __init__(self, lake: Lake, uri: str) -> None:
        self._lake, self._uri = lake, uri

    def __iter__(self) -> "Iterator[pa.Table]":
        return self._lake.tables(self._uri)


@contextmanager
def _created(path: ObjectStoragePath) -> Iterator[Any]:
    """A new file that an object store shows only when it is whole; what was sent of it is withdrawn if its writer fails."""
    with plain_storage_errors(LAKE, path):
        # The file system's own file: Airflow's wrapper would note each block written as lineage.
        file = path.fs.open(path.path, "wb", block_size=_BLOCK)
        try:
            yield file
        except BaseException:
            _withdraw(file, remote=path.protocol != "file")
            raise
        file.close()


def _withdraw(file: Any, *, remote: bool) -> None:
    if not remote:
        file.close()  # a half-written file nobody points at
        return
    file.closed = True  # first of all: closing is what would complete the upload, and the collector closes what is open
    with suppress(Exception):  # the store may be gone, and the writer's own error is what matters
        file.discard()


@contextmanager
def _opened(uri: str) -> Iterator[Any]:
    path = ObjectStoragePath(uri)  # a remote uri names its connection itself: s3://suki_lake@bucket/...
    with plain_storage_errors(LAKE, path), path.fs.open(path.path, "rb", block_size=_BLOCK) as file:
        yield file
