"""A row that a gate set aside comes back when what refused it is mended, and leaves no other way unseen."""

import getpass
import json
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

import include.sources.discovery as discovery
from include.sources import discover
from include.warehouse import quarantine
from include.warehouse.engine import connect
from suki import cli
from suki.assets import RELEASED
from suki.operators.replay import SelectQuarantinedOperator
from tests import flow
from tests.integration.flow.world import DAY, INGEST, NEXT_DAY, THIRD_DAY, World, deliver, order, shopper, unbalanced

pytestmark = pytest.mark.integration

SHOP = "online_sales"
EVERYTHING = {"all": True}


def replay(world: World, run_id: str, **params: Any) -> list[list[dict[str, Any]]]:
    """A run of ``replay_quarantine``: what each stream's last step returned."""
    run = flow.Run("replay_quarantine", run_id, flow.day("2026-10-01"), flow.day("2026-10-02"))
    run.outlet_events[RELEASED] = SimpleNamespace(extra=None)
    context = {**run.context(), "params": params}
    with world.connected():
        streams = flow.step(SelectQuarantinedOperator(task_id="select"), run).execute(context)
        for task_id in INGEST:
            outlets = [RELEASED] if task_id == "stage" else []
            streams = [
                flow.step(INGEST[task_id](task_id=task_id, batches=batches, again=True, outlets=outlets), run).execute(context)
                for batches in streams
            ]
    return streams


def states(world: World) -> dict[int, str]:
    """Line of each quarantined row and where it stands."""
    return dict(world.query("SELECT position, state FROM staging.quarantine_now ORDER BY position"))


def decide(world: World, state: Any, **which: Any) -> int:
    steward = connect(world.url, role="suki_steward")
    try:
        return quarantine.decide(steward, quarantine.Which(**which), state=state, actor="mara", why="the shop renamed its key")
    finally:
        steward.dispose()


@pytest.fixture
def renamed_key(world: World) -> World:
    """Two days of the shop: on the first a customer whose key stands in another field, and a line nobody can read."""
    keyless = {("customerId" if name == "id" else name): value for name, value in shopper(7).items()}
    deliver(world.exports, DAY, customers=[shopper(1), keyless, json.dumps(shopper(9))[:40]], orders=[order(1, 7)])
    deliver(world.exports, NEXT_DAY, customers=[shopper(2)])
    world.ingest(SHOP, DAY, NEXT_DAY)
    world.ingest(SHOP, NEXT_DAY, THIRD_DAY)
    return world


