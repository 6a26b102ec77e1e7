"""The summary tells what is published, also when the last run published a part only."""

from pathlib import Path

import pytest

from local.summary import summarise
from tests.integration.warehouse.conftest import Warehouse
from tests.integration.warehouse.stories import Story

pytestmark = pytest.mark.integration


def test_what_there_is_is_told_whatever_the_last_run_looked_at(warehouse: Warehouse, tmp_path: Path) -> None:
    story = Story(warehouse)
    story.run("ab c de f")
    story.run("abc de f", only_touched=True)
    found = summarise(warehouse.url, tmp_path, []).resolved
    assert {name: found[name] for name in ("records", "matches", "reviews", "customers", "merged")} == {
        "records": 6, "matches": 3, "reviews": 2, "customers": 3, "merged": 1
    }  # fmt: skip
