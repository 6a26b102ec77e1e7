"""An export in another database, of any make SQLAlchemy knows: rows are taken over by their key, and again is the same."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Engine,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    delete,
    insert,
    inspect,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from include.customer import Type
from include.errors import SourceFailed, SourceUnavailable
from include.warehouse.export import Mode, Sheet

_KEY = "customer_id"
_AT_ONCE = 500
"""Rows in one statement: some makes take no more than a thousand parameters in a list."""


@contextmanager
def writing(engine: Engine, target: str) -> Iterator[Connection]:
    """One transaction there; what its driver says is not passed on, for it quotes rows.

    Raises:
        SourceUnavailable: The database cannot be reached.
        SourceFailed: It refuses.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as problem:
        kind = type(problem.orig if isinstance(problem, DBAPIError) else problem).__name__
        if isinstance(problem, DBAPIError) and (problem.connection_invalidated or kind in ("OperationalError", "InterfaceError")):
            raise SourceUnavailable(f"the database of connection {target} cannot be reached or failed ({kind})") from None
        raise SourceFailed(
            f"The database of connection {target} refused ({kind}): may its login make and write tables suki_...?"
        ) from None


def take_over(connection: Connection, sheet: Sheet, mode: Mode) -> int:
    """Write a sheet into the table of its name: new rows come, known ones are replaced, in a full export the others go.

    The sheet ``gone`` takes its customers out of ``suki_customers``. A table is made where there is none.

    Args:
        connection: The other database, in a transaction.
        sheet: What to write.
        mode: Whether the sheet is the whole.

    Returns:
        How many rows it held.
    """
    if sheet.name == "gone":
        known = _table(connection, "customers", None)
        return sum(_remove(connection, known, [row[0] for row in rows]) for rows in _in_parts(sheet.blocks))
    there = _table(connection, sheet.name, sheet.columns)
    if mode == "full" or sheet.name.startswith("segment_"):  # a segment is always whole
        connection.execute(delete(there))
    count = 0
    for rows in _in_parts(sheet.blocks):
        if mode == "changes":
            _remove(connection, there, [row[0] for row in rows])
        connection.execute(insert(there), [dict(zip(sheet.columns, map(_flat, row), strict=True)) for row in rows])
        count += len(rows)
    return count


def _in_parts(blocks: Iterable[Sequence[tuple[Any, ...]]]) -> Iterator[list[tuple[Any, ...]]]:
    for block in blocks:
        for start in range(0, len(block), _AT_ONCE):
            yield list(block[start : start + _AT_ONCE])


def _remove(connection: Connection, there: Table, ids: list[str]) -> int:
    connection.execute(delete(there).where(there.c[_KEY].in_(ids)))
    return len(ids)


def _table(connection: Connection, name: str, columns: Mapping[str, Type] | None) -> Table:
    known = f"suki_{name}"
    if columns is None or inspect(connection).has_table(known):
        there = Table(known, MetaData(), autoload_with=connection)
        if lacking := [one for one in columns or () if one not in there.c]:
            raise SourceFailed(
                f"The table {known} there lacks {', '.join(lacking)}: add the columns, or drop the table and export in full."
            )
        return there
    made = Table(known, MetaData(), *(Column(one, _kind(one, kind), primary_key=one == _KEY) for one, kind in columns.items()))
    made.create(connection)
    return made


def _kind(name: str, kind: Type) -> Any:
    if name == _KEY:
        return String(36)
    kinds: dict[str, Any] = {
        "timestamp": DateTime(timezone=True), "boolean": Boolean(), "integer": Numeric(18, 0), "number": Numeric(18, 4),
    }  # fmt: skip
    return kinds.get(kind, Text())


def _flat(value: Any) -> Any:
    return " | ".join(value) if isinstance(value, list) else value
