"""No customer's value outside the warehouse and the lake, whatever goes wrong on the way.

Canaries are planted in every field, in unreadable lines, in field names and types nobody declared, and in deliveries that are
refused or close a gate; then everything that people and machines may read is searched for them.
"""

import json
import logging
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from airflow.sdk.exceptions import AirflowException

from include.sources import discover
from local.postgres import Server
from local.settings import PROJECT
from tests.integration.flow.world import DAY, FOURTH_DAY, NEXT_DAY, THIRD_DAY, World, deliver, order, shop_file, shopper

pytestmark = pytest.mark.integration

SHOP, STORES = "online_sales", "store_pos"
STORE_DAY = "2026-08-07"
CANARIES = ("canary", "kanarien", "カナリア", "5550147", "555 0147", "4711471", "1987-06-05", "05.06.1987", "KNRY")
"""Fragments that stand in a planted value and nowhere else; searched for in small letters."""


def person(number: int) -> dict[str, Any]:
    """A shopper whose every field is a canary."""
    return shopper(
        number,
        firstName="Kanarienvogel", lastName="カナリア", email=f"canary.bird{number}@canary.example", phone="+63 917 555 0147",
        note="Call the canary at night", tags=["canary-tag"], createdAt="1987-06-05T01:02:03Z",
        defaultAddress={
            "address1": "4711471 Canary Street", "address2": "c/o Canary", "city": "Canaryville", "zip": "KNRY",
            "province": "Canary Islands", "country": "Canaria", "phone": "0917 555 0147", "company": "Canary & Sons",
        },
    )  # fmt: skip


def bought(number: int) -> dict[str, Any]:
    """An order full of them."""
    return order(
        number, number, email="canary@canary.example", phone="0917 555 0147", name="#4711471", sourceName="canary-channel",
        displayFinancialStatus="canary paid", shippingAddress={"name": "Canary", "address1": "4711471 Canary Street"},
        totalPriceSet={"shopMoney": {"amount": "canary", "currencyCode": "canary"}},
    )  # fmt: skip


ODD_LINES = [
    '{"id": "gid://shopify/Customer/7", "firstName": "Canary',
    '["canary@canary.example"]',
    '"canary@canary.example"',
    json.dumps({"firstName": "canary without a key"}),
    json.dumps(shopper(8, id="canary@canary.example")),
    json.dumps(shopper(9, firstName={"4711471": "canary"}, email=["canary", 4711471], phone={"4711471": 1})),
    json.dumps(
        shopper(10) | {"canary@canary.example": 1, "+639175550147": 2, "Canary Kanarienvogel": 3, "カナリア": {"canary": 4}}
    ),
    json.dumps(shopper(11, updatedAt="canary", defaultAddress="4711471 Canary Street")),
]
CUT = json.dumps(person(1))[:-40]

STORE_HEADER = (
    "Reference ID,First Name,Last Name,Email Address,Phone Number,Nickname,Company Name,Street Address 1,Street Address 2,City,"
    "State,Postal Code,Birthday,Memo,Square Customer ID,Creation Source,First Visit,Last Visit,Transaction Count,Lifetime Spend,"
    "Email Subscription Status,Instant Profile"
)
STORE_ROW = (
    "4711471,Kanarienvogel,Canary,canary.bird@canary.example,030 5550147,Canary,Canary & Sons,Canary Street 4711471,,Canaryville,"
    "Canary,KNRY,05.06.1987,the canary sings,CANARY{n},Canary,05.06.1987,canary,canary,canary,canary,canary"
)


def deliver_stores(exports: Path) -> None:
    """One day of all stores; Berlin's directory holds canaries, two of its rows cannot be read."""
    folder = exports / STORES / STORE_DAY
    folder.mkdir(parents=True)
    sold = "Date,Time,Time Zone,Total Collected,Transaction ID,Event Type,Customer ID"
    for store in discover()[STORES].scopes:
        (folder / f"customers_{store}.csv").write_text(STORE_HEADER + "\n", encoding="utf-8")
        (folder / f"transactions_{store}.csv").write_text(sold + "\n", encoding="utf-8")
    rows = [STORE_ROW.format(n=1), STORE_ROW.format(n=2) + ",canary", "Canary,only"]
    (folder / "customers_BER01.csv").write_text("\n".join([STORE_HEADER, *rows, ""]), encoding="utf-8")
    tills = [f"{sold},canary@canary.example", "canary,canary,Canary/Canary,canary €,KNRY1,Canary,CANARY1,canary"]
    (folder / "transactions_BER01.csv").write_text("\n".join([*tills, ""]), encoding="utf-8")


