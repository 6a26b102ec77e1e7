"""A source of three stores, and mapped rows of it."""

from datetime import date

import pandas as pd

from include.cleaning.habits import Habits
from include.customer import FIELDS, ROW_COLUMNS, names

HABITS = Habits(
    countries={"MNL01": "PH", "TYO01": "JP", "BER01": "DE"},
    currencies={"MNL01": "PHP", "TYO01": "JPY", "BER01": "EUR"},
    timezones={"MNL01": "Asia/Manila", "TYO01": "Asia/Tokyo", "BER01": "Europe/Berlin"},
    date_orders={"MNL01": "mdy", "TYO01": "ymd", "BER01": "dmy"},
)


def mapped(kind, *rows):
    empty = {field.name: [] if field.type == "texts" else None for field in FIELDS[kind] if field.origin == "mapped"}
    framed = [
        {
            "record_id": f"r{i}",
            "file": "f",
            "position": i + 1,
            "delivered_on": date(2026, 9, 1),
            "scope": None,
            "source_updated_at": pd.Timestamp("2026-09-01", tz="UTC"),
            "deleted": False,
            **empty,
            **row,
        }
        for i, row in enumerate(rows)
    ]
    return pd.DataFrame(framed, columns=[*ROW_COLUMNS, *names(kind, "mapped")])
