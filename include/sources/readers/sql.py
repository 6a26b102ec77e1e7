"""Tables of other systems' databases: what changed in a window, or all of it, through COPY or a cursor on the server.

With ``sql_copy`` and ``sql_family`` the one module beside the warehouse that imports SQLAlchemy (docs/adr/0012): it speaks to
databases of any make, none ours.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Engine,
    NullPool,
    Select,
    String,
    TableClause,
    and_,
    column,
    create_engine,
    inspect,
    or_,
    select,
    table,
    type_coerce,
)
from sqlalchemy.exc import DataError, DBAPIError, NoSuchModuleError, NoSuchTableError, SQLAlchemyError

from include.batch import Window
from include.errors import DeclarationError, SourceFailed, SourceUnavailable, SukiError
from include.sources import paths
from include.sources.declaration import TOMBSTONE, Child, Source, Stream, Table
from include.sources.readers import sql_copy, sql_family
from include.sources.readers.columns import Columns
from include.sources.readers.rows import RawRow, plain
from include.sources.readers.unreached import why
from include.sources.readers.windowed import Page, Place, WindowDelivery, has_passed, start

_ROWS_AT_ONCE = 5_000
_READ_ONLY = {"sqlite": "PRAGMA query_only = ON", "mysql": "SET SESSION TRANSACTION READ ONLY"}
_PATIENCE = {"postgresql": {"connect_timeout": 15}, "sqlite": {"timeout": 15}}

# Classes of SQLSTATE after which the same again may succeed: connection, a conflict, resources, locks, an operator, the system.
_PASSING = ("08", "25P", "40", "53", "55", "57", "58")
_WRONG: tuple[tuple[tuple[str, ...], tuple[str, ...], str, str], ...] = (
    (
        (),
        ("pg_hba.conf",),
        "host, login",
        "the server lets this login not in from here: its pg_hba.conf says who may come, and how",
    ),
    (
        ("28",),
        ("authentication failed", "access denied", "no password supplied", "not permitted to log in"),
        "login, password",
        "the database refuses them: they are wrong, have expired or may not log in",
    ),
    (("3D",), ("unknown database", '" does not exist'), "schema", "the server has no database of this name, or no such login"),
    (("42501",), ("permission denied",), "login", "it may not read '{name}'; grant it SELECT"),
    (("42",), (), "(the database)", "'{name}' is not as it was a moment ago"),
)
"""SQLSTATEs and words by which drivers say that a connection must be mended, the key of it, and what is wrong. Who is refused a
connection is told words alone."""


def engine(url: URL, connection_id: str) -> Engine:
    """The database of a connection; nothing is opened yet.

    Raises:
        DeclarationError: No driver of that make is installed.
        SourceUnavailable: The file of a SQLite database is not there.
    """
    try:
        _require_file(url, connection_id)
        return create_engine(
            url, poolclass=NullPool, hide_parameters=True, connect_args=_PATIENCE.get(url.get_backend_name(), {})
        )
    except (NoSuchModuleError, ModuleNotFoundError):
        problem = f"no driver for '{url.drivername}' is installed; install one, or name another"
        raise DeclarationError(f"connection {connection_id}", "conn_type, extra.drivername", problem) from None


@dataclass
class TableDelivery(WindowDelivery):
    """What a table gives for a window: its rows, each with its children."""

    engine: Engine = field(repr=False, kw_only=True)

    @property
    def table(self) -> Table:
        """What is declared of the table."""
        assert self.stream.table is not None
        return self.stream.table

    @property
    def mode(self) -> Literal["changes", "snapshot"]:
        """Whether it holds what changed, or everything."""
        return self.table.mode

    @property
    def file(self) -> str:
        """A name like a file's; it says where a row came from."""
        return f"{self.source.name}/{self.delivered_on}/{self.table.name}.table"

    def pages(self, after: Place | None = None) -> Iterator[Page]:
        """Rows in the order of the table's key, of one moment: what is written meanwhile is not seen.

        After a place they are of a later moment, so that a row that was written between both may be seen as it was before: what
        changed then is of a later window, which reads it again.

        Raises:
            DeclarationError: The login is refused or may not read, or the table is not as declared. Trying again does not help.
            SourceUnavailable: The database cannot be reached or is busy. Trying again may help.
            SourceFailed: It fails, or holds what cannot be read. Trying again does not help.
        """
        with plain_errors(str(self.source.connection), self.table.name), _session(self.engine) as connection:
            reading = _Reading(self, connection, after)
            if reading.is_copied:
                yield from reading.copied()
                return
            records = reading.records()
            while some := list(islice(records, _ROWS_AT_ONCE)):
                yield [RawRow(0, raw) for _, raw in some], _place(some[-1][0])


