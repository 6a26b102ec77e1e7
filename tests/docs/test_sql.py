"""Every query of the documentation runs on a warehouse as the migrations make it."""

import re

import pytest
from sqlalchemy import text

from include.warehouse.engine import connect
from tests.docs.pages import Page, pages

pytestmark = pytest.mark.integration

QUERIES = [(page, query) for page in pages() for query in page.blocks("sql")]
OPEN = "'…'"
"""What the reader fills in."""


@pytest.mark.parametrize(("page", "query"), QUERIES, ids=lambda value: str(value) if isinstance(value, Page) else "")
def test_a_documented_query_runs(warehouse_url: str, page: Page, query: str):
    """As the role it names, or as the login that owns the warehouse; what it changes is taken back."""
    role = re.match(r"-- as (\w+)\n", query)
    plain = re.sub(r"--.*$", "", query, flags=re.MULTILINE).replace(OPEN, "'00000000-0000-0000-0000-000000000000'")
    with connect(warehouse_url, role[1] if role else None).connect() as connection:
        for statement in filter(str.strip, plain.split(";")):
            connection.execute(text(statement.replace(":", r"\:")))
        connection.rollback()
