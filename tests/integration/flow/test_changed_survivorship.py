"""A changed survivorship or trust comes into force with the publication that chose by it, and then holds for every customer."""

from pathlib import Path

import pytest

from include.golden.rules import FieldRule
from suki.believing import Belief
from suki.operators.publish import PublishOperator
from tests import flow
from tests.integration.flow.world import DAY, NEXT_DAY, World, deliver, shopper

pytestmark = pytest.mark.integration

TWICE = 12
"""Customers who registered twice, a few weeks apart."""
_YEARS = "SELECT to_char(first_seen_at, 'YYYY'), count(*) FROM golden.customer GROUP BY 1"
EARLIEST, LATEST = [("2025", TWICE)], [("2026", TWICE)]


@pytest.fixture
def twice(world: World) -> World:
    again = "2026-01-20T09:14:03Z"
    shoppers = [shopper(n) for n in range(TWICE)]
    shoppers += [shopper(n, id=f"gid://shopify/Customer/{100 + n}", createdAt=again) for n in range(TWICE)]
    deliver(world.exports, DAY, shoppers, [])
    world.ingest("online_sales", DAY, NEXT_DAY)
    world.resolve("first")
    assert world.query(_YEARS) == EARLIEST
    return world


def declare_latest_first(monkeypatch: pytest.MonkeyPatch) -> Belief:
    """First contact is the latest there is: it moves every customer who registered twice."""
    now = Belief.declared_now()
    fields = {**now.rules.fields, "first_seen_at": FieldRule(rule=("max",))}
    changed = Belief(now.rules.model_copy(update={"fields": fields}), now.trust)
    monkeypatch.setattr(Belief, "declared_now", classmethod(lambda _: changed))
    return changed


def in_force(world: World) -> str:
    ((found,),) = world.query(
        "SELECT fingerprint FROM ops.belief WHERE in_force_since IS NOT NULL ORDER BY in_force_since DESC LIMIT 1"
    )
    return str(found)


def mark_one(world: World) -> None:
    world.execute(
        "INSERT INTO staging.dirty_record (record_id, reason)"
        " SELECT record_id, 'test' FROM staging.current_record ORDER BY record_id LIMIT 1"
    )


def test_it_holds_for_every_customer_with_the_publication_that_chose_by_it(
    twice: World, monkeypatch: pytest.MonkeyPatch, logged: list[str]
) -> None:
    changed = declare_latest_first(monkeypatch)
    mark_one(twice)
    twice.resolve("one record changed")
    assert twice.query(_YEARS) == LATEST
    assert in_force(twice) == changed.fingerprint
    (why,) = [line for line in logged if line.startswith("Everything is compared")]
    assert "trust or survivorship" in why
    del logged[:]
    mark_one(twice)
    twice.resolve("nothing is declared otherwise since")
    assert not [line for line in logged if line.startswith("Everything is compared")]


def test_a_run_that_was_held_puts_nothing_in_force(twice: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = in_force(twice)
    none = tmp_path / "none.yml"
    none.write_text("limits: {updated: {count: 0}}\n")
    mark_one(twice)
    with monkeypatch.context() as patch, twice.connected():
        declare_latest_first(patch)
        assert flow.resolve("held", limits=str(none)) is None
        assert in_force(twice) == before
    with twice.connected():
        assert flow.resolve("the change was taken back", limits=str(none)), "it is not held any more"
    assert (twice.query(_YEARS), in_force(twice)) == (EARLIEST, before)
    changed = declare_latest_first(monkeypatch)
    mark_one(twice)
    twice.resolve("within the limits")
    assert (twice.query(_YEARS), in_force(twice)) == (LATEST, changed.fingerprint)


def test_what_was_declared_after_a_run_began_waits_for_the_next(twice: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mark_one(twice)
    before = in_force(twice)
    publish = PublishOperator.execute

    def declared_meanwhile(operator: PublishOperator, context: object) -> object:
        declare_latest_first(monkeypatch)
        return publish(operator, context)

    with monkeypatch.context() as patch:
        patch.setattr(PublishOperator, "execute", declared_meanwhile)
        twice.resolve("it began before")
    assert (twice.query(_YEARS), in_force(twice)) == (EARLIEST, before)
    mark_one(twice)
    twice.resolve("it began after")
    assert twice.query(_YEARS) == LATEST


def test_a_source_that_came_is_no_reason_to_compare_everything(
    twice: World, monkeypatch: pytest.MonkeyPatch, logged: list[str]
) -> None:
    now = Belief.declared_now()
    widened = Belief(now.rules, {**now.trust, "newcomer": {"default": 0.3, "fields": {}}})
    monkeypatch.setattr(Belief, "declared_now", classmethod(lambda _: widened))
    mark_one(twice)
    twice.resolve("a source came")
    assert not [line for line in logged if line.startswith("Everything is compared")]
    assert in_force(twice) == widened.fingerprint
