"""A changed trust or survivorship chooses values once a second person approved it; until then they are chosen as before."""

from collections.abc import Callable

import pytest

from include.golden.rules import FieldRule, load
from include.sources import discover
from include.warehouse import beliefs
from suki import believing, cli, connections
from suki.believing import Belief
from tests.integration.flow.world import World

pytestmark = pytest.mark.integration

APPROVE = ["standards", "approve", "survivorship", "--why", "the tills mistype", "--actor"]


@pytest.fixture
def world(synced: World, copy_of: Callable[[World], World], monkeypatch: pytest.MonkeyPatch) -> World:
    world = copy_of(synced)
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", world.url)
    return world


def in_force() -> Belief:
    """As a resolve run settles it and its publication leaves it."""
    with connections.warehouse("suki_resolve", "a test") as warehouse:
        found = believing.settle(warehouse, {}).belief
        beliefs.put_in_force(warehouse, found.fingerprint)
        return found


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    told: list[str] = []
    monkeypatch.setattr(believing.alerts, "send", lambda subject, message, context: told.append(message))
    return told


def latest_first() -> Belief:
    """First contact is the latest there is: it moves every customer who has two records."""
    now = Belief.declared_now()
    changed = now.rules.model_copy(update={"fields": {**now.rules.fields, "first_seen_at": FieldRule(rule=("max",))}})
    return Belief(changed, now.trust)


def declare(monkeypatch: pytest.MonkeyPatch, belief: Belief) -> None:
    monkeypatch.setattr(Belief, "declared_now", classmethod(lambda _: belief))


def test_what_much_is_changed_by_waits_for_a_second_person_and_is_kept(
    world: World, told: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, changed = Belief.declared_now(), latest_first()
    declare(monkeypatch, changed)
    assert in_force().rules == before.rules, "values are chosen as before"
    assert in_force().rules == before.rules
    ((sentence),) = told
    assert "owned by customer-data" in sentence
    assert "first_seen_at of" in sentence
    assert cli.main([*APPROVE, "customer-data"]) == 1
    assert "a second person" in capsys.readouterr().err
    assert cli.main(["standards", "list"]) == 0
    assert "survivorship: waits for an approval" in capsys.readouterr().out
    assert cli.main([*APPROVE, "mara"]) == 0
    assert cli.main(["standards", "list"]) == 0
    assert "survivorship: takes effect with the next publication, approved by mara" in capsys.readouterr().out
    assert in_force().rules == changed.rules
    kept = world.query("SELECT sampled > 50, approved_by, why, in_force_since IS NOT NULL FROM ops.belief WHERE asks")
    assert kept == [(True, "mara", "the tills mistype", True)]
    assert cli.main(["standards", "list"]) == 0
    assert "survivorship: took effect, approved by mara" in capsys.readouterr().out
    assert cli.main([*APPROVE, "mara"]) == 1, "none waits any more"
    declare(monkeypatch, before)
    assert in_force().rules != before.rules, "to go back is a change as well"


def test_a_change_of_trust_that_moves_little_takes_effect_at_once_and_names_whose_it_is(
    world: World, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = Belief.declared_now()
    trust = {**now.trust, "social": {"default": now.trust["social"]["default"], "fields": {"language": 0.01}}}
    declare(monkeypatch, Belief(now.rules, trust))
    assert in_force().trust == trust
    assert told == []
    assert world.query("SELECT owners, asks FROM ops.belief WHERE sampled > 0") == [([discover()["social"].owner], False)]


def test_a_source_that_came_while_a_change_waits_is_believed_as_it_is_declared(
    world: World, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = latest_first()
    declare(monkeypatch, Belief(changed.rules, {**changed.trust, "newcomer": {"default": 0.3, "fields": {}}}))
    believed = in_force()
    assert believed.rules == load()
    assert believed.trust["newcomer"] == {"default": 0.3, "fields": {}}
    declare(monkeypatch, Belief(changed.rules, {**changed.trust, "newcomer": {"default": 0.5, "fields": {}}}))
    assert in_force() == believed, "it has records by now: what is declared otherwise of it waits with the rest"


def test_what_a_change_would_do_is_measured_as_a_run_would_choose(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = Belief.declared_now()
    social = Belief(now.rules, {**now.trust, "social": {"default": 1.0, "fields": {}}})
    with connections.warehouse("suki_resolve", "a test") as warehouse:
        assert believing.effect(warehouse, now, social).differing > 0
        monkeypatch.setattr(believing, "only_adding", lambda: ["social"])
        assert believing.effect(warehouse, now, social).differing == 0, "a match-only source stands behind all others"
