"""Which cleaning read what is known, its results are kept by run, and what became of every value can be asked."""

from dataclasses import replace

import pytest

from include.customer import names
from include.warehouse import cleanings
from tests.integration.warehouse.conftest import Warehouse, record, said

pytestmark = pytest.mark.integration

OF = {"standards_version": 1, "standards_owner": "customer-data", "cleaners": "c1", "declaration": "d1"}
RAN = {"dag_id": "ingest_shop", "run_id": "r1", "source": "shop", "stream": "customers"}
COUNTS = dict.fromkeys(("rows", "delivered", "kept", "repaired", "flagged", "emptied", "derived", "inferred", "doubtful"), 0)
PROFILE = {
    "manifest_id": "00000000-0000-0000-0000-000000000001", "filled": 300, "distinct_values": 9, "shortest": 1, "longest": 9,
    "outliers": 0, "compared_runs": 0, "filled_before": None, "drift": None, "drifted": False,
}  # fmt: skip


def test_a_cleaning_keeps_its_number_and_a_changed_one_gets_the_next(shared_warehouse: Warehouse) -> None:
    def number(**changes: object) -> int:
        return cleanings.number_of(shared_warehouse.ingest, **({"source": "numbered"} | OF | changes))

    assert [number(), number(), number(cleaners="c2"), number(declaration="d2"), number(standards_version=2), number()] == [
        1, 1, 2, 3, 4, 1,
    ]  # fmt: skip
    assert number(source="another") == 1


def test_a_retry_takes_the_place_of_its_own_figures(shared_warehouse: Warehouse) -> None:
    for fields in (("city", "phones"), ("city",)):
        quality = [{"field": field, "cleaning_version": 1, **COUNTS, "rows": 5} for field in fields]
        cleanings.record_results(shared_warehouse.ingest, RAN, profile=[], quality=quality, orders=[])
    found = cleanings.quality_of_run(shared_warehouse.ingest, "ingest_shop", "r1")
    assert [(row["field"], row["rows"]) for row in found] == [("city", 5)]


def test_a_delivery_is_compared_with_those_before_it_whenever_they_were_looked_at(shared_warehouse: Warehouse) -> None:
    compared = replace(shared_warehouse, stream="compared")
    windows = {day: compared.land(day, [], world="compared").manifest_id for day in (1, 2, 3, 4, 5)}

    def profile(day: int, run: str, rows: int = 300) -> None:
        row = {**PROFILE, "manifest_id": windows[day], "field": "city", "rows": rows, "patterns": {"Aa": rows}}
        ran = RAN | {"stream": "compared", "run_id": run}
        cleanings.record_results(shared_warehouse.ingest, ran, profile=[row], quality=[], orders=[])

    def earlier(day: int, **how: int) -> list[str]:
        of = {"source": "shop", "stream": "compared", "manifest_id": windows[day]}
        return list(cleanings.earlier_profiles(shared_warehouse.ingest, **of, **how)["run_id"])

    for day, run, rows in ((5, "later", 300), (2, "second", 300), (3, "a handful", 50), (1, "first", 300), (4, "now", 300)):
        profile(day, run, rows)
    found = earlier(4)
    assert found == ["second", "first"]  # neither itself, nor the handful, nor what was delivered after it
    assert earlier(4, runs=1) == ["second"]
    profile(2, "second, run again")
    profile(4, "now, run again")
    assert earlier(4) == found


def test_a_learned_habit_stands_until_it_is_learned_otherwise(shared_warehouse: Warehouse) -> None:
    def keep(order: str | None) -> bool:
        return cleanings.keep_order(
            shared_warehouse.ingest, source="shop", stream="customers", scope=None, order=order, evidence={"day_first": 40}
        )

    assert [keep("DMY"), keep("DMY")] == [True, False]
    assert cleanings.learned_orders(shared_warehouse.ingest, "shop", "customers") == {None: "DMY"}
    assert keep("MDY")
    assert cleanings.learned_orders(shared_warehouse.ingest, "shop", "customers") == {None: "MDY"}
    assert keep(None)
    assert cleanings.learned_orders(shared_warehouse.ingest, "shop", "customers") == {}


def test_what_became_of_every_value_can_be_asked(shared_warehouse: Warehouse) -> None:
    changes = (
        '[{"field":"city","outcome":"emptied","rule":"placeholder","reason":"placeholder","old":"asdf","new":null},'
        '{"field":"country","outcome":"inferred","rule":"from_store","reason":"evidence","old":null,"new":"PH","source":"store",'
        '"confidence":0.8}]'
    )
    shared_warehouse.stage([said("asked", 1, "Ana", country="PH", changes=changes)])
    rows = shared_warehouse.query(
        "SELECT field, outcome, rule, old, inferred_from, confidence FROM staging.value_outcome WHERE record_id = :r",
        r=record("asked"),
    )
    found = {row[0]: row[1:] for row in rows}
    assert set(found) == set(names("customers", "mapped"))
    assert found["full_name"] == ("kept", None, None, None, None)
    assert found["city"] == ("emptied", "placeholder", "asdf", None, None)
    assert found["country"] == ("inferred", "from_store", None, "store", 0.8)
    assert found["phones"] == ("missing", None, None, None, None)
