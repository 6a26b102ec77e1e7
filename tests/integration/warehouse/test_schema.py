"""The migrated database is the declared one, every column says how careful to be with it, and two migrations at once are safe."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from include.warehouse.engine import connect, migrate
from include.warehouse.tables import ROLES, SCHEMAS, metadata

pytestmark = pytest.mark.integration

_COMMENTS = ("modify_comment", "add_table_comment", "remove_table_comment")  # prose may be bettered without a migration


def test_migrations_make_exactly_the_declared_tables(warehouse_url: str) -> None:
    def include_name(name: str | None, kind: str, parents: object) -> bool:
        return name in SCHEMAS if kind == "schema" else name != "alembic_version"

    with connect(warehouse_url).connect() as connection:
        options = {"include_schemas": True, "include_name": include_name, "compare_server_default": True}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    flat = [change for entry in found for change in (entry if isinstance(entry, list) else [entry])]
    assert [change for change in flat if change[0] not in _COMMENTS] == []


@pytest.mark.parametrize("column", [c for t in metadata.tables.values() for c in t.columns], ids=lambda c: f"{c.table}.{c.name}")
def test_every_column_is_classified(column: object) -> None:
    assert column.info.get("classification") in {"internal", "personal", "sensitive"}  # type: ignore[attr-defined]


def test_migrating_again_changes_nothing(warehouse_url: str) -> None:
    def objects() -> list[object]:
        with connect(warehouse_url).connect() as connection:
            query = "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema = ANY(:s) ORDER BY 1, 2"
            return list(connection.execute(text(query), {"s": list(SCHEMAS)}))

    before = objects()
    migrate(warehouse_url)
    assert objects() == before


def test_two_migrations_at_once_both_succeed(empty_database_url: str) -> None:
    script = "import sys; from include.warehouse.engine import migrate; migrate(sys.argv[1])"
    both = [subprocess.Popen([sys.executable, "-c", script, empty_database_url]) for _ in range(2)]
    assert [process.wait(timeout=60) for process in both] == [0, 0]
    with connect(empty_database_url, "suki_analyst").connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM golden.v_customer")) == 0


def test_a_schema_that_stands_already_is_no_obstacle(fresh_database: object) -> None:
    url = fresh_database()  # type: ignore[operator]
    with connect(url).begin() as connection:
        connection.execute(text("CREATE SCHEMA golden"))
        connection.execute(text("CREATE TABLE public.somebody_elses (id int)"))
    migrate(url)
    with connect(url).connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('golden.customer') IS NOT NULL"))
        assert connection.scalar(text("SELECT to_regclass('public.somebody_elses') IS NOT NULL"))


def test_the_roles_cannot_log_in(warehouse_url: str) -> None:
    with connect(warehouse_url).connect() as connection:
        rows = connection.execute(
            text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:r) AND NOT rolcanlogin"), {"r": list(ROLES)}
        )
        assert {row[0] for row in rows} == set(ROLES)
