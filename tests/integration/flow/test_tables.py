"""A source in a database flows like any other; how far it was read only ever moves forward, and skips nothing."""

import json
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException

from include.sources import discovery
from include.sources.discovery import load
from suki.operators.base import TaskFailed
from tests.integration.flow.world import World, unbalanced

pytestmark = pytest.mark.integration

FIRST, NEXT, LATER, END = "2026-08-04", "2026-08-05", "2026-08-08", "2026-08-09"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sqlite3.Connection:
    """The partners of the declared ``erp``, switched on."""
    root = tmp_path / "sources"
    shutil.copytree(discovery.HERE / "erp", root / "erp")
    file = root / "erp" / "source.yml"
    file.write_text(file.read_text(encoding="utf-8").replace("enabled: false", "enabled: true "), encoding="utf-8")
    source = load(root / "erp")
    monkeypatch.setattr(discovery, "HERE", root)
    path = tmp_path / "erp.db"
    made = sqlite3.connect(path, isolation_level=None)
    for statements in sorted((source.folder / "sample").rglob("*.sql")):
        made.executescript(statements.read_text(encoding="utf-8"))
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_ERP", json.dumps({"conn_type": "sqlite", "host": str(path)}))
    return made


def change(database: sqlite3.Connection, partner: str, company: str, changed_at: str) -> None:
    database.execute(
        "UPDATE business_partner SET company = ?, changed_at = ? WHERE partner_no = ?", (company, changed_at, partner)
    )


def read_to(world: World) -> list[tuple[str, datetime]]:
    return world.query("SELECT stream, read_to FROM ops.watermark")


def gaps(world: World) -> list[tuple[datetime | None, datetime | None, str | None]]:
    return world.query("SELECT gap_from, gap_to, gap_run_id FROM ops.watermark")


def companies(world: World) -> set[str]:
    return {name for (name,) in world.query("SELECT company_name FROM staging.current_record WHERE company_name IS NOT NULL")}


def test_a_table_is_read_on_from_where_reading_ended(world: World, database: sqlite3.Connection) -> None:
    world.ingest("erp", FIRST, NEXT, until="gate_landed", run_id="dies on the way")
    assert read_to(world) == []
    (batch,) = world.ingest("erp", FIRST, NEXT)
    assert batch["staged"] == 3, "the first run takes all there was before its end"
    assert read_to(world) == [("partners", datetime(2026, 8, 5, tzinfo=UTC))]
    assert [run for run, *_ in unbalanced(world) if run != "dies on the way"] == []

    (again,) = world.ingest("erp", FIRST, NEXT, run_id="again")
    assert again["staged"] == 0
    assert gaps(world) == [(None, None, None)]

    # Nothing ran on the 5th, 6th and 7th.
    change(database, "BP-1001", "Kessler & Töchter GmbH", "2026-08-06 10:00:00")
    (batch,) = world.ingest("erp", LATER, END, run_id="late")
    assert batch["staged"] == 1, "what changed in the gap is read by the next run"
    missed = [(datetime(2026, 8, 5, tzinfo=UTC), datetime(2026, 8, 8, tzinfo=UTC), "late")]
    assert gaps(world) == missed, "and the page of a run says when that was"
    world.ingest("erp", LATER, END, run_id="late")
    assert gaps(world) == missed
    assert "Kessler & Töchter GmbH" in companies(world)
    assert read_to(world) == [("partners", datetime(2026, 8, 9, tzinfo=UTC))]

    world.ingest("erp", FIRST, NEXT, run_id="backfill")
    assert read_to(world) == [("partners", datetime(2026, 8, 9, tzinfo=UTC))], "a backfill moves nothing back"
    assert "Kessler & Töchter GmbH" in companies(world)
    assert [run for run, *_ in unbalanced(world) if run != "dies on the way"] == []


def test_what_fails_while_it_is_read_is_not_noted_as_read(
    world: World, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute("ALTER TABLE business_partner RENAME COLUMN company TO firm")
    with pytest.raises(AirflowFailException, match=r"table 'business_partner' has no column 'company'\. Valid: partner_no, firm"):
        world.ingest("erp", FIRST, NEXT)
    assert read_to(world) == []
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_ERP", json.dumps({"conn_type": "sqlite", "host": "/nowhere/erp.db"}))
    with pytest.raises(TaskFailed, match="the database file of connection suki_erp is not there"):
        world.ingest("erp", FIRST, NEXT)
    monkeypatch.delenv("AIRFLOW_CONN_SUKI_ERP")
    with pytest.raises(AirflowFailException, match="connection suki_erp"):
        world.ingest("erp", FIRST, NEXT)
    monkeypatch.setenv("AIRFLOW_CONN_SUKI_ERP", json.dumps({"conn_type": "http", "host": "example.com"}))
    with pytest.raises(AirflowFailException, match="conn_type: is 'http'; name the SQLAlchemy driver"):
        world.ingest("erp", FIRST, NEXT)
