"""Records for golden tests: say what matters, the rest is missing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from include.golden.fields import GOLDEN, GOLDEN_FIELDS

DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)
TRUST = {"web": {"default": 0.9, "fields": {"phones": 0.2}}, "shop": {"default": 0.6}, "social": {"default": 0.3}}

_TEXTS = {field.name for field in GOLDEN_FIELDS if field.type == "texts"}


def record(record_id: str, customer_id: str = "c1", source: str = "web", day: int = 0, **fields: Any) -> dict[str, Any]:
    """One record of a snapshot; ``day`` counts from the first of January 2026."""
    row: dict[str, Any] = {name: [] if name in _TEXTS else None for name in GOLDEN}
    row |= {"record_id": record_id, "customer_id": customer_id, "source": source, "region": "eu", "flags": []}
    row |= {"source_time": DAY_ONE + timedelta(days=day)}
    unknown = set(fields) - set(row)
    assert not unknown, unknown
    return row | fields


def snapshot(*records: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(records)).astype({"source_time": "datetime64[us, UTC]"})
