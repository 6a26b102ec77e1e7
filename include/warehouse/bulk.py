"""Many rows at once: frames go in through COPY as plain values, and come out as frames with the types the core expects."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

import pandas as pd
from psycopg import sql
from sqlalchemy import Column, Connection, Executable, MetaData, Table, TextClause, text
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeEngine

from include.customer import Type
from include.warehouse.engine import Bind, transaction
from include.warehouse.errors import WarehouseRefused

SQL = Path(__file__).with_name("sql")

READ_ROWS = 50_000

Cells = list[Any]


def statement(name: str, **lists: str) -> TextClause:
    """A statement of ``sql/<name>.sql``; ``$lists`` are lists of columns or conditions, our own and never out of data."""
    return text(Template(_source(name)).substitute(lists))


def run(connection: Connection, name: str, given: Mapping[str, Any] | None = None, **lists: str) -> None:
    """Carry out the statements of a file, divided by semicolons at the ends of lines."""
    for part in statement(name, **lists).text.split(";\n"):
        if part.strip():
            connection.execute(text(part), dict(given or {}))


@cache
def _source(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def temp_table(connection: Connection, name: str, columns: Mapping[str, TypeEngine[Any]]) -> None:
    """A temporary table without constraints; gone when the transaction ends."""
    table = Table(
        name, MetaData(), *(Column(column, kind) for column, kind in columns.items()),
        prefixes=["TEMPORARY"], postgresql_on_commit="DROP",
    )  # fmt: skip
    connection.execute(text(f"DROP TABLE IF EXISTS pg_temp.{name}"))  # the caller's transaction may be staging a second batch
    connection.execute(CreateTable(table))


def types_of(table: Table, names: Sequence[str]) -> dict[str, TypeEngine[Any]]:
    """The types of some columns of a table of the warehouse."""
    return {name: table.c[name].type for name in names}


def copy_in(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """COPY rows into a temporary table; returns how many."""
    driver = connection.connection.driver_connection
    assert driver is not None
    into = sql.SQL("COPY pg_temp.{} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with driver.cursor() as cursor, cursor.copy(into) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def analyze(connection: Connection, *tables: str) -> None:
    """Tell the planner what was just copied: it knows nothing of a fresh temporary table."""
    for table in tables:
        connection.execute(text(f"ANALYZE pg_temp.{table}"))


def by_index(connection: Connection) -> None:
    """Tell the planner that this transaction looks up some rows of large tables, which lie in memory or on a disk without arms.

    As it comes, it holds a lookup for so dear that it rather passes over all for what changed of one in a hundred. Told that a
    lookup costs less than a row of a scan, it goes through whole indexes instead, which is worse.
    """
    connection.execute(text("SET LOCAL random_page_cost = 1.1"))


def cells(column: "pd.Series[Any]", kind: Type) -> Cells:
    """A column as values PostgreSQL takes: missing is None, and a text holds nothing it would refuse."""
    return _CELLS[kind](column)


def stream(
    connection: Connection, query: TextClause, parameters: dict[str, object] | None = None
) -> Iterator[list[tuple[Any, ...]]]:
    """Rows of a query in blocks, through a cursor on the server: the result is never whole in memory."""
    result = connection.execute(query, parameters or {}, execution_options={"yield_per": READ_ROWS})
    for block in result.partitions(READ_ROWS):
        yield [tuple(row) for row in block]


def sum_of_hashes(connection: Connection, query: TextClause) -> int:
    """The hashes that a query's rows hold, added up: the same whatever their order."""
    return sum(int.from_bytes(row[0], "big") for rows in stream(connection, query) for row in rows)


def as_hash(total: int) -> str:
    """A sum of hashes as a hash: modulo 2^256, 64 hex digits."""
    return f"{total % (1 << 256):064x}"


def dicts(bind: Bind, query: Executable, doing: str, **parameters: Any) -> list[dict[str, Any]]:
    """The few rows of a query, by the names of its columns."""
    with transaction(bind, doing) as connection:
        return [dict(row) for row in connection.execute(query, parameters).mappings()]


def storable(value: str) -> str:
    """The text without what PostgreSQL cannot keep: NUL and lone surrogates become U+FFFD, so that one odd row stops nobody."""
    if "\x00" in value:
        value = value.replace("\x00", "\ufffd")
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def storable_json(value: str) -> str:
    """JSON text that jsonb takes: the same, where the odd character is written as an escape."""
    kept = storable(value)
    if not any(odd in kept for odd in ("\\u", "NaN", "Infinity")):
        return kept
    try:
        parsed = json.loads(kept, parse_constant=str)
    except ValueError:
        return json.dumps(kept)
    return storable(json.dumps(_storable_tree(parsed), ensure_ascii=False))


def _storable_tree(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable_tree(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): _storable_tree(item) for key, item in value.items()}
    return value


def _where_present(change: Callable[[Any], Any]) -> Callable[["pd.Series[Any]"], Cells]:
    def convert(column: "pd.Series[Any]") -> Cells:
        missing = column.isna().to_numpy()
        if missing.all():  # most fields of a stream
            return [None] * len(column)
        return [None if gone else change(value) for value, gone in zip(column, missing, strict=True)]

    return convert


_AT_ONCE = 100_000
"""Texts that are looked at together."""


def _plain_texts(column: "pd.Series[Any]") -> Cells:
    """Texts as they are; one by one only where PostgreSQL would refuse one of so many."""
    missing = column.isna().to_numpy()
    if missing.all():
        return [None] * len(column)
    told = [None if gone else str(value) for value, gone in zip(column.tolist(), missing, strict=True)]
    for start in range(0, len(told), _AT_ONCE):
        part = told[start : start + _AT_ONCE]
        together = "".join(filter(None, part))
        if storable(together) != together:
            told[start : start + _AT_ONCE] = [None if value is None else storable(value) for value in part]
    return told


def _texts(column: "pd.Series[Any]") -> Cells:
    # A list is never missing in itself; None and NaN in its place are.
    return [[storable(str(item)) for item in value] if hasattr(value, "__len__") else [] for value in column]


def _timestamps(column: "pd.Series[Any]") -> Cells:
    moments = pd.DatetimeIndex(pd.to_datetime(column, utc=True))
    return [None if gone else moment for moment, gone in zip(moments.to_pydatetime(), moments.isna(), strict=True)]


def _numbers(column: "pd.Series[Any]") -> Cells:
    try:
        return _where_present(lambda value: Decimal(str(value)).quantize(Decimal("0.0001")))(column)
    except InvalidOperation:
        reason = "it has more than 24 digits before the point, is infinite, or is no number"
        raise WarehouseRefused(f"A value of {column.name} cannot be stored: {reason}.") from None


_CELLS: dict[Type, Callable[["pd.Series[Any]"], Cells]] = {
    "text": _plain_texts,
    "date": _plain_texts,
    "texts": _texts,
    "timestamp": _timestamps,
    "boolean": _where_present(bool),
    "integer": _where_present(int),
    "number": _numbers,
    "json": _where_present(lambda value: storable_json(value if isinstance(value, str) else _dumps(value))),
}


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
