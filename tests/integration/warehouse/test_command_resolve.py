"""``suki resolve`` says who answers to an id now, in ids alone."""

import json
import re

import pytest

from include.warehouse.publish import publish
from suki import cli
from tests.integration.warehouse.conftest import Warehouse, record, said
from tests.integration.warehouse.publications import customer_id, publication

pytestmark = pytest.mark.integration

WHEN = r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"


@pytest.fixture
def published(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """a and b were two customers and are one; c was deleted by its source."""
    landed = warehouse.land(1, list("abc"))
    warehouse.stage([said(name, 1, name.upper()) for name in "abc"], landed.manifest_id)
    publish(warehouse.resolver, publication(warehouse.resolver, {"a": "a", "b": "b", "c": "c"}))
    warehouse.stage([said("c", 2, None)])
    publish(warehouse.resolver, publication(warehouse.resolver, {"a": "ab"}, aliases={"b": "a"}))
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", warehouse.url)
    return warehouse


def ask(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = cli.main(["resolve", *arguments])
    return code, capsys.readouterr().out


def test_an_id_is_followed_to_who_holds_it_now(published: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = ask(capsys, customer_id("a"))
    assert (code, re.sub(WHEN, "T", told)) == (0, f"{customer_id('a')} is current since T.\n")
    code, told = ask(capsys, customer_id("b"))
    assert code == 0
    assert re.sub(WHEN, "T", told) == f"{customer_id('b')} is {customer_id('a')} now, since T.\n  first published T\n"


def test_an_id_nobody_answers_to_is_told_from_one_that_never_was(
    published: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = ask(capsys, customer_id("c"))
    assert (code, re.sub(WHEN, "T", told).splitlines()[0]) == (1, f"Nobody answers to {customer_id('c')} any more, since T.")
    assert ask(capsys, customer_id("z")) == (1, f"{customer_id('z')} was never published as a customer id.\n")
    of = f"it is a record's, of customer {customer_id('a')}"
    assert ask(capsys, record("b")) == (1, f"{record('b')} was never published as a customer id: {of}.\n")


def test_who_split_off_is_told_with_what_became_of_them(published: Warehouse, capsys: pytest.CaptureFixture[str]) -> None:
    publish(published.resolver, publication(published.resolver, {"a": "a", "b": "b"}))
    publish(published.resolver, publication(published.resolver, {"a": "ab"}, aliases={"b": "a"}))
    _, told = ask(capsys, customer_id("a"))
    assert re.sub(WHEN, "T", told).splitlines()[1:] == [
        f"  {customer_id('b')} split off from it T, which is {customer_id('a')} now"
    ]


def test_machines_get_the_same_with_the_records_by_their_opaque_ids(
    published: Warehouse, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said_ = ask(capsys, customer_id("b"), "--records", "--json")
    found = json.loads(said_)
    assert (code, found["published_at"] < found["since"]) == (0, True)
    records = [{"record_id": one, "source": "shop", "stream": "customers"} for one in sorted((record("a"), record("b")))]
    told = {"asked": customer_id("b"), "customer_id": customer_id("a"), "published": True, "state": "merged", "split_off": []}
    assert {name: found[name] for name in (*told, "records")} == {**told, "records": records}
