"""Pairs scored by several tasks give what one task gives, to the last digit, where everything is compared and where a part is."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from airflow.sdk import ObjectStoragePath

from include.resolution import Resolution
from suki.lake import Lake
from tests.integration.flow.world import World

pytestmark = pytest.mark.integration

_MARK = "INSERT INTO staging.dirty_record (record_id, reason) SELECT record_id, 'test' FROM staging.current_record"
_EDGES = "SELECT record_a, record_b, weight, probability, band, rule, evidence, model_version FROM identity.edge ORDER BY 1, 2"
_COUNTS = ("dirty", "records", "pairs", "matches", "reviews", "customers")


def state(world: World) -> tuple[Any, ...]:
    members = "SELECT record_id, customer_id FROM golden.crosswalk ORDER BY 1"
    return world.golden_hash(), world.query(_EDGES), world.query(members)


def scored(world: World) -> list[Resolution]:
    """What the shards of the last run returned."""
    found = [Resolution.from_xcom(value) for task_id, value in world.returned if task_id == "score"]
    return [one for one in found if one.resolve_id == found[-1].resolve_id]


def edges(world: World) -> pd.DataFrame:
    """What the last run grouped by."""
    lake = Lake(ObjectStoragePath(f"file://{world.lake}"))
    (*_, last) = (value for task_id, value in world.returned if task_id == "cluster")
    return lake.get(last["artefacts"]["edges"])


@pytest.mark.parametrize("changed", ["all", "some"])
def test_one_two_and_seven_shards_end_equal(changed: str, synced: World, copy_of: Callable[[World], World]) -> None:
    outcomes = {}
    for n in (1, 2, 7):
        world = copy_of(synced)
        world.returned = []
        if changed == "all":
            world.execute("DELETE FROM identity.edge")  # what stood there before proves nothing
        world.execute(_MARK if changed == "all" else f"{_MARK} ORDER BY record_id LIMIT 60")
        result = world.resolve(f"{n} shards", n)
        assert result is not None
        assert ("touched" in result["counts"]) is (changed == "some")
        assert [str(one.shard) for one in scored(world)] == [f"shard {k} of {n}" for k in range(1, n + 1)]
        outcomes[n] = state(world), edges(world), {name: result["counts"][name] for name in _COUNTS}
    (alone, found, counts), *others = outcomes.values()
    assert len(found) > 20
    for with_shards, found_by_shards, counts_by_shards in others:
        pd.testing.assert_frame_equal(found_by_shards, found, check_exact=True)
        assert with_shards == alone
        assert counts_by_shards == counts


def test_more_shards_than_pairs_leave_some_of_them_empty_and_nothing_differs(
    synced: World, copy_of: Callable[[World], World]
) -> None:
    world = copy_of(synced)
    before = state(world)
    world.execute(f"{_MARK} ORDER BY record_id LIMIT 1")
    assert world.resolve("many shards", 60) is not None
    assert any(one.shard and one.shard.start == one.shard.stop for one in scored(world))
    assert state(world) == before