class Told:
    """All that was said: by steps to XCom, in errors, in the log."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.errors: list[str] = []

    def failing(self, run: Callable[[], object]) -> str:
        """Run what must fail, and keep what anybody can learn from its error."""
        with pytest.raises(AirflowException) as failed:
            run()
        problem: BaseException | None = failed.value
        told = "".join(traceback.format_exception(failed.value)) + repr(failed.value) + repr(vars(failed.value))
        assert problem is not None
        self.errors.append(told)
        return told

    def returned(self) -> str:
        return json.dumps(self.world.returned, ensure_ascii=False)

    def reports(self) -> str:
        """Every row of the tables that pages and people without a role for persons read."""
        tables = [name for (name,) in self.world.query("SELECT tablename FROM pg_tables WHERE schemaname = 'ops'")]
        assert {"quality_result", "step_count", "drift", "delivery", "manifest", "resolve_run"} <= set(tables)
        rows = [row for table in tables for (row,) in self.world.query(f"SELECT to_jsonb(t)::text FROM ops.{table} t")]
        return "\n".join(rows)


def found_in(text: str) -> list[str]:
    """The lines that hold a canary, and which; where the project lies is nobody's name."""
    lines = text.replace(str(PROJECT), "").splitlines()
    return [f"{canary}: {line[:300]}" for line in lines for canary in CANARIES if canary.lower() in line.lower()]


def test_no_value_is_told_on_any_way_through_the_pipeline(
    world: World, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, postgres_server: Server
) -> None:
    caplog.set_level(logging.DEBUG)
    told = Told(world)

    # goes through, with rows set aside
    plain = [shopper(n) for n in range(200, 320)]
    deliver(
        world.exports,
        DAY,
        [*plain, person(1), person(2), *ODD_LINES],
        [bought(1), bought(2), "{canary", *map(order, range(10, 80), [None] * 70)],
    )
    world.ingest(SHOP, DAY, NEXT_DAY)
    assert world.quarantine(), "some of it must have been set aside"
    deliver_stores(world.exports)
    world.ingest(STORES, STORE_DAY, "2026-08-08")
    assert world.resolve("with canaries") is not None
    assert found_in(str(world.query("SELECT full_name, emails FROM golden.customer"))), "canaries arrive where they belong"

    # closes a gate
    deliver(world.exports, NEXT_DAY, [person(1), *(["canary"] * 20), *(["[4711471]"] * 20)], [])
    assert "is closed" in told.failing(lambda: world.ingest(SHOP, NEXT_DAY, THIRD_DAY))

    # is refused
    deliver(world.exports, THIRD_DAY, [person(1)], [])
    with shop_file(world.exports, "customers.jsonl", THIRD_DAY).open("a", encoding="utf-8") as file:
        file.write(CUT)
    assert "cut off" in told.failing(lambda: world.ingest(SHOP, THIRD_DAY, FOURTH_DAY))

    stores = world.exports / STORES
    headless = stores / STORE_DAY / "customers_BER01.r2.csv"
    headless.write_text((STORE_ROW.format(n=3) + "\n") * 3, encoding="utf-8")
    (stores / STORE_DAY / "customers_BER01.csv").unlink()
    assert "customers_BER01.r2.csv" in told.failing(lambda: world.ingest(STORES, STORE_DAY, "2026-08-08", run_id="headless"))

    # trips our own code, and the warehouse
    for place in ("include.cleaning.frames.clean_rows", "include.warehouse.staging.content_hashes"):
        with mock.patch(place, lambda *given, **_: int(str(given))):
            told.failing(partial(world.ingest, SHOP, DAY, NEXT_DAY, run_id=f"trips {place.rpartition('.')[2]}"))
    with mock.patch("include.warehouse.staging._said", quoting()):
        assert "SQLSTATE" in told.failing(lambda: world.ingest(SHOP, DAY, NEXT_DAY, run_id="the warehouse refuses"))

    output = capfd.readouterr()
    log = output.out + output.err + caplog.text
    for sentence in ("deliveries landed", "is open", "rows cleaned", "staged", "Golden content hash"):
        assert sentence in log, f"the log was not caught: {sentence}"
    assert len(told.errors) == 6
    assert found_in(log) == []
    assert found_in("\n".join(told.errors)) == []
    assert found_in(told.returned()) == []
    assert found_in(told.reports()) == []
    assert found_in(postgres_server.log.read_text(encoding="utf-8", errors="replace")) == []


def quoting() -> Callable[..., Any]:
    """Cells of which one is of a type the warehouse refuses, with a message that quotes it."""
    from include.warehouse import staging

    said = staging._said

    def wrong(*given: Any) -> dict[str, Any]:
        cells = said(*given)
        return {**cells, "record_id": ["canary@canary.example"] * len(cells["record_id"])}

    return wrong


def test_the_search_finds_a_canary() -> None:
    """Or the test above could not fail."""
    assert found_in("a line\nand Canary.Bird1@example.org") == ["canary: and Canary.Bird1@example.org"]