@pytest.fixture
def mended(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The shop's declaration reads its key from either field, and no longer asks for an id of Shopify's."""

    def mend() -> None:
        folder = tmp_path / "sources" / SHOP
        folder.mkdir(parents=True)
        for file in (discovery.HERE / SHOP).glob("*.*"):
            (folder / file.name).write_bytes(file.read_bytes())
        declared = yaml.safe_load((folder / "source.yml").read_text(encoding="utf-8"))
        declared["streams"]["customers"]["key"] = {"first_of": [declared["streams"]["customers"]["key"], "customerId"]}
        (folder / "source.yml").write_text(yaml.safe_dump(declared), encoding="utf-8")
        monkeypatch.setattr(discovery, "HERE", tmp_path / "sources")

    return mend


def test_what_is_not_mended_stays_with_the_new_run_noted(renamed_key: World) -> None:
    before = renamed_key.steps(f"{SHOP}__{DAY}__{NEXT_DAY}")
    streams = replay(renamed_key, "in vain", **EVERYTHING)
    assert [[count["rows_in"] for count in stream] for stream in streams] == [[0]]
    assert states(renamed_key) == {2: "waiting", 3: "waiting"}
    assert renamed_key.query("SELECT DISTINCT run_id FROM staging.quarantine_now") == [("in vain",)]
    assert renamed_key.steps("in vain")["gate_landed", "customers"]["quarantined"] == 2
    assert renamed_key.steps(f"{SHOP}__{DAY}__{NEXT_DAY}") == before, "the first run's sum is its own"
    assert unbalanced_in(renamed_key, "in vain") == []


def unbalanced_in(world: World, run_id: str) -> list[Any]:
    """Steps of a replay that take in other rows than the step before gave out; of the ingest runs all is still well."""
    steps = world.steps(run_id)
    chain = ["select", *INGEST]
    wrong = [
        (before, after, stream)
        for before, after in pairwise(chain)
        for stream in {stream for _, stream in steps}
        if steps[before, stream]["rows_out"] != steps[after, stream]["rows_in"]
    ]
    return [*wrong, *(row for row in unbalanced(world) if row[0] != run_id)]


def test_after_the_declaration_is_mended_a_row_passes_and_leaves(renamed_key: World, mended: Any) -> None:
    assert renamed_key.query("SELECT count(*) FROM staging.current_record") == [(2,)]
    mended()
    replay(renamed_key, "mended", **EVERYTHING)
    assert states(renamed_key) == {2: "replayed", 3: "waiting"}
    names = renamed_key.query("SELECT full_name FROM staging.current_record ORDER BY 1")
    assert names == [("Name1 Family1",), ("Name2 Family2",), ("Name7 Family7",)]
    steps = renamed_key.steps("mended")
    passed = {"rows_in": 2, "rows_out": 1, "quarantined": 1, "unchanged": 0, "suppressed": 0}
    assert steps["gate_landed", "customers"] == passed
    assert steps["stage", "customers"]["rows_out"] == 1
    assert unbalanced_in(renamed_key, "mended") == []
    assert renamed_key.resolve("after") is not None


def test_a_second_replay_changes_nothing(renamed_key: World, mended: Any) -> None:
    mended()
    replay(renamed_key, "once", **EVERYTHING)
    before = renamed_key.digest_of("staging.record_version", "staging.record", "ops.locator", without=["event_id"])
    replay(renamed_key, "once", **EVERYTHING)
    replay(renamed_key, "twice", **EVERYTHING)
    assert renamed_key.digest_of("staging.record_version", "staging.record", "ops.locator", without=["event_id"]) == before
    assert states(renamed_key) == {2: "replayed", 3: "waiting"}


def test_only_released_rows_run_unless_all_are_asked_for(renamed_key: World, mended: Any) -> None:
    mended()
    assert replay(renamed_key, "nothing released") == []
    assert decide(renamed_key, "released", source=SHOP, reason="has_key") == 1
    replay(renamed_key, "released")
    assert states(renamed_key) == {2: "replayed", 3: "waiting"}


def test_a_discarded_row_keeps_its_trail_and_is_never_run_again(renamed_key: World, mended: Any) -> None:
    assert decide(renamed_key, "discarded", source=SHOP, reason="readable") == 1
    mended()
    replay(renamed_key, "after", **EVERYTHING)
    assert states(renamed_key) == {2: "replayed", 3: "discarded"}
    trail = renamed_key.query("SELECT state, actor, why FROM staging.quarantine_event WHERE state = 'discarded'")
    assert trail == [("discarded", "mara", "the shop renamed its key")]
    assert renamed_key.query("SELECT row->>'raw' LIKE '%_text%' FROM staging.quarantine_now WHERE position = 3") == [(True,)]


def test_rows_of_a_landing_that_was_not_staged_are_its_own_runs_business(world: World) -> None:
    deliver(world.exports, customers=[shopper(1), "}"])
    world.ingest(SHOP, DAY, NEXT_DAY, until="gate_landed")
    assert replay(world, "too early", **EVERYTHING) == []


def test_the_command_tells_shapes_and_never_values_and_asks_for_a_reason(
    renamed_key: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", renamed_key.url)
    assert cli.main(["quarantine", "list"]) == 0
    said = capsys.readouterr().out
    assert f"{SHOP}.customers" in said
    assert "has_key" in said
    assert "under 1 h" in said
    assert cli.main(["quarantine", "show", "--source", SHOP]) == 0
    shown = capsys.readouterr().out
    assert "customers.jsonl:2" in shown
    assert "problem           is no JSON\n" in shown, "why a line cannot be read is told in words"
    for value in ("Name7", "Family7", "shopper7", "Makati", "Name9"):
        assert value not in shown
    assert cli.main(["quarantine", "show", "--values", "--source", SHOP]) == 1
    assert "terminal" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["quarantine", "discard", "--source", SHOP])
    assert "--why" in capsys.readouterr().err
    assert cli.main(["quarantine", "discard", "--why", "a test"]) == 1
    release = ["quarantine", "release", "--reason", "has_key", "--why", "mended"]
    monkeypatch.setattr(getpass, "getuser", lambda: "airflow")
    assert cli.main(release) == 1
    assert "--actor NAME" in capsys.readouterr().err, "behind a shared account may sit anybody"
    assert cli.main([*release, "--actor", "mara"]) == 0
    assert "1 row is released" in capsys.readouterr().out
    assert cli.main(["quarantine", "discard", "--reason", "readable", "--why", "cut off for good", "--actor", "mara"]) == 0
    assert states(renamed_key) == {2: "released", 3: "discarded"}
    assert cli.main(["quarantine", "show", "--gone", "--reason", "readable"]) == 0
    assert "discarded by mara: cut off for good" in capsys.readouterr().out


def test_every_source_may_be_asked_for_and_no_other(world: World) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match=rf"source: is none\. Valid: {', '.join(discover())}"):
        replay(world, "of nobody", source="nobody")
