"""What exports do wrong: each kind of it ends as ruled, and says so."""

import json
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
    with pytest.raises(AirflowFailException, match=rf"online_sales/{DAY}/customers\.jsonl, line 3: .*cut off.*send it again"):
        world.ingest(SHOP, DAY, NEXT_DAY)
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
    with pytest.raises(AirflowFailException):
        world.ingest(SHOP, DAY, NEXT_DAY)
    deliver(world.exports, customers=[shopper(1), shopper(2)], copy=".r2")
    assert world.ingest(SHOP, DAY, NEXT_DAY)[0]["staged"] == 2
