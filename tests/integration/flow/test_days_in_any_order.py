"""A backfill's days, in any order, many at once and twice, stage what one bulk window stages."""

from collections.abc import Callable
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.integration.flow.conftest import EVERYTHING, migrated
from tests.integration.flow.world import World, at_once

pytestmark = pytest.mark.integration

SOURCES = ("social", "store_pos")
WINDOWS = list(pairwise(("2026-08-01", "2026-08-02", "2026-08-06", "2026-08-10", "2026-08-14", "2026-08-15", "2026-08-16")))
"""The first and the last are days of full directories: what those lack is deleted, whenever they arrive."""

Cleaned = dict[tuple[str, str], list[dict[str, Any]]]
"""Source and first day of a window to what its last gate let through."""


@pytest.fixture(scope="module")
def cleaned(
    synced: World, fresh_database: Callable[..., str], warehouse_template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Cleaned]:
    """A lake with every window up to its last gate. What gates and cleaners make of a window is a matter of the window alone."""
    world = World(migrated(fresh_database(warehouse_template)), synced.exports, tmp_path_factory.mktemp("lake"))
    jobs = {source: partial(_clean, world, source) for source in SOURCES}
    found = at_once(jobs)
    return world.lake, {(source, start): batches for source in SOURCES for start, batches in found[source].items()}


def _clean(world: World, source: str) -> dict[str, list[dict[str, Any]]]:
    return {start: world.ingest(source, start, end, until="gate_cleaned") for start, end in WINDOWS}


def test_windows_at_once_in_any_order_and_twice_stage_what_one_bulk_window_stages(
    synced: World, cleaned: tuple[Path, Cleaned], fresh_database: Callable[..., str], warehouse_template: str
) -> None:
    """Four workers, as a backfill beside daily runs has them: each takes half of all windows, so each window is run twice."""
    assert (WINDOWS[0][0], WINDOWS[-1][1]) == EVERYTHING
    lake, batches = cleaned
    world = World(migrated(fresh_database(warehouse_template)), synced.exports, lake)
    work = [(source, *window) for source in SOURCES for window in reversed(WINDOWS)]
    shares = [work[::2], work[1::2], *(Random(seed).sample(work[seed % 2 :: 2], len(work) // 2) for seed in (4, 5))]
    assert sorted(chain.from_iterable(shares)) == sorted(work * 2)
    at_once({f"worker {number}": partial(_stage, world, share, batches, number) for number, share in enumerate(shares)})
    assert staged(world) == staged(synced)
    landed = "SELECT source, count(*) FROM ops.manifest GROUP BY source ORDER BY source"
    assert world.query(landed) == [("social", 4 * len(WINDOWS)), ("store_pos", 2 * len(WINDOWS))], "a window has landed twice"


def _stage(world: World, share: list[tuple[str, str, str]], batches: Cleaned, worker: int) -> None:
    for source, start, end in share:
        run_id = f"{source}__{start}__by_{worker}"
        world.ingest(source, start, end, until="extract", run_id=run_id)
        with world.connected():
            world.step(world.operator(source, "stage", batches[source, start]), world.run_of(source, start, end, run_id))


def staged(world: World) -> list[tuple[Any, ...]]:
    """All that staging believes of the sources, whichever landing told it."""
    tables = ("staging.record_version", "staging.interaction", "staging.record")
    said = "(to_jsonb(t) - 'manifest_id' - 'recorded_at')::text AS said"
    return [
        row
        for table in tables
        for row in world.query(
            f"SELECT '{table}', count(*), md5(string_agg(said, ',' ORDER BY said)) FROM"
            f" (SELECT {said} FROM {table} t WHERE source = ANY(:sources)) r",
            sources=list(SOURCES),
        )
    ]
