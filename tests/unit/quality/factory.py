"""Clean frames of every kind: 1,500 rows of invented people who pass every expectation, and the facts that go with them."""

import json
from datetime import date
from functools import cache
from uuid import UUID, uuid5

import pandas as pd

from include.quality.frames import FRAMES, TEXTS

ROWS = 1_500
NAMESPACE = UUID("8a9d3f2e-0000-4000-8000-000000000000")
GIVEN = ["Liza", "Ramon", "花子", "Jürgen", "Óscar", "Aylin", "Grace", "Minh", "Priya", "Émile", "Sofía"]
FAMILY = ["Reyes", "Santos", "山田", "Müller", "García", "Yılmaz", "Tan", "Nguyễn", "Nair", "Côté"]
DAY = date(2026, 9, 28)
FACTS = {
    "window_start": pd.Timestamp("2026-09-28", tz="UTC"),
    "window_end": pd.Timestamp("2026-09-28T23:59:59.999999", tz="UTC"),
    "records": ROWS,
    "customers": ROWS,
    "pairs": 4_000,
    "matches": 900,
    "reviews": 100,
    "oversize_groups": 0,
    "new_record_share": 0.1,
    "other_records": 0,
    "other_customers": 0,
    "other_shared": 0,
    "comparable": frozenset({("eu", "eu"), ("apac", "apac"), ("amer", "amer"), ("eu", "amer")}),
}


def token(n: int, kind: str = "record") -> str:
    return str(uuid5(NAMESPACE, f"{kind}{n}"))


def clean(suite: str, source: str = "store_pos", rows: int = ROWS) -> tuple[pd.DataFrame, dict]:
    """A frame in which nothing is wrong, with the lake's own types, and the facts of its gate."""
    return _frame(suite, source, rows).copy(), dict(FACTS)


@cache
def _frame(suite: str, source: str, rows: int) -> pd.DataFrame:
    made = {
        "landed": _landed,
        "mapped_customers": _mapped_customers,
        "mapped_interactions": _mapped_interactions,
        "cleaned_customers": _cleaned_customers,
        "cleaned_interactions": _cleaned_interactions,
        "clustered": _clustered,
        "golden": _golden,
    }[suite](rows, source)
    frame = pd.DataFrame(
        {name: made.get(name, [[] for _ in range(rows)] if name in TEXTS else [None] * rows) for name in FRAMES[suite]}
    )
    for name in ("source_updated_at", "occurred_at", "first_seen_at", "last_seen_at"):
        if name in frame and (name == "source_updated_at" or not suite.startswith("mapped")):
            frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[us, UTC]")
    return frame


def _rows(rows: int) -> dict:
    return {
        "record_id": [token(n) for n in range(rows)],
        "file": [f"store_pos/{DAY}/customers_MNL0{1 + n % 5}.csv" for n in range(rows)],
        "position": list(range(1, rows + 1)),
        "delivered_on": [DAY] * rows,
        "scope": [f"MNL0{1 + n % 5}" for n in range(rows)],
        "source_updated_at": ["2026-09-27T10:00:00Z"] * rows,
        "deleted": [False] * rows,
    }


def _landed(rows: int, source: str) -> dict:
    id_ = "gid://shopify/Customer/{}" if source == "online_sales" else "{}"
    raws = [json.dumps({"id": id_.format(n), "name": GIVEN[n % 11], "path": "C:\\u0001x"}) for n in range(rows)]
    return _rows(rows) | {"raw": raws}


def _people(rows: int) -> dict:
    return {
        "full_name": [f"{GIVEN[n % 11]} {FAMILY[n % 10]} {n % 97}" for n in range(rows)],
        "given_name": [GIVEN[n % 11] for n in range(rows)],
        "family_name": [FAMILY[n % 10] for n in range(rows)],
        "birth_date": [None if n % 3 else f"{1950 + n % 55}-0{1 + n % 9}-1{n % 9}" for n in range(rows)],
        "gender": ["female" if n % 2 else None for n in range(rows)],
        "language": ["en" if n % 2 else "fil" for n in range(rows)],
        "emails": [[f"person{n}@example.com"] if n % 4 else [] for n in range(rows)],
        "phones": [[f"+63917{n:07d}"] + ([f"+4930{n:07d}"] if n % 5 == 0 else []) for n in range(rows)],
        "handles": [[f"instagram:person.{n}"] for n in range(rows)],
        "loyalty_ids": [[f"L{n:08d}"] if n % 6 == 0 else [] for n in range(rows)],
        "city": ["Manila"] * rows,
        "postcode": ["1000"] * rows,
        "country": ["PH" if n % 3 else "NO" for n in range(rows)],
        "note": ["Prefers mornings"] * rows,
        "first_seen_at": ["2026-01-01T00:00:00Z"] * rows,
        "last_seen_at": ["2026-09-01T00:00:00Z"] * rows,
    }


def _mapped_customers(rows: int, source: str) -> dict:
    return _rows(rows) | _people(rows)


def _cleaned_customers(rows: int, source: str) -> dict:
    people = _people(rows)
    people |= {
        "email_keys": people["emails"],
        "given_key": ["liza"] * rows,
        "family_key": ["de la cruz" if n % 2 else "mueller" for n in range(rows)],
    }
    repairs = json.dumps([{"field": "phones", "rule": "e164", "old": "0917", "new": "+63917"}])
    return (
        _rows(rows)
        | people
        | {
            "region": ["apac"] * rows,
            "flags": [["emails:role"]] * rows,
            "changes": [repairs] * rows,
            "cleaning_version": [1] * rows,
        }
    )


def _interactions(rows: int) -> dict:
    return {
        "customer_key": [f"K{n}" for n in range(rows)],
        "interaction_type": ["receipt"] * rows,
        "occurred_at": ["2026-09-28T09:00:00Z"] * rows,
        "channel": ["store"] * rows,
        "store": ["MNL01"] * rows,
        "status": ["solved"] * rows,
        "currency": ["PHP" if n % 2 else "EUR" for n in range(rows)],
        "subject": ["Dress, size M"] * rows,
        "body": ["Is it there in blue?"] * rows,
        "emails": [[f"person{n}@example.com"] for n in range(rows)],
        "phones": [[f"+63917{n:07d}"] for n in range(rows)],
        "handles": [["instagram:jane.doe"]] * rows,
        "details": ['{"items": 2}'] * rows,
    }


def _mapped_interactions(rows: int, source: str) -> dict:
    return _rows(rows) | _interactions(rows) | {"amount": ["1.234,56"] * rows, "item_count": ["2"] * rows}


def _cleaned_interactions(rows: int, source: str) -> dict:
    return _rows(rows) | _interactions(rows) | {
        "amount": [10.0 + n / 4 for n in range(rows)], "item_count": [2.0] * rows,
        "region": ["apac"] * rows, "flags": [[]] * rows, "changes": ["[]"] * rows, "cleaning_version": [1] * rows,
    }  # fmt: skip


def _clustered(rows: int, source: str) -> dict:
    return {
        "record_id": [token(n) for n in range(rows)],
        "customer_id": [token(n // 3, "customer") for n in range(rows)],
        "source": ["store_pos" if n % 2 else "support" for n in range(rows)],
        "region": ["eu" if (n // 3) % 2 else "apac" for n in range(rows)],
    }


def _golden(rows: int, source: str) -> dict:
    return _people(rows) | {
        "customer_id": [token(n, "customer") for n in range(rows)],
        "region": ["apac"] * rows,
        "sources": [["store_pos", "support"] if n % 2 else ["social"] for n in range(rows)],
        "record_count": [1 + n % 4 for n in range(rows)],
    }
