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
) -> None:
    """Rows to a new temporary table; a column whose kind is not told is text."""
    temp_table(connection, table, columns)
    driver = connection.connection.driver_connection
    assert driver is not None
    into = sql.SQL("COPY pg_temp.{} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    told = {name: (kinds or {}).get(name, "text") for name in columns}
    parts = (_slice(block, start) for block in blocks(rows) for start in range(0, len(block), _AT_ONCE))
    with driver.cursor() as cursor, cursor.copy(into) as copy:
        for written in _one_ahead(_as_csv(part, told) for part in parts):
            copy.write(written)


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


def _as_csv(block: Block, kinds: Mapping[str, Kind]) -> memoryview:
    told = pa.table({name: _TOLD.get(kind, _as_they_are)(_typed(block[name], kind)) for name, kind in kinds.items()})
    sink = pa.BufferOutputStream()
    csv.write_csv(told, sink, _AS_TOLD)
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


def _sets_told(sets: pa.Array) -> pa.Array:
    """Lists in PostgreSQL's own form: every element between quotes."""
    quoted = pc.replace_substring(pc.replace_substring(sets.flatten(), "\\", "\\\\"), '"', '\\"')
    lengths = pc.list_value_length(sets)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths)])
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, quoted), '","')
    return pc.if_else(pc.equal(lengths, 0), "{}", pc.binary_join_element_wise('{"', joined, '"}', ""))


def _as_they_are(values: pa.Array) -> pa.Array:
    if pa.types.is_binary(values.type):
        return pa.array([value if value is None else f"\\x{value.hex()}" for value in values.to_pylist()], pa.string())
    return values


def _moments_told(moments: pa.Array) -> pa.Array:
    """Moments in UTC, told so: where a zone is given, Arrow looks its hour up for every one, which takes five times as long."""
    in_utc = moments.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
    return pc.binary_join_element_wise(in_utc.cast(pa.string()), "Z", "")


_TOLD: "Mapping[Kind, Callable[[pa.Array], pa.Array]]" = {
    "texts": _sets_told, "timestamp": _moments_told,
}  # fmt: skip
