"""Who asked to be forgotten does not come back, in any window, and the sums still add up."""

import pytest
from sqlalchemy import text

from suki import connections
from tests.integration.flow.world import DAY, NEXT_DAY, World, deliver, order, shopper, unbalanced

pytestmark = pytest.mark.integration

SHOP = "online_sales"


@pytest.fixture
def forgetting(world: World) -> World:
    """Shopper 2 is on the suppression list, by the token of the record."""
    with world.connected():
        token = connections.tokens().record_id(SHOP, 1, "customers", "gid://shopify/Customer/2")
    world.execute(
        "INSERT INTO privacy.suppression (token, kind, reason, actor) VALUES (:token, 'record', 'asked to be forgotten', 'test')",
        token=token,
    )
    return world


def test_a_suppressed_record_does_not_come_back_and_is_counted(forgetting: World) -> None:
    deliver(forgetting.exports, customers=[shopper(1), shopper(2), shopper(3)])
    customers, _ = forgetting.ingest(SHOP, DAY, NEXT_DAY)
    assert customers["staged"] == 2
    assert forgetting.steps()["map", "customers"] == {
        "rows_in": 3, "rows_out": 2, "quarantined": 0, "unchanged": 0, "suppressed": 1,
    }  # fmt: skip
    assert unbalanced(forgetting) == []
    forgetting.resolve("without them")
    assert forgetting.query("SELECT full_name FROM golden.customer ORDER BY 1") == [("Name1 Family1",), ("Name3 Family3",)]


def test_what_a_suppressed_customer_bought_does_not_come_back_either(forgetting: World) -> None:
    """An order carries its customer's address and number."""
    deliver(forgetting.exports, orders=[order(1, 1), order(2, 2, email="shopper2@example.org"), order(3, None)])
    _, orders = forgetting.ingest(SHOP, DAY, NEXT_DAY)
    assert orders["staged"] == 2
    assert forgetting.steps()["map", "orders"]["suppressed"] == 1
    assert unbalanced(forgetting) == []
    assert forgetting.query("SELECT count(*) FROM staging.interaction WHERE cardinality(emails) > 0") == [(0,)]


def test_one_suppressed_while_the_list_was_empty_stops_at_the_next_run(forgetting: World) -> None:
    """The list is read by the run, not by the landing: a landing known from before passes the check again."""
    forgetting.execute("UPDATE privacy.suppression SET token = gen_random_uuid()")
    deliver(forgetting.exports, customers=[shopper(1)])
    assert forgetting.ingest(SHOP, DAY, NEXT_DAY, until="map")[0]["rows"] == 1
    with forgetting.connected():
        token = connections.tokens().record_id(SHOP, 1, "customers", "gid://shopify/Customer/1")
    forgetting.execute("UPDATE privacy.suppression SET token = :token", token=token)
    assert forgetting.ingest(SHOP, DAY, NEXT_DAY, until="map")[0]["rows"] == 0


def test_an_unfit_row_of_theirs_is_not_kept_in_quarantine(forgetting: World) -> None:
    """The first gate stands before the mapping, and what it sets aside is kept with its content."""
    nul = "\x00"  # which the gate of landed rows refuses, because PostgreSQL would
    deliver(
        forgetting.exports,
        customers=[shopper(1, note=nul), shopper(2, note=nul), shopper(3)],
        orders=[order(1, 1, name=nul), order(2, 2, name=nul), order(3, 3), "{unreadable"],
    )
    forgetting.ingest(SHOP, DAY, NEXT_DAY)
    kept = forgetting.query("SELECT stream, position FROM staging.quarantine WHERE stage = 'landed' ORDER BY 1, 2")
    assert kept == [("customers", 1), ("orders", 1), ("orders", 4)]
    gate = forgetting.steps()
    assert gate["gate_landed", "customers"]["suppressed"] == gate["gate_landed", "orders"]["suppressed"] == 1
    assert unbalanced(forgetting) == []


def test_who_is_put_on_the_list_leaves_the_quarantine_at_once(world: World) -> None:
    """What waits there holds their values whole. The row stays as a place and a reason, so that the run's sums still add up."""
    deliver(world.exports, customers=[shopper(1, note="\x00"), shopper(2, note="\x00"), shopper(3)])
    world.ingest(SHOP, DAY, NEXT_DAY)
    with world.connected():
        token = connections.tokens().record_id(SHOP, 1, "customers", "gid://shopify/Customer/2")
        with connections.warehouse("suki_privacy", "forgetting") as warehouse:
            warehouse.execute(
                text("INSERT INTO privacy.suppression (token, kind, reason, actor) VALUES (:token, 'record', 'asked', 'dora')"),
                {"token": token},
            )
    kept = 'SELECT position, state, "row" IS NULL, actor FROM staging.quarantine_now LEFT JOIN staging.quarantine_event'
    assert world.query(f"{kept} USING (quarantine_id, state) ORDER BY 1") == [
        (1, "waiting", False, None),
        (2, "discarded", True, "dora"),
    ]
    assert unbalanced(world) == []
    world.execute("DELETE FROM privacy.suppression")
    world.execute(
        "INSERT INTO privacy.suppression (token, kind, reason, actor) VALUES (:token, 'record', 'asked', 'dora')", token=token
    )
    assert world.query("SELECT count(*) FROM staging.quarantine_event") == [(1,)], "told once"


def test_what_they_bought_leaves_the_quarantine_with_them(world: World) -> None:
    """An order that a gate stopped, before the mapping or behind it, holds their address as well as their own row does."""
    nul, long, early = "\x00", "2026-08-02 " * 9, "1970-01-01T00:00:00Z"
    deliver(
        world.exports,
        customers=[shopper(1), shopper(2)],
        orders=[
            order(1, 1, name=nul), order(2, 2, name=nul), order(3, 2, createdAt=long), order(4, 2, createdAt=early),
            order(5, 1, createdAt=early), "{unreadable",
        ],
    )  # fmt: skip
    world.ingest(SHOP, DAY, NEXT_DAY)
    stopped = world.query("SELECT position, stage FROM staging.quarantine ORDER BY 1")
    assert stopped == [(1, "landed"), (2, "landed"), (3, "mapped"), (4, "cleaned"), (5, "cleaned"), (6, "landed")]
    with world.connected():
        token = connections.tokens().record_id(SHOP, 1, "customers", "gid://shopify/Customer/2")
        with connections.warehouse("suki_privacy", "forgetting") as warehouse:
            warehouse.execute(
                text("INSERT INTO privacy.suppression (token, kind, reason, actor) VALUES (:token, 'record', 'asked', 'dora')"),
                {"token": token},
            )
    kept = world.query('SELECT position, state, "row" IS NULL FROM staging.quarantine_now ORDER BY 1')
    assert [position for position, state, emptied in kept if state == "discarded" and emptied] == [2, 3, 4]
    assert [position for position, state, emptied in kept if state == "waiting" and not emptied] == [1, 5, 6]
    assert unbalanced(world) == []