def read(source: Source, stream: Stream, window: Window, engine: Engine, read_to: datetime | None) -> list[TableDelivery]:
    """What a table gives for a window.

    Args:
        source: Whose.
        stream: Which of its streams; one with a ``table``.
        window: Of source time. Where an earlier window was never read, it begins where reading ended.
        engine: The database.
        read_to: Up to when the table has been read; None if it never was, and then everything before the window's end is read.

    Returns:
        One delivery; none of a snapshot whose window has passed, since a table does not tell how it was.
    """
    declared = stream.table
    assert declared is not None
    if declared.mode == "snapshot":
        return [] if has_passed(window, read_to) else [TableDelivery(source, stream, window, None, engine=engine)]
    return [TableDelivery(source, stream, window, start(window, read_to, declared.overlap_minutes), engine=engine)]


@contextmanager
def _session(engine: Engine) -> Iterator[Connection]:
    """One transaction that only reads."""
    make = engine.dialect.name
    with engine.connect() as opened:
        options: dict[str, Any] = {"stream_results": True, "yield_per": _ROWS_AT_ONCE}
        if make == "postgresql":
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        connection = opened.execution_options(**options)
        if make in _READ_ONLY:
            connection.exec_driver_sql(_READ_ONLY[make])
        yield connection


class _Reading:
    """The statements of one delivery, and how their rows come together."""

    def __init__(self, delivery: TableDelivery, connection: Connection, after: Place | None) -> None:
        self._after = after
        self._source, self._stream, self._table = delivery.source, delivery.stream, delivery.table
        self._window, self._from, self._connection = delivery.window, delivery.read_from, connection
        tool = self._table.bookkeeping
        self._marked = tool.deleted if tool else None
        self._left_out = set(tool.columns) - set(self._stream.columns()) if tool else set()
        self._main = self._described(self._table.name)
        self._children = [(child, self._described(child.table)) for child in self._table.children]
        self._require()

    @property
    def is_copied(self) -> bool:
        """Whether its rows come by COPY."""
        if self._children:
            return sql_family.is_same(self._connection, self._family())
        return sql_copy.is_same(self._connection, self._main.c)

    def copied(self) -> Iterator[Page]:
        """What ``records`` gives, in columns."""
        key = self._main.c[self._table.key]
        kind = str(sql_copy.kind(key.type))
        if self._children:
            for given, last in sql_family.tables(self._connection, self._family(), self._kept_columns, TOMBSTONE):
                yield Columns(0, given), _place_of(kind, last)
            return
        asked = select(*map(sql_copy.asked, self._main.c)).order_by(key)
        where = self._chosen()
        for given in sql_copy.tables(
            self._connection, asked if where is None else asked.where(where), [(each.key, each.type) for each in self._main.c]
        ):
            yield Columns(0, self._kept_columns(given)), _place_of(kind, given[key.key][-1].as_py())

    def _family(self) -> list[sql_family.Part]:
        """The table and its children's."""
        where = self._chosen()
        children = [
            sql_family.Part(child.table, list(rows.c), rows.c[child.child], self._owned(child, rows, where))
            for child, rows in self._children
        ]
        return [sql_family.Part("", list(self._main.c), self._main.c[self._table.key], where), *children]

    def _kept_columns(self, given: Any) -> Any:
        """The columns of ``_kept``."""
        import pyarrow as pa

        kept = given.select([name for name in given.column_names if name not in self._left_out])
        if self._marked:
            marks = given[self._marked].to_pylist() if self._marked in given.column_names else [None] * given.num_rows
            kept = kept.append_column(TOMBSTONE, pa.array([_says_gone(mark) for mark in marks], pa.bool_()))
        return kept

    def _chosen(self) -> ColumnElement[bool] | None:
        """What rows are chosen by; None takes all."""
        key = self._main.c[self._table.key]
        where = self._changed()
        if self._after is not None:
            behind = key > _KINDS[self._after["kind"]](self._after["key"])
            if self._connection.dialect.name in _EMPTY_LAST:
                behind = or_(behind, key.is_(None))
            where = behind if where is None else and_(where, behind)
        return where

    def records(self) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Rows with their children in them, each with its key."""
        where = self._chosen()
        main = select(self._main).order_by(self._main.c[self._table.key])
        found = self._connection.execute(main if where is None else main.where(where))
        sides = [_Side(self._connection, self._of_children(child, rows, where), child) for child, rows in self._children]
        for row in map(dict, found.mappings()):
            record = self._kept(row)
            for side in sides:
                kept = [self._kept(item) for item in side.of(row[self._table.key])]
                record[side.child.table] = [item for item in kept if not item.pop(TOMBSTONE, False)]
            yield row[self._table.key], record
        for side in sides:
            if side.is_left():
                raise self._wrong(
                    "children",
                    f"{side.child.table}.{side.child.child} and {self._table.key} are not of one type: they sort differently",
                )

    def _described(self, name: str) -> TableClause:
        try:
            columns = inspect(self._connection).get_columns(name, schema=self._table.in_schema)
        except NoSuchTableError:
            columns = []
        if not columns:
            raise self._wrong("name", f"the database has no table '{name}' that the login can see")
        return table(name, *[column(each["name"], each["type"]) for each in columns], schema=self._table.in_schema)

    def _require(self) -> None:
        """Every column that is read must be there: one that is renamed would else empty a field of all customers."""
        added = {child.table for child in self._table.children} | ({TOMBSTONE} if self._table.landed_by else set())
        wanted = {paths.parse(path, flat=False)[0].name for path in self._stream.read_paths()} - added
        for name in sorted({self._table.key, *([self._table.clock] if self._table.clock else []), *wanted}):
            if name not in self._main.c:
                raise self._wrong("name", f"the table '{self._table.name}' has no column '{name}'", self._main.c.keys())
        for child, rows in self._children:
            for name in (child.child, *([child.watermark] if child.watermark else [])):
                if name not in rows.c:
                    raise self._wrong("children", f"the table '{child.table}' has no column '{name}'", rows.c.keys())

    def _changed(self) -> ColumnElement[bool] | None:
        """What changed in the window; None takes everything."""
        if self._table.mode == "snapshot" or self._table.clock is None:
            return None
        own = self._in_window(self._main.c[self._table.clock])
        theirs = [
            self._main.c[self._table.key].in_(select(rows.c[child.child]).where(self._in_window(rows.c[child.watermark])))
            for child, rows in self._children
            if child.watermark
        ]
        return or_(own, *theirs)

    def _in_window(self, clock: ColumnElement[Any]) -> ColumnElement[bool]:
        """A row that does not say when it changed is read each time: it would never be read otherwise."""
        if self._connection.dialect.name == "sqlite" and isinstance(clock.type, DateTime):
            clock = type_coerce(
                clock, String
            )  # it keeps times as texts, whose fractions SQLAlchemy would write where nobody else does
        inside = clock < self._moment(clock, self._window.end, up=True)
        if self._from is not None:
            inside &= clock >= self._moment(clock, self._from)
        return or_(inside, clock.is_(None))

    def _moment(self, clock: ColumnElement[Any], moment: datetime, up: bool = False) -> Any:
        """A moment as the column holds moments."""
        local = moment.astimezone(ZoneInfo(self._stream.timezone))
        if isinstance(clock.type, DateTime):
            return moment if clock.type.timezone else local.replace(tzinfo=None)
        if isinstance(clock.type, Date):
            return (local + timedelta(days=1) - timedelta(microseconds=1)).date() if up else local.date()
        if isinstance(clock.type, String):
            return local.strftime("%Y-%m-%d %H:%M:%S")
        raise self._wrong("watermark", "is a column neither of times nor of ISO 8601 texts", ("a column of times",))

    def _of_children(self, child: Child, rows: TableClause, where: ColumnElement[bool] | None) -> Select[Any]:
        return (
            select(rows)
            .where(self._owned(child, rows, where))
            .order_by(rows.c[child.child], *[each for each in rows.c if each.key != child.child][:1])
        )

    def _owned(self, child: Child, rows: TableClause, where: ColumnElement[bool] | None) -> ColumnElement[bool]:
        """Children of the rows that are read."""
        keys = select(self._main.c[self._table.key])
        return rows.c[child.child].in_(keys if where is None else keys.where(where))

    def _kept(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row as JSON has it, without a tool's bookkeeping; what that says of a deletion under one name."""
        record = {name: plain(value) for name, value in row.items() if name not in self._left_out}
        if self._marked:
            record[TOMBSTONE] = _says_gone(row.get(self._marked))
        return record

    def _wrong(self, key: str, problem: str, valid: Any = ()) -> DeclarationError:
        return DeclarationError(f"{self._source.name}/source.yml", f"streams.{self._stream.name}.table.{key}", problem, valid)


