"""Again is the same: windows run again, in another order, or as one, leave the same customers."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from include.sources import discover
from tests.integration.flow.conftest import BULK, DAYS, EVERYTHING, migrated
from tests.integration.flow.world import World

pytestmark = pytest.mark.integration

REVERSED = [*reversed(DAYS), BULK]
FIGURES = "SELECT to_jsonb(f) - 'recorded_at' FROM ops.run_figure f WHERE dimension <> 'consistency' ORDER BY 1"
"""What a run found in its own deliveries alone."""


def test_every_window_run_again_in_another_order_changes_nothing(synced: World, copy_of: Callable[[World], World]) -> None:
    """Cleared and run again, latest first: neither a customer nor any other row of the warehouse differs, but for one figure: how
    far a delivery says what is believed of its customers, which is another question once more is believed."""
    world = copy_of(synced)
    before, figures = world.digest(), world.query(FIGURES)
    world.ingest_all(*REVERSED)
    assert changed(before, world.digest()) == {"ops.run_figure"}
    assert world.query(FIGURES) == figures != []
    before = world.digest()
    assert world.resolve("again") is None, "nothing changed, so there is nothing to resolve"
    assert world.golden_hash() == synced.golden_hash()
    assert world.digest() == before


def test_a_run_of_its_own_over_a_known_window_tells_that_all_was_known(synced: World, copy_of: Callable[[World], World]) -> None:
    world = copy_of(synced)
    counts = world.ingest("support", *BULK, run_id="somebody triggers the bulk once more")
    assert [(count["staged"], count["deleted"], count["dirty"]) for count in counts] == [(0, 0, 0)] * 2
    assert all(count["unchanged"] == count["rows_in"] > 0 for count in counts)
    assert world.query("SELECT count(*) FROM ops.manifest") == synced.query("SELECT count(*) FROM ops.manifest")


def test_a_resolve_run_that_looks_again_finds_the_same(synced: World, copy_of: Callable[[World], World]) -> None:
    """Every record is marked as changed although none has: all is compared, grouped and chosen again."""
    world = copy_of(synced)
    before = world.digest()
    world.execute("INSERT INTO staging.dirty_record (record_id, reason) SELECT record_id, 'test' FROM staging.current_record")
    found = world.resolve("looks again")
    assert found is not None
    assert {name: found["counts"][name] for name in ("created", "updated", "merged", "split", "retired")} == dict.fromkeys(
        ("created", "updated", "merged", "split", "retired"), 0
    )
    assert world.golden_hash() == synced.golden_hash()
    ran = {"ops.resolve_run", "ops.resolve_diff", "ops.quality_result", "ops.household_run", "ops.run_figure"}
    assert changed(before, world.digest()) == ran, "only that it ran is new"


@pytest.fixture(scope="module")
def another_warehouse(
    synced: World, fresh_database: Callable[..., str], warehouse_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], World]:
    """Empty warehouses where the first one's match model is pinned."""

    def make() -> World:
        world = World(migrated(fresh_database(warehouse_template)), synced.exports, tmp_path_factory.mktemp("lake"))
        ((version, artefact),) = synced.query("SELECT model_version, artefact::text FROM identity.match_model WHERE active")
        world.execute(
            "INSERT INTO identity.match_model (model_version, artefact, active) VALUES (:v, CAST(:a AS jsonb), true)",
            v=version, a=artefact,
        )  # fmt: skip
        return world

    return make


def test_one_bulk_window_ends_where_a_bulk_and_its_days_end(synced: World, another_warehouse: Callable[[], World]) -> None:
    world = another_warehouse()
    world.ingest_all(EVERYTHING)
    world.resolve("all at once")
    assert said(world) == said(synced)
    assert customers(world) == customers(synced)


def test_windows_that_arrive_in_another_order_end_the_same(synced: World, another_warehouse: Callable[[], World]) -> None:
    """Latest first, each resolved before the next arrives. What gates and cleaners made of a window is taken from the first
    world's steps: it does not depend on the warehouse, as the re-run of all windows shows."""
    world = another_warehouse()
    cleaned = {
        (batches[0]["source"], batches[0]["window"]["start"][:10]): batches
        for task_id, batches in synced.returned
        if task_id == "gate_cleaned"
    }
    for start, end in REVERSED:
        for source in discover():
            world.ingest(source, start, end, until="extract")
            with world.connected():
                world.step(world.operator(source, "stage", cleaned[source, start]), world.run_of(source, start, end))
        world.resolve(f"with {start}")
    assert said(world) == said(synced)
    assert customers(world) == customers(synced)


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Tables whose rows differ."""
    return {table for table in after if after[table] != before[table]}


def said(world: World) -> dict[str, Any]:
    """What staging believes: every version of every record, and every interaction, whichever landing told it."""
    known = world.digest_of("staging.record_version", "staging.interaction", "staging.record", without=("manifest_id",))
    assert len(known) == 3
    return known


def customers(world: World) -> dict[frozenset[tuple[str, str, str]], tuple[Any, ...]]:
    """Each customer as the source keys that are them, with the golden values; whatever id they got."""
    members: dict[Any, set[tuple[str, str, str]]] = defaultdict(set)
    for customer, *key in world.query(
        "SELECT customer_id, r.source, r.stream, source_key FROM golden.crosswalk JOIN staging.record r USING (record_id)"
    ):
        members[customer].add((key[0], key[1], key[2]))
    values = world.query("SELECT customer_id, to_jsonb(customer) - 'customer_id' - 'row_hash' FROM golden.customer")
    assert len(values) == len(members) > 50
    return {frozenset(members[customer]): row for customer, row in values}
