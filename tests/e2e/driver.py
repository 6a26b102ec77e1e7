"""A whole platform of the tests' own: its state, ports and processes are nobody else's, and it ends with the test session."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg

from local import processes
from local.api import NO_PROXY, Api
from local.demo import INGESTS, RESOLVE, Span
from local.services import COMMANDS, Platform
from local.settings import PROJECT, Settings
from sample.rates import load
from sample.world import make

PATIENCE = 900.0  # a machine that builds beside the test is slow, not broken: a wait ends as soon as it can
RETRIES = 2
READING = 5.0
"""Seconds that a person takes to read what they are asked."""
LATE_AFTER = 5
LAST_LINES = 12


class QuickSettings(Settings):
    """The platform's own settings, but for how long it waits: a retry here is not for a file that comes in the morning."""

    @property
    def limits(self) -> Path:
        """How much a resolve run may change unasked: as declared, until a test says otherwise."""
        path = self.state / "blast_radius.yml"
        if not path.exists():
            shutil.copy(PROJECT / "include" / "golden" / "blast_radius.yml", path)
        return path

    def environment(self, postgres_port: int) -> dict[str, str]:
        quick = {
            "AIRFLOW__SUKI__RETRIES": str(RETRIES),
            "AIRFLOW__SUKI__RETRY_DELAY": "1",
            "AIRFLOW__SUKI__LATE_AFTER": str(LATE_AFTER),
            "AIRFLOW__SUKI__BLAST_RADIUS": str(self.limits),
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",  # Dags of the tests' own come while it runs
        }
        return {**super().environment(postgres_port), **quick}


@dataclass(frozen=True)
class Answer:
    """What the web server said to one request."""

    status: int
    text: str