def _place(key: Any) -> Place | None:
    """The place behind a row; None behind a key of a kind that is not written down and read back as it is."""
    return _place_of(type(key).__name__, key)


def _place_of(kind: str, key: Any) -> Place | None:
    return {"kind": kind, "key": str(key) if kind != "int" else key} if kind in _KINDS and key is not None else None


def _says_gone(mark: Any) -> bool:
    """Whether what a tool notes of a row's deletion says that it is gone."""
    return plain(mark) not in (None, False, 0, "")


_KINDS: dict[str, Callable[[Any], Any]] = {"int": int, "str": str, "Decimal": Decimal, "UUID": UUID}
_EMPTY_LAST = frozenset({"postgresql", "oracle"})
"""Where rows without a key come behind all others."""


class _Side:
    """The rows of a child table, in the order of their parents' keys."""

    def __init__(self, connection: Connection, statement: Select[Any], child: Child) -> None:
        self.child, self._rows = child, iter(connection.execute(statement).mappings())
        self._next = next(self._rows, None)

    def of(self, key: Any) -> Iterator[dict[str, Any]]:
        """Those of a parent; each is given once."""
        while self._next is not None and self._next[self.child.child] == key:
            yield dict(self._next)
            self._next = next(self._rows, None)

    def is_left(self) -> bool:
        """Whether some were nobody's."""
        return self._next is not None


