"""What a steward pins is believed from the next run on, through every replay, until the source says otherwise."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from suki import cli
from tests.integration.flow.world import DAY, FOURTH_DAY, NEXT_DAY, THIRD_DAY, World, deliver, shopper

pytestmark = pytest.mark.integration

BY = ("--actor", "Ana", "--reason", "rang them up")


@pytest.fixture
def suki(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def typed(world: World, *words: str, code: int = 0) -> str:
        capsys.readouterr()  # what the runs before it said
        with world.connected():
            found = cli.main([*words])
        shown = capsys.readouterr()
        assert found == code, shown.err
        return shown.out + shown.err

    return typed


@pytest.fixture
def shop(world: World) -> World:
    deliver(world.exports, DAY, [shopper(n) for n in range(1, 9)])
    world.ingest("online_sales", DAY, NEXT_DAY)
    world.resolve("first")
    return world


def customer(world: World, number: int = 3) -> tuple[str, dict[str, Any]]:
    ((found, row),) = world.query(
        "SELECT c.customer_id::text, to_jsonb(c) FROM golden.customer c JOIN golden.crosswalk USING (customer_id)"
        " JOIN staging.record r USING (record_id) WHERE r.source_key = :key",
        key=f"gid://shopify/Customer/{number}",
    )
    return str(found), dict(row)


def states(world: World, suki: Callable[..., str]) -> list[tuple[str, str]]:
    return [(row["field"], row["state"]) for row in json.loads(suki(world, "pins", "--json"))]


def test_a_pin_wins_survives_a_replay_is_offered_again_and_is_taken_back(shop: World, suki: Callable[..., str]) -> None:
    who, before = customer(shop)
    unpinned = shop.golden_hash()
    told = suki(shop, "pin", who, "emails", "Three@Example.org ", *BY)
    assert "Cleaning wrote it otherwise" in told
    assert "example" not in told.lower(), "no value is printed"
    assert states(shop, suki) == [("emails", "waits for a run")]
    assert shop.golden_hash() == unpinned, "a pin is an intention until a run carries it out"

    shop.resolve("pinned")
    assert customer(shop)[1]["emails"] == ["three@example.org", *before["emails"]]
    assert states(shop, suki) == [("emails", "stands")]
    pinned = shop.golden_hash()
    told = suki(shop, "lineage", who, "emails")
    assert "pinned" in told
    assert "100%" in told
    (pin,) = json.loads(suki(shop, "pins", "--json", "--of", who))
    assert pin["pin_id"] in told

    shop.ingest("online_sales", DAY, NEXT_DAY, run_id="again")
    shop.resolve("again")
    assert shop.golden_hash() == pinned, "what was delivered before is delivered again"
    deliver(shop.exports, NEXT_DAY, [shopper(3, phone="+639171234567", updatedAt="2026-08-04T01:00:00Z")])
    shop.ingest("online_sales", NEXT_DAY, THIRD_DAY)
    shop.resolve("another field")
    assert customer(shop)[1]["emails"][0] == "three@example.org", "another field of the record changed"

    deliver(shop.exports, THIRD_DAY, [shopper(3, email="drei@example.org", updatedAt="2026-08-05T01:00:00Z")])
    shop.ingest("online_sales", THIRD_DAY, FOURTH_DAY)
    shop.resolve("the field")
    assert customer(shop)[1]["emails"] == ["drei@example.org"], "the source has changed its mind"
    assert states(shop, suki) == [("emails", "offered again")]
    assert "1 pinned value overrode what is said otherwise now" in suki(shop, "reviews")
    assert pin["pin_id"] in suki(shop, "pins", "--offered")

    suki(shop, "pin", who, "emails", "three@example.org", *BY)
    shop.resolve("pinned anew")
    assert customer(shop)[1]["emails"] == ["three@example.org", "drei@example.org"]
    assert states(shop, suki) == [("emails", "withdrawn"), ("emails", "stands")]
    latest = json.loads(suki(shop, "pins", "--json"))[1]["pin_id"]
    assert "the value of the sources again" in suki(shop, "withdraw", latest, *BY)
    shop.resolve("taken back")
    assert customer(shop)[1]["emails"] == ["drei@example.org"]
    assert "was withdrawn already" in suki(shop, "withdraw", latest, *BY, code=1)


def test_a_pinned_name_moves_whole_and_a_second_pin_replaces_the_first(shop: World, suki: Callable[..., str]) -> None:
    who, _ = customer(shop)
    assert "move together" in suki(shop, "pin", who, "full_name", "Ana Reyes-Cruz", *BY)
    shop.resolve("pinned")
    row = customer(shop)[1]
    assert (row["full_name"], row["given_name"], row["family_name"]) == ("Ana Reyes-Cruz", "Ana", "Reyes-Cruz")
    assert "It replaces the pin" in suki(shop, "pin", who, "given_name", "Anna", *BY)
    shop.resolve("pinned again")
    row = customer(shop)[1]
    assert (row["full_name"], row["given_name"], row["family_name"]) == ("Anna Reyes-Cruz", "Anna", "Reyes-Cruz")


def test_what_cannot_be_pinned_is_refused_with_a_sentence(shop: World, suki: Callable[..., str]) -> None:
    who, _ = customer(shop)
    assert "no golden field 'birthdate'" in suki(shop, "pin", who, "birthdate", "1990-05-17", *BY, code=1)
    assert "customer's own word" in suki(shop, "pin", who, "email_consent", "true", *BY, code=1)
    assert "Cleaning would not keep that value" in suki(shop, "pin", who, "birth_date", "1990-31-31", *BY, code=1)
    assert "Cleaning would not keep that value" in suki(shop, "pin", who, "emails", "none@none", *BY, code=1)
    assert states(shop, suki) == []
