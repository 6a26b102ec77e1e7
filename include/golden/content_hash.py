"""One number that says whether two golden tables are the same, whatever order, database or machine they were read from.

A row's hash is SHA-256 over its canonical JSON. The table's is the sum of its rows' hashes modulo 2^256: free of order, so
it needs no sorting and no collation, and it can be kept up to date by adding and subtracting changed rows.
"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd

from include.golden.fields import GOLDEN_COLUMNS

_MODULUS = 1 << 256


def row_hashes(customers: pd.DataFrame) -> list[bytes]:
    """SHA-256 of every customer's content, in the frame's order.

    The content is the row as a JSON object of ``GOLDEN_COLUMNS`` in their fixed order. A frame read back from the warehouse
    hashes like the frame that was written: ids are text, timestamps UTC with microseconds, anything missing is null.

    Raises:
        KeyError: A golden column is missing.
        TypeError: A value has a type no golden field has; the message names the type, never the value.
    """
    columns = [_plain(customers[name]) for name in GOLDEN_COLUMNS]
    return [sha256(_encode(dict(zip(GOLDEN_COLUMNS, row, strict=True))).encode()).digest() for row in zip(*columns, strict=True)]


def total(hashes: Iterable[bytes]) -> str:
    """The order-free sum of row hashes, as 64 hex digits; all zeros for an empty table."""
    return f"{sum(int.from_bytes(row, 'big') for row in hashes) % _MODULUS:064x}"


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def _plain(column: "pd.Series[Any]") -> list[Any]:
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        moments = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy(dtype="datetime64[us]")
        told = np.datetime_as_string(moments, unit="us").tolist()
        return [None if gone else f"{text}Z" for text, gone in zip(told, np.isnat(moments).tolist(), strict=True)]
    return [_normal(value) for value in column.tolist()]


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
