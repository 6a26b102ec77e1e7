"""A match model that would change much is put in force on a live scheduler only by a yes: not by a no, and not by silence."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from local.demo import RESOLVE, SOURCES, day, sync, wait_parsed
from tests.e2e.driver import QuickSettings, Suki, running, wait

pytestmark = [pytest.mark.e2e, pytest.mark.long]

TRAINS, PROMOTES = "train_match_model", "promote_match_model"
WAIT = 45
"""Seconds an approval is waited for here."""

_SHY = """
import os
from dataclasses import replace
from sqlalchemy import text
from include.matching import Weights
from include.warehouse import snapshot
from include.warehouse.engine import connect
warehouse = connect(os.environ["AIRFLOW_CONN_SUKI_WAREHOUSE"], "suki_resolve")
known = Weights.from_json(snapshot.active_model(warehouse))
shy = replace(known, prior={**known.prior, "match": known.prior["match"] - 20})
with warehouse.begin() as connection:
    connection.execute(text("UPDATE identity.match_model SET active = false"))
snapshot.save_model(warehouse, shy.version, shy.to_json())
"""
"""A model in force that holds hardly any two records to be one person, so that any other changes much."""


class ImpatientSettings(QuickSettings):
    """Nobody is waited for as long as two days."""

    def environment(self, postgres_port: int) -> dict[str, str]:
        return {**super().environment(postgres_port), "AIRFLOW__SUKI__APPROVAL_WAIT": str(WAIT)}


@dataclass(frozen=True)
class Asked:
    """One run that asked whether the candidate may be put in force, and what stood when it had ended."""

    body: str
    state: str
    tasks: dict[str, str]
    in_force: str
    promotions: list[tuple[Any, ...]]
    golden: str


@dataclass(frozen=True)
class Promoted:
    """The candidate, what stood before anybody was asked, and three ends of asking."""

    shy: str
    candidate: str
    golden: str
    ids: set[str]
    refused: Asked
    silent: Asked
    approved: Asked
    resolved_by: str
    """Model of the newest publication, after the yes."""
    answering: set[str]
    """Ids of before that still lead to a customer, after the yes."""


def in_force(suki: Suki) -> str:
    return str(suki.ask("SELECT model_version FROM identity.match_model WHERE active")[0][0])


def asked(suki: Suki, run_id: str, word: str | None) -> Asked:
    """Ask for the candidate to be put in force, and answer; without a word, let the time pass."""
    suki.platform.api.start(PROMOTES, run_id, {"reason": "it knows more"})
    body = str(suki.asked(PROMOTES, run_id)["body"])
    if word:
        suki.answer(PROMOTES, run_id, word)
    wait(lambda: suki.state(PROMOTES, run_id) in ("success", "failed"), f"{run_id} to end")
    tasks = {name: task["state"] for name, task in suki.tasks(PROMOTES, run_id).items()}
    promotions = suki.ask("SELECT replaced, model_version, reason, approved_by IS NOT NULL FROM identity.model_promotion")
    return Asked(body, suki.state(PROMOTES, run_id), tasks, in_force(suki), promotions, suki.golden())


@pytest.fixture(scope="module")
def promoted() -> Iterator[Promoted]:
    """A day is resolved; then a model is in force that knows nobody again, and one trained on the records is to replace it."""
    with running(people=120, days=1, kind=ImpatientSettings) as suki:
        wait_parsed(suki.platform, {*(f"ingest_{source}" for source in SOURCES), RESOLVE, TRAINS, PROMOTES})
        sync(suki.platform, day("2026-08-01"))
        done = suki.python(_SHY)
        assert done.returncode == 0, done.stderr[-3000:]
        shy, golden = in_force(suki), suki.golden()
        ids = {row[0] for row in suki.ask("SELECT customer_id::text FROM identity.customer_id_ledger")}
        suki.platform.api.start(TRAINS, "again", {})
        wait(lambda: suki.state(TRAINS, "again") in ("success", "failed"), "the model to be trained")
        assert suki.state(TRAINS, "again") == "success"
        ((candidate,),) = suki.ask("SELECT candidate_version FROM ops.model_comparison")

        refused = asked(suki, "refused", "Reject")
        silent = asked(suki, "silent", None)
        published = suki.published()
        approved = asked(suki, "approved", "Approve")
        wait(lambda: suki.published() > published, "resolve to weigh everything anew")
        suki.until_quiet()
        by = suki.ask("SELECT model_version FROM ops.resolve_run ORDER BY sequence DESC LIMIT 1")[0][0]
        led = suki.ask("SELECT published_id::text FROM golden.v_customer_id WHERE customer_id IS NOT NULL")
        yield Promoted(shy, candidate, golden, ids, refused, silent, approved, by, {row[0] for row in led})


def test_somebody_is_asked_with_what_would_merge_and_split(promoted: Promoted):
    for one in (promoted.refused, promoted.silent, promoted.approved):
        assert "would match that do not now" in one.body
        assert "What would change, in full" in one.body


@pytest.mark.parametrize("end", ["refused", "silent"])
def test_a_no_and_silence_leave_everything_as_it_is(promoted: Promoted, end: str):
    one: Asked = getattr(promoted, end)
    assert one.tasks["promote"] == "skipped"
    assert one.state == "success", "nothing failed: there is nothing to mend"
    assert one.in_force == promoted.shy
    assert one.promotions == []
    assert one.golden == promoted.golden


def test_a_yes_puts_it_in_force_with_who_said_so_and_resolve_goes_by_it(promoted: Promoted):
    assert promoted.approved.tasks["promote"] == "success"
    assert promoted.approved.in_force == promoted.candidate
    assert promoted.approved.promotions == [(promoted.shy, promoted.candidate, "it knows more", True)]
    assert promoted.resolved_by == promoted.candidate


def test_every_id_that_was_published_answers_afterwards(promoted: Promoted):
    assert promoted.ids <= promoted.answering
