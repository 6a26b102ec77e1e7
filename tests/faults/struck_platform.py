"""Faults of a running platform: its scheduler, its workers, its web server, its database and all of it are killed.

Each strikes a task that has written and not committed, is followed by what `make up` does, and must end where the same
window ends undisturbed. Airflow's own patience with silent tasks is shortened from minutes to seconds; nothing else is otherwise.
"""

import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psycopg

from local import processes
from local.demo import RESOLVE, SOURCES, Span, wait_parsed
from local.problem import Problem
from tests.e2e.driver import QuickSettings, Suki, running, wait
from tests.faults.record import Found, Record

WINDOW = Span("faults", datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 5, tzinfo=UTC))
_PATIENCE = 240.0
_UNDISTURBED = f"""
import os
from include.warehouse.engine import migrate
from tests.flow import ingest, resolve
migrate(os.environ["AIRFLOW_CONN_SUKI_WAREHOUSE"])  # grants on the database itself do not come along with a template
for source in {SOURCES!r}:
    ingest(source, "{WINDOW.start:%Y-%m-%d}", "{WINDOW.end:%Y-%m-%d}")
assert resolve("undisturbed") is not None
"""


class Impatient(QuickSettings):
    """A platform that takes a silent task for dead after seconds, and not after minutes."""

    def environment(self, postgres_port: int) -> dict[str, str]:
        sooner = {
            "TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
            "TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "ORPHANED_TASKS_CHECK_INTERVAL": "5",
            "SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
        }
        return {**super().environment(postgres_port), **{f"AIRFLOW__SCHEDULER__{name}": value for name, value in sooner.items()}}


@dataclass(frozen=True)
class Blow:
    """A fault of the platform.

    Attributes:
        what: Is killed.
        dag: In a run of which Dag.
        task: While this task has written and not committed.
        table: Which it waits to write to.
        kill: Does it.
    """

    what: str
    dag: str
    task: str
    table: str
    kill: Callable[[Suki, str], None]

    def __str__(self) -> str:
        return f"while {self.task} of {self.dag} writes to {self.table}"

    @property
    def group(self) -> str:
        """Its line of the table."""
        return f"platform: {self.what} killed"


def _task(suki: Suki, table: str) -> None:
    suki.kill_who_waits(table)


def _service(name: str) -> Callable[[Suki, str], None]:
    """Its first process alone: what it started lives on, and is nobody's."""

    def kill(suki: Suki, table: str) -> None:
        process = suki.platform.registry.running(name)
        assert process is not None, f"{name} does not run"
        _end([process.pid])

    return kill


def _all_of(*names: str) -> Callable[[Suki, str], None]:
    """With every process they started."""

    def kill(suki: Suki, table: str) -> None:
        _end([pid for name in names for pid in suki.platform.registry.family(name)])

    return kill


def _database(suki: Suki, table: str) -> None:
    process = suki.platform.postgres.running()
    assert process is not None
    _end([process.pid])


def _whole(suki: Suki, table: str) -> None:
    """As when the machine loses its power: every process at once."""
    _end([process.pid for process in suki.processes()])


def _end(pids: list[int]) -> None:
    processes.end(pids, signal_number=signal.SIGKILL)


BLOWS = (
    Blow("task", "ingest_online_sales", "extract", "ops.locator", _task),
    Blow("scheduler", "ingest_online_sales", "stage", "ops.staged_manifest", _service("scheduler")),
    Blow("API server", "ingest_store_pos", "gate_landed", "ops.quality_result", _all_of("api-server")),
    Blow("database", "ingest_social", "stage", "ops.staged_manifest", _database),
    Blow("everything", "ingest_support", "stage", "ops.staged_manifest", _whole),
    Blow("scheduler and tasks", RESOLVE, "weigh_change", "ops.resolve_diff", _all_of("scheduler")),
    Blow("database", RESOLVE, "publish", "ops.resolve_run", _database),
    Blow("everything", RESOLVE, "find_households", "ops.household_run", _whole),
)
"""In their order: runs of the sources, and at last the resolve run that follows from them."""


def chosen_blows(only: str, every: int) -> list[Blow]:
    """Those that hold a text, or every so manieth."""
    return [blow for blow in BLOWS if only in f"{blow.group} {blow}"][::every]


def strike_platform(chosen: list[Blow], record: Record) -> None:
    """Start a platform and have the faults strike one after the other.

    Args:
        chosen: Which faults.
        record: Takes what became of them, and of all of them together.
    """
    chosen = record.still_to_do(chosen, lambda blow: (blow.group, str(blow)))
    if not chosen:
        return
    with running(people=150, days=4, kind=Impatient) as suki:
        wait_parsed(suki.platform, {*(f"ingest_{source}" for source in SOURCES), RESOLVE})
        suki.until_quiet()
        scene, found = _Scene(suki), []
        scene.pause(RESOLVE, paused=True)
        suki.platform.postgres.ensure_database("undisturbed", "suki_app", template="warehouse")
        with ThreadPoolExecutor(1) as beside:
            undisturbed = beside.submit(_undisturbed, replace(suki, database="undisturbed"))
            for blow in chosen:
                if blow.kill in (_database, _whole):
                    wait_for([undisturbed])  # it must not be struck
                found.append((blow, scene.struck(blow)))
        twin = undisturbed.result()
        scene.to_the_end()
        end = _end_of(suki)
        lost = scene.lost()
        different = [what for what, told in twin.items() if end.get(what) != told]
        for blow, one in found:
            wrong = [*one.wrong, *(f"{what} is another than undisturbed" for what in different)]
            record.add(Found(blow.group, str(blow), hit=one.hit, said=one.said, lost=lost, wrong=wrong))


