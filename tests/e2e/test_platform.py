"""The whole of Suki on a real Airflow and a real PostgreSQL, in order: windows, the same again, trouble, kills, and the end."""

import json
import os
import re
import signal

import psutil
import pytest

from local import processes
from local.demo import RESOLVE, SOURCES
from local.overview import look
from local.summary import summarise
from tests.e2e.conftest import HELD, Again, Killed, Synced, Troubled
from tests.e2e.driver import RETRIES, Suki
from tests.e2e.people import found_in, masked, personal_values

pytestmark = pytest.mark.e2e


# --- windows ----------------------------------------------------------------------------------------------------------------


def test_a_bulk_window_and_two_days_of_four_sources_all_succeed(suki: Suki, synced: Synced):
    runs = [run for source in SOURCES for run in suki.runs(f"ingest_{source}") if run["dag_run_id"] in synced.run_ids]
    assert {(run["dag_id"], run["state"]) for run in runs} == {(f"ingest_{source}", "success") for source in SOURCES}
    assert len(runs) == 12


def test_every_row_is_accounted_for_at_every_step(suki: Suki, synced: Synced):
    odd = suki.ask("SELECT run_id, step FROM ops.step_count WHERE rows_in <> rows_out + quarantined + unchanged + suppressed")
    assert odd == []
    steps = suki.ask("SELECT DISTINCT step FROM ops.step_count WHERE run_id = ANY(%s)", sorted(synced.run_ids))
    assert {step for (step,) in steps} == {"extract", "gate_landed", "map", "gate_mapped", "clean", "gate_cleaned", "stage"}


def test_three_windows_of_four_sources_become_a_handful_of_resolve_runs(synced: Synced):
    assert 1 <= synced.published <= 6


def test_the_golden_customers_are_published_under_a_hash_and_are_mostly_the_people_they_should_be(suki: Suki, synced: Synced):
    summary = summarise(suki.warehouse_url, suki.settings.truth, sorted(synced.run_ids))
    assert re.fullmatch("[0-9a-f]{64}", synced.golden)
    assert suki.ask("SELECT count(*) FROM golden.customer")[0][0] == summary.resolved["customers"] > 100
    print("pairwise", summary.scores)
    assert summary.scores["F1"] > 0.6


# --- operations at hand -----------------------------------------------------------------------------------------------------

OF_THE_MACHINE = {"cores", "memory", "disk", "deliveries"}  # the sample's days are late or not by today's date


def test_the_doctor_finds_a_platform_that_works_well_and_tells_no_secret(suki: Suki, synced: Synced):
    done = suki.command("doctor", "--json")
    checks = {found["check"]: found for found in json.loads(done.stdout)["checks"]}
    assert [found for name, found in checks.items() if found["status"] != "ok" and name not in OF_THE_MACHINE] == []
    assert done.returncode == 0
    assert checks["record key"]["says"] == "key '1' is the one the warehouse was filled with"
    assert len(checks) > 35
    secrets = json.loads((suki.settings.state / "secrets.json").read_text())
    assert [name for name, secret in secrets.items() if secret in done.stdout + done.stderr] == []
    assert masked(found_in(done.stdout + done.stderr, personal_values(suki.settings.exports))) == []


def test_status_tells_the_newest_run_of_every_dag_and_what_to_do(suki: Suki, synced: Synced):
    found = look(suki.platform)
    assert [name for name, how in found.services if not how.startswith("running since")] == []
    ingests = [f"ingest_{source}" for source in SOURCES]
    by_the_clock = {"audit_quality", "export_crm", "refresh_customers"}  # theirs may have been due since the platform is up
    assert [dag for dag, _ in found.runs if dag not in by_the_clock] == sorted([*ingests, RESOLVE])
    told = {dag: how.split()[0] for dag, how in found.runs if dag in ingests}  # a sweep of resolve may be at work
    assert told == {dag: suki.runs(dag)[0]["state"] for dag in told}
    failed = [dag for dag, state in told.items() if state == "failed"]  # a chapter before this one may have ended badly
    assert found.well
    if failed:
        assert any(found.next.startswith(f"see why it failed: {suki.settings.ui_url}/dags/{dag}/") for dag in failed)
    else:
        assert found.next == "nothing; bin/suki doctor looks deeper"


def test_a_customer_id_is_resolved_at_the_command_line(suki: Suki, synced: Synced):
    ((customer_id,),) = suki.ask("SELECT customer_id::text FROM golden.customer LIMIT 1")
    assert suki.command("resolve", customer_id).stdout.startswith(f"{customer_id} is current since ")


# --- again ------------------------------------------------------------------------------------------------------------------


def test_any_window_again_leaves_what_is_known_and_the_golden_hash_equal(suki: Suki, synced: Synced, again: Again):
    for source, run_id in again.runs.items():
        assert suki.state(f"ingest_{source}", run_id) == "success"
        assert suki.ask("SELECT sum(rows_out), sum(unchanged) > 0 FROM ops.step_count WHERE run_id = %s AND dag_id = %s "
                        "AND step = 'stage'", run_id, f"ingest_{source}") == [(0, True)]  # fmt: skip
        assert again.staged[source] == synced.staged[source]
    assert again.golden == synced.golden


