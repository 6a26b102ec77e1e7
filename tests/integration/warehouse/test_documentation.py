"""What queries of the pages for operators and analysts find, as the role each is for, and that the commands of a restore restore.

That every query of every page runs is shown by tests/docs/test_sql.py.
"""

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from include.warehouse.engine import connect
from include.warehouse.publish import publish
from local.postgres import program
from suki import cli
from suki.doctor import warehouse as checks
from suki.doctor.finding import Status
from suki.doctor.site import Site
from tests.docs.pages import ROOT, Page
from tests.integration.warehouse.conftest import Warehouse, record, said
from tests.integration.warehouse.publications import customer_id, publication

pytestmark = pytest.mark.integration

DOCS = ROOT / "docs"
OPERATIONS = (DOCS / "operations.md").read_text(encoding="utf-8")
NOBODY = "00000000-0000-0000-0000-000000000000"


def queries(page: str) -> list[tuple[str | None, str]]:
    """The page's queries with their roles; None is the login that owns the warehouse."""
    found = [re.fullmatch(r"-- as ([\w ]+)\n(.*)", block, re.DOTALL) for block in Page(DOCS / page).blocks("sql")]
    return [(None if one[1] == "the login itself" else one[1], one[2]) for one in found if one]


@pytest.mark.parametrize(
    ("page", "at_least"), [("warehouse.md", 8), ("cleaning.md", 4), ("operations.md", 8), ("backfill.md", 2)]
)
def test_a_page_has_queries_and_each_names_its_role(page: str, at_least: int) -> None:
    assert len(queries(page)) == (DOCS / page).read_text(encoding="utf-8").count("```sql") >= at_least


@pytest.mark.parametrize(("role", "query"), [*queries("warehouse.md"), *queries("cleaning.md")])
def test_a_documented_query_runs(warehouse_url: str, role: str, query: str) -> None:
    with connect(warehouse_url, role).connect() as connection:
        assert connection.execute(text(query)).all() == []


def test_the_progress_of_a_backfill_is_found_as_documented(warehouse_url: str) -> None:
    found = []
    for role, query in queries("backfill.md"):
        with connect(warehouse_url, role).connect() as connection:
            found.append(connection.execute(text(query)).all())
    landed, changed, missing = found
    assert landed == changed == []
    assert [f"{day}" for (day,) in missing] == [f"2026-08-{day:02}" for day in range(1, 32)], "both ends are part of the span"


@pytest.fixture
def wrong(warehouse: Warehouse) -> Warehouse:
    """A customer of two records whose name somebody doubts."""
    landed = warehouse.land(1, ["a", "b"])
    warehouse.stage([said(name, 1, name.upper()) for name in "ab"], landed.manifest_id)
    publish(warehouse.resolver, publication(warehouse.resolver, {"a": "ab"}))
    return warehouse


def test_the_way_from_a_golden_value_leads_to_the_delivered_file(wrong: Warehouse) -> None:
    (role, query), (of_key, key), *_ = [
        q for q in queries("operations.md") if "FROM golden.provenance" in q[1] or "source_key FROM" in q[1]
    ]
    query = query.replace(NOBODY, customer_id("a")).replace("'city'", "'full_name'")
    with connect(wrong.url, role).connect() as connection:
        (found,) = connection.execute(text(query)).mappings().all()
    assert (str(found["record_id"]), found["file"], found["rule"]) == (record("a"), "/1/None.changes.csv", "trusted")
    with connect(wrong.url, of_key).connect() as connection:
        assert connection.execute(text(key.replace(NOBODY, record("a")))).one().source_key == "/a"


def test_what_was_believed_before_is_told_with_its_date(wrong: Warehouse) -> None:
    ((role, query),) = [q for q in queries("operations.md") if "golden.customer_history" in q[1]]
    with connect(wrong.url, role).connect() as connection:
        rows = connection.execute(text(query.replace(NOBODY, customer_id("a")).replace("'city'", "'full_name'"))).all()
    assert [(row[0], row[2]) for row in rows] == [(1, "a")]


def test_a_warehouse_is_restored_by_the_commands_as_written(
    wrong: Warehouse, fresh_database: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (commands,) = [block for block in re.findall(r"```bash\n(.*?)```", OPERATIONS, re.DOTALL) if "pg_restore" in block]
    url = fresh_database()
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", wrong.url)
    assert cli.main(["migrate"]) == 0, "with the register of sources, as in a warehouse in use"
    surroundings = {
        "WAREHOUSE_URL": wrong.url,
        "NEW_WAREHOUSE_URL": url,
        "PATH": f"{program('psql').parent}:{os.environ['PATH']}",
    }
    tmp_path.joinpath("include").symlink_to(DOCS.parent / "include")  # the commands are meant for the project's folder
    subprocess.run(["bash", "-eu", "-c", commands], cwd=tmp_path, env=surroundings, check=True)
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_WAREHOUSE", url)
    assert cli.main(["migrate"]) == 0
    for check in (checks.roles, checks.schema):
        assert check(url, Site({})).status is Status.OK
    again = Warehouse(url)
    assert again.digest() == wrong.digest()
    again.stage([said("b", 2, "BEA")])  # and work goes on in it
    assert again.current("b") == "BEA"
    again.close()
