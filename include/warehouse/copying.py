"""Many rows into the warehouse: frames written as CSV by Arrow, column by column, for COPY to read.

A third of the work of handing over row by row, and memory holds one block of the text. It is the way back of ``reading``.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from pyarrow import csv
from sqlalchemy import Connection
from sqlalchemy.types import TypeEngine

from include.customer import Type
from include.warehouse.bulk import cells, storable, temp_table

Kind = Type | None
"""A canonical type, or None for numbers and bytes that are what PostgreSQL takes already."""

Rows = pd.DataFrame | Iterable[pd.DataFrame]
"""A frame, or a row of frames that are never all in memory."""

_AT_ONCE = 20_000
"""Rows whose text is in memory at a time."""

_AS_TOLD = csv.WriteOptions(include_header=False, quoting_style="all_valid")  # missing is bare, an empty text has its quotes


def copy_frames(
    connection: Connection,
    table: str,
    columns: Mapping[str, TypeEngine[Any]],
    rows: Rows,
    kinds: Mapping[str, Kind] | None = None,
) -> None:
    """Frames to a new temporary table; a column whose kind is not told is text."""
    temp_table(connection, table, columns)
    driver = connection.connection.driver_connection
    assert driver is not None
    into = sql.SQL("COPY pg_temp.{} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    told = {name: (kinds or {}).get(name, "text") for name in columns}
    with driver.cursor() as cursor, cursor.copy(into) as copy:
        for frame in [rows] if isinstance(rows, pd.DataFrame) else rows:
            for start in range(0, len(frame), _AT_ONCE):
                copy.write(_as_csv(frame.iloc[start : start + _AT_ONCE], told))


def _as_csv(frame: pd.DataFrame, kinds: Mapping[str, Kind]) -> memoryview:
    block = pa.table({name: _ARRAYS.get(kind, _cells(kind))(frame[name]) for name, kind in kinds.items()})
    sink = pa.BufferOutputStream()
    csv.write_csv(block, sink, _AS_TOLD)
    return memoryview(sink.getvalue())


def _texts(column: "pd.Series[Any]") -> pa.Array:
    """Texts as they are; one by one only where PostgreSQL would refuse one of so many, or one is no text yet."""
    try:
        told = pa.array(column.tolist(), pa.string(), from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return pa.array(cells(column, "text"), pa.string())
    return pa.array(cells(column, "text"), pa.string()) if _refused(told) else told


def _refused(told: pa.Array) -> bool:
    return bool(pc.any(pc.match_substring(told, "\x00")).as_py())


def _sets(column: "pd.Series[Any]") -> pa.Array:
    """Lists in PostgreSQL's own form: every element between quotes."""
    lists = [value if hasattr(value, "__len__") else () for value in column]
    try:
        sets = pa.array(lists, pa.list_(pa.string()))
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        sets = pa.array(cells(column, "texts"), pa.list_(pa.string()))
    texts = sets.flatten()
    if texts.null_count or _refused(texts):
        sets = pa.array([[storable(str(one)) for one in value] for value in lists], pa.list_(pa.string()))
        texts = sets.flatten()
    quoted = pc.replace_substring(pc.replace_substring(texts, "\\", "\\\\"), '"', '\\"')
    joined = pc.binary_join(pa.ListArray.from_arrays(sets.offsets, quoted), '","')
    told = pc.binary_join_element_wise('{"', joined, '"}', "")
    return pc.if_else(pc.equal(pc.list_value_length(sets), 0), "{}", told)


def _moments(column: "pd.Series[Any]") -> pa.Array:
    return pa.array(pd.to_datetime(column, utc=True).astype("datetime64[us, UTC]")).cast(pa.string())


def _as_they_are(column: "pd.Series[Any]") -> pa.Array:
    values = column.tolist()
    if any(isinstance(value, bytes) for value in values[:1]):
        return pa.array([f"\\x{value.hex()}" for value in values], pa.string())
    return pa.array(values, from_pandas=True)


def _cells(kind: Kind) -> "Callable[[pd.Series[Any]], pa.Array]":
    return lambda column: pa.array(cells(column, kind or "text"))


_ARRAYS: "Mapping[Kind, Callable[[pd.Series[Any]], pa.Array]]" = {
    "text": _texts, "date": _texts, "texts": _sets, "timestamp": _moments, None: _as_they_are,
}  # fmt: skip