def test_a_run_started_today_for_a_day_long_past_does_its_work(suki: Suki, again: Again):
    tasks = suki.tasks("ingest_support", again.runs["support"])
    assert len(tasks) == 7
    assert {task["state"] for task in tasks.values()} == {"success"}


def test_a_backfill_by_airflows_own_command_stages_what_the_daily_runs_staged(suki: Suki, synced: Synced, again: Again):
    assert again.backfill.returncode == 0, again.backfill.stderr[-2000:]
    runs = [run for run in suki.runs("ingest_social") if run["run_type"] == "backfill" and run["run_after"] < "2026-08-08"]
    assert [(run["state"], run["data_interval_start"][:10]) for run in reversed(runs)] == [
        ("success", "2026-08-05"), ("success", "2026-08-06"),
    ]  # fmt: skip
    extracted = "SELECT sum(rows_in) FROM ops.step_count WHERE step = 'extract' AND dag_id = 'ingest_social' AND run_id = ANY(%s)"
    daily = [run_id for run_id in synced.run_ids if run_id.startswith("day__")]
    backfilled = suki.ask(extracted, [run["dag_run_id"] for run in runs])
    assert backfilled == suki.ask(extracted, daily)
    assert backfilled[0][0] > 0
    assert again.staged["social"] == synced.staged["social"]


def test_resolve_does_nothing_and_says_so_when_no_record_changed(suki: Suki, again: Again):
    assert again.resolve_runs, "no resolve run came after the windows that changed nothing"
    for run in again.resolve_runs:
        assert run["dag_run_id"] not in suki.resolves(), "a run that finds nothing is no publication"
        assert run["state"] == "success"
        states = {name: task["state"] for name, task in suki.tasks(RESOLVE, run["dag_run_id"]).items()}
        assert states.pop("wait_for_ingest") == "success"
        assert set(states.values()) == {"skipped"}
        said = [line["event"] for line in suki.log(RESOLVE, run["dag_run_id"], "pairs")]
        assert any("nothing to resolve" in line for line in said)


# --- trouble ----------------------------------------------------------------------------------------------------------------


def test_a_missing_file_is_retried_and_then_named(suki: Suki, troubled: Troubled):
    assert suki.state("ingest_social", troubled.missing) == "failed"
    extract = suki.tasks("ingest_social", troubled.missing)["extract"]
    assert (extract["state"], extract["try_number"]) == ("failed", RETRIES + 1)
    said = suki.errors("ingest_social", troubled.missing, "extract", attempt=RETRIES + 1)
    assert "social/2026-08-07/leads.csv is not there" in said[-1]
    assert str(suki.settings.exports) in said[-1]


def test_failed_sources_hold_back_nobody(suki: Suki, troubled: Troubled):
    assert suki.state("ingest_store_pos", troubled.good) == "success"
    assert troubled.published >= 1
    assert troubled.waiting == 0
    newly_said = suki.ask(
        """SELECT count(*), count(c.customer_id) FROM (
               SELECT DISTINCT ON (record_id) record_id, deleted, delivered_on FROM staging.record_version
                WHERE source = 'store_pos' ORDER BY record_id, source_time DESC, delivered_on DESC, content_hash DESC
           ) v LEFT JOIN golden.crosswalk c USING (record_id) WHERE v.delivered_on = '2026-08-07' AND NOT v.deleted"""
    )
    assert newly_said[0][0] == newly_said[0][1] > 0


def test_a_closed_gate_fails_at_once_and_says_what_how_many_and_where(suki: Suki, troubled: Troubled):
    assert suki.state("ingest_online_sales", troubled.poisoned) == "failed"
    tasks = suki.tasks("ingest_online_sales", troubled.poisoned)
    assert (tasks["gate_landed"]["state"], tasks["gate_landed"]["try_number"]) == ("failed", 1)
    assert tasks["stage"]["state"] == "upstream_failed"
    said = suki.errors("ingest_online_sales", troubled.poisoned, "gate_landed")
    assert said
    print(said[-1])
    assert "online_sales.customers" in said[-1]
    assert "mostly_keyed" in said[-1]
    staged = suki.ask("SELECT count(*) FROM ops.step_count WHERE run_id = %s AND dag_id = 'ingest_online_sales' "
                      "AND step IN ('map', 'clean', 'stage')", troubled.poisoned)  # fmt: skip
    assert staged == [(0,)]


@pytest.fixture
def report_address(suki: Suki, troubled: Troubled) -> str:
    """The address under a closed gate's *Extra links*."""
    path = f"/dags/ingest_online_sales/dagRuns/{troubled.poisoned}/taskInstances/gate_landed/links"
    return str(suki.platform.api.get(path)["extra_links"]["Quality report"])


@pytest.mark.parametrize("by", ["cookie", "token"])
def test_a_gates_link_leads_who_is_signed_in_to_what_broke(suki: Suki, report_address: str, by: str):
    page = suki.browse(report_address, user="viewer", by=by)
    assert page.status == 200
    assert "mostly keyed" in page.text or "mostly_keyed" in page.text
    values = personal_values(suki.settings.exports)
    assert masked(found_in(page.text, values)) == []


