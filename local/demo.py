"""The demo: the whole of Suki on the sample world, driven from outside through Airflow's scheduler as an operator would.

One bulk window of history, then two daily ones. A demo that ran before finds those runs done, runs the last day once more, and
shows that again is the same.
"""

import shutil
import time
import urllib.error
import urllib.parse
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from local.fingerprint import fingerprint
from local.problem import Problem
from local.services import OUTDATED, Platform, Step
from local.settings import Settings
from local.summary import content_hash, records_waiting, summarise

SOURCES = ("online_sales", "store_pos", "social", "support")
INGESTS = tuple(f"ingest_{source}" for source in SOURCES)
RESOLVE = "resolve_customers"

_POLL = 1.0
_QUIET_POLLS = 3  # an asset event needs a moment to become a run
_PARSE_PATIENCE = 120.0
_RUN_PATIENCE = 1200.0
# Seconds records may wait with no run open: one that failed earlier left them, and nothing new will take them up.
_SWEEP_AFTER = 10.0
_SHOWN_AFTER = 4.0  # seconds a task runs before it is worth a line


@dataclass(frozen=True)
class Span:
    """A window of deliveries, and what its runs are called."""

    name: str
    start: datetime
    end: datetime

    @property
    def run_id(self) -> str:
        """The id of its run in every ingest Dag."""
        return f"{self.name}__{self.start:%Y-%m-%d}__{self.end:%Y-%m-%d}"


def day(text: str) -> Span:
    """The window of one day of deliveries."""
    start = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return Span("day", start, start + timedelta(days=1))


WORLD = (
    Span("bulk", datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 9, 28, tzinfo=UTC)),
    day("2026-09-28"),
    day("2026-09-29"),
)


def demo(platform: Platform) -> None:
    """Start what does not run, sync the sample world, and print what came of it."""
    say, settings = platform.say, platform.settings
    with platform.alone():
        if platform.outdated():
            raise Problem(OUTDATED)
        sample = begin_sample(platform)
        platform.begin(beside=sample)
    say(f"Airflow is up at {settings.ui_url}")
    wait_parsed(platform, {*INGESTS, RESOLVE})

    warehouse = settings.warehouse_url(platform.postgres.port)
    of = golden_of(settings)
    done = [bool(_done(platform, dag_id, span)) for dag_id in INGESTS for span in WORLD]
    done_before = all(done)
    before = content_hash(warehouse) if done_before else None
    run_ids: set[str] = set()
    for span in WORLD:
        run_ids |= sync(platform, span)
    if before is not None:
        last = WORLD[-1]
        say(f"All windows are done already; {last.start:%Y-%m-%d} is run again")
        sync(platform, Span(f"again_{datetime.now(UTC):%Y%m%dT%H%M%S}", last.start, last.end))

    say("Reading what became of every row")
    summary = summarise(warehouse, settings.truth, sorted(run_ids))
    if not any(done):  # all of it by this very code: what `make celery-check` may compare with
        settings.remember("demo", {"of": of, "hash": summary.content_hash})
    print("", *summary.lines(), "", sep="\n")
    print(f"  Airflow: {settings.ui_url}  user admin, password in {settings.passwords}\n  Stop everything: make down\n")
    if before is not None and before != summary.content_hash:
        raise Problem(
            f"The last window was run again and the golden content hash changed; it was {before}. That is a fault in Suki."
        )


# --- the sample -------------------------------------------------------------------------------------------------------------


def begin_sample(platform: Platform, *size: str) -> Step | None:
    """Begin to write the sample's exports, unless this very world was written already.

    Args:
        platform: In whose exports.
        size: Options of the sample's command, for a smaller world.
    """
    settings = platform.settings
    world = " ".join((_world(settings), *size))
    if settings.remembered("world") == world and (settings.truth / "truth.csv").exists():
        return None
    settings.remember("world", None)
    for folder in (settings.exports, settings.truth):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
    command = (str(settings.python), "-m", "sample", "--exports", str(settings.exports), "--truth", str(settings.truth), *size)
    step = Step.begin("writing of the sample", command, settings, settings.base_environment())
    return replace(step, then=lambda: settings.remember("world", world))


