"""Rows read anew are held against what was staged of the very same words, and nothing is written."""

import pandas as pd
import pytest

from include.warehouse import rereading
from tests.integration.warehouse.conftest import Warehouse, at, met, record, said

pytestmark = pytest.mark.integration


def test_a_customers_reading_is_held_against_the_same_word_and_not_against_a_later_one(warehouse: Warehouse) -> None:
    warehouse.stage([said("a", 1, "Ana", city="Ulm"), said("b", 1, "Bea"), said("b", 2, "Bee")])
    rows = [said("a", 1, "Anna", phones=["+49731123"]), said("b", 1, "Bea"), said("c", 1, "Cem")]
    assert rereading.compare(warehouse.ingest, [pd.DataFrame(rows)], "customers", 9) == {
        "rows": 3, "changed": 1, "unheard": 1, "records": sorted([record("a"), record("c")]),
        "fields": {"full_name": {"other": 1}, "city": {"emptied": 1}, "phones": {"filled": 1}},
    }  # fmt: skip
    assert warehouse.current("a") == "Ana"


def test_an_interactions_reading_is_held_only_against_the_word_that_is_kept(warehouse: Warehouse) -> None:
    warehouse.meet([met("o1", 1, "paid"), met("o2", 1, "paid"), met("o2", 2, "sent"), met("o3", 1, "paid", occurred_at=at(1))])
    rows = [met("o1", 1, "open"), met("o2", 1, "open"), met("o3", 1, "paid"), met("o4", 1, "paid")]
    assert rereading.compare(warehouse.ingest, [pd.DataFrame(rows)], "interactions", 1) == {
        "rows": 4, "changed": 2, "unheard": 1, "records": [min(record("o1"), record("o3"), record("o4"))],
        "fields": {"status": {"other": 1}, "occurred_at": {"emptied": 1}},
    }  # fmt: skip
