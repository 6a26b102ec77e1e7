"""A bulk load of weeks and the daily runs after it end in golden customers, and every row of the way is accounted for."""

import csv
import re
from pathlib import Path

import pytest

from include.sources import discover
from tests.integration.flow.conftest import BULK, DAYS
from tests.integration.flow.world import INGEST, World, unbalanced

pytestmark = pytest.mark.integration


def test_rows_add_up_at_every_step_and_from_step_to_step(synced: World) -> None:
    windows, streams = 1 + len(DAYS), sum(len(source.streams) for source in discover().values())
    assert synced.query("SELECT count(*) FROM ops.step_count") == [(windows * streams * len(["extract", *INGEST]),)]
    assert unbalanced(synced) == []


def test_what_left_the_way_is_in_quarantine(synced: World) -> None:
    (counted,) = synced.query("SELECT sum(quarantined) FROM ops.step_count")
    (kept,) = synced.query("SELECT count(*) FROM staging.quarantine")
    assert counted == kept
    assert counted > (0,), "the sample world breaks some lines on purpose"


def test_every_row_of_a_store_s_files_is_landed(synced: World, sample_exports: Path) -> None:
    """Counted by other means than the reader's."""
    delivered = {}
    for file in sample_exports.glob("store_pos/*/*.csv"):
        with file.open(encoding="utf-8", newline="") as text:
            delivered[file.relative_to(sample_exports).as_posix()] = sum(1 for _ in csv.reader(text)) - 1
    found = synced.query("SELECT file, rows, status FROM ops.delivery WHERE source = 'store_pos'")
    assert {file for file, _, _ in found} == set(delivered)
    assert {file: rows for file, rows, status in found if status == "accepted"} == {
        file: delivered[file] for file, _, status in found if status == "accepted"
    }
    assert {rows for _, rows, status in found if status == "refused"} <= {0}


def test_all_live_records_have_their_customer(synced: World) -> None:
    live = synced.query("SELECT record_id FROM staging.current_record ORDER BY record_id")
    assert len(live) > 300
    assert synced.query("SELECT record_id FROM golden.crosswalk ORDER BY record_id") == live
    assert synced.query("SELECT DISTINCT customer_id FROM golden.crosswalk ORDER BY 1") == synced.query(
        "SELECT customer_id FROM golden.customer ORDER BY 1"
    )


def test_people_are_fewer_than_their_records(synced: World) -> None:
    ((customers, records),) = synced.query("SELECT count(*), sum(record_count) FROM golden.customer")
    assert customers < records


def test_no_change_waits_any_longer(synced: World) -> None:
    assert synced.query("SELECT count(*) FROM staging.dirty_record") == [(0,)]


def test_both_resolve_runs_left_their_hash(synced: World) -> None:
    hashes = [found for (found,) in synced.query("SELECT content_hash FROM ops.resolve_run ORDER BY sequence")]
    assert len(hashes) == 2
    assert all(re.fullmatch("[0-9a-f]{64}", found) for found in hashes)
    assert hashes[0] != hashes[1], "two days of changes leave a trace"


def test_a_full_directory_takes_away_who_is_no_longer_in_it(synced: World) -> None:
    """The second daily window holds one, of a scope whose earlier files lie in the bulk window."""
    assert synced.query(
        "SELECT count(*) > 0 FROM staging.record_version WHERE deleted AND source = 'store_pos' AND source_time = :day",
        day=f"{DAYS[-1][0]}T00:00:00Z",
    ) == [(True,)]


def test_the_day_that_brought_a_new_column_told_of_it(synced: World) -> None:
    drifted = synced.query("SELECT run_id, field, first_file FROM ops.drift WHERE source = 'social'")
    assert drifted == [(f"social__{BULK[0]}__{BULK[1]}", "how_did_you_hear_about_us?", drifted[0][2])] * len(drifted)
    assert drifted
