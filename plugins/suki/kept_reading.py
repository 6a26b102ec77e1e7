"""What was read of a table or an API so far, kept in the lake: an attempt that dies on the way is gone on with by the next.

Each run of each stream has a folder: files of rows, and one that lists them with the place behind them. That one is written last
and whole, so that it is true whenever its writer dies; of two attempts at once each lists only what follows from what it listed.
Rows are customers' data, as all in the lake; a place holds no secret of a login.
"""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import chain, groupby
from typing import Any
from uuid import uuid4

from airflow.sdk import ObjectStoragePath

from include.errors import NotYet, PlaceLost, SukiError
from include.sources import Columns, RawRow
from include.sources.readers.columns import Piece, rows_of
from include.sources.readers.windowed import Page, Place, WindowDelivery
from suki.connections import LAKE
from suki.storage import plain_storage_errors

_LONGEST_KEPT = 24 * 3600.0
"""Seconds. A service may have forgotten an older place, and a run that is cleared days later means to ask anew."""
_AT_LEAST = 1.0
"""Seconds between two writings: that much of the asking a kill may cost."""
_MOST_ROWS = 5_000
_ENDED: Place = {"ended": True}


class KeptReading:
    """The kept reading of one delivery.

    Args:
        root: The lake.
        delivery: What is read.
        run_id: By which run; another run of the same window reads for itself.
    """

    def __init__(self, root: ObjectStoragePath, delivery: WindowDelivery, run_id: str) -> None:
        asked = delivery.stream.request or delivery.stream.table
        what = (delivery.scope, str(delivery.window), str(delivery.read_from), asked and asked.model_dump_json())
        name = f"{delivery.stream.name}_{sha256(repr(what).encode()).hexdigest()[:16]}"
        self._delivery, self._folder = delivery, folder_of(root, delivery.source.name, run_id) / name
        self._files: list[str] = []
        self.gone_on = 0
        """Rows that were not asked for again."""

    def pages(self) -> Iterator[Page]:
        """All pages: those that were kept, then those that are left."""
        kept = self._load()
        place: Place | None = kept["place"] if kept else None
        if kept and place != _ENDED:
            try:
                rest = self._first_asked(place)
            except (PlaceLost, NotYet) as problem:
                if isinstance(problem, PlaceLost):
                    self._forget()
                raise
            except SukiError as problem:
                if problem.retry:
                    raise
                self._forget()  # the place may be what is refused
                kept, rest = None, self._delivery.pages()
        else:
            rest = iter(()) if kept else self._delivery.pages()
        if kept:
            self._files = list(kept["files"])
            for file in self._files:
                piece = self._read(file)
                self.gone_on += len(piece)
                yield piece, None
        yield from self._keeping(rest, ended=place == _ENDED)

    def _first_asked(self, place: Place | None) -> Iterator[Page]:
        """What is left, with its first page asked for already: whether the place still holds shows before anything is given."""
        rest = self._delivery.pages(place)
        first = next(rest, None)
        return rest if first is None else chain([first], rest)

    def _keeping(self, pages: Iterator[Page], *, ended: bool) -> Iterator[Page]:
        waiting: list[Piece] = []
        written = time.monotonic()
        for rows, place in pages:
            waiting.append(rows)
            late = time.monotonic() - written > _AT_LEAST or sum(map(len, waiting)) >= _MOST_ROWS
            if place is not None and (late or not rows):  # without rows: something was begun there that must not be begun again
                self._keep(waiting, place)
                waiting, written = [], time.monotonic()
            yield rows, None
        if not ended:
            self._keep(waiting, _ENDED)

    def _keep(self, pieces: Sequence[Piece], place: Place) -> None:
        for in_columns, group in groupby(filter(len, pieces), lambda piece: isinstance(piece, Columns)):
            some = list(group)
            name = f"{uuid4().hex}.{'arrow' if in_columns else 'jsonl'}"
            self._write(name, _in_arrow(some) if in_columns else _in_lines(rows_of(some)))
            self._files.append(name)
        self._write("place.json", json.dumps({"at": time.time(), "files": self._files, "place": place}).encode())

    def _write(self, name: str, content: bytes) -> None:
        path = self._folder / name
        with plain_storage_errors(LAKE, path):
            if path.protocol == "file":
                path.parent.mkdir(parents=True, exist_ok=True)
                part = f"{path.path}.{uuid4().hex}"
                path.fs.pipe_file(part, content)
                path.fs.mv(part, path.path)
            else:
                path.fs.pipe_file(path.path, content)

    def _load(self) -> dict[str, Any] | None:
        path = self._folder / "place.json"
        with plain_storage_errors(LAKE, path):
            try:
                found: dict[str, Any] = json.loads(path.fs.cat_file(path.path))
            except FileNotFoundError:
                return None
        return found if time.time() - found["at"] < _LONGEST_KEPT else None

    def _read(self, file: str) -> Piece:
        path = self._folder / file
        with plain_storage_errors(LAKE, path):
            content: bytes = path.fs.cat_file(path.path)
        if file.endswith(".arrow"):
            import pyarrow as pa

            return Columns(0, pa.ipc.open_stream(content).read_all())
        lines = content.decode().split("\n")
        return [RawRow(position, raw, problem) for position, problem, raw in map(json.loads, lines)]

    def _forget(self) -> None:
        _remove(self._folder)


def _in_lines(rows: Iterable[RawRow]) -> bytes:
    return "\n".join(json.dumps([row.position, row.problem, row.raw], default=str) for row in rows).encode()


def _in_arrow(pieces: Iterable[Piece]) -> bytes:
    import pyarrow as pa

    whole = pa.concat_tables([piece.table for piece in pieces if isinstance(piece, Columns)])
    into = pa.BufferOutputStream()
    with pa.ipc.new_stream(into, whole.schema) as stream:
        stream.write_table(whole)
    return into.getvalue().to_pybytes()  # type: ignore[no-any-return]


def folder_of(root: ObjectStoragePath, source: str, run_id: str) -> ObjectStoragePath:
    """Where a run keeps what it read of a source."""
    return root / "reading" / source / sha256(run_id.encode()).hexdigest()[:16]


def tidy(root: ObjectStoragePath, source: str, run_id: str) -> None:
    """Remove what a run kept, now that all of it has landed, and what others kept that gave up long ago.

    Nothing depends on it, so what cannot be removed is left.
    """
    _remove(folder_of(root, source, run_id))
    others = root / "reading" / source
    with suppress(Exception):
        for file in others.fs.glob(f"{others.path}/*/*/place.json"):
            if time.time() - json.loads(others.fs.cat_file(file))["at"] > _LONGEST_KEPT:
                others.fs.rm(str(file).rpartition("/")[0], recursive=True)


def _remove(folder: ObjectStoragePath) -> None:
    with suppress(Exception):
        folder.fs.rm(folder.path, recursive=True)
