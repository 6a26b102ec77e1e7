"""A warehouse that is in use migrates without losing a word."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from include.warehouse import engine, profile
from include.warehouse.engine import connect, migrate
from tests.integration.warehouse.conftest import Warehouse, record, said

pytestmark = pytest.mark.integration

VERSION = """
    INSERT INTO staging.record_version (
        record_id, source_time, confirmed_at, content_hash, delivered_on, confirmed_on, repeated_at, repeated_on, source, stream,
        deleted, region, purpose, manifest_id, full_name, flags, repairs
    ) VALUES (
        :r, '2026-08-01Z', '2026-08-04Z', 'h', '2026-08-01', '2026-08-04', ARRAY['2026-08-02Z', '2026-08-03Z']::timestamptz[],
        ARRAY['2026-08-02', '2026-08-03']::date[], 'shop', 'customers', false, 'europe', 'contract', gen_random_uuid(), 'Anna',
        ARRAY['full_name:lossy'], '[{"field": "full_name", "rule": "text_repair", "old": "x", "new": "Anna"}]'
    )
"""
INTERACTION = """
    INSERT INTO staging.interaction (
        record_id, source, stream, source_time, delivered_on, content_hash, deleted, region, manifest_id, status
    ) VALUES (gen_random_uuid(), 'shop', 'orders', '2026-08-01Z', '2026-08-01', 'h', false, 'europe', gen_random_uuid(), 'paid')
"""


def test_words_from_before_keep_their_changes_and_lose_only_against_a_new_reading(
    fresh_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = fresh_database()
    upgrade_to(url, "0001", monkeypatch)
    with connect(url).begin() as connection:
        connection.execute(text(VERSION), {"r": record("from before")})
        connection.execute(text(INTERACTION))
    migrate(url)
    warehouse = Warehouse(url)
    try:
        rows = warehouse.query(
            "SELECT full_name, changes->0->>'old', flags, cleaning_version, confirmed_by, repeated_by FROM staging.current_record"
        )
        assert rows == [("Anna", "x", ["full_name:lossy"], 0, 0, [0, 0])]
        assert warehouse.query("SELECT status, cleaning_version, changes FROM staging.interaction") == [("paid", 0, None)]
        warehouse.stage([said("from before", day, "Ana") for day in (1, 2, 3, 4)])
        assert warehouse.versions("from before") == [(1, 4, "Ana")]
    finally:
        warehouse.close()


LANDED = """
    INSERT INTO ops.manifest (
        manifest_id, source, stream, kind, window_start, window_end, uri, rows, sha256, schema_fingerprint, run_id
    ) VALUES (gen_random_uuid(), 'shop', 'members', 'customers', '2026-08-01Z', '2026-08-02Z', 'u', 1, 's', 'f', 'r');
    INSERT INTO ops.delivery (
        delivery_id, manifest_id, source, stream, file, delivered_on, mode, sha256, rows, unkeyed, status, recorded_at
    ) SELECT
        gen_random_uuid(), manifest_id, 'shop', 'members', file, day::date, 'changes', content, 1, 0, 'accepted', at::timestamptz
    FROM ops.manifest CROSS JOIN (VALUES
        ('a.csv', '2026-08-01', 'one', '2026-08-02Z'), ('a.csv', '2026-08-01', 'two', '2026-08-03Z'),
        ('a.csv', '2026-08-01', 'two', '2026-08-04Z'), ('a.csv', '2026-08-01', 'one', '2026-08-05Z'),
        ('a.csv', '2026-08-02', 'two', '2026-08-03Z'), ('b.csv', '2026-08-01', 'three', '2026-08-06Z'),
        ('t.table', '2026-08-01', 'one', '2026-08-02Z'), ('t.table', '2026-08-01', 'two', '2026-08-03Z')
    ) AS told (file, day, content, at)
"""


def test_files_that_were_replaced_before_are_counted(fresh_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    url = fresh_database()
    upgrade_to(url, "0038", monkeypatch)
    with connect(url).begin() as connection:
        for statement in LANDED.split(";"):
            connection.execute(text(statement))
    migrate(url)
    with connect(url, "suki_ingest").connect() as connection:
        found = connection.execute(
            text("SELECT file, delivered_on::text, copy FROM ops.delivery ORDER BY 1, 2, recorded_at")
        ).all()
    assert [tuple(row) for row in found] == [
        ("a.csv", "2026-08-01", 0), ("a.csv", "2026-08-01", 1), ("a.csv", "2026-08-01", 1), ("a.csv", "2026-08-01", 2),
        ("a.csv", "2026-08-02", 0), ("b.csv", "2026-08-01", 0), ("t.table", "2026-08-01", 0), ("t.table", "2026-08-01", 0),
    ]  # fmt: skip


FED = """
    INSERT INTO golden.change_feed (sequence, customer_id, change, fields, became) VALUES
        (1, :a, 'created', '{}', NULL), (2, :b, 'split', '{}', NULL), (3, :a, 'removed', '{}', NULL);
    INSERT INTO identity.membership (record_id, customer_id, from_sequence, to_sequence) VALUES
        (:r, :a, 1, 3), (:s, :a, 1, 2), (:s, :b, 2, NULL)
"""


def test_a_feed_from_before_learns_what_the_memberships_know(
    fresh_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = fresh_database()
    upgrade_to(url, "0004", monkeypatch)
    a, b, r, s = (record(name) for name in ("A", "B", "r", "s"))
    with connect(url).begin() as connection:
        for statement in FED.split(";"):
            connection.execute(text(statement), {"a": a, "b": b, "r": r, "s": s})
    migrate(url)
    with connect(url, "suki_analyst").connect() as connection:
        columns = "change, customer_id::text, split_from::text[], gained::text[], lost::text[]"
        rows = connection.execute(text(f"SELECT {columns} FROM golden.v_change ORDER BY change_id")).all()
    assert [tuple(row) for row in rows] == [
        ("created", a, [], sorted([r, s]), []),
        ("split", b, [a], [s], []),
        ("retired", a, [], [], [r]),
    ]


def upgrade_to(url: str, revision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Migrate as an earlier version of the project did."""
    from alembic import command

    upgrade = command.upgrade

    def only_to(config: object, _: str) -> None:
        upgrade(config, revision)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", only_to)
        patched.setattr(profile, "declare", lambda connection: None)  # what views declare came later
        engine.migrate(url)
    with connect(url).connect() as connection:
        assert _revision(connection) == revision


def _revision(connection: Connection) -> str:
    return str(connection.scalar(text("SELECT version_num FROM ops.alembic_version")))
