"""A run that would change more than is declared is held, and a person's yes publishes exactly what it said."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.api.datamodels._generated import DagRunType
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from suki import cli
from suki.assets import GOLDEN_CUSTOMER
from suki.operators.hold import ApproveHeldOperator, PublishHeldOperator, ShowHeldOperator, WeighChangeOperator
from suki.operators.pair import PairOperator
from suki.operators.publish import PublishOperator
from tests import flow
from tests.integration.flow.world import DAY, FOURTH_DAY, NEXT_DAY, THIRD_DAY, World, deliver, shopper

pytestmark = pytest.mark.integration


@pytest.fixture
def limits(tmp_path: Path) -> str:
    path = tmp_path / "limits.yml"
    path.write_text("limits: {merged: {count: 0}}\n")
    return str(path)


@pytest.fixture
def shop(world: World, capsys: pytest.CaptureFixture[str]) -> World:
    """Twelve customers of one shop, of whom a steward has joined two."""
    deliver(world.exports, DAY, [shopper(n) for n in range(1, 13)], [])
    world.ingest("online_sales", DAY, NEXT_DAY)
    world.resolve("first")
    one, other = (row[0] for row in world.query("SELECT customer_id::text FROM golden.customer ORDER BY 1 LIMIT 2"))
    with world.connected():
        assert cli.main(["merge", one, other, "--actor", "Ana", "--reason", "rang them up"]) == 0
    capsys.readouterr()
    return world


def resolve(world: World, run_id: str, limits: str) -> dict[str, Any] | None:
    with world.connected():
        return flow.resolve(run_id, limits=limits)


def ask(world: World, woken_by: str | None = None, resolve_id: str = "") -> dict[str, Any]:
    """What the Dag that asks shows."""
    run = flow.Run("publish_held_run", "asked")
    operator = flow.step(ShowHeldOperator(task_id="show", resolve_id=resolve_id), run)
    context = run.context()
    if woken_by:
        from suki.assets import HELD_RUN

        context["triggering_asset_events"] = {HELD_RUN: [SimpleNamespace(extra={"resolve_id": woken_by})]}
    with world.connected():
        return dict(operator.execute(context))


def publish(world: World, shown: dict[str, Any], approval: Any) -> dict[str, Any]:
    run = flow.Run("publish_held_run", "asked")
    run.outlet_events[GOLDEN_CUSTOMER] = SimpleNamespace(extra=None)
    operator = PublishHeldOperator(task_id="publish", held=shown, approval=approval, outlets=[GOLDEN_CUSTOMER])
    with world.connected():
        return dict(world.step(operator, run))


def customers(world: World) -> int:
    return int(world.query("SELECT count(*) FROM golden.customer")[0][0])


def test_a_held_run_publishes_nothing_and_a_yes_publishes_what_it_said(shop: World, limits: str, logged: list[str]) -> None:
    before = shop.golden_hash()
    assert resolve(shop, "too much", limits) is None
    assert (shop.golden_hash(), customers(shop)) == (before, 12)
    assert "customers merged: 1, more than 0" in logged
    assert any(line.startswith("HELD: nothing of this run is published") for line in logged)
    assert "Of 12 customers this would change: 1 updated, 1 merged." in logged

    shown = ask(shop)
    assert shown["run_id"] == "too much"
    assert shown["sentences"][0] == "**customers merged: 1, more than 0**"
    assert shown["page"].endswith("suki/quality/change?dag_id=resolve_customers&run_id=too+much")
    counts = publish(shop, shown, {"responded_by_user": {"id": "7", "name": "a steward"}})["counts"]
    assert (counts["merged"], customers(shop)) == (1, 11)
    assert publish(shop, shown, {})["counts"]["merged"] == 1, "its worker died after it"
    ((answer, by),) = shop.query("SELECT answer, answered_by FROM ops.resolve_diff WHERE run_id = 'too much'")
    assert (answer, by) == ("approved", "a steward")
    assert resolve(shop, "afterwards", limits) is None, "nothing is left to resolve"
    assert shop.query("SELECT count(*) FROM staging.dirty_record") == [(0,)]


def test_silence_is_no_and_the_same_is_not_asked_again_until_something_changes(
    shop: World, limits: str, logged: list[str]
) -> None:
    assert resolve(shop, "too much", limits) is None
    shown = ask(shop)
    operator = ApproveHeldOperator(task_id="approve", held=shown, subject="?", body="?", defaults=["Reject"])
    event = {"chosen_options": ["Reject"], "params_input": {}, "responded_at": flow.day("2026-10-02"), "responded_by_user": None}
    with shop.connected():
        operator.execute_complete({}, event)
    assert shop.query("SELECT answer, answered_by FROM ops.resolve_diff WHERE run_id = 'too much'") == [("silence", None)]
    logged.clear()
    assert resolve(shop, "the sweep", limits) is None
    assert any("Nothing changed since the run too much was held" in line for line in logged)
    by_hand = flow.Run("resolve_customers", "by hand", None, flow.day("2026-10-01"))
    context = by_hand.context()
    context["dag_run"].run_type = DagRunType.MANUAL  # as a task has it, whose str() is not "manual"
    with shop.connected():
        assert flow.step(PairOperator(task_id="pairs"), by_hand).execute(context), "asked for by hand it is weighed anew"

    deliver(shop.exports, NEXT_DAY, [shopper(13)], [])
    shop.ingest("online_sales", NEXT_DAY, THIRD_DAY)
    with pytest.raises(AirflowFailException, match=r"records? changed since this run was held"):
        publish(shop, shown, {"responded_by_user": {"id": "7", "name": "a steward"}})
    assert resolve(shop, "the next day", limits) is None
    newer = ask(shop)
    assert newer["run_id"] == "the next day"
    assert "Of 12 customers this would change: 1 created, 1 updated, 1 merged." in newer["sentences"], "with what was held"
    with pytest.raises(AirflowSkipException, match="a newer held run asks"):
        ask(shop, woken_by=shown["resolve_id"])
    deliver(shop.exports, THIRD_DAY, [shopper(14)], [])
    shop.ingest("online_sales", THIRD_DAY, FOURTH_DAY)
    assert resolve(shop, "under other limits", "") is not None, "later runs are not blocked"
    assert customers(shop) == 13
    with pytest.raises(AirflowFailException, match="no longer applies: another was published"):
        ask(shop, resolve_id=shown["resolve_id"])


def test_a_sweep_weighs_anew_once_the_limit_that_held_it_is_another(shop: World, limits: str, tmp_path: Path) -> None:
    assert resolve(shop, "too much", limits) is None
    higher = tmp_path / "higher.yml"
    higher.write_text("limits: {merged: {count: 1}}\n")
    assert resolve(shop, "the limit was raised", str(higher)) is not None
    assert customers(shop) == 11


def test_clearing_the_publish_task_of_a_held_run_publishes_nothing(shop: World, limits: str, logged: list[str]) -> None:
    assert resolve(shop, "too much", limits) is None
    ((reference,),) = shop.query("SELECT resolution FROM ops.resolve_diff WHERE resolution IS NOT NULL")
    run = flow.Run("resolve_customers", "too much")
    with shop.connected(), pytest.raises(AirflowSkipException, match="held"):
        shop.step(PublishOperator(task_id="publish", resolution=reference), run)
    assert customers(shop) == 12
    assert "This run is held: only publish_held_run may publish it, after somebody said yes there." in logged
    with shop.connected():  # and weighing it again finds the same
        again = shop.step(WeighChangeOperator(task_id="weigh_change", resolution=reference, limits=limits), run)
    assert again["counts"]["limits_exceeded"] == 1
    assert shop.query("SELECT count(*) FROM ops.resolve_diff WHERE resolution IS NOT NULL") == [(1,)]
