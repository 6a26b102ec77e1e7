"""Every query in docs/warehouse.md runs, as the role it is for."""

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from include.warehouse.engine import connect

pytestmark = pytest.mark.integration

PAGE = Path(__file__).parents[3] / "docs" / "warehouse.md"
QUERIES = re.findall(r"```sql\n-- as (\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_the_page_has_queries_and_each_names_its_role() -> None:
    assert len(QUERIES) == PAGE.read_text(encoding="utf-8").count("```sql") >= 8


@pytest.mark.parametrize(("role", "query"), QUERIES)
def test_a_documented_query_runs(warehouse_url: str, role: str, query: str) -> None:
    with connect(warehouse_url, role).connect() as connection:
        assert connection.execute(text(query)).all() == []