@contextmanager
def plain_errors(connection_id: str, doing: str) -> Iterator[None]:
    """Raise a database's errors as ours: its own messages may quote a row, or the login's password.

    Args:
        connection_id: Whose database it is.
        doing: The table that is read.
    """
    try:
        yield
    except SukiError:
        raise
    except SQLAlchemyError as problem:
        raise _told(problem, connection_id, doing) from None


def _told(problem: SQLAlchemyError, connection_id: str, name: str) -> SukiError:
    where = f"connection {connection_id}"
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    said = str(cause).casefold()
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or ""
    for states, words, key, what in _WRONG:
        if (states and state.startswith(states)) or any(word in said for word in words):
            return DeclarationError(where, key, what.format(name=name))
    if "unable to open database file" in said:
        return SourceUnavailable(f"the database file of {where} is not there (yet) or cannot be opened")
    kind = f"{type(cause).__name__}{f', SQLSTATE {state}' if state else ''}"
    if state and not state.startswith(_PASSING):
        return SourceFailed(f"reading '{name}' of {where} failed ({kind})")
    if isinstance(problem, DataError):  # the driver's own word, which a database has no SQLSTATE for
        what = "holds a value that Python has no like of, such as a date without an end or of before the year 1"
        return SourceFailed(f"'{name}' of {where} {what}: read a view of it that gives another, or none")
    reason = None if state or cause is None else why(cause)
    if reason and not reason.passes:
        return DeclarationError(where, "host, port, extra", reason.what)
    seen = reason.what if reason else kind
    return SourceUnavailable(f"the database of {where} cannot be reached, or failed while '{name}' was read ({seen})")


def _require_file(url: URL, connection_id: str) -> None:
    """A SQLite database that is not there would be made, empty.

    Raises:
        SourceUnavailable: It is not there.
    """
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).exists()):
        raise SourceUnavailable(f"the database file of connection {connection_id} is not there (yet)")
