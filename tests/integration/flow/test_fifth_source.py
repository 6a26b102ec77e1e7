"""A fifth source is one new folder: it flows into golden customers, and no other file changes."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.sources import discover, discovery
from tests.integration.flow.world import World, unbalanced

pytestmark = pytest.mark.integration

DAY, NEXT_DAY = "2026-08-16", "2026-08-17"
DECLARATION = """
title: Newsletter
description: Who signed up at the fair.
owner: marketing
contact: newsletter@suki.example
tags: [fair]
epoch: 1
purpose: consent
default_country: PH
trust: {default: 0.99}
streams:
  signups:
    kind: customers
    files:
      - pattern: "{date:%Y-%m-%d}/signups.csv"
    format: csv
    delimiter: ";"
    key: "No"
    updated_at: When
    map:
      full_name: Who
      emails: Mail
      nickname: Call me
  visits:
    kind: interactions
    files:
      - pattern: "{date:%Y-%m-%d}/visits.csv"
        optional: true
    format: csv
    delimiter: ";"
    key: Visit
    updated_at: When
    customer_stream: signups
    constants: {interaction_type: visit, channel: fair}
    map:
      customer_key: "No"
      occurred_at: When
"""


@pytest.fixture
def with_a_fifth(synced: World, copy_of: Callable[[World], World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A copy of the synced world, whose sources are a copy of ours and one folder more."""
    root = tmp_path / "include" / "sources"
    for folder in (source.folder for source in discover().values()):
        shutil.copytree(folder, root / folder.name)
    (root / "newsletter").mkdir()
    (root / "newsletter" / "source.yml").write_text(DECLARATION, encoding="utf-8")
    monkeypatch.setattr(discovery, "HERE", root)
    world = copy_of(synced)
    return World(world.url, tmp_path / "exports", world.lake)


def test_its_records_join_the_customers_there_are_and_make_new_ones(with_a_fifth: World) -> None:
    world = with_a_fifth
    customer, name, email = world.query(
        "SELECT customer_id, full_name, emails[1] FROM golden.customer"
        " WHERE cardinality(emails) = 1 AND full_name ~ '^[A-Za-z]+ [A-Za-z]+$' AND NOT 'newsletter' = ANY (sources)"
        " AND record_count > 2 ORDER BY customer_id LIMIT 1"
    )[0]
    folder = world.exports / "newsletter" / DAY
    folder.mkdir(parents=True)
    (folder / "signups.csv").write_text(
        f"No;When;Who;Mail;Call me\n1;2026-08-15T10:00:00Z;{name};{email};Fairgoer\n"
        "2;2026-08-15T11:00:00Z;Quirina Zabaleta;quirina.zabaleta@fair.example;Quiri\n",
        encoding="utf-8",
    )
    (folder / "visits.csv").write_text("Visit;No;When\n1;1;2026-08-15T10:00:00Z\n", encoding="utf-8")

    signups, visits = world.ingest("newsletter", DAY, NEXT_DAY)
    assert (signups["staged"], visits["staged"]) == (2, 1)
    assert unbalanced(world) == []
    report = world.resolve("with the fifth")
    assert report is not None
    assert (report["counts"]["created"], report["counts"]["updated"]) == (1, 1)

    known = "SELECT full_name, nickname, sources FROM golden.customer WHERE customer_id = :id"
    ((_, nickname, sources),) = world.query(known, id=customer)
    assert nickname == "Fairgoer", "trusted as its declaration says"
    assert "newsletter" in sources
    assert world.query("SELECT nickname, sources, region FROM golden.customer WHERE full_name = 'Quirina Zabaleta'") == [
        ("Quiri", ["newsletter"], "asia_pacific")
    ]
    assert world.query(
        "SELECT p.rule <> '' FROM golden.provenance p JOIN staging.record r ON r.record_id = ANY (p.record_ids)"
        " WHERE p.customer_id = :id AND p.field = 'nickname' AND r.source = 'newsletter'",
        id=customer,
    ) == [(True,)]
    assert world.query(
        "SELECT customer_id FROM staging.interaction i JOIN golden.crosswalk c ON c.record_id = i.customer_record_id"
        " WHERE i.source = 'newsletter'"
    ) == [(customer,)]


def test_a_declaration_that_broke_after_the_dag_was_made_says_where(with_a_fifth: World) -> None:
    file = discovery.HERE / "newsletter" / "source.yml"
    file.write_text(DECLARATION.replace("owner:", "onwer:"), encoding="utf-8")
    with pytest.raises(AirflowFailException, match=r"newsletter/source\.yml: onwer: is no key here\. Valid: .*owner"):
        with_a_fifth.ingest("newsletter", DAY, NEXT_DAY)
    shutil.rmtree(file.parent)
    with pytest.raises(AirflowFailException, match=r"newsletter/source\.yml: .*is not there\. Valid: online_sales"):
        with_a_fifth.ingest("newsletter", DAY, NEXT_DAY)


@pytest.mark.parametrize("how", ["switched off", "removed"])
def test_what_a_source_told_before_it_was_switched_off_or_removed_stops_no_run(with_a_fifth: World, how: str) -> None:
    world, declaration = with_a_fifth, discovery.HERE / "newsletter" / "source.yml"
    folder = world.exports / "newsletter" / DAY
    folder.mkdir(parents=True)
    (folder / "signups.csv").write_text(
        "No;When;Who;Mail;Call me\n2;2026-08-15T11:00:00Z;Quirina Zabaleta;quirina.zabaleta@fair.example;Quiri\n",
        encoding="utf-8",
    )
    world.ingest("newsletter", DAY, NEXT_DAY)
    if how == "removed":
        shutil.rmtree(declaration.parent)
    else:
        declaration.write_text(f"enabled: false\n{DECLARATION}", encoding="utf-8")
    assert "newsletter" not in discover()
    assert world.resolve(how) is not None
    assert world.query("SELECT nickname, sources FROM golden.customer WHERE full_name = 'Quirina Zabaleta'") == [
        ("Quiri", ["newsletter"])
    ], "nobody is dropped"
