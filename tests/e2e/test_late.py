"""A sync that hangs misses its deadline on a live scheduler: one message tells of it and of all that are late, within seconds."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import Synced
from tests.e2e.driver import LATE_AFTER, Suki, wait

pytestmark = [pytest.mark.e2e, pytest.mark.long]

PROBE = Path(__file__).with_name("dags") / "late_probe.py"


def test_a_late_sync_is_told_of_within_seconds_and_with_it_all_that_are_late(suki: Suki, synced: Synced):
    file = suki.settings.dags / PROBE.name
    shutil.copy(PROBE, file)
    try:
        wait(lambda: bool(suki.ask("SELECT 1 FROM ops.late_sync")), "somebody to be told")
        suki.platform.api.call("PATCH", "/dags/late_probe", {"is_paused": True})
        wait(lambda: all(run["state"] not in ("running", "queued") for run in suki.runs("late_probe")), "the probe to end")
        logs = suki.settings.state.glob("airflow/logs/executor_callbacks/late_probe/*/*")
        said = "".join(path.read_text(encoding="utf-8") for path in logs if path.is_file())
    finally:
        file.unlink()
        suki.platform.api.call("DELETE", "/dags/late_probe")
    assert "4 sources are late: " in said
    told = suki.ask("SELECT source, recorded_at - promised, recorded_at FROM ops.late_sync ORDER BY recorded_at, source")
    first = [source for source, _, moment in told if moment == told[0][2]]
    assert first == ["online_sales", "social", "store_pos", "support"], "all that are late in one go"
    (seen_after,) = [after.total_seconds() for source, after, moment in told if source == "support" and moment == told[0][2]]
    print(f"told {seen_after:.1f} s after the promise of {LATE_AFTER} s had passed")
    assert suki.ask("SELECT count(*) FROM ops.late_sync WHERE source = 'store_pos'") == [(1,)], "told once"
