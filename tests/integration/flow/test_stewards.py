"""What a steward decides, the next run carries out and every later one heeds; what is withdrawn leaves no trace."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from include.matching import Weights
from suki import cli
from tests.integration.flow.world import DAY, NEXT_DAY, THIRD_DAY, World, deliver, order, shopper

pytestmark = pytest.mark.integration

Suki = Callable[..., str]


@pytest.fixture
def suki(capsys: pytest.CaptureFixture[str]) -> Suki:
    def typed(world: World, *words: str) -> str:
        with world.connected():
            code = cli.main([*words, "--actor", "Ana", "--reason", "rang them up"])
        shown = capsys.readouterr()
        assert code == 0, shown.err
        return shown.out

    return typed


@pytest.fixture
def shop(world: World) -> World:
    """Twelve customers of one shop; 1 and 2 are alike in everything, 3 and 4 in nothing: both ordered; 4 alone refuses mail."""
    twin = {"firstName": "Maria", "lastName": "Santos", "email": "maria@example.org", "phone": "+639171234567"}
    yes, no = ({"emailMarketingConsent": {"marketingState": said}} for said in ("SUBSCRIBED", "UNSUBSCRIBED"))
    deliver(
        world.exports, DAY,
        [shopper(1, **twin), shopper(2, **twin), shopper(3, **yes), shopper(4, **no), *(shopper(n) for n in range(5, 13))],
        [order(31, 3), order(41, 4), order(42, 4)],
    )  # fmt: skip
    world.ingest("online_sales", DAY, NEXT_DAY)
    world.resolve("first")
    return world


def record_of(world: World, number: int) -> str:
    ((found,),) = world.query(
        "SELECT record_id::text FROM staging.record WHERE source_key = :key", key=f"gid://shopify/Customer/{number}"
    )
    return str(found)


def customer_of(world: World, number: int) -> str:
    ((found,),) = world.query("SELECT customer_id::text FROM golden.crosswalk WHERE record_id = :r", r=record_of(world, number))
    return str(found)


def orders_of(world: World, customer: str) -> int:
    return int(world.query("SELECT count(*) FROM golden.customer_interaction WHERE customer_id = :c", c=customer)[0][0])


def consent_of(world: World, number: int) -> str:
    """May they be written to by e-mail?"""
    ((state,),) = world.query(
        "SELECT state FROM golden.v_consent WHERE customer_id = :c AND channel = 'email'", c=customer_of(world, number)
    )
    return str(state)


def picture(world: World) -> dict[str, Any]:
    """What is believed now."""
    tables = ("golden.customer", "golden.crosswalk", "golden.proof", "identity.edge")
    return {"hash": world.golden_hash(), **world.digest_of(*tables, without=[])}


def told(world: World) -> list[tuple[str, str, str | None, list[str]]]:
    """What the last publication told the change feed: change, customer, who answers to it, whom it was split from."""
    return world.query(
        "SELECT change, customer_id::text, became::text, split_from::text[] FROM golden.customer_change"
        " WHERE sequence = (SELECT max(sequence) FROM ops.resolve_run) ORDER BY 1, 2"
    )


def test_a_merge_is_carried_out_by_the_next_run_and_taken_back_with_the_same_ids(shop: World, suki: Suki) -> None:
    three, four, before = customer_of(shop, 3), customer_of(shop, 4), picture(shop)
    assert (consent_of(shop, 3), consent_of(shop, 4)) == ("granted", "refused")
    said = suki(shop, "merge", three, four)
    (ruling,) = re.findall(r"Merge (\S+): 1 decision\.", said)
    assert picture(shop) == before, "a decision is an intention until a run carries it out"

    shop.resolve("merged")
    one = customer_of(shop, 3)
    other = ({three, four} - {one}).pop()
    assert customer_of(shop, 4) == one
    assert one in {three, four}
    assert orders_of(shop, one) == 3
    assert consent_of(shop, 3) == "refused", "the most restrictive answer stands"
    ((records, emails),) = shop.query("SELECT record_count, emails FROM golden.customer WHERE customer_id = :c", c=one)
    assert (records, set(emails)) == (2, {"shopper3@example.org", "shopper4@example.org"})
    assert shop.query("SELECT customer_id FROM golden.customer WHERE customer_id = :c", c=other) == []
    assert ("merged", other, one, []) in told(shop)
    with shop.connected():
        assert cli.main(["resolve", other]) == 0

    suki(shop, "withdraw", ruling)
    shop.resolve("taken back")
    assert (customer_of(shop, 3), customer_of(shop, 4)) == (three, four)
    assert (orders_of(shop, three), orders_of(shop, four)) == (1, 2)
    assert (consent_of(shop, 3), consent_of(shop, 4)) == ("granted", "refused"), "each has its own answer back"
    assert picture(shop) == before
    believed = shop.query(
        "SELECT from_sequence, to_sequence FROM golden.customer_history WHERE customer_id = :c ORDER BY 1", c=other
    )
    assert believed == [(1, 2), (3, None)], "the history says that it was away in between"


def test_a_split_beats_identical_values_and_is_taken_back_with_the_same_ids(shop: World, suki: Suki) -> None:
    one, before = customer_of(shop, 1), picture(shop)
    assert customer_of(shop, 2) == one
    said = suki(shop, "split", one, record_of(shop, 2))
    (ruling,) = re.findall(r"Split (\S+): 1 decision\.", said)
    shop.resolve("split")
    parts = {customer_of(shop, 1), customer_of(shop, 2)}
    assert len(parts) == 2
    assert one in parts
    emails = shop.query("SELECT emails FROM golden.customer WHERE customer_id::text = ANY(:c)", c=sorted(parts))
    assert emails == [(["maria@example.org"],)] * 2
    (left,) = parts - {one}
    assert ("split", left, None, [one]) in told(shop)

    suki(shop, "withdraw", ruling)
    shop.resolve("taken back")
    assert customer_of(shop, 1) == customer_of(shop, 2) == one
    assert picture(shop) == before


@pytest.fixture
def pair(world: World) -> World:
    """1 and 2 look like one person and are not: each ordered, one refuses the mail the other allows"""
    twin = {"firstName": "Maria", "lastName": "Santos", "email": "maria@example.org", "phone": "+639171234567"}
    said = [{"emailMarketingConsent": {"marketingState": state, "consentUpdatedAt": f"2026-08-0{day}T10:00:00Z"}}
            for state, day in (("SUBSCRIBED", 1), ("UNSUBSCRIBED", 2))]  # fmt: skip
    deliver(
        world.exports, DAY,
        [shopper(1, **twin, **said[0]), shopper(2, **twin, **said[1]), *(shopper(n) for n in range(3, 9))],
        [order(11, 1), order(21, 2), order(22, 2)],
    )  # fmt: skip
    world.ingest("online_sales", DAY, NEXT_DAY)
    world.resolve("first")
    return world


def consents(world: World, *customers: str) -> dict[str, tuple[str, Any, str]]:
    """Customer > what they answered to e-mail, when, and the record that says so."""
    rows = world.query(
        "SELECT customer_id::text, state, answered_at, record_id::text FROM golden.v_consent"
        " WHERE customer_id::text = ANY(:c) AND channel = 'email'", c=list(customers),
    )  # fmt: skip
    return {customer: tuple(told) for customer, *told in rows}


def believed(world: World, customer: str) -> list[tuple[int, int | None, int]]:
    """From which to which publication it was believed to have how many records."""
    return world.query(
        "SELECT from_sequence, to_sequence, (\"row\" ->> 'record_count')::int FROM golden.customer_history"
        " WHERE customer_id = :c ORDER BY 1", c=customer,
    )  # fmt: skip


def test_a_split_and_its_undoing_put_values_interactions_consent_history_and_feed_right(pair: World, suki: Suki) -> None:
    one, first, second, before = customer_of(pair, 1), record_of(pair, 1), record_of(pair, 2), picture(pair)
    assert customer_of(pair, 2) == one
    assert orders_of(pair, one) == 3
    ((state, answered, proof),) = consents(pair, one).values()
    assert (state, f"{answered:%d}", proof) == ("refused", "02", second), "the most restrictive answer stands"
    said = suki(pair, "split", one, second)
    (ruling,) = re.findall(r"Split (\S+): 1 decision\.", said)
    pair.resolve("split")

    holder = {1: customer_of(pair, 1), 2: customer_of(pair, 2)}
    (left,) = set(holder.values()) - {one}
    assert one in holder.values()
    assert (orders_of(pair, holder[1]), orders_of(pair, holder[2])) == (1, 2), "what each did goes with them"
    answers = consents(pair, *holder.values())
    assert [(answers[holder[n]][0], f"{answers[holder[n]][1]:%d}", answers[holder[n]][2]) for n in (1, 2)] == [
        ("granted", "01", first), ("refused", "02", second)
    ]  # fmt: skip
    values = (
        "SELECT customer_id::text, full_name, emails, phones, record_count FROM golden.customer WHERE customer_id::text = ANY(:c)"
    )
    rows = {customer: tuple(row) for customer, *row in pair.query(values, c=list(holder.values()))}
    assert set(rows) == {one, left}
    assert {tuple(map(str, row)) for row in rows.values()} == {
        ("Maria Santos", "['maria@example.org']", "['+639171234567']", "1")
    }  # fmt: skip
    assert (believed(pair, one), believed(pair, left)) == ([(1, 2, 2), (2, None, 1)], [(2, None, 1)])
    feed = {customer: (change, split_from) for change, customer, _, split_from in told(pair)}
    assert feed == {left: ("split", [one]), one: ("updated", [])}
    with pair.connected():
        assert cli.main(["resolve", left]) == 0

    suki(pair, "withdraw", ruling)
    pair.resolve("taken back")
    assert picture(pair) == before, "golden values, whose record each is, proofs and edges are as they were"
    assert customer_of(pair, 1) == customer_of(pair, 2) == one
    assert orders_of(pair, one) == 3
    assert consents(pair, one)[one][::2] == ("refused", second)
    assert consents(pair, left) == {}
    assert (believed(pair, one), believed(pair, left)) == ([(1, 2, 2), (2, 3, 1), (3, None, 2)], [(2, 3, 1)])
    feed = {customer: (change, became) for change, customer, became, _ in told(pair)}
    assert feed == {left: ("merged", one), one: ("updated", None)}


def test_decisions_survive_other_versions_a_replay_and_another_model(shop: World, suki: Suki) -> None:
    suki(shop, "decide", record_of(shop, 3), record_of(shop, 4), "same")
    suki(shop, "decide", record_of(shop, 1), record_of(shop, 2), "different")
    shop.resolve("decided")

    def heeded() -> bool:
        return customer_of(shop, 3) == customer_of(shop, 4) and customer_of(shop, 1) != customer_of(shop, 2)

    assert heeded()
    later = {"updatedAt": "2026-08-03T10:00:00Z"}
    deliver(shop.exports, NEXT_DAY, [shopper(3, firstName="Zenaida", phone="+639170000003", **later), shopper(2, **later)])
    shop.ingest("online_sales", NEXT_DAY, THIRD_DAY)
    shop.resolve("other versions")
    assert heeded()

    shop.ingest("online_sales", DAY, NEXT_DAY, run_id="replayed")
    shop.ingest("online_sales", NEXT_DAY, THIRD_DAY, run_id="replayed too")
    put_another_model_in_force(shop)
    shop.execute("INSERT INTO staging.dirty_record (record_id, reason) VALUES (:r, 'asked')", r=record_of(shop, 5))
    shop.resolve("another model")
    assert heeded()


def put_another_model_in_force(world: World) -> None:
    """One that thinks two records of one person a more usual thing."""
    ((artefact,),) = world.query("SELECT artefact FROM identity.match_model WHERE active")
    world.execute("UPDATE identity.match_model SET active = false")
    artefact["prior"]["match"] += 4.0
    world.execute(
        "INSERT INTO identity.match_model (model_version, artefact, active) VALUES (:v, CAST(:a AS jsonb), true)",
        v=Weights.from_json(artefact).version, a=json.dumps(artefact),
    )  # fmt: skip
