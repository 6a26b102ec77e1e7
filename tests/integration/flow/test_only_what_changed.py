"""A resolve run costs what changed, and ends where one that compares everything does (see also test_again_is_the_same)."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from airflow.sdk import ObjectStoragePath

from suki.lake import Lake
from suki.register import folder
from tests.integration.flow.world import World

pytestmark = pytest.mark.integration

_MARK = "INSERT INTO staging.dirty_record (record_id, reason) SELECT record_id, 'test' FROM staging.current_record"
_ONE = f"{_MARK} ORDER BY record_id LIMIT 1"


def reports(world: World) -> list[dict[str, Any]]:
    """What the published runs counted, in order."""
    return [row[0] for row in world.query("SELECT report FROM ops.resolve_run ORDER BY sequence")]


_GROWING = (
    "staging.record", "staging.record_version", "identity.edge", "identity.membership", "identity.customer_id_ledger",
    "golden.customer", "golden.customer_period", "golden.customer_change", "golden.crosswalk", "golden.proof",
    "golden.household", "golden.household_member", "golden.household_tie", "golden.repeat_registration", "staging.interaction",
)  # fmt: skip
"""Tables with a row for every record, customer or pair."""


def rows_looked_at(world: World) -> dict[str, int]:
    """Of each table, rows that were passed over or fetched by an index; told once no other session is left to tell of more."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while world.query(others) != [(0,)]:
        time.sleep(0.05)
    looked = "schemaname || '.' || relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)"
    return dict(world.query(f"SELECT {looked} FROM pg_stat_user_tables"))


def test_a_change_goes_over_no_table_that_grows_with_the_customers(synced: World, copy_of: Callable[[World], World]) -> None:
    """A table as small as here is quickest read whole, so the planner is told to go by indexes wherever there is one to go by.

    What it knows of the tables is what autovacuum would have told it by and by: else it goes by luck.
    """
    whole = " ".join(f"-c enable_{way}=off" for way in ("seqscan", "hashjoin", "mergejoin"))
    world = copy_of(synced)
    world.execute(_ONE)
    with psycopg.connect(world.url, autocommit=True) as owner:
        owner.execute("ANALYZE")
    asking = World(f"{world.url}?options={quote(whole)}", world.exports, world.lake)
    assert asking.query("SHOW enable_seqscan") == [("off",)]
    before = rows_looked_at(world)
    assert asking.resolve("one") is not None
    after = rows_looked_at(world)
    assert reports(world)[-1]["touched"] > 0, "only what changed was resolved"
    looked = {table: after[table] - before[table] for table in _GROWING}
    there = {table: world.query(f"SELECT count(*) FROM {table}")[0][0] for table in _GROWING}
    assert looked["staging.record_version"] > 0
    assert {table: (seen, there[table]) for table, seen in looked.items() if seen >= there[table]} == {}


def test_two_days_after_a_bulk_read_and_weigh_a_part_only(synced: World) -> None:
    bulk, days = reports(synced)
    assert "touched" not in bulk
    assert days["dirty"] < days["touched"] < days["live_records"]
    assert days["rows_read"] < 2 * days["live_records"]
    assert days["pairs"] < bulk["pairs"] / 2


def test_one_record_looked_at_again_reads_few_and_changes_nothing(synced: World, copy_of: Callable[[World], World]) -> None:
    world = copy_of(synced)
    golden, members = world.golden_hash(), world.query("SELECT record_id, customer_id FROM golden.crosswalk ORDER BY 1")
    world.execute(_ONE)
    reference = world.resolve("one again")
    assert reference is not None
    report = reports(world)[-1]
    assert report["dirty"] == 1
    assert report["rows_read"] < report["live_records"] / 4
    assert report["pairs"] < report["live_records"] / 4
    assert 0 < reference["counts"]["residents_read"] < report["live_records"] / 4
    assert world.golden_hash() == golden
    assert world.query("SELECT record_id, customer_id FROM golden.crosswalk ORDER BY 1") == members


def test_without_the_register_everything_is_compared_and_nothing_differs(
    synced: World, copy_of: Callable[[World], World], tmp_path: Path
) -> None:
    """The lake's folders between steps may be emptied at any time; the run after it writes the register anew."""
    world = World(copy_of(synced).url, synced.exports, tmp_path / "empty lake")
    edges = "SELECT record_a, record_b, weight, band, rule, evidence FROM identity.edge ORDER BY 1, 2"
    golden, before = world.golden_hash(), world.query(edges)
    world.execute(_ONE)
    assert world.resolve("without") is not None
    assert "touched" not in reports(world)[-1], "everything was compared"
    assert (world.golden_hash(), world.query(edges)) == (golden, before)
    world.execute(_ONE)
    assert world.resolve("with") is not None
    assert reports(world)[-1]["touched"] > 0
    assert (world.golden_hash(), world.query(edges)) == (golden, before)


def test_who_is_forgotten_leaves_the_register_with_the_run_that_takes_them_out(
    synced: World, copy_of: Callable[[World], World]
) -> None:
    """A thin layer says only that a number counts no longer; what it held would still lie in the first."""
    world = copy_of(synced)
    ((record,),) = world.query("SELECT record_id::text FROM staging.current_record ORDER BY record_id LIMIT 1")
    world.execute(
        "INSERT INTO privacy.suppression (token, kind, reason, actor) VALUES (:token, 'record', 'asked to be forgotten', 'test')",
        token=record,
    )
    world.execute("INSERT INTO staging.dirty_record (record_id, reason) VALUES (:record, 'deleted')", record=record)
    world.execute("DELETE FROM staging.record_version WHERE record_id = :record", record=record)
    assert world.resolve("forgotten") is not None
    assert reports(world)[-1]["touched"] > 0, "only what changed was resolved"
    ((resolve_id,),) = world.query("SELECT resolve_id::text FROM ops.resolve_run ORDER BY sequence DESC LIMIT 1")
    lake = Lake(ObjectStoragePath(f"file://{world.lake}"))
    head = json.loads(lake.get(lake.named("head", *folder(resolve_id)))["head"].iloc[0])
    layers = [lake.batches(layer["records"])[0] for layer in head["layers"]]
    known = [one for layer in layers for one in layer.column("record_id").to_pylist()]
    assert record not in known
    assert len(known) == reports(world)[-1]["live_records"]
