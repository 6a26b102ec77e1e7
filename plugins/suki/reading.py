"""Where a stream's deliveries come from: files under the exports root, a table of a source's database, or its API."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import chain
from typing import Any, Literal

from include.batch import Window
from include.sources import Delivery, RawRow, Source, Stream, read
from suki import connections
from suki.storage import plain_storage_errors

_LONGEST_STAY = 30.0
"""Seconds a task stands by while a service works on what it was asked for; then it gives up its worker's place for a while."""

_Ask = Callable[[Stream, Window, datetime | None], Sequence[Delivery]]


@dataclass(frozen=True)
class Reading:
    """What a stream gives for a window.

    Attributes:
        deliveries: What is delivered, each to be iterated once.
        told: What a person would want to know of it; no values.
    """

    deliveries: Iterable[Delivery]
    told: str | None = None


@contextmanager
def reading(source: Source, stream: Stream, window: Window) -> Iterator[Reading]:
    """Open what a stream gives for a window; its errors come out as sentences."""
    if stream.files:
        exports = connections.exports_root()
        with plain_storage_errors(connections.EXPORTS, exports):
            yield _admitted(source, stream, window, exports)
        return
    name = f"{source.name}.{stream.name}"
    from include.warehouse import watermarks

    with connections.warehouse("suki_ingest", f"reading how far {name} was read") as warehouse:
        read_to = watermarks.read_to(warehouse, source.name, stream.name)
    with _database(source) if stream.table else _service(source, _LONGEST_STAY) as ask:
        deliveries = ask(stream, window, read_to)
        yield Reading(deliveries, _told(name, deliveries, window, read_to))


def _admitted(source: Source, stream: Stream, window: Window, exports: Any) -> Reading:
    """The files of a window; of a list that may be used until a day only those until then, and behind it nobody."""
    if source.admission is None:
        return Reading(read(source, stream, window, exports))
    ends = datetime.combine(source.admission.expires + timedelta(days=1), time(), UTC)
    if window.end <= ends:
        return Reading(read(source, stream, window, exports))
    usable = read(source, stream, Window(window.start, ends), exports) if window.start < ends else ()
    day = max(ends, window.start).date()
    lapsed = [Lapsed(f"{source.name}/{day}/{stream.name}.expired", day, scope) for scope in stream.scopes or [None]]
    told = f"{source.name} may be used until {source.admission.expires}: behind that it counts as empty, and its records lapse."
    return Reading(chain(usable, lapsed), told)


@dataclass
class Lapsed:
    """What a list delivers once it has expired: a snapshot of nobody, without a file."""

    file: str
    delivered_on: date
    scope: str | None
    mode: Literal["changes", "snapshot"] = "snapshot"
    refused: str | None = None
    sha256: str = sha256(b"").hexdigest()
    rows: int = 0
    read_as: str = ""

    def __iter__(self) -> Iterator[RawRow]:
        """Nothing."""
        return iter(())

    def pieces(self) -> Iterator[Any]:
        """Nothing."""
        return iter(())


@contextmanager
def trying(source: Source, stream: Stream, window: Window) -> Iterator[Iterable[Delivery]]:
    """The same for a look: as if everything before the window had been read, and without asking the warehouse."""
    if stream.files:
        with reading(source, stream, window) as found:
            yield found.deliveries
        return
    with _database(source) if stream.table else _service(source) as ask:
        yield ask(stream, window, window.start)


@contextmanager
def _database(source: Source) -> Iterator[_Ask]:
    from include.sources.readers import sql
    from suki.databases import database

    engine = database(str(source.connection))
    yield lambda stream, window, read_to: sql.read(source, stream, window, engine, read_to)


@contextmanager
def _service(source: Source, longest_stay: float | None = None) -> Iterator[_Ask]:
    from include.sources.readers import api
    from include.sources.readers.api_client import Client
    from suki.services import service

    with closing(Client(service(str(source.connection)), source.rate_limit, longest_stay=longest_stay)) as client:
        yield lambda stream, window, read_to: api.read(source, stream, window, client, read_to)


def _told(name: str, deliveries: Sequence[Delivery], window: Window, read_to: datetime | None) -> str:
    if not deliveries:
        return f"{name}: a snapshot is of now, and this one was read up to {read_to:%Y-%m-%d %H:%M} already; nothing is taken."
    if deliveries[0].mode == "snapshot":
        return f"{name}: all there is now, as of the end of {window}"
    if read_to is None:
        return f"{name}: read for the first time, so everything before the end of {window}"
    if read_to < window.start:
        gap = f"{read_to:%Y-%m-%d %H:%M} and {window.start:%Y-%m-%d %H:%M}"
        return f"{name}: nothing was read between {gap}; that is read now too"
    return f"{name}: what changed in {window}, and a little before"
