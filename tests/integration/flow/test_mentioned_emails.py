"""An e-mail in the text of a ticket finds whose customer its writer is, from the file to the golden customer."""

import json
from typing import Any

import pytest

from suki import cli
from tests.integration.flow.world import DAY, NEXT_DAY, THIRD_DAY, World, deliver, shopper

pytestmark = pytest.mark.integration


def support(world: World, day: str, users: dict[int, str], tickets: dict[int, tuple[int, str]]) -> None:
    """The service desk's two files of a day: users by number, and tickets as whose they are and what they wrote."""
    folder = world.exports / "support" / day
    folder.mkdir(parents=True)
    times = {"created_at": f"{day}T08:00:00Z", "updated_at": f"{day}T09:00:00Z"}
    people: list[dict[str, Any]] = [
        {"id": number, "name": name, "email": None, "phone": None, "active": True, **times} for number, name in users.items()
    ]
    written: list[dict[str, Any]] = [
        {"id": number, "requester_id": user, "subject": "My order", "description": said, "status": "open", **times}
        for number, (user, said) in tickets.items()
    ]
    (folder / "users.json").write_text(json.dumps({"users": people, "identities": []}))
    (folder / "tickets.json").write_text(json.dumps({"tickets": written}))


def customers(world: World) -> dict[str, str]:
    """Customer of each record, by the source's own key."""
    return dict(
        world.query("SELECT record.source_key, customer_id::text FROM golden.crosswalk JOIN staging.record USING (record_id)")
    )


def test_a_ticket_finds_its_writers_customer_at_once_and_when_it_comes_later(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(world.exports, DAY, [shopper(number) for number in range(1, 31)])
    users = {901: "Name7", 902: "Name9", 903: "Name11"}
    said = {
        1: (901, "Please write to Shopper7@example.org"),
        2: (902, "shopper9@example.org or shopper10@example.org"),
        3: (903, "Hello"),
    }
    support(world, DAY, users, said)
    world.ingest_all((DAY, NEXT_DAY), sources=("online_sales", "support"))
    assert world.resolve("all") is not None
    shop, found = "gid://shopify/Customer/{}".format, customers(world)
    assert found["901"] == found[shop(7)]
    assert [number for number in range(1, 31) if found[shop(number)] in (found["902"], found["903"])] == []

    support(world, NEXT_DAY, {}, {4: (903, "I am shopper11@example.org")})
    world.ingest_all((NEXT_DAY, THIRD_DAY), sources=("support",))
    assert world.resolve("later") is not None
    ((report,),) = world.query("SELECT report FROM ops.resolve_run ORDER BY sequence DESC LIMIT 1")
    assert report["dirty"] == 1
    assert report["touched"] > 0, "only what changed was resolved"
    later = customers(world)
    assert later["903"] == later[shop(11)]
    assert {key for key in later if later[key] != found[key]} <= {"903", shop(11)}

    ((one, other),) = world.query(
        "SELECT a.record_id::text, b.record_id::text FROM staging.record a, staging.record b"
        " WHERE a.source_key = '903' AND b.source_key = :shop", shop=shop(11),
    )  # fmt: skip
    with world.connected():
        assert cli.main(["explain", one, other]) == 0
    told = capsys.readouterr().out
    assert "They were compared by the rule 'e-mail'." in told
    assert "one wrote of the other's address, and of no other" in told
    assert "shopper11" not in told
