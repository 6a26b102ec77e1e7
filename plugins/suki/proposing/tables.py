"""The first rows of a database's table, read by the reader of every source; an invented sample as the statements that make it."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from include.batch import Window
from include.errors import DeclarationError
from include.sources import Source
from suki.proposing.sample import ROWS, Sample, columns_of


def read_table(connection: str, name: str, schema: str | None, most: int = ROWS) -> Sample:
    """The first rows of a table of an Airflow connection's database, by its primary key.

    Raises:
        DeclarationError: There is no such connection or table, or the table is empty.
        SourceUnavailable: The database cannot be reached.
    """
    from sqlalchemy import inspect

    from include.sources.readers import sql
    from suki.databases import database

    engine = database(connection)
    with sql.plain_errors(connection, f"looking at {name}"):
        looked = inspect(engine)
        tables = sorted({*looked.get_table_names(schema), *looked.get_view_names(schema)})
        if name not in tables:
            raise DeclarationError("suki new-source", "--table", f"there is no table '{name}' at {connection}", tables[:20])
        keyed = looked.get_pk_constraint(name, schema)["constrained_columns"] if name in looked.get_table_names(schema) else []
        key = keyed[0] if keyed else str(looked.get_columns(name, schema)[0]["name"])
    table = {"name": name, "key": key, "mode": "snapshot", **({"schema": schema} if schema else {})}
    now = datetime.now(UTC)
    source = Source.model_validate({
        "title": name, "description": name, "owner": "x", "contact": "x", "purpose": "x", "trust": {"default": 0.5},
        "connection": connection,
        "streams": {"sample": {"kind": "customers", "table": table, "key": {"value": "1"}, "updated_at": None, "map": {}}},
    })  # fmt: skip
    deliveries = sql.read(source, source.streams["sample"], Window(now, now + timedelta(days=1)), engine, None)
    rows = [dict(row.raw) for row in islice((row for delivery in deliveries for row in delivery), most)]
    if not rows:
        raise DeclarationError("suki new-source", "--table", f"'{name}' has no rows", ("a table with rows",))
    return Sample({"table": table}, f"a table at {connection}, by its key {key}", ".sql", rows, columns_of(rows, flat=False))


def statements(rows: list[dict[str, Any]], name: str) -> bytes:
    """The statements that make the table, for any database."""
    fields = list(dict.fromkeys(field for row in rows for field in row))
    made = ", ".join(f"{_quoted(field)} {_type([row.get(field) for row in rows])}" for field in fields)
    lines = [f"CREATE TABLE {_quoted(name)} ({made});"]
    into = f"INSERT INTO {_quoted(name)} VALUES"  # a file that people read and a test runs, of invented values
    lines += [f"{into} ({', '.join(_literal(row.get(field)) for field in fields)});" for row in rows]
    return "".join(f"{line}\n" for line in lines).encode()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _type(values: list[Any]) -> str:
    given = [value for value in values if value is not None]
    if given and all(isinstance(value, int) and not isinstance(value, bool) for value in given):
        return "BIGINT"
    return "TEXT"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"
