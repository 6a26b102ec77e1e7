"""Every query in the pages about the warehouse and about backfill runs, as the role it is for."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from include.warehouse.engine import connect

pytestmark = pytest.mark.integration

DOCS = Path(__file__).parents[3] / "docs"
TEXTS = {page: (DOCS / page).read_text(encoding="utf-8") for page in ("warehouse.md", "backfill.md")}
QUERIES = {page: re.findall(r"```sql\n-- as (\w+)\n(.*?)```", text, re.DOTALL) for page, text in TEXTS.items()}


@pytest.mark.parametrize(("page", "at_least"), [("warehouse.md", 8), ("backfill.md", 2)])
def test_a_page_has_queries_and_each_names_its_role(page: str, at_least: int) -> None:
    assert len(QUERIES[page]) == TEXTS[page].count("```sql") >= at_least


@pytest.mark.parametrize(("role", "query"), QUERIES["warehouse.md"])
def test_a_documented_query_runs(warehouse_url: str, role: str, query: str) -> None:
    with connect(warehouse_url, role).connect() as connection:
        assert connection.execute(text(query)).all() == []


def test_the_progress_of_a_backfill_is_found_as_documented(warehouse_url: str) -> None:
    found = []
    for role, query in QUERIES["backfill.md"]:
        with connect(warehouse_url, role).connect() as connection:
            found.append(connection.execute(text(query)).all())
    landed, missing = found
    assert landed == []
    assert [f"{day}" for (day,) in missing] == [f"2026-08-{day:02}" for day in range(1, 32)], "both ends are part of the span"
