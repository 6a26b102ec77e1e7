import json
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from include.sources import discover, map_rows
from include.sources.readers.copies import copy_number


@pytest.mark.parametrize(
    ("file", "earlier"),
    [("a/customers.jsonl", 0), ("a/customers.r2.jsonl", 1), ("a/customers_MNL01.full.r12.csv", 11), ("a.r2/customers.csv", 0)],
)
def test_a_files_name_says_how_often_it_was_sent(file, earlier):
    assert copy_number(file) == earlier


def test_a_file_sent_again_outranks_the_copy_before_it_whenever_each_arrives():
    source = discover()["store_pos"]
    row = {
        "record_id": None,
        "position": 2,
        "delivered_on": date(2026, 8, 2),
        "scope": "MNL01",
        "problem": None,
        "raw": json.dumps({}),
    }
    files = ("store_pos/2026-08-02/customers_MNL01.csv", "store_pos/2026-08-02/customers_MNL01.r2.csv")
    mapped, _ = map_rows(pd.DataFrame([{**row, "file": file} for file in files]), source, source.streams["customers"])
    first, again = mapped["source_updated_at"]
    assert datetime(2026, 8, 2, tzinfo=UTC) <= first < again
    assert (again - first).total_seconds() < 1
