"""COPY of a PostgreSQL query, in columns: what a cursor gives of it row by row, at a fraction of the work.

The values are the same, so whether a table is copied is nobody's to choose: it is where each of its columns is of a type in
``_SAME`` and the session writes what is expected here. All other tables are read through a cursor.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, types
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.types import TypeEngine

from include.sources.readers.columns import JSON
from include.sources.readers.rows import plain

_ROWS_AT_ONCE = 20_000
_BYTES_AT_ONCE = 1 << 23
_SAME: dict[type[TypeEngine[Any]], str] = {
    types.SMALLINT: "int",
    types.INTEGER: "int",
    types.BIGINT: "int",
    types.BOOLEAN: "bool",
    types.TEXT: "str",
    types.VARCHAR: "str",
    types.CHAR: "str",
    types.UUID: "UUID",
    types.NUMERIC: "Decimal",
    types.REAL: "float",
    types.DOUBLE_PRECISION: "float",
    types.DATE: "date",
    postgresql.TIME: "time",
    postgresql.TIMESTAMP: "datetime",
    postgresql.ENUM: "str",
    postgresql.JSON: "json",
    postgresql.JSONB: "json",
    postgresql.BYTEA: "bytes",
    postgresql.ARRAY: "list",
}
"""What the driver makes of each type whose values come out of COPY as they do out of a cursor."""
_LISTED = (types.TEXT, types.VARCHAR, types.SMALLINT, types.INTEGER, types.BIGINT, types.BOOLEAN, types.UUID)
"""Types of which the server writes a list in JSON as it stands in JSON here: numbers with decimals are texts here."""
_PLAIN_TO = 6
"""Decimals up to which ``str`` writes a small number without an exponent."""
_MOMENT = r"^(?P<day>\d{4}-\d\d-\d\d) (?P<time>\d\d:\d\d:\d\d)(?P<fraction>\.\d{1,6})?(?P<zone>[+-]\d\d)(?P<rest>(?::\d\d){0,2})$"


def kind(of: TypeEngine[Any]) -> str | None:
    """What the driver makes of values of a type; None where COPY may write them differently."""
    found = _SAME.get(type(of))
    other = (found == "time" and getattr(of, "timezone", False)) or (found == "list" and type(of.item_type) not in _LISTED)  # type: ignore[attr-defined]
    return None if other else found


def asked(column: Any) -> ColumnElement[Any]:
    """A column as it is asked for: what has no one way to be written as text is written by the server so that it has."""
    what = kind(column.type)
    if what == "bytes":
        return func.encode(column, "hex", type_=types.TEXT).label(column.key)
    return func.to_json(column, type_=postgresql.JSON).label(column.key) if what == "list" else column


def is_same(connection: Connection, columns: Iterable[Any]) -> bool:
    """Whether COPY gives what a cursor gives."""
    if (connection.dialect.name, connection.dialect.driver) != ("postgresql", "psycopg"):
        return False
    if any(kind(column.type) is None for column in columns):
        return False
    session = _driver(connection).info
    zone = session.parameter_status("TimeZone")
    return (
        session.encoding == "utf-8"
        and session.parameter_status("server_encoding") != "SQL_ASCII"  # whose bytes need not be text
        and str(session.parameter_status("DateStyle")).startswith("ISO")
        and (str(session.timezone) == zone or not any(_is_moment(column.type) for column in columns))
    )


def tables(connection: Connection, statement: Any, described: Sequence[tuple[str, TypeEngine[Any]]]) -> Iterator[Any]:
    """The rows of a query as a ``pyarrow.Table`` after the other, in its order and in the connection's transaction.

    Args:
        connection: One for which ``is_same`` is true of the query's columns.
        statement: The query, its columns as ``asked``; its values are merged into the text by the driver, since COPY takes none.
        described: Its columns' names, and their types in the database.

    Raises:
        DBAPIError: The driver's error, or that it would have of a value that Python has no like of (a date without an end).
    """
    compiled = statement.compile(dialect=connection.dialect)
    text = str(compiled)
    if not compiled.params:
        text = text.replace("%%", "%")  # where it merges values in, the driver takes doubled signs for one
    block = _Block(described)
    driver = connection.dialect.loaded_dbapi
    try:
        with (
            _driver(connection).cursor() as cursor,
            cursor.copy(f"COPY ({text}) TO STDOUT (FORMAT csv, ENCODING 'UTF8')", compiled.params) as rows,
        ):
            held: list[Any] = []
            size = 0
            for row in rows:  # a message of the protocol is a row
                held.append(row)
                size += len(row)
                if len(held) == _ROWS_AT_ONCE or size >= _BYTES_AT_ONCE:
                    yield block.table(held)
                    held, size = [], 0
            if held:
                yield block.table(held)
    except _NoSuchValue:
        raise DataError(None, None, driver.DataError()) from None
    except driver.Error as problem:
        raise DBAPIError(None, None, problem) from None


def _driver(connection: Connection) -> Any:
    """The driver's own connection."""
    return connection.connection.driver_connection


