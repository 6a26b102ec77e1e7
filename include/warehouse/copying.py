"""Many rows into the warehouse: written as CSV by Arrow, column by column, for COPY to read.

A tenth of the work of handing over row by row where the rows are Arrow's already, and memory holds two blocks of the text: the
next is written while PostgreSQL takes in the one before. It is the way back of ``reading``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from pyarrow import csv
from sqlalchemy import Connection
from sqlalchemy.types import TypeEngine

from include.customer import Type
from include.warehouse.bulk import cells, temp_table

Kind = Type | None
"""A canonical type, or None for numbers and bytes that are what PostgreSQL takes already."""

Block: TypeAlias = pd.DataFrame | pa.Table

Rows: TypeAlias = Block | Iterable[Block]
"""A block, or a row of blocks that are never all in memory."""

_AT_ONCE = 20_000
"""Rows whose text is in memory at a time."""

_LIST = pa.list_(pa.string())

_TYPES: Mapping[Kind, pa.DataType] = {"text": pa.string(), "date": pa.string(), "texts": _LIST, "json": pa.string()}

_AS_TOLD = csv.WriteOptions(include_header=False, quoting_style="all_valid")  # missing is bare, an empty text has its quotes


def copy_rows(
    connection: Connection,
    table: str,
    columns: Mapping[str, TypeEngine[Any]],
    rows: Rows,
    kinds: Mapping[str, Kind] | None = None,
) -> int:
    """Rows to a new temporary table; a column whose kind is not told is text. Returns how many rows."""
    told = {name: (kinds or {}).get(name, "text") for name in columns}
    parts = (_slice(block, start) for block in blocks(rows) for start in range(0, len(block), _AT_ONCE))
    typed = (pa.table({name: _typed(part[name], kind) for name, kind in told.items()}) for part in parts)
    return copy_tables(connection, table, columns, typed)


def copy_tables(connection: Connection, table: str, columns: Mapping[str, TypeEngine[Any]], tables: Iterable[pa.Table]) -> int:
    """Arrow tables, in whose types PostgreSQL takes every value, to a new temporary table; returns how many rows.

    They are made, and written as text, in a thread of its own, one ahead of what PostgreSQL takes in.
    """
    temp_table(connection, table, columns)
    driver = connection.connection.driver_connection
    assert driver is not None
    into = sql.SQL("COPY pg_temp.{} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    parts = (part.slice(start, _AT_ONCE).select(list(columns)) for part in tables for start in range(0, len(part), _AT_ONCE))
    with driver.cursor() as cursor:
        with cursor.copy(into) as copy:
            for written in _one_ahead(_as_csv(part) for part in parts):
                copy.write(written)
        return int(cursor.rowcount)


def blocks(rows: Rows) -> Iterable[Block]:
    """Rows block by block; one block is a row of one."""
    return [rows] if isinstance(rows, (pd.DataFrame, pa.Table)) else rows


def _one_ahead(texts: Iterator[memoryview]) -> Iterator[memoryview]:
    """The same; each is made while the one before it is used."""
    with ThreadPoolExecutor(1) as maker:
        coming = maker.submit(next, texts, None)
        while (text := coming.result()) is not None:
            coming = maker.submit(next, texts, None)
            yield text


def _slice(block: Block, start: int) -> Block:
    return block.slice(start, _AT_ONCE) if isinstance(block, pa.Table) else block.iloc[start : start + _AT_ONCE]


def _as_csv(block: pa.Table) -> memoryview:
    sink = pa.BufferOutputStream()
    csv.write_csv(pa.table({name: _told(block[name].combine_chunks()) for name in block.column_names}), sink, _AS_TOLD)
    return memoryview(sink.getvalue())


# --- as Arrow's own -------------------------------------------------------------------------------------------------------------


def _typed(column: "pd.Series[Any] | pa.ChunkedArray", kind: Kind) -> pa.Array:
    """A column in Arrow's type of its kind, of which PostgreSQL takes every value."""
    if isinstance(column, pa.ChunkedArray):
        typed = column.combine_chunks().cast(_TYPES[kind]) if kind in _TYPES else column.combine_chunks()
        return typed if _taken(typed, kind) else pa.array(cells(pd.Series(typed.to_pylist(), dtype=object), kind or "text"))
    try:
        typed = _OF_FRAMES.get(kind, _cells(kind))(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):  # one of another type, or that no encoding has
        return _cells(kind)(column)
    return typed if _taken(typed, kind) else _cells(kind)(column)


def _cells(kind: Kind) -> "Callable[[pd.Series[Any]], pa.Array]":
    """One by one: each as it can be kept."""
    return lambda column: pa.array(cells(column, kind or "text"), _LIST if kind == "texts" else None)


def _taken(typed: pa.Array, kind: Kind) -> bool:
    """Whether PostgreSQL takes all of it: a text has no NUL, a set has nothing missing, JSON has no escape to look into."""
    texts = typed.flatten() if kind == "texts" else typed
    if kind == "texts" and (texts.null_count or typed.null_count):
        return False
    if kind == "json":
        return not _any(pc.match_substring_regex(texts, r"\x00|\\u|NaN|Infinity"))
    return not (pa.types.is_string(texts.type) and _any(pc.match_substring(texts, "\x00")))


def _any(mask: pa.Array) -> bool:
    return bool(pc.any(mask).as_py())


def _values(column: "pd.Series[Any]") -> pa.Array:
    return pa.array(column.tolist(), from_pandas=True)


def _texts(column: "pd.Series[Any]") -> pa.Array:
    return pa.array(column.tolist(), pa.string(), from_pandas=True)


def _lists(column: "pd.Series[Any]") -> pa.Array:
    return pa.array([value if hasattr(value, "__len__") else () for value in column], _LIST)


def _moments(column: "pd.Series[Any]") -> pa.Array:
    return pa.array(pd.to_datetime(column, utc=True).astype("datetime64[us, UTC]"))


_OF_FRAMES: "Mapping[Kind, Callable[[pd.Series[Any]], pa.Array]]" = {
    "text": _texts, "date": _texts, "texts": _lists, "timestamp": _moments, None: _values,
}  # fmt: skip


# --- as PostgreSQL reads it -----------------------------------------------------------------------------------------------------


def _told(values: pa.Array) -> pa.Array:
    """A column as text, or of a type that Arrow writes as PostgreSQL reads it."""
    kind = values.type
    if pa.types.is_list(kind):
        return _sets_told(values)
    if pa.types.is_timestamp(kind):
        return _moments_told(values)
    if pa.types.is_binary(kind):
        return pa.array([value if value is None else f"\\x{value.hex()}" for value in values.to_pylist()], pa.string())
    return values


def _sets_told(sets: pa.Array) -> pa.Array:
    """Lists in PostgreSQL's own form: every element between quotes."""
    quoted = pc.replace_substring(pc.replace_substring(sets.flatten(), "\\", "\\\\"), '"', '\\"')
    lengths = pc.list_value_length(sets)
    ends = pc.cumulative_sum(pc.fill_null(lengths, 0))
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.concat_arrays([pa.array([0], pa.int32()), ends]), quoted), '","')
    return pc.if_else(pc.equal(lengths, 0), "{}", pc.binary_join_element_wise('{"', joined, '"}', ""))


def _moments_told(moments: pa.Array) -> pa.Array:
    """Moments in UTC, told so: where a zone is given, Arrow looks its hour up for every one, which takes five times as long."""
    in_utc = moments.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
    return pc.binary_join_element_wise(in_utc.cast(pa.string()), "Z", "")
