"""What a month brought is counted from what was published and what may be written to, and reckoned by declared values."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from include.errors import DeclarationError
from include.warehouse import value
from include.warehouse.engine import connect
from suki import cli
from tests.integration.warehouse.conftest import Warehouse
from tests.integration.warehouse.stories import Story

pytestmark = pytest.mark.integration

NOW = datetime(2026, 9, 20, tzinfo=UTC)
SAID = "source_time = source_time - interval '110 days', confirmed_at = '2026-08-15'"  # in July, and once more


@pytest.fixture
def shop(warehouse: Warehouse) -> Warehouse:
    """Five records of July; in August two join, one changes its address; in September nothing."""
    story = Story(warehouse, born={"z": 1})
    story.run("a b c d e")
    story.run("ab cd e", changed={"e": "Another"})
    for sequence, day in ((1, "2026-07-10"), (2, "2026-08-10")):
        warehouse.query(f"UPDATE ops.resolve_run SET recorded_at = '{day}' WHERE sequence = {sequence} RETURNING 1")
    return warehouse


def counts(warehouse: Warehouse, month: str | None) -> dict[str, int]:
    found = value.report(connect(warehouse.url, "suki_steward"), month, NOW)
    return {line.name: line.count for line in found.lines if line.count}


def test_duplicates_and_refreshed_contacts_belong_to_the_month_that_published_them(shop: Warehouse) -> None:
    assert counts(shop, "2026-07") == {}
    assert counts(shop, "2026-08") == {"duplicate_removed": 2, "email_refreshed": 3}
    assert counts(shop, None) == {}


def test_a_split_takes_back_what_was_counted(shop: Warehouse) -> None:
    Story(shop, day=300, groups=["ab", "cd", "e"], said=dict.fromkeys("abcde", ""), heard=set("abcde")).run("a b cd e")
    shop.query("UPDATE ops.resolve_run SET recorded_at = '2026-09-10' WHERE sequence = 3 RETURNING 1")
    assert counts(shop, "2026-09")["duplicate_removed"] == -1


def test_who_allows_it_and_can_be_reached_counts_by_channel(shop: Warehouse) -> None:
    shop.query("UPDATE golden.customer SET email_consent = true, email_consent_at = '2026-08-02', sms_consent = true RETURNING 1")
    shop.query(f"UPDATE staging.record_version SET {SAID} RETURNING 1")
    assert counts(shop, "2026-09") == {"reachable_email": 3}, "nobody has a phone number"
    assert "reachable_email" not in counts(shop, "2026-07"), "nobody had allowed it yet"


def test_who_allows_calls_or_post_counts_where_the_number_or_home_is_fresh(shop: Warehouse) -> None:
    reached = "phones = '{+491701234567}', address_line = 'Ring 1'"
    shop.query(f"UPDATE staging.record_version SET {reached}, {SAID} RETURNING 1")
    shop.query(f"UPDATE golden.customer SET {reached}, phone_consent = true, post_consent = false RETURNING 1")
    assert counts(shop, "2026-09") == {"reachable_phone": 3}
    shop.query("UPDATE golden.customer SET phone_consent = null, post_consent = true RETURNING 1")
    assert counts(shop, "2026-09") == {"reachable_post": 3}


def test_the_sum_is_of_the_declared_values(shop: Warehouse) -> None:
    found = value.report(connect(shop.url, "suki_steward"), "2026-08", NOW)
    units = value.load().units
    assert found.worth == 2 * units.duplicate_removed + 3 * units.email_refreshed
    assert found.as_of == datetime(2026, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("month", "sentence"), [("August", "'August' is no month. Write it as 2026-09"), ("2026-10", "2026-10 has not begun")]
)
def test_what_is_no_month_is_told(shop: Warehouse, month: str, sentence: str) -> None:
    with pytest.raises(value.NoSuchMonth, match=sentence):
        value.report(connect(shop.url, "suki_steward"), month, NOW)


def test_a_wrong_unit_value_is_named(tmp_path: Path) -> None:
    raw = yaml.safe_load(value.DECLARATION.read_text())
    path = tmp_path / "value.yml"
    for wrong, sentence in (
        ({"units": {**raw["units"], "likes": 1}}, "units.likes: is no key here. Valid: duplicate_removed"),
        ({"units": {**raw["units"], "reachable_sms": -1}}, "units.reachable_sms: should be greater than or equal to 0"),
        ({"currency": "euro"}, "currency: "),
    ):
        path.write_text(yaml.safe_dump({**raw, **wrong}))
        value.load.cache_clear()
        with pytest.raises(DeclarationError) as told:
            value.load(path)
        assert str(told.value).startswith(f"value.yml: {sentence}")


def test_the_command_prints_a_line_each_and_the_sum(
    shop: Warehouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", shop.url)
    assert cli.main(["value", "--month", "2026-08"]) == 0
    printed = capsys.readouterr().out
    assert "duplicate removed" in printed
    assert f"{2 * value.load().units.duplicate_removed + Decimal('4.50'):,.2f} EUR" in printed.splitlines()[-1]