def _undisturbed(twin: Suki) -> dict[str, Any]:
    """The same window in a copy of the warehouse, which nobody disturbs."""
    done = twin.python(_UNDISTURBED, AIRFLOW_CONN_SUKI_WAREHOUSE=twin.warehouse_url)
    assert done.returncode == 0, done.stderr[-3000:]
    return _end_of(twin)


def _end_of(suki: Suki) -> dict[str, Any]:
    """What stands in a warehouse in the end."""
    changes = suki.ask(
        "SELECT change, count(*), md5(string_agg(customer_id::text, ',' ORDER BY customer_id::text)) FROM golden.customer_change"
        " GROUP BY 1 ORDER BY 1"
    )
    households = suki.ask(
        "SELECT h.content_hash FROM ops.household_run h JOIN ops.resolve_run USING (resolve_id) ORDER BY sequence DESC LIMIT 1"
    )
    return {
        **{f"what is staged of {source}": suki.staged(source) for source in SOURCES},
        "the golden content hash": suki.golden(),
        "the change feed": changes,
        "the hash of households": households,
        "what waits to be resolved": suki.ask("SELECT count(*) FROM staging.dirty_record"),
    }


@dataclass
class _Struck:
    hit: bool = True
    said: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass
class _Scene:
    """A platform that is struck, and the runs that are on it."""

    suki: Suki
    runs: dict[str, str] = field(default_factory=dict)
    """Dag > the run that is struck."""

    def pause(self, dag: str, *, paused: bool) -> None:
        self.suki.platform.api.call("PATCH", f"/dags/{dag}", {"is_paused": paused})

    def struck(self, blow: Blow) -> _Struck:
        """Strike once the task is there, start again what died, and wait until the task has ended well."""
        found, suki, began = _Struck(hit=False), self.suki, time.monotonic()
        with suppress(psycopg.OperationalError), suki.holding(blow.table) as release:  # its session may be killed with the rest
            self._begun(blow.dag)
            waiting = "SELECT 1 FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
            try:
                wait(lambda: bool(suki.ask(waiting, blow.table)), f"{blow.task} to come", patience=_PATIENCE, every=0.1)
            except AssertionError as problem:
                found.wrong.append(str(problem))
                return found
            if blow.dag == RESOLVE:
                self.runs[RESOLVE] = next(run["dag_run_id"] for run in suki.runs(RESOLVE) if run["state"] == "running")
            suki.platform.say(f"{blow.what} killed {blow}")
            blow.kill(suki, blow.table)
            found.hit = True
            with suppress(psycopg.OperationalError):
                release()
        try:
            wait(partial(self._ended, blow, found), f"{blow.task} to end well", patience=_PATIENCE, every=0.5)
        except AssertionError as problem:
            found.wrong.append(str(problem))
        suki.platform.say(f"{blow.task} of {blow.dag} ended after {time.monotonic() - began:.0f} s")
        return found

    def to_the_end(self) -> None:
        """Return when every run is over; a failed one is told by what differs in the end."""
        if RESOLVE not in self.runs:
            self._begun(RESOLVE)
        self.suki.until_quiet(_PATIENCE)

    def lost(self) -> int:
        """Rows of the day that landed and are nowhere."""
        ((landed, staged, left),) = self.suki.ask(
            "SELECT coalesce(sum(rows_in) FILTER (WHERE step = 'extract'), 0),"
            " coalesce(sum(rows_out) FILTER (WHERE step = 'stage'), 0), coalesce(sum(unchanged + quarantined + suppressed), 0)"
            " FROM ops.step_count WHERE run_id = ANY(%s)",
            list(self.runs.values()),
        )
        return abs(int(landed) - int(staged) - int(left))

    def _begun(self, dag: str) -> None:
        """The Dag's run; that of resolve begins when all are staged."""
        if dag in self.runs:
            return
        if dag != RESOLVE:
            self.runs[dag] = self.suki.run(dag.removeprefix("ingest_"), WINDOW, WINDOW.name)
            return
        for source in SOURCES:
            self._begun(f"ingest_{source}")
        ingests = [(name, run) for name, run in self.runs.items() if name != RESOLVE]
        over = ("success", "failed")
        wait(lambda: all(self.suki.state(*run) in over for run in ingests), "the sources to be read", patience=_PATIENCE)
        self.pause(RESOLVE, paused=False)
        self.suki.platform.api.start(RESOLVE, "faults", {})  # what was staged while it was paused may have begun none
        self.runs[RESOLVE] = "faults"

    def _ended(self, blow: Blow, found: _Struck) -> bool:
        """Whether the task has ended well; what died is started again first, as `make up` does it."""
        platform = self.suki.platform
        if platform.postgres.running() is None or not all(map(platform.registry.running, platform.commands)):
            try:
                with platform.alone():
                    platform.begin()
            except Problem as problem:  # it is asked to once more
                found.said.append(str(problem).splitlines()[0])
                return False
        try:
            task = self.suki.tasks(blow.dag, self.runs[blow.dag])[blow.task]
        except (OSError, ValueError, KeyError, Problem):  # who is asked has only just come up, or has just died
            return False
        assert task["state"] not in ("failed", "upstream_failed"), f"{blow.task} failed after {task['try_number']} tries"
        return bool(task["state"] == "success")
