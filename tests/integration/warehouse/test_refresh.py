"""What goes stale is listed with where to ask anew, what is heard of again leaves the list, and nothing is deleted."""

from typing import Any

import pytest
from sqlalchemy import text

from include.warehouse.engine import connect
from include.warehouse.publish import publish
from include.warehouse.refresh import refresh
from tests.integration.warehouse.conftest import Warehouse, at, met, said
from tests.integration.warehouse.publications import customer_id, publication

pytestmark = pytest.mark.integration

LATER = at(9 + 730)


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    landed = warehouse.land(1, list("ab"))
    rows = [said(name, 1, name, emails=[f"{name}@example.org"]) for name in "ab"]
    warehouse.stage(rows, landed.manifest_id)
    publish(warehouse.resolver, publication(warehouse.resolver, {"a": "a", "b": "b"}))
    return warehouse


def due(shop: Warehouse, anchor: str) -> list[tuple[Any, ...]]:
    return shop.query(
        "SELECT point, state, touchpoint FROM golden.refresh_due WHERE customer_id = :id ORDER BY 1", id=customer_id(anchor)
    )


def test_nothing_is_due_while_it_is_fresh(shop: Warehouse) -> None:
    found = refresh(shop.resolver, at(9))
    assert (found.due, found.listed, found.valid) == ({}, 0, {"email": (2, 2)})


def test_a_stale_address_is_listed_and_who_is_reached_by_nothing_is_abandoned(shop: Warehouse) -> None:
    found = refresh(shop.resolver, LATER)
    assert due(shop, "a") == [("email", "stale", "channel"), ("profile", "abandoned", "channel")]
    assert (found.listed, found.revived, found.valid) == (4, 0, {"email": (2, 0)})
    again = refresh(shop.resolver, LATER)
    assert (again.due, again.listed, again.revived) == (found.due, 0, 0)


def test_an_order_revives_and_is_where_they_are_met_next(shop: Warehouse) -> None:
    refresh(shop.resolver, LATER)
    shop.meet([met("o1", 700, "paid", "a", occurred_at=at(700), emails=["a@example.org"], store="BER01")])
    found = refresh(shop.resolver, LATER)
    assert due(shop, "a") == []
    assert found.revived == 2
    assert len(due(shop, "b")) == 2
    assert shop.query("SELECT count(*) FROM golden.customer") == [(2,)], "nobody is deleted for being old"


def test_mail_that_came_back_demotes_at_once_and_an_open_ticket_is_the_place_to_ask(shop: Warehouse) -> None:
    shop.meet([
        met("b1", 7, "", "a", occurred_at=at(7), interaction_type="bounce", emails=["a@example.org"]),
        met("t1", 8, "open", "a", occurred_at=at(8), interaction_type="ticket"),
    ])  # fmt: skip
    refresh(shop.resolver, at(9))
    assert due(shop, "a") == [("email", "bounced", "ticket")]
    ((where, question),) = shop.query("SELECT where_next, question FROM golden.v_refresh")
    assert (where, question) == ("When their open ticket is answered", "Which e-mail address may we write to?")


def test_an_address_that_is_used_again_after_mail_came_back_is_off_the_list(shop: Warehouse) -> None:
    shop.meet([met("b1", 7, "", "a", occurred_at=at(7), interaction_type="bounce", emails=["a@example.org"])])
    refresh(shop.resolver, at(8))
    assert [(point, state) for point, state, _ in due(shop, "a")] == [("email", "bounced")]
    shop.meet([met("o1", 9, "paid", "a", occurred_at=at(9), emails=["a@example.org"])])
    assert refresh(shop.resolver, at(10)).revived == 1
    assert due(shop, "a") == []


def test_half_of_a_half_life_old_addresses_are_expected_to_be_valid_still(shop: Warehouse) -> None:
    refresh(shop.resolver, at(1 + 730))
    ((expected, held),) = shop.query("SELECT expected_valid, held FROM ops.freshness WHERE segment = 'all'")
    assert (round(expected, 2), held) == (1.0, 2)


def test_the_list_holds_no_value_and_analysts_may_read_it(shop: Warehouse) -> None:
    refresh(shop.resolver, LATER)
    with connect(shop.url, "suki_analyst").connect() as connection:
        rows = connection.execute(text("SELECT * FROM golden.v_refresh")).all()
    assert len(rows) == 4
    assert "example.org" not in str(rows)
