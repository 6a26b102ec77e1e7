"""Who was in a customer on a day, as believed on another: valid time is the sources', recorded time is ours."""

import io
import json
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from include.golden.content_hash import row_hashes
from include.golden.identity import customer_id
from include.golden.survivorship import survive
from include.warehouse import lives
from suki import cli
from tests.integration.warehouse.conftest import Warehouse, at, record
from tests.integration.warehouse.stories import TRUST, Story

pytestmark = pytest.mark.integration

MERGED, SPLIT = datetime(2026, 10, 2, tzinfo=UTC), datetime(2026, 10, 3, tzinfo=UTC)


def u(name: str) -> str:
    return customer_id(record(name))


@pytest.fixture
def story(warehouse: Warehouse) -> Story:
    """a and b were two, became one, lost b, and c came; each run a day of October, from the first on. z was known before all."""
    told = Story(warehouse, born={"z": 1})
    for partition in ("a b", "ab", "a", "az c"):
        told.run(partition)
    on_its_day = "SET recorded_at = timestamptz '2026-10-01 00:00+00' + (sequence - 1) * interval '1 day'"
    warehouse.query(f"UPDATE ops.resolve_run {on_its_day} RETURNING 1")
    return told


def members(story: Story, day: float, believed: datetime) -> dict[str, str]:
    holder = lives.believed(story.warehouse.resolver, u("a"), believed).customer_id
    assert holder
    found = lives.members(story.warehouse.resolver, holder, at(day), believed)
    return {one.record_id: one.state for one in found}


def test_a_record_is_there_from_when_its_source_spoke_of_it_until_it_was_deleted(story: Story) -> None:
    now = datetime.now(UTC)
    assert members(story, 102, now) == {record("a"): "there", record("b"): "there", record("z"): "there"}
    assert members(story, 103.5, now) == {record("a"): "there", record("b"): "deleted", record("z"): "there"}
    assert members(story, 50, now) == {record("a"): "later", record("b"): "later", record("z"): "there"}


def test_what_was_believed_then_knows_nothing_of_what_was_found_since(story: Story) -> None:
    assert set(members(story, 102, MERGED)) == {record("a"), record("b")}
    assert members(story, 102, MERGED - timedelta(seconds=1)) == {record("a"): "there"}
    assert lives.believed(story.warehouse.resolver, u("a"), MERGED - timedelta(days=9)) == lives.Belief(None, None, None)
    assert lives.believed(story.warehouse.resolver, u("c"), MERGED).customer_id is None


def test_every_live_record_is_somebodys_today(story: Story) -> None:
    now = datetime.now(UTC)
    rows = story.warehouse.query(
        "SELECT record_id::text, customer_id::text FROM golden.v_members_at(:n, :n) WHERE state = 'there'", n=now
    )
    assert dict(rows) == dict(story.warehouse.query("SELECT record_id::text, customer_id::text FROM golden.crosswalk"))


def test_an_analyst_may_ask_for_all_customers(story: Story) -> None:
    with story.warehouse.engine("suki_analyst").connect() as connection:
        found = connection.execute(text("SELECT count(*) FROM golden.v_members_at('2026-11-09 12:00+00', '2026-10-02 12:00+00')"))
        assert found.scalar() == 2


def test_the_values_of_today_are_those_of_the_golden_rules_on_what_is_said_today(story: Story) -> None:
    story.run("az", changed={"a": "Anna"})
    said = lives.said(story.warehouse.engine("suki_steward").connect(), [record("a"), record("z")], datetime.now(UTC))
    today, _ = survive(said.assign(customer_id=u("a")), TRUST)
    before, _ = survive(
        lives.said(story.warehouse.resolver, [record("a"), record("z")], at(104)).assign(customer_id=u("a")), TRUST
    )
    assert today.loc[0, "full_name"] == "Anna"
    assert before.loc[0, "full_name"] == "a"
    assert row_hashes(today) != row_hashes(before)


@pytest.fixture
def asked(story: Story, monkeypatch: pytest.MonkeyPatch) -> Story:
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", story.warehouse.url)
    return story


def test_the_command_tells_ids_and_no_values(asked: Story, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["as-of", u("a"), "2026-11-10", "--believed", "2026-10-02"]) == 0
    told = capsys.readouterr().out
    survivor = min(u("a"), u("b"))
    assert told.startswith(f"Customer {survivor} on 2026-11-10, by publication 2 of 2026-10-02 00:00 UTC: 2 records.")
    assert f"  {record('b')}  shop.customers  said so since 2026-11-09\n" in told
    assert cli.main(["as-of", u("a"), "2026-11-12", "--json"]) == 0
    assert {one["record_id"]: one["state"] for one in json.loads(capsys.readouterr().out)["records"]} == {
        record("a"): "there", record("b"): "deleted", record("z"): "there"
    }  # fmt: skip


def test_the_values_of_a_day_are_shown_on_a_terminal(
    asked: Story, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked.run("az c", changed={"a": "Anna"})
    monkeypatch.setattr("include.sources.discover", lambda: {"shop": SimpleNamespace(trust=TRUST["shop"], match_only=False)})
    for day, name in (("2026-11-10", "a"), ("2026-11-13", "Anna")):
        seen = Terminal()
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", seen)
            assert cli.main(["as-of", u("a"), day, "--values"]) == 0
        shown = dict(line.split(maxsplit=1) for line in seen.getvalue().split("\n\n")[1].splitlines())
        assert shown["full_name"] in {name, "b" if name == "a" else name}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["as-of", "00000000-0000-5000-8000-000000000000", "2026-11-10"], "was never published"),
        (["as-of", u("c"), "2026-11-10", "--believed", "2026-10-02"], "was not published yet by 2026-10-02"),
        (["as-of", u("a"), "2026-11-10", "--believed", "2026-09-02"], "Nothing was published by 2026-09-02"),
        (["as-of", u("a"), "2026-11-10", "--values"], "shows people"),
    ],
)
def test_who_cannot_be_told_of_is_told_why(
    asked: Story, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert cli.main(arguments) == 1
    assert told in capsys.readouterr().err


def test_a_day_that_is_none_is_not_understood(asked: Story, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["as-of", u("a"), "yesterday"])
    assert "a day looks like" in capsys.readouterr().err