def _is_moment(of: TypeEngine[Any]) -> bool:
    return kind(of) == "datetime" and bool(getattr(of, "timezone", False))


class _NoSuchValue(Exception):
    """A date, time or moment that Python has no like of."""


class _Block:
    """Makes tables of rows that COPY wrote as CSV."""

    def __init__(self, described: Sequence[tuple[str, TypeEngine[Any]]]) -> None:
        import pyarrow as pa
        from pyarrow import csv

        self._types = dict(described)
        parsed = {
            "int": pa.int64(), "bool": pa.bool_(), "float": pa.float64(), "date": pa.date32(), "time": pa.time64("us"),
            "datetime": pa.timestamp("us"),
        }  # fmt: skip
        columns = {
            name: pa.string() if _is_moment(of) else parsed.get(kind(of) or "", pa.string()) for name, of in self._types.items()
        }
        self._parse = csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
        self._convert = csv.ConvertOptions(
            column_types=columns, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
            true_values=["t"], false_values=["f"],
        )  # fmt: skip

    def table(self, rows: list[Any]) -> Any:
        """The table of some rows, with the values a cursor's would have in JSON."""
        import pyarrow as pa
        from pyarrow import csv

        text = b"\n" + b"".join(rows)  # a first line to skip: of the first text of all a mark of byte order would be taken away
        read = csv.ReadOptions(column_names=list(self._types), skip_rows=1, use_threads=False, block_size=len(text) + 1)
        try:
            found = csv.read_csv(pa.BufferReader(text), read, self._parse, self._convert)
        except pa.ArrowInvalid:  # its message quotes the value
            raise _NoSuchValue from None
        if found.num_rows != len(rows):
            raise RuntimeError(f"{found.num_rows} rows were read of {len(rows)} that were copied")
        given = [self._written(found[name].combine_chunks(), of) for name, of in self._types.items()]
        in_json = [JSON if kind(of) in ("json", "list") else None for of in self._types.values()]
        fields = [pa.field(name, each.type, metadata=said) for name, each, said in zip(self._types, given, in_json, strict=True)]
        return pa.table(given, schema=pa.schema(fields))

    @staticmethod
    def _written(column: Any, of: TypeEngine[Any]) -> Any:
        import pyarrow as pa

        if _is_moment(of):
            return _moments(column)
        what = kind(of)
        if what == "datetime":
            return _times(column)
        if what in _READ:
            read = _READ[what]
            return pa.array([None if text is None else read(text) for text in column.to_pylist()], pa.string())
        scale = getattr(of, "scale", None)
        return _numbers(column) if what == "Decimal" and (scale is None or scale > _PLAIN_TO) else column


def _as_here(text: str) -> str:
    """JSON as it is written here."""
    return json.dumps(plain(json.loads(text)), ensure_ascii=False, sort_keys=True, default=str)


_READ: dict[str, Callable[[str], str]] = {
    "json": _as_here, "list": _as_here, "bytes": lambda text: str(plain(bytes.fromhex(text))),
}  # fmt: skip


def _times(column: Any) -> Any:
    """Times without a zone as ``rows.plain`` writes them: at midnight a date alone, fractions only where there are some."""
    import pyarrow as pa
    from pyarrow import compute

    seconds = column.cast(pa.timestamp("s"), safe=False)
    whole = compute.equal(seconds.cast(pa.timestamp("us")), column)
    written = compute.replace_substring(seconds.cast(pa.string()), " ", "T")
    if compute.any(compute.invert(whole)).as_py():
        written = compute.if_else(whole, written, compute.replace_substring(column.cast(pa.string()), " ", "T"))
    at_midnight = compute.equal(column.cast(pa.date32(), safe=False).cast(pa.timestamp("us")), column)
    if compute.any(at_midnight).as_py():
        written = compute.if_else(at_midnight, compute.utf8_slice_codeunits(written, 0, 10), written)
    return written


def _moments(column: Any) -> Any:
    """Moments in the session's zone as ``datetime.isoformat`` writes them."""
    from pyarrow import compute

    parts = compute.extract_regex(column, _MOMENT)
    if parts.null_count != column.null_count:
        raise _NoSuchValue
    day, time, fraction, zone, rest = (
        compute.struct_field(parts, [name]) for name in ("day", "time", "fraction", "zone", "rest")
    )
    fraction = compute.if_else(compute.equal(fraction, ""), "", compute.utf8_rpad(fraction, 7, "0"))
    rest = compute.if_else(compute.equal(rest, ""), ":00", rest)
    joined = compute.binary_join_element_wise(day, "T", time, fraction, zone, rest, "")
    return compute.if_else(compute.is_valid(column), joined, None)


def _numbers(column: Any) -> Any:
    """Numbers as ``str`` of a Decimal writes them: very small ones with an exponent."""
    import pyarrow as pa
    from pyarrow import compute

    small = compute.fill_null(compute.match_substring_regex(column, r"^-?0\.0{6}\d"), False)
    if not compute.any(small).as_py():
        return column
    written = pa.array([str(Decimal(text)) for text in column.filter(small).to_pylist()], pa.string())
    return compute.replace_with_mask(column, small, written)
