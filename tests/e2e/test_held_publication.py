"""A resolve run that would change too much is held on a live scheduler; a no leaves all as it is, a yes publishes it."""

from dataclasses import dataclass
from typing import Any

import pytest

from local.demo import RESOLVE
from tests.e2e.conftest import Synced
from tests.e2e.driver import QuickSettings, Suki, wait

pytestmark = [pytest.mark.e2e, pytest.mark.long]

ASKS = "publish_held_run"


@dataclass(frozen=True)
class Asked:
    """What became of a held run and of the run that asked about it."""

    run_id: str
    tasks: dict[str, str]
    """Of the resolve run: task > state."""
    while_asking: str
    answered: dict[str, str]
    """Of the run that asked: task > state."""
    body: str
    golden: str
    kept: tuple[Any, ...]


def states(suki: Suki, dag_id: str, run_id: str) -> dict[str, str]:
    return {name: task["state"] for name, task in suki.tasks(dag_id, run_id).items()}


def resolve(suki: Suki, run_id: str) -> str:
    suki.platform.api.start(RESOLVE, run_id, {})
    wait(lambda: suki.state(RESOLVE, run_id) in ("success", "failed"), f"{run_id} to end")
    assert suki.state(RESOLVE, run_id) == "success"
    return run_id


def answered(suki: Suki, run_id: str, word: str) -> Asked:
    """Have a run held, and answer."""
    before = {run["dag_run_id"] for run in suki.runs(ASKS)}
    tasks = states(suki, RESOLVE, resolve(suki, run_id))

    def fresh() -> list[str]:
        return [run["dag_run_id"] for run in suki.runs(ASKS) if run["dag_run_id"] not in before]

    wait(lambda: bool(fresh()), f"{ASKS} to wake")
    (asking,) = fresh()
    body = str(suki.asked(ASKS, asking)["body"])
    waiting = suki.state(ASKS, asking)
    suki.answer(ASKS, asking, word)
    wait(lambda: suki.state(ASKS, asking) in ("success", "failed"), "the answer to be carried out")
    kept = suki.ask("SELECT answer, answered_by FROM ops.resolve_diff WHERE run_id = %s", run_id)[0]
    return Asked(run_id, tasks, waiting, states(suki, ASKS, asking), body, suki.golden(), kept)


@dataclass(frozen=True)
class Held:
    """Two answers to the same change, and what stood before."""

    before: str
    refused: Asked
    approved: Asked
    merged: tuple[str, str]


@pytest.fixture(scope="module")
def held(suki: Suki, synced: Synced) -> Held:
    """A steward joins two customers, and nothing may merge unasked."""
    settings = suki.settings
    assert isinstance(settings, QuickSettings)
    suki.until_quiet()  # a run of a chapter before this one would be held too, and ask in its own run
    one, other = (
        row[0] for row in suki.ask("SELECT customer_id::text FROM golden.customer WHERE region = 'europe' ORDER BY 1 LIMIT 2")
    )
    said = suki.command("merge", one, other, "--actor", "Ana", "--reason", "rang them up")
    assert said.returncode == 0, said.stderr
    before = suki.golden()
    declared = settings.limits.read_text()
    settings.limits.write_text("limits: {merged: {count: 0}}\n")
    try:
        refused = answered(suki, "held_and_refused", "Reject")
        approved = answered(suki, "held_and_approved", "Approve")
    finally:  # or every later chapter's runs are held
        settings.limits.write_text(declared)
    return Held(before, refused, approved, (one, other))


def test_a_held_run_is_green_with_hold_in_place_of_publish(held: Held):
    for asked in (held.refused, held.approved):
        assert asked.tasks["weigh_change"] == asked.tasks["hold"] == "success"
        assert asked.tasks["publish"] == asked.tasks["find_households"] == "skipped"


def test_it_waits_for_an_answer_with_counts_and_opaque_ids_alone(held: Held):
    assert held.refused.while_asking == "running"
    assert "customers merged: 1, more than 0" in held.refused.body
    assert any(one in held.refused.body for one in held.merged)


def test_a_no_leaves_everything_as_it_is(held: Held):
    assert held.refused.golden == held.before
    assert held.refused.answered["publish"] == held.refused.answered["find_households"] == "skipped"
    assert held.refused.kept[0] == "refused"
    assert held.refused.kept[1]


def test_a_yes_publishes_what_was_shown(suki: Suki, held: Held):
    assert set(held.approved.answered.values()) == {"success"}
    assert held.approved.golden != held.before
    assert held.approved.kept[0] == "approved"
    answers = {suki.command("resolve", one).stdout for one in held.merged}
    assert len(suki.ask("SELECT 1 FROM golden.customer WHERE customer_id::text = ANY(%s)", list(held.merged))) == 1, answers
