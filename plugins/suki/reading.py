"""Where a stream's deliveries come from: files under the exports root, or a table of a source's database."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from include.batch import Window
from include.sources import Delivery, Source, Stream, read
from suki import connections
from suki.storage import plain_storage_errors


@dataclass(frozen=True)
class Reading:
    """What a stream gives for a window.

    Attributes:
        deliveries: What is delivered, each to be iterated once.
        read_to: Source time up to which the stream has been read when they are; None where dates of files say it.
        told: What a person would want to know of it; no values.
    """

    deliveries: Iterable[Delivery]
    read_to: datetime | None = None
    told: str | None = None


@contextmanager
def reading(source: Source, stream: Stream, window: Window) -> Iterator[Reading]:
    """Open what a stream gives for a window; its errors come out as sentences."""
    if stream.table is not None:
        yield _of_table(source, stream, window)
        return
    exports = connections.exports_root()
    with plain_storage_errors(connections.EXPORTS, exports):
        yield Reading(read(source, stream, window, exports))


def _of_table(source: Source, stream: Stream, window: Window) -> Reading:
    from include.sources.readers import sql
    from include.warehouse import watermarks
    from suki.databases import database

    name = f"{source.name}.{stream.name}"
    with connections.warehouse("suki_ingest", f"reading how far {name} was read") as warehouse:
        read_to = watermarks.read_to(warehouse, source.name, stream.name)
    deliveries = sql.read(source, stream, window, database(str(source.connection)), read_to)
    return Reading(deliveries, window.end, _told(name, deliveries, window, read_to))


def _told(name: str, deliveries: Sequence[Delivery], window: Window, read_to: datetime | None) -> str:
    if not deliveries:
        return f"{name}: a snapshot is of now, and this one was read up to {read_to:%Y-%m-%d %H:%M} already; nothing is taken."
    if deliveries[0].mode == "snapshot":
        return f"{name}: the whole table, as of the end of {window}"
    if read_to is None:
        return f"{name}: read for the first time, so everything before the end of {window}"
    if read_to < window.start:
        gap = f"{read_to:%Y-%m-%d %H:%M} and {window.start:%Y-%m-%d %H:%M}"
        return f"{name}: nothing was read between {gap}; that is read now too"
    return f"{name}: what changed in {window}, and a little before"