def _world(settings: Settings) -> str:
    """The fingerprint of the sample's generator: the same one writes the same world."""
    return fingerprint(settings.root, "sample")


def golden_of(settings: Settings) -> str:
    """What the golden hash of the sample follows from, beside the record key: the world, and the code that makes it golden."""
    return fingerprint(settings.root, "sample", "include", "plugins", "dags", "requirements.txt")


# --- Dags and runs ----------------------------------------------------------------------------------------------------------


def wait_parsed(platform: Platform, dag_ids: set[str]) -> None:
    """Return when Airflow has read all these Dags and no Dag file is broken."""
    deadline = time.monotonic() + _PARSE_PATIENCE
    while True:
        errors = platform.api.import_errors()
        if errors:
            file, trace = next(iter(errors.items()))
            raise Problem(f"Airflow cannot read {file}: {trace.strip().splitlines()[-1]}")
        missing = dag_ids - platform.api.dags()
        if not missing:
            return
        if time.monotonic() > deadline:
            log = platform.settings.logs / "dag-processor.log"
            raise Problem(f"Airflow did not find the Dags {', '.join(sorted(missing))}. See {log}.")
        time.sleep(0.5)


def sync(platform: Platform, span: Span) -> set[str]:
    """Run every ingest Dag over the window unless it was, and wait until all is resolved.

    Returns:
        The ids of the runs that did it.
    """
    run_ids, begun = set(), False
    for dag_id in INGESTS:
        done = _done(platform, dag_id, span)
        if done:
            run_ids.add(done)
            continue
        run_ids.add(_begin(platform, dag_id, span))
        begun = True
    if begun:
        platform.say(f"Window {span.start:%Y-%m-%d} to {span.end:%Y-%m-%d}: {', '.join(SOURCES)}")
        watch(platform, run_ids)
    return run_ids


def watch(platform: Platform, run_ids: set[str]) -> None:
    """Say what these runs do, and return when no run is open and no record waits."""
    _Watch(platform, run_ids).until_quiet()


def _begin(platform: Platform, dag_id: str, span: Span) -> str:
    """Start a run over the window, under a name no failed run of it holds."""
    for attempt in range(1, 100):
        run_id = span.run_id if attempt == 1 else f"{span.run_id}__{attempt}"
        if platform.api.trigger(dag_id, run_id, span.start, span.end):
            return run_id
        state = next((run["state"] for run in platform.api.runs(dag_id) if run["dag_run_id"] == run_id), None)
        if state in {"queued", "running"}:
            return run_id
    raise Problem(f"{dag_id} failed on {span.run_id} a hundred times. Start afresh with: make reset")


def _done(platform: Platform, dag_id: str, span: Span) -> str | None:
    names = {run["dag_run_id"] for run in platform.api.runs(dag_id, ["success"])}
    return next((name for name in sorted(names) if name == span.run_id or name.startswith(f"{span.run_id}__")), None)


