"""``suki lineage`` names record, rule and confidence of each golden value and what lost; its numbers add up, it names nobody."""

import io
import json
import sys

import pytest

from include.golden.identity import customer_id
from suki import cli
from tests.integration.warehouse.conftest import Warehouse, record, said
from tests.integration.warehouse.stories import Story

pytestmark = pytest.mark.integration


def u(name: str) -> str:
    return customer_id(record(name))


@pytest.fixture
def story(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Story:
    """One customer of three records, of which two say the same; and one of one record that was two."""
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", warehouse.url)
    told = Story(warehouse, born={"a": 1, "b": 2, "c": 3, "d": 4, "e": 5})
    told.run("abc d e", changed={"a": "Ana", "b": "Ana", "c": "Reyes"})
    told.run("abc de")
    return told


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(["lineage", *words]) == 0
    return capsys.readouterr().out


def test_every_golden_value_names_its_records_rule_and_confidence(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    stored = {
        field: (ids, rule, agreeing, holding)
        for field, ids, rule, agreeing, holding in story.warehouse.query(
            "SELECT field, record_ids::text[], rule, agreeing, holding FROM golden.provenance WHERE customer_id = :c", c=u("a")
        )
    }
    told = json.loads(ask(capsys, u("a"), "--json"))
    assert {one["field"]: (one["record_ids"], one["rule"], one["agreeing"], one["holding"]) for one in told["fields"]} == stored
    assert {"full_name", "emails"} <= stored.keys()
    for one in told["fields"]:
        assert one["adds_up"]
        assert one["confidence"] == round(one["agreeing"] / one["holding"], 4)
        if one["field"] == "full_name":
            assert one["agreeing"] + sum(map(len, one["lost"])) == one["holding"] == 3


def test_no_value_is_printed_but_on_a_terminal(
    story: Story, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = ask(capsys, u("a"))
    assert "full_name" in told
    assert not any(value in told for value in ("Ana", "Reyes", "@"))
    assert cli.main(["lineage", u("a"), "--values"]) == 1
    assert "shows people" in capsys.readouterr().err

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    seen = Terminal()
    monkeypatch.setattr(sys, "stdout", seen)
    assert cli.main(["lineage", u("a"), "full_name", "--values"]) == 0
    lines = [line.split() for line in seen.getvalue().splitlines()]
    shown = {tuple(line[:2]) for line in lines if line and line[0] in ("holds", "lost")}
    assert shown == {("holds", "Ana"), ("lost", "Reyes")}  # two records say so, one the other


def test_an_older_id_is_followed_and_a_change_since_is_told(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    older = max(u("d"), u("e"))
    assert f"You asked about {older}." in ask(capsys, older)
    story.warehouse.stage([said("d", 200, "Dora"), said("e", 200, "Dora")])
    assert "not as stored: a record changed since the last run" in ask(capsys, older, "full_name")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([u("a"), "shoe_size"], "There is no golden field 'shoe_size'. Fields: full_name"),
        (["00000000-0000-5000-8000-000000000000"], "was never published"),
    ],
)
def test_what_cannot_be_told_is_told_why(
    story: Story, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    assert cli.main(["lineage", *arguments]) == 1
    assert told in capsys.readouterr().err


def test_a_field_nobody_knows_is_said_to_be_unknown(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Nothing of that is known of them." in ask(capsys, u("a"), "birth_date")
