"""One number that says whether two golden tables are the same, whatever order, database or machine they were read from.

A row's hash is SHA-256 over its canonical JSON. The table's is the sum of its rows' hashes modulo 2^256: free of order, so
it needs no sorting and no collation, and it can be kept up to date by adding and subtracting changed rows.
"""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from include.golden.fields import ADDED, GOLDEN_COLUMNS, GOLDEN_FIELDS

_MODULUS = 1 << 256

_AT_ONCE = 50_000
"""Rows whose JSON is in memory at a time."""


def row_hashes(customers: pd.DataFrame) -> list[bytes]:
    """SHA-256 of every customer's content, in the frame's order.

    The content is the row as a JSON object of ``GOLDEN_COLUMNS`` in their fixed order; of ``ADDED`` only what is held. A frame
    read back from the warehouse hashes like the frame that was written: ids are text, timestamps UTC with microseconds,
    anything missing is null.

    Raises:
        KeyError: A golden column is missing.
        TypeError: A value has a type no golden field has; the message names the type, never the value.
    """
    hashes: list[bytes] = []
    for start in range(0, len(customers), _AT_ONCE):
        part = customers.iloc[start : start + _AT_ONCE]
        pieces: list[Any] = []
        for place, name in enumerate(GOLDEN_COLUMNS):
            named, told = f'{"," if place else "{"}"{name}":', _told(part[name], _KINDS.get(name))
            pieces += [_where_held(named, told)] if name in ADDED else [named, told]
        rows = pc.binary_join_element_wise(*pieces, "}", "")
        hashes += [sha256(row).digest() for row in rows.cast(pa.binary()).to_pylist()]
    return hashes


def total(hashes: Iterable[bytes]) -> str:
    """The order-free sum of row hashes, as 64 hex digits; all zeros for an empty table."""
    return f"{sum(int.from_bytes(row, 'big') for row in hashes) % _MODULUS:064x}"


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _told(column: "pd.Series[Any]", kind: "Callable[[pd.Series[Any]], pa.Array] | None") -> pa.Array:
    """The values of a column as JSON texts: all at once where they are of the field's own type, else one by one."""
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        kind = _moments
    if kind is not None:
        try:
            told: pa.Array = pc.fill_null(kind(column), "null")
        except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
            pass  # another type that says the same, as a driver has it
        else:
            return told
    return pa.array([_encode(_normal(value)) for value in column.tolist()], pa.string())


def _where_held(named: str, told: pa.Array) -> pa.Array:
    """A member of the object where it has a value, else nothing."""
    return pc.if_else(pc.equal(told, "null"), "", pc.binary_join_element_wise(named, told, ""))


def _moments(column: "pd.Series[Any]") -> pa.Array:
    moments = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
    told = pa.array(np.datetime_as_string(moments, unit="us"), pa.string(), mask=np.isnat(moments))
    return pc.binary_join_element_wise('"', told, 'Z"', "")


def _texts(column: "pd.Series[Any]") -> pa.Array:
    return pc.binary_join_element_wise('"', _escaped(pa.array(column.tolist(), pa.string(), from_pandas=True)), '"', "")


def _sets(column: "pd.Series[Any]") -> pa.Array:
    sets = pa.array(column.tolist(), pa.list_(pa.string()))
    texts = sets.flatten()
    if sets.null_count or texts.null_count:
        raise pa.ArrowTypeError("a set or an element is missing")
    joined = pc.binary_join(pa.ListArray.from_arrays(sets.offsets, _escaped(texts)), '","')
    told = pc.binary_join_element_wise('["', joined, '"]', "")
    return pc.if_else(pc.equal(pc.list_value_length(sets), 0), "[]", told)


def _truths(column: "pd.Series[Any]") -> pa.Array:
    return pa.array(column.tolist(), pa.bool_(), from_pandas=True).cast(pa.string())


def _numbers(column: "pd.Series[Any]") -> pa.Array:
    return pa.array(column.tolist(), pa.int64(), from_pandas=True).cast(pa.string())


def _escaped(texts: pa.Array) -> pa.Array:
    """Texts as they stand between the quotes of JSON."""
    odd = pc.fill_null(pc.match_substring_regex(texts, r'["\\\x00-\x1f]'), False)
    if not pc.any(odd).as_py():
        return texts
    mended = [_encode(text)[1:-1] for text in texts.filter(odd).to_pylist()]
    return pc.replace_with_mask(texts, odd, pa.array(mended, pa.string()))


_BY_TYPE: "dict[str, Callable[[pd.Series[Any]], pa.Array]]" = {
    "text": _texts, "date": _texts, "texts": _sets, "boolean": _truths,
}  # fmt: skip
_KINDS = {
    **{field.name: _BY_TYPE.get(field.type) for field in GOLDEN_FIELDS},
    "customer_id": _texts, "region": _texts, "sources": _sets, "record_count": _numbers,
}  # fmt: skip


def _normal(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return [item if type(item) is str else _normal(item) for item in value]
    if isinstance(value, (str, bool, int)) or value is None:
        return value
    if isinstance(value, np.generic):
        return _normal(value.item())
    if value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124 - NaN is what does not equal itself
        return None
    if isinstance(value, UUID):
        return str(value)
    return _dated(value)


def _dated(value: Any) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a timestamp without a time zone cannot be hashed: its instant is unknown")
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no golden field holds a {type(value).__name__}")
