"""Between tasks travel references: paths, counts and opaque ids, never rows, whatever the size of the window."""

import json
from typing import Any

import pytest

from tests.integration.flow.world import INGEST, World

pytestmark = pytest.mark.integration

RESOLVE = {"pairs", "score", "cluster", "gate_clustered", "survive", "gate_golden", "weigh_change", "publish", "find_households"}
ENOUGH = 5_000
"""Characters: four streams of a source with their paths, or a dozen paths and the counts of a resolve run."""


def test_every_step_returns_a_small_json_value(synced: World) -> None:
    assert {task_id for task_id, _ in synced.returned} == {"extract", *INGEST} | RESOLVE
    for task_id, value in synced.returned:
        text = json.dumps(value)
        assert json.loads(text) == value, f"{task_id} does not come back from XCom as it went in"
        assert len(text) < ENOUGH, f"{task_id} hands on {len(text):,} characters"


def test_a_window_of_weeks_hands_on_no_more_than_a_day(synced: World) -> None:
    by_window: dict[tuple[str, str], list[Any]] = {}
    for task_id, value in synced.returned:
        if task_id == "gate_cleaned":
            by_window.setdefault((value[0]["source"], value[0]["window"]["start"]), []).append(value)
    sizes = {key: len(json.dumps(values)) for key, values in by_window.items()}
    rows = {key: sum(batch["rows"] for batch in values[0]) for key, values in by_window.items()}
    for source in {source for source, _ in sizes}:
        bulk, *days = sorted((start for s, start in sizes if s == source))
        assert rows[source, bulk] > 5 * rows[source, days[0]]
        assert abs(sizes[source, bulk] - sizes[source, days[0]]) < 50, "but for the digits of the counts and the dates"