@dataclass
class _Watch:
    """Looks at Airflow until nothing is left to do, and says what changes."""

    platform: Platform
    run_ids: set[str]
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    _said: dict[tuple[str, ...], str] = field(default_factory=dict)

    def until_quiet(self) -> None:
        """Return when no run is open and no record waits; a failed run is a Problem."""
        warehouse = self.platform.settings.warehouse_url(self.platform.postgres.port)
        deadline, quiet, waiting = time.monotonic() + _RUN_PATIENCE, 0, 0
        idle_since = time.monotonic()
        while quiet < _QUIET_POLLS:
            runs = self._runs()
            for run in runs:
                self._tell_run(run)
            open_runs = [run for run in runs if run["state"] in {"queued", "running"}]
            if open_runs:
                self._tell_tasks()
            waiting = 0 if open_runs else records_waiting(warehouse)
            quiet = 0 if open_runs or waiting else quiet + 1
            if not waiting:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > _SWEEP_AFTER:
                self.platform.say(f"{waiting} records wait to be resolved, left by an earlier run; {RESOLVE} is started for them")
                self.platform.api.start(RESOLVE, f"sweep__{datetime.now(UTC):%Y%m%dT%H%M%S}", {})
                idle_since = time.monotonic()
            if time.monotonic() > deadline:
                names = (
                    ", ".join(f"{run['dag_id']} {run['dag_run_id']}" for run in open_runs) or f"{waiting} records to be resolved"
                )
                raise Problem(
                    f"Gave up after {_RUN_PATIENCE / 60:.0f} minutes of waiting for {names}. See: make status, make logs"
                )
            time.sleep(_POLL)

    def _runs(self) -> list[dict[str, Any]]:
        recent = self.platform.api.runs("~")
        ours = {*INGESTS, RESOLVE}
        return [
            run
            for run in reversed(recent)
            if run["dag_id"] in ours
            and (
                run["dag_run_id"] in self.run_ids
                or _time(run["queued_at"]) >= self.began
                or run["state"] in {"queued", "running"}  # begun before, like the sweep of a platform that just started
                or (run["dag_id"], run["dag_run_id"]) in self._said
            )
        ]

    def _tell_run(self, run: dict[str, Any]) -> None:
        dag_id, run_id, state = run["dag_id"], run["dag_run_id"], run["state"]
        if self._said.get((dag_id, run_id)) == state:
            return
        self._said[dag_id, run_id] = state
        if state == "failed":
            raise Problem(self._why_failed(dag_id, run_id))
        if state == "success":
            took = (_time(run["end_date"]) - _time(run["start_date"])).total_seconds()
            self.platform.say(f"{dag_id} done in {took:.0f} s")

    def _tell_tasks(self) -> None:
        try:
            found = self.platform.api.get("/dags/~/dagRuns/~/taskInstances?state=running&state=up_for_retry&limit=50")
        except urllib.error.HTTPError:
            return  # a convenience: progress is told by runs as well
        for task in found["task_instances"]:
            key = (task["dag_id"], task["dag_run_id"], task["task_id"], str(task["try_number"]))
            if task["state"] == "up_for_retry":
                self._tell(key, "retry", f"{task['dag_id']}: {task['task_id']} failed and will be tried again")
            elif task["start_date"] and (datetime.now(UTC) - _time(task["start_date"])).total_seconds() > _SHOWN_AFTER:
                self._tell(key, "running", f"{task['dag_id']}: {task['task_id']} is running")

    def _tell(self, key: tuple[str, ...], state: str, line: str) -> None:
        if self._said.get(key) != state:
            self._said[key] = state
            self.platform.say(line)

    def _why_failed(self, dag_id: str, run_id: str) -> str:
        failed = [task for task in self.platform.api.tasks(dag_id, run_id) if task["state"] == "failed"]
        task_id = failed[0]["task_id"] if failed else "?"
        attempt = failed[0]["try_number"] if failed else 1
        mapped = f"map_index={failed[0]['map_index']}/" if failed and failed[0].get("map_index", -1) >= 0 else ""
        folder = f"{self.platform.settings.task_logs}/dag_id={dag_id}/run_id={run_id}/task_id={task_id}"
        log = f"{folder}/{mapped}attempt={attempt}.log"
        link = f"{self.platform.settings.ui_url}/dags/{dag_id}/runs/{urllib.parse.quote(run_id, safe='')}/tasks/{task_id}"
        return f"The task {task_id} of {dag_id} failed.\n  Its log: {log}\n  In the UI: {link}"


def _time(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.now(UTC)
