"""The Parquet schema of every kind of frame in the lake, made from the canonical fields.

A fixed schema keeps a column of nulls from becoming a column of another type in the next chunk, and gives back the types the core
expects: ``texts`` as lists, timestamps in UTC, missing as None.
"""

from collections.abc import Iterable

import pandas as pd
import pyarrow as pa

from include.collector import without_collector
from include.customer import CLEANED_COLUMNS, FIELDS, LANDED_COLUMNS, MAPPED_COLUMNS, ROW_COLUMNS
from include.golden.fields import GOLDEN_FIELDS

_UTC = pa.timestamp("us", tz="UTC")
_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "date": pa.string(),
    "timestamp": _UTC,
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "json": pa.string(),
}
_COLUMNS: dict[str, pa.DataType] = {
    "position": pa.int64(),
    "delivered_on": pa.date32(),
    "source_updated_at": _UTC,
    "deleted": pa.bool_(),
    "noted": pa.list_(pa.string()),
    "flags": pa.list_(pa.string()),
    "cleaning_version": pa.int32(),
}


def landed_schema() -> pa.Schema:
    """Landed rows, with the raw key that the warehouse maps the record id back to."""
    return _schema([(name, _COLUMNS.get(name, pa.string())) for name in (*LANDED_COLUMNS, "source_key")])


def mapped_schema(kind: str) -> pa.Schema:
    """Mapped rows: everything is still the text the source wrote."""
    fields = [(f.name, _TYPES["texts"] if f.type == "texts" else pa.string()) for f in FIELDS[kind] if f.origin == "mapped"]
    return _schema([*_rows(), *((name, _COLUMNS[name]) for name in MAPPED_COLUMNS), *fields])


def cleaned_schema(kind: str) -> pa.Schema:
    """Cleaned rows: every field in its own type."""
    fields = [(f.name, _TYPES[f.type]) for f in FIELDS[kind]]
    extra = [(name, _COLUMNS.get(name, pa.string())) for name in CLEANED_COLUMNS]
    return _schema([*_rows(), *fields, *extra])


def schema_of(stage: str, kind: str) -> pa.Schema:
    """Schema of a stage's frame."""
    if stage == "landed":
        return landed_schema()
    return mapped_schema(kind) if stage == "mapped" else cleaned_schema(kind)


def rejected_schema(stage: str, kind: str) -> pa.Schema:
    """A stage's rows that its gate refused, with the ids of the expectations they failed."""
    return schema_of(stage, kind).append(pa.field("reasons", pa.list_(pa.string())))


def golden_schema() -> pa.Schema:
    """Golden customers with the hash of each row."""
    fields = [(field.name, _TYPES[field.type]) for field in GOLDEN_FIELDS]
    more = [("region", pa.string()), ("sources", _TYPES["texts"]), ("record_count", pa.int64()), ("row_hash", pa.binary())]
    return _schema([("customer_id", pa.string()), *fields, *more])


def proof_schema() -> pa.Schema:
    """Where golden values come from, a row a customer."""
    return _schema([("customer_id", pa.string()), ("record_ids", _TYPES["texts"]), ("fields", pa.string())])


def to_table(frame: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    """Arrow table in exactly the schema's columns; other columns of the frame stay behind."""
    return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)


@without_collector()
def from_table(table: pa.Table) -> pd.DataFrame:
    """Frame with missing as None, list columns as lists (empty where null) and nullable booleans as objects."""
    frame: pd.DataFrame = table.to_pandas(date_as_object=True, integer_object_nulls=True)
    for field in table.schema:
        if pa.types.is_list(field.type):
            frame[field.name] = [[] if value is None else value for value in table.column(field.name).to_pylist()]
    return frame


def _schema(columns: Iterable[tuple[str, pa.DataType]]) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns])


def _rows() -> list[tuple[str, pa.DataType]]:
    return [(name, _COLUMNS.get(name, pa.string())) for name in ROW_COLUMNS]