@dataclass(frozen=True)
class Suki:
    """The platform as an operator works it: through its scheduler, its REST interface and its warehouse."""

    platform: Platform
    home: Path
    database: str = "warehouse"

    @property
    def settings(self) -> Settings:
        return self.platform.settings

    @property
    def warehouse_url(self) -> str:
        return self.platform.postgres.url(self.database, "suki_app", self.settings.secret("suki_app"))

    def warehouse(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.warehouse_url, connect_timeout=10)

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.warehouse() as connection:
            return connection.execute(query, values).fetchall()

    # --- runs ---

    def run(self, source: str, span: Span, name: str, logical_date: datetime | None = None) -> str:
        """Start one source over a window; returns the run's id."""
        run_id, dag_id = f"{name}__{span.start:%Y-%m-%d}", f"ingest_{source}"
        assert self.platform.api.trigger(dag_id, run_id, span.start, span.end, logical_date), f"{run_id} is there already"
        return run_id

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        return self.platform.api.runs(dag_id)

    def clear(self, dag_id: str, run_id: str, *task_ids: str) -> None:
        """Let tasks run again, as *Clear* in the UI does."""
        body = {"dry_run": False, "dag_run_id": run_id, "task_ids": list(task_ids), "only_failed": False, "reset_dag_runs": True}
        self.platform.api.call("POST", f"/dags/{dag_id}/clearTaskInstances", body)

    def state(self, dag_id: str, run_id: str) -> str:
        return str(self.platform.api.get(f"/dags/{dag_id}/dagRuns/{urllib.parse.quote(run_id, safe='')}")["state"])

    def until_quiet(self, patience: float = PATIENCE) -> None:
        """Return when no run is open, nor about to be: an asset event takes a moment to become a run."""
        quiet = 0

        def settled() -> bool:
            nonlocal quiet
            open_runs = [
                run for run in self.platform.api.runs("~", ("queued", "running")) if run["dag_id"] in {*INGESTS, RESOLVE}
            ]
            quiet = 0 if open_runs else quiet + 1
            return quiet >= 4

        wait(settled, "every run to end", patience=patience, every=0.5)

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        return {task["task_id"]: task for task in self.platform.api.tasks(dag_id, run_id)}

    def asked(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """What somebody is asked by a run, once it asks."""
        wait(lambda: self.tasks(dag_id, run_id).get("approve", {}).get("state") == "awaiting_input", "somebody to be asked")
        found: dict[str, Any] = self.platform.api.get(_question(dag_id, run_id))
        return found

    def answer(self, dag_id: str, run_id: str, word: str) -> None:
        """Have the steward, who started nothing, answer it as *Required Actions* in the UI does, after as long as reading takes.

        An answer before the process that asked has ended is lost on Airflow: its end is refused ("Failed to report terminal task
        state"), and it asks again.
        """
        time.sleep(READING)
        settings = self.platform.settings
        steward = Api(settings.ui_url, "steward", settings.secret("ui_steward"))
        steward.call("PATCH", _question(dag_id, run_id), {"chosen_options": [word], "params_input": {}})

    def log(self, dag_id: str, run_id: str, task_id: str, attempt: int = 1) -> list[dict[str, Any]]:
        """A task's log as the UI shows it."""
        return self.platform.api.log(dag_id, run_id, task_id, attempt)

    def errors(self, dag_id: str, run_id: str, task_id: str, attempt: int = 1) -> list[str]:
        """What the log says at the level of errors, exceptions' own words included."""
        lines = [line for line in self.log(dag_id, run_id, task_id, attempt) if line.get("level") in {"error", "critical"}]
        return [json.dumps(line, ensure_ascii=False) for line in lines]

    def failures(self) -> str:
        """Every run that failed, how its tasks ended, and the ends of the failed ones' logs: for who reads why a test failed."""
        told = []
        for run in self.platform.api.runs("~", ("failed",)):
            dag_id, run_id = run["dag_id"], run["dag_run_id"]
            tasks = self.platform.api.tasks(dag_id, run_id)
            ended = ", ".join(f"{task['task_id']} {task['state']} after {task['try_number']}" for task in tasks)
            told.append(f"{dag_id} {run_id} began {run['start_date']} and failed {run['end_date']}: {ended}")
            for task in tasks:
                if task["state"] == "failed":
                    told += self._log_ends(dag_id, run_id, task)
        return "\n".join(told)

    def _log_ends(self, dag_id: str, run_id: str, task: dict[str, Any]) -> Iterator[str]:
        """The last lines of every try."""
        for attempt in range(1, task["try_number"] + 1):
            lines = self.platform.api.log(dag_id, run_id, task["task_id"], attempt, task.get("map_index", -1))
            yield f"  {task['task_id']}, try {attempt}, the last of {len(lines)} lines:"
            yield from (f"    {json.dumps(line, ensure_ascii=False)[:2000]}" for line in lines[-LAST_LINES:])

    def make_backfill(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What `make backfill` runs, on this platform."""
        return subprocess.run(
            [sys.executable, "-m", "local", "backfill", *words],
            cwd=self.settings.root,
            env={**os.environ, "SUKI_STATE": str(self.settings.state), "SUKI_DAGS": str(self.settings.dags)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    # --- what came of it ---

    def golden(self) -> str:
        """Content hash of the golden table as the newest resolve run left it, checked against the table itself."""
        from include.warehouse.engine import connect
        from include.warehouse.publish import table_hash

        stored = self.ask("SELECT content_hash FROM ops.resolve_run ORDER BY sequence DESC LIMIT 1")[0][0]
        assert table_hash(connect(self.warehouse_url, "suki_resolve")) == stored
        return str(stored)

    def resolves(self) -> dict[str, str]:
        """What became of each resolve run: Airflow's run id > published or held."""
        return dict(self.ask("SELECT run_id, status FROM ops.resolve_run"))

    def published(self) -> int:
        return list(self.resolves().values()).count("published")

    def staged(self, source: str) -> tuple[Any, ...]:
        """All the warehouse knows of a source, as counts and a digest."""
        versions = self.ask(
            """SELECT count(*), md5(string_agg(concat_ws('/', record_id, source_time, confirmed_at, content_hash, deleted), ','
                                               ORDER BY record_id, source_time, content_hash))
                 FROM staging.record_version WHERE source = %s""",
            source,
        )
        said = self.ask(
            """SELECT count(*), md5(string_agg(concat_ws('/', record_id, customer_record_id, source_time, content_hash), ','
                                               ORDER BY record_id))
                 FROM staging.interaction WHERE source = %s""",
            source,
        )
        return (*versions[0], *said[0])

    # --- the web server, as a browser meets it ---

    def browse(self, address: str, *, user: str | None = "viewer", by: str = "cookie") -> Answer:
        """Ask for a page: with the cookie the UI sets at sign-in, with a bearer token, or as nobody."""
        headers = {"Accept": "text/html"}
        if user:
            token = self.token(user)
            headers |= {"Cookie": f"_token={token}"} if by == "cookie" else {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(address, headers=headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _StayHere())
        try:
            with opener.open(request, timeout=30) as answer:
                return Answer(answer.status, answer.read().decode())
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.read().decode())

    def token(self, user: str) -> str:
        body = json.dumps({"username": user, "password": self.settings.secret(f"ui_{user}")}).encode()
        request = urllib.request.Request(
            f"{self.settings.ui_url}/auth/token", data=body, headers={"Content-Type": "application/json"}
        )
        with NO_PROXY.open(request, timeout=30) as answer:
            return str(json.load(answer)["access_token"])

    # --- trouble ---

    @contextmanager
    def holding(self, table: str) -> Iterator[Callable[[], None]]:
        """Let nobody write to a table of the warehouse until the release, which is given, is called."""
        with self.warehouse() as connection:
            connection.execute(f"LOCK TABLE {table} IN SHARE MODE")
            yield connection.rollback

    def kill_who_waits(self, table: str) -> psutil.Process:
        """Kill, as ``kill -9`` does, the task's process that waits to write to a held table."""
        waiting = """SELECT a.client_port FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                      WHERE l.relation = %s::regclass AND NOT l.granted AND a.client_port IS NOT NULL"""
        return self.kill_client(waiting, f"a task to wait for {table}", table)

    def kill_client(self, ports_query: str, what: str, *values: object) -> psutil.Process:
        """Kill the process at the other end of the first session that a query for client ports finds."""
        victims: list[psutil.Process] = []

        def is_there() -> bool:
            ports = {port for (port,) in self.ask(f"{ports_query} LIMIT 1", *values)}
            victims[:] = [process for process in self.processes() if ports & _ports_of(process)]
            return bool(victims)

        wait(is_there, what, every=0.1)
        os.kill(victims[0].pid, signal.SIGKILL)
        return victims[0]

    def processes(self) -> list[psutil.Process]:
        """Every process of this platform: of the services' families, or with its mark."""
        registry = self.platform.registry
        families = {pid for name in ("postgres", *COMMANDS) for pid in registry.family(name)}
        found = []
        for pid in families | set(processes.marked(self.settings.secret("instance"))):
            with suppress(psutil.NoSuchProcess):  # a task that has just ended
                found.append(psutil.Process(pid))
        return found

    def python(self, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run code in the environment a task has, without a scheduler."""
        root = self.settings.root
        env = {**self.platform.environment(), "PYTHONPATH": f"{root}:{root / 'plugins'}", **environment}
        return subprocess.run([sys.executable, "-c", code], env=env, cwd=root, capture_output=True, text=True, check=False)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``bin/suki`` as an engineer calls it in a clone: it finds the platform by itself."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "SUKI_"))}
        command = [self.settings.root / "bin" / "suki", *arguments]
        env = {**inherited, "SUKI_STATE": str(self.settings.state)}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def _ports_of(process: psutil.Process) -> set[int]:
    try:
        return {connection.laddr.port for connection in process.net_connections("tcp")}
    except psutil.Error:  # it has just ended
        return set()


class _StayHere(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer, not a way: what an anonymous reader is told matters."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _question(dag_id: str, run_id: str) -> str:
    return f"/dags/{dag_id}/dagRuns/{urllib.parse.quote(run_id, safe='')}/taskInstances/approve/-1/hitlDetails"


def wait(ready: Callable[[], bool], what: str, *, patience: float = PATIENCE, every: float = 0.25) -> None:
    """Return when it is so; say what was waited for when it never is."""
    deadline = time.monotonic() + patience
    while not ready():
        assert time.monotonic() < deadline, f"waited {patience:.0f} s in vain for {what}"
        time.sleep(every)


RUNNING: list[Suki] = []
"""The platforms that run now: when a test fails, they are asked which runs failed."""


def failed_on(suki: Suki) -> str:
    """Which runs failed and why, where the platform still answers."""
    try:
        return suki.failures()
    except Exception as error:
        return f"It does not say: {error!r}"


@contextmanager
def running(
    people: int, days: int, kind: type[QuickSettings] = QuickSettings, *, start: date | None = None, own_project: bool = False
) -> Iterator[Suki]:
    """A running platform with a sample world in its exports; nothing of it is left afterwards, however the tests end.

    Args:
        people: Of the world.
        days: Of deliveries.
        kind: How it is set up.
        start: First day of deliveries, where it is not the sample's own.
        own_project: It runs from a copy of the project, so that a test may change what is declared of sources.
    """
    # Not pytest's own folder: that is private to us, and as root PostgreSQL runs as another user.
    home = Path(tempfile.mkdtemp(prefix="suki-e2e-"))
    home.chmod(0o755)
    shutil.copytree(PROJECT / "dags", home / "dags", ignore=shutil.ignore_patterns("__pycache__"))
    settings = kind.load({"SUKI_STATE": str(home / "state"), "SUKI_DAGS": str(home / "dags")})
    if own_project:
        settings = replace(settings, root=_copy_of_project(home / "project"))
    settings.remember("postgres_home", str(home / "postgres"))
    platform = Platform(settings, say=lambda sentence: print(f"{datetime.now(UTC):%H:%M:%S} {sentence}", flush=True))
    warden = _warden(settings)
    try:
        write_world(settings.exports, settings.truth, people, days, start)
        platform.begin()
        suki = Suki(platform, home)
        RUNNING.append(suki)
        try:
            yield suki
        except Exception:  # a fixture on it broke: before the report is written the platform is gone
            print(failed_on(suki), flush=True)
            raise
        finally:
            RUNNING.remove(suki)
    finally:
        platform.stop()
        warden.kill()
        warden.wait()
        if "SUKI_E2E_KEEP" not in os.environ:  # set it to read the logs of a failed test
            shutil.rmtree(home, ignore_errors=True)


def write_world(exports: Path, truth: Path, people: int, days: int, start: date | None = None) -> None:
    """The exports of a sample world; of one that starts on another day hardly anybody is older than its first delivery."""
    rates = load()
    if start is not None:
        rates = rates.model_copy(update={"world": rates.world.model_copy(update={"start": start, "day_one": 0.1})})
    make(rates, exports, truth, people, rates.world.seed, days)


def _copy_of_project(root: Path) -> Path:
    """All of the project that a platform runs, with declarations that may be changed."""
    for name in ("include", "plugins", "local", "bin"):
        shutil.copytree(PROJECT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("tests", "requirements.txt"):
        root.joinpath(name).symlink_to(PROJECT / name)
    root.joinpath(".venv").symlink_to(sys.prefix)
    return root


def _warden(settings: Settings) -> subprocess.Popen[bytes]:
    """A process that stops the platform should the tests be killed: then its input ends."""
    code = (
        "import sys, shutil; from pathlib import Path\n"
        "state = Path(sys.stdin.readline().strip()); sys.stdin.read()\n"
        "from local.services import Platform; from local.settings import Settings\n"
        "Platform(Settings.load({'SUKI_STATE': str(state)})).stop(); shutil.rmtree(state.parent)\n"
    )
    warden = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=settings.root,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert warden.stdin is not None
    warden.stdin.write(f"{settings.state}\n".encode())
    warden.stdin.flush()
    return warden
