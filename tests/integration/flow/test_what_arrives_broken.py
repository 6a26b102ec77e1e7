"""What exports do wrong: each kind of it ends as ruled, and says so."""

import json
import shutil
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException

from suki.operators.base import TaskFailed
from tests.integration.flow.world import (
    DAY,
    FOURTH_DAY,
    NEXT_DAY,
    THIRD_DAY,
    World,
    deliver,
    order,
    shop_file,
    shopper,
    unbalanced,
)

pytestmark = pytest.mark.integration

SHOP = "online_sales"


# --- nothing there ---


def test_an_empty_day_is_a_success_of_no_rows_and_says_so(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    deliver(world.exports)
    counts = world.ingest(SHOP, DAY, NEXT_DAY)
    assert [count["rows_in"] for count in counts] == [0, 0]
    assert world.resolve("nothing to do") is None
    steps = world.steps()
    assert len(steps) == 14
    assert {n for counts in steps.values() for n in counts.values()} == {0}
    assert "delivered no rows in [2026-08-03T00:00, 2026-08-04T00:00): an empty window is a success" in capfd.readouterr().out


def test_a_missing_file_is_retried_and_the_error_names_its_path(world: World) -> None:
    deliver(world.exports, customers=[shopper(1)])
    shop_file(world.exports, "orders.jsonl").unlink()
    with pytest.raises(
        TaskFailed, match=rf"online_sales/{DAY}/orders\.jsonl is not there \(yet\) under .*{world.exports}"
    ) as failed:
        world.ingest(SHOP, DAY, NEXT_DAY)
    assert not isinstance(failed.value, AirflowFailException), "that would not be retried"
    deliver(world.exports, customers=[shopper(1)])
    assert world.ingest(SHOP, DAY, NEXT_DAY)[0]["staged"] == 1, "the retry finds it"


def test_a_day_that_is_missing_in_a_bulk_window_takes_nothing_of_the_others(world: World) -> None:
    deliver(world.exports, DAY, customers=[shopper(1)])
    deliver(world.exports, THIRD_DAY, customers=[shopper(2)])
    with pytest.raises(TaskFailed, match=f"online_sales/{NEXT_DAY}/customers.jsonl"):
        world.ingest(SHOP, DAY, FOURTH_DAY)
    assert world.query("SELECT count(*) FROM ops.manifest") == [(0,)]


# --- rows that cannot be read ---


def test_unreadable_lines_are_set_aside_by_file_and_line_and_the_rest_goes_on(world: World) -> None:
    half = json.dumps(shopper(99))[:40]
    keyless = {key: value for key, value in shopper(98).items() if key != "id"}
    deliver(world.exports, customers=[shopper(1), half, shopper(2), '["no", "object"]', keyless], orders=[order(1, 1), "}"])
    customers, orders = world.ingest(SHOP, DAY, NEXT_DAY)
    assert (customers["staged"], orders["staged"]) == (2, 1)
    assert world.quarantine() == [
        ("landed", f"online_sales/{DAY}/customers.jsonl", 2, ["readable"]),
        ("landed", f"online_sales/{DAY}/customers.jsonl", 4, ["readable", "is_a_shopify_object"]),
        ("landed", f"online_sales/{DAY}/customers.jsonl", 5, ["has_key", "is_a_shopify_object"]),
        ("landed", f"online_sales/{DAY}/orders.jsonl", 2, ["readable", "is_a_shopify_object"]),
    ]
    assert [world.steps()["gate_landed", stream]["quarantined"] for stream in ("customers", "orders")] == [3, 1]
    assert unbalanced(world) == []


def test_a_quarantined_line_keeps_what_stood_there(world: World) -> None:
    half = json.dumps(shopper(99))[:40]
    deliver(world.exports, customers=[shopper(1), half])
    world.ingest(SHOP, DAY, NEXT_DAY, until="gate_landed")
    ((kept,),) = world.query("SELECT row FROM staging.quarantine")
    assert json.loads(kept["raw"]) == {"_text": half}


# --- files that end too early ---


def truncate(file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) * 3 // 4])


def test_of_a_truncated_file_nothing_lands(world: World) -> None:
    deliver(world.exports, customers=[shopper(n) for n in (1, 2, 3)])
    truncate(shop_file(world.exports, "customers.jsonl"))
    with pytest.raises(TaskFailed, match=rf"online_sales/{DAY}/customers\.jsonl, line 3: .*cut off.*send it again"):
        world.ingest(SHOP, DAY, NEXT_DAY)  # retried: the file may still be uploading
    for table in ("ops.manifest", "ops.delivery", "staging.record", "ops.step_count"):
        assert world.query(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_a_truncated_file_that_was_sent_again_whole_is_passed_over(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    deliver(world.exports, customers=[shopper(n) for n in (1, 2, 3)])
    truncate(shop_file(world.exports, "customers.jsonl"))
    deliver(world.exports, customers=[shopper(n) for n in (1, 2, 3)], copy=".r2")
    shop_file(world.exports, "orders.r2.jsonl").unlink()
    assert world.ingest(SHOP, DAY, NEXT_DAY)[0]["staged"] == 3
    assert world.query("SELECT file, status, rows, reason FROM ops.delivery WHERE stream = 'customers' ORDER BY file") == [
        (f"online_sales/{DAY}/customers.jsonl", "refused", 0, "line 3: the file is cut off in the middle of a record"),
        (f"online_sales/{DAY}/customers.r2.jsonl", "accepted", 3, None),
    ]
    assert f"{DAY}/customers.jsonl refused whole: line 3" in capfd.readouterr().out
    assert unbalanced(world) == []


def test_a_resend_that_arrives_after_the_refusal_mends_the_run(world: World) -> None:
    deliver(world.exports, customers=[shopper(1), shopper(2)])
    truncate(shop_file(world.exports, "customers.jsonl"))
    with pytest.raises(TaskFailed):
        world.ingest(SHOP, DAY, NEXT_DAY)
    deliver(world.exports, customers=[shopper(1), shopper(2)], copy=".r2")
    assert world.ingest(SHOP, DAY, NEXT_DAY)[0]["staged"] == 2


# --- what nobody declared ---


def test_an_unknown_field_is_told_as_drift_and_kept_raw(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    deliver(world.exports, customers=[shopper(1), shopper(2, shoeSize=44), shopper(3, shoeSize=39, defaultAddress={"floor": 3})])
    assert world.ingest(SHOP, DAY, NEXT_DAY)[0]["staged"] == 3
    assert world.query("SELECT run_id, source, stream, field, rows, first_file FROM ops.drift ORDER BY field") == [
        (f"{SHOP}__{DAY}__{NEXT_DAY}", SHOP, "customers", field, rows, f"online_sales/{DAY}/customers.jsonl")
        for field, rows in (("defaultAddress.floor", 1), ("shoeSize", 2))
    ]
    kept = [json.loads(raw) for raw in world.landed_rows(SHOP, "customers")["raw"]]
    assert [row.get("shoeSize") for row in kept] == [None, 44, 39]
    assert "field 'shoeSize' is new (2 rows, first in online_sales/" in capfd.readouterr().out


def test_drift_that_is_declared_away_and_run_again_is_told_no_more(world: World) -> None:
    deliver(world.exports, customers=[shopper(1, shoeSize=44)])
    world.ingest(SHOP, DAY, NEXT_DAY, until="map")
    shutil.rmtree(world.exports / SHOP)
    deliver(world.exports, customers=[shopper(1)])
    world.ingest(SHOP, DAY, NEXT_DAY, until="map")
    assert world.query("SELECT count(*) FROM ops.drift") == [(0,)]


ODD = [
    {"firstName": 17},
    {"firstName": ["Anna", "Maria"]},
    {"firstName": {"first": "Anna"}},
    {"email": {"address": "a@example.org"}},
    {"email": ["a@example.org", 5, None]},
    {"email": True},
    {"phone": 9.17e11},
    {"phone": -1},
    {"defaultAddress": "12 Mabini St."},
    {"defaultAddress": []},
    {"defaultAddress": {"zip": 1200, "countryCodeV2": 63}},
    {"createdAt": 1754000000},
    {"updatedAt": "yesterday"},
    {"updatedAt": ["2026-08-02"]},
    {"emailMarketingConsent": "yes"},
    {"emailMarketingConsent": {"marketingState": 1, "consentUpdatedAt": "soon"}},
    {"note": "a\x00b\ud83d"},
    {"lastName": "x" * 100_000},
    {"locale": 1e400},
    {"tags": {"deep": [[[[{}]]]]}},
]
"""Changes to a shopper that no declaration foresees: values of another type, halves of characters, far too much of something."""


def test_values_of_a_wrong_type_stop_nothing_and_no_row_is_lost(world: World) -> None:
    lines = [json.dumps(shopper(n, **odd)) for n, odd in enumerate(ODD, 1)]
    usual = [shopper(n) for n in range(100, 100 + 20 * len(ODD))]  # so that the odd ones are few
    deliver(
        world.exports,
        customers=[*lines, *usual],
        orders=[
            order(1, 1, totalPriceSet={"shopMoney": {"amount": "twelve", "currencyCode": 840}}),
            order(2, None, createdAt=None) | {"customer": "gid"},
            order(3, None, lineItems="none") | {"customer": {"id": 4}},
            *(order(n, None) for n in range(100, 160)),
        ],
    )
    customers, _ = world.ingest(SHOP, DAY, NEXT_DAY)
    assert unbalanced(world) == []
    ((told,),) = world.query("SELECT sum(rows_out + unchanged) FROM ops.step_count WHERE step = 'stage'")
    assert told + len(world.quarantine()) == len(lines) + len(usual) + 63
    assert customers["staged"] > len(usual)
    assert world.resolve("odd ones too") is not None


# --- a gate that closes ---


def test_a_closed_gate_fails_for_good_with_its_sentence_and_lets_nothing_through(world: World) -> None:
    deliver(world.exports, customers=[*(shopper(n) for n in range(20)), *["{"] * 9], orders=[order(1, 1)])
    with pytest.raises(AirflowFailException) as failed:
        world.ingest(SHOP, DAY, NEXT_DAY)
    sentence = str(failed.value)
    assert "Gate landed for online_sales.customers is closed, so none of its 29 rows go on: quarantine_limit (" in sentence
    assert f"Look first at online_sales/{DAY}/customers.jsonl:21" in sentence
    assert world.query("SELECT count(*) FROM staging.quarantine") == [(0,)]
    assert world.query("SELECT count(*) FROM staging.record_version") == [(0,)]
    assert ("map", "customers") not in world.steps()
    assert ("gate_landed", "customers") not in world.steps(), "no sum of a step that did not end"
    closed = world.query(
        "SELECT task_id, stream, expectation, observed FROM ops.quality_result WHERE observed LIKE '%; closes the gate'"
    )
    assert [row[:3] for row in closed] == [("gate_landed", "customers", "quarantine_limit")]
    assert world.query("SELECT count(*) > 10 FROM ops.quality_result WHERE stream = 'orders'") == [(True,)], (
        "all streams are judged before the gate fails, so one visit shows all that is wrong"
    )


def test_a_later_gate_closes_as_well(world: World) -> None:
    """Sixty customers nobody can reach: the shop's own rule on mapped rows."""
    deliver(world.exports, customers=[shopper(n, email=None) for n in range(60)])
    with pytest.raises(
        AirflowFailException, match=r"Gate mapped_customers for online_sales.customers is closed.*shoppers_leave_a_contact"
    ):
        world.ingest(SHOP, DAY, NEXT_DAY)
    assert world.query("SELECT count(*) FROM staging.record_version") == [(0,)]


def test_the_same_run_goes_through_once_the_data_is_mended(world: World) -> None:
    good = [shopper(n) for n in range(20)]
    deliver(world.exports, customers=[*good, *["{"] * 9])
    with pytest.raises(AirflowFailException):
        world.ingest(SHOP, DAY, NEXT_DAY)
    deliver(world.exports, customers=good, copy=".r2")
    assert world.ingest(SHOP, DAY, NEXT_DAY)[0]["staged"] == 20
    assert world.query("SELECT count(*) FROM ops.quality_result WHERE NOT success AND severity = 'critical'") == [(0,)]
    assert unbalanced(world) == []