def test_a_gates_report_is_for_nobody_who_is_not_signed_in(suki: Suki, report_address: str):
    page = suki.browse(report_address, user=None)
    assert page.status in {302, 303, 307, 401, 403}
    assert "keyed" not in page.text


# --- kills ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", HELD)
def test_a_task_killed_between_its_write_and_its_commit_is_tried_again(suki: Suki, killed: Killed, task: str):
    where = (RESOLVE, killed.resolve_run) if task == "publish" else ("ingest_support", killed.run_id)
    tried = suki.tasks(*where)[task]
    assert (tried["state"], tried["try_number"]) == ("success", 2)
    assert suki.state(*where) == "success"


def test_killed_tasks_leave_the_state_an_undisturbed_run_leaves(suki: Suki, synced: Synced, killed: Killed):
    assert killed.staged == killed.twin_staged
    assert killed.staged != synced.staged["support"], "the window brought nothing, so nothing is shown"
    assert killed.golden == killed.twin_golden


# --- nobody's value where it does not belong --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def values(suki: Suki) -> set[str]:
    """Everyone in the exports."""
    found = personal_values(suki.settings.exports)
    assert len(found) > 1000
    return found


def test_the_search_for_personal_values_finds_them_where_they_belong(suki: Suki, killed: Killed, values: set[str]):
    golden = "\n".join(row for (row,) in suki.ask("SELECT c::text FROM golden.customer c"))
    assert len(found_in(golden, values)) > 300


def test_no_log_holds_a_personal_value(suki: Suki, killed: Killed, values: set[str]):
    tasks = sorted((suki.settings.airflow_home / "logs").rglob("*.log"))
    services = sorted(suki.settings.logs.glob("*.log"))
    assert len(tasks) > 100
    assert {"scheduler.log", "api-server.log", "dag-processor.log", "triggerer.log"} <= {file.name for file in services}
    for file in (*tasks, *services, suki.platform.postgres.log):
        found = found_in(file.read_text(errors="replace"), values)
        assert masked(found) == [], file.name


def test_no_row_of_airflows_database_holds_a_personal_value(suki: Suki, killed: Killed, values: set[str]):
    seen = _every_row(suki, "airflow", "public")
    for name in ("xcom", "rendered_task_instance_fields", "dag_run", "log"):
        assert seen[name], f"{name} is empty: nothing was looked at"
    assert "task_instance_note" in seen
    for name, text in seen.items():
        assert masked(found_in(text, values)) == [], name


def test_no_row_about_what_ran_holds_a_personal_value(suki: Suki, killed: Killed, values: set[str]):
    seen = _every_row(suki, "warehouse", "ops")
    assert seen["quality_result"]
    for name, text in seen.items():
        assert masked(found_in(text, values)) == [], name


def test_no_path_of_the_lake_holds_a_personal_value(suki: Suki, killed: Killed, values: set[str]):
    paths = "\n".join(str(path.relative_to(suki.home)) for path in suki.settings.lake.rglob("*"))
    assert ".parquet" in paths
    assert masked(found_in(paths, values)) == []


def _every_row(suki: Suki, database: str, schema: str) -> dict[str, str]:
    """Table > all its rows as text."""
    with suki.platform.postgres.superuser(database) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
        rows = {name: connection.execute(f'SELECT t::text FROM {schema}."{name}" t').fetchall() for (name,) in tables}  # type: ignore[call-overload]
    return {str(name): "\n".join(str(row) for (row,) in found) for name, found in rows.items()}


# --- the end ----------------------------------------------------------------------------------------------------------------


def test_down_leaves_no_process_even_of_a_scheduler_that_was_killed(suki: Suki, killed: Killed):
    before = suki.processes()
    assert {"postgres", "scheduler"} <= {service for service, how in look(suki.platform).services if how.startswith("running")}
    scheduler = suki.platform.registry.running("scheduler")
    assert scheduler is not None
    workers = [process for process in before if process.pid != scheduler.pid and process.ppid() == scheduler.pid]
    assert workers, "the scheduler has no workers that could outlive it"
    os.kill(scheduler.pid, signal.SIGKILL)
    suki.platform.stop()
    assert [process.name() for process in before if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    assert suki.processes() == []
    assert [pid for pid in psutil.pids() if str(suki.home) in processes.command(pid)] == []


def test_a_stopped_platform_is_told_from_a_broken_one(suki: Suki, killed: Killed):
    found = look(suki.platform)  # the test before stopped it
    assert {how for _, how in found.services} == {"stopped"}
    assert "make up" in found.next
    checks = json.loads(suki.command("doctor", "--json").stdout)["checks"]
    failed = {found["check"]: found["mend"] for found in checks if found["status"] == "fail"}
    assert failed == {"airflow database": "make up", "warehouse": "make up"}
    assert {found["says"] for found in checks if found["check"] in {"scheduler", "schema"}} == {
        "skipped because airflow database is not well", "skipped because warehouse is not well",
    }  # fmt: skip
