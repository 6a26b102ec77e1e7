"""Start, stop and look after the services of the local platform: PostgreSQL and Airflow's four.

Every service runs in a session of its own and is remembered by number and start time, so ``down`` ends what ``up`` started and
nothing else, whatever else runs on the machine.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from local import processes
from local.api import Api
from local.fingerprint import fingerprint
from local.postgres import PORTS, Server, last_lines
from local.problem import Problem
from local.settings import Settings

Say = Callable[[str], None]

COMMANDS: dict[str, tuple[str, ...]] = {
    "api-server": ("airflow", "api-server"),
    # Logs of running tasks are read from disk: everything is on this machine.
    "scheduler": ("airflow", "scheduler", "--skip-serve-logs"),
    "dag-processor": ("airflow", "dag-processor"),
    "triggerer": ("airflow", "triggerer", "--skip-serve-logs"),
}

OUTDATED = "Airflow was started from other code than lies here now, and its tasks would mix the two. Run: make down && make up"

_HEALTH = {"metadatabase": "metadatabase", "scheduler": "scheduler", "dag_processor": "dag-processor", "triggerer": "triggerer"}
_START_PATIENCE = 180.0
_STOP_PATIENCE = 20.0
_NEEDED_GB = 1.0


class Registry:
    """Which processes were started here, kept on disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def remember(self, name: str, pid: int) -> None:
        """Note that this process is the service ``name``; noted already, it keeps the time it was noted at."""
        process = processes.identify(pid)
        if process is not None and process != self._started(name):
            half_made = self._folder / f".{name}"
            half_made.write_text(json.dumps(asdict(process)))
            half_made.replace(self._folder / f"{name}.json")

    def running(self, name: str) -> processes.Process | None:
        """The service's process, if it still is the one that was started here."""
        process = self._started(name)
        return process if process is not None and processes.alive(process) else None

    def since(self, name: str) -> datetime:
        """When the service was started."""
        return datetime.fromtimestamp(self._folder.joinpath(f"{name}.json").stat().st_mtime, UTC)

    def family(self, name: str) -> list[int]:
        """The service with all that descends from it or is of its session; what it left behind, if it was killed itself."""
        process = self._started(name)
        if process is None or processes.identify(process.pid) not in {process, None}:
            return []  # the number is a stranger's now, so the session is over: none gets a number that is a session's still
        return processes.family(process.pid)

    def stop(self, name: str, patience: float = _STOP_PATIENCE) -> None:
        """End a service with all that descends from it, and forget it."""
        process, family = self.running(name), self.family(name)
        if process is not None:
            processes.end([process.pid], signal_number=signal.SIGTERM, patience=patience)
        processes.end([pid for pid in family if processes.identify(pid)], patience=2.0)
        self._folder.joinpath(f"{name}.json").unlink(missing_ok=True)

    def _started(self, name: str) -> processes.Process | None:
        try:
            return processes.Process(**json.loads(self._folder.joinpath(f"{name}.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None


class Died(Problem):
    """A service died while it, or another, was starting."""

    def __init__(self, service: str, log: Path) -> None:
        super().__init__(f"The service {service} died while starting. Its log is {log}; the last lines:\n{last_lines(log)}")
        self.service = service


@dataclass(frozen=True)
class Platform:
    """PostgreSQL and Airflow of one state folder."""

    settings: Settings
    say: Say = print

    # --- what a platform of another shape has otherwise (local/cluster.py) ---

    @property
    def commands(self) -> dict[str, tuple[str, ...]]:
        """Every service beside PostgreSQL, and what starts it."""
        return COMMANDS

    def service_environment(self, name: str) -> dict[str, str]:  # noqa: ARG002 - here all are alike
        """The environment one service is started with."""
        return self.environment()

    def service_folder(self, name: str) -> Path:  # noqa: ARG002
        """The folder one service works in."""
        return self.settings.root

    # --- its parts ---

    @property
    def registry(self) -> Registry:
        """What runs."""
        return Registry(self.settings.state / "services")

    @property
    def postgres(self) -> Server:
        """The database server."""
        return Server(self.settings.postgres_home(), self.settings.secret("postgres"))

    @property
    def api(self) -> Api:
        """Airflow's REST interface, as the admin."""
        return Api(self.settings.ui_url, "admin", self.settings.secret("ui_admin"))

    def environment(self) -> dict[str, str]:
        """The environment of every service; before the first start with the port PostgreSQL would try first."""
        return self.settings.environment(self.postgres.port if self.postgres.made else PORTS.start)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the platform, so that two commands do not start and stop it at once."""
        with self.settings.state.joinpath("lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Problem("Another make is starting or stopping this platform now. Wait for it to end.") from None
            yield

    # --- up ---

    def begin(self, beside: "Step | None" = None) -> None:
        """Start all that does not run, with its databases migrated, and return when Airflow is well.

        Args:
            beside: A step that was begun already and must be over before this returns; what it takes is hidden in the rest.
        """
        _require_space(self.settings.state)
        self.start_postgres()
        self.say(f"PostgreSQL runs on port {self.postgres.port}")
        before = {name for name in self.commands if self.registry.running(name)}
        while True:
            try:
                return self._begin_airflow(beside)
            except Died as died:
                if died.service not in before:
                    raise
                before.discard(died.service)  # it lost its database, or was killed just now, and is started with the others

    def _begin_airflow(self, beside: "Step | None") -> None:
        if self.healthy():
            if self.outdated():
                self.say(OUTDATED)
        else:
            version = self._migrations()
            if self.settings.remembered("migrated") != version:
                for step in self._migrate():
                    step.finish()
                self.settings.remember("migrated", version)
                self.say("The databases are migrated")
            anew = self.registry.running("scheduler") is None
            self._start_airflow()
            if anew:
                self.settings.remember("code", self.code())
        if beside is not None:
            beside.finish()
            self.say("The sample is written")
        self._wait_healthy()

    def start_postgres(self) -> None:
        """Start the database server with its two databases and their logins."""
        asked = os.environ.get("SUKI_POSTGRES_PORT")
        if asked and not asked.isdigit():
            raise Problem(f"SUKI_POSTGRES_PORT is {asked!r}, and a port is a number.")
        server = self.postgres
        if server.running() is None:
            self._clear_leftovers()
        server.start(int(asked) if asked else None)
        process = server.running()
        if process is not None:
            self.registry.remember("postgres", process.pid)
        server.ensure_login("airflow", self.settings.secret("airflow"))
        server.ensure_login("suki_app", self.settings.secret("suki_app"), may_create_roles=True)
        server.ensure_database("airflow", "airflow")
        server.ensure_database("warehouse", "suki_app")

    def _migrations(self) -> str:
        """What the databases are migrated to: Airflow's version is in the lock, the warehouse's in its migrations."""
        return fingerprint(self.settings.root, "requirements.txt", "include/warehouse")

    def code(self) -> str:
        """What a scheduler and its workers load once. The declarations of sources are read anew by every task."""
        return fingerprint(
            self.settings.root, "requirements.txt", "include", "plugins",
            counts=lambda file: file.suffix == ".py" or file.parts[:2] != ("include", "sources"),
        )  # fmt: skip

    def outdated(self) -> bool:
        """Whether Airflow runs and was started from other code than lies here now. Its tasks would mix the two."""
        known = self.settings.remembered("code")
        return self.registry.running("scheduler") is not None and known is not None and known != self.code()

    def _migrate(self) -> list["Step"]:
        """Begin the migrations of both databases; each runs beside the other."""
        warehouse = "import os; from include.warehouse.engine import migrate; migrate(os.environ['SUKI_WAREHOUSE_URL'])"
        url = {"SUKI_WAREHOUSE_URL": self.settings.warehouse_url(self.postgres.port), **self.settings.base_environment()}
        return [
            Step.begin("migration of Airflow's database", ("airflow", "db", "migrate"), self.settings, self.environment()),
            Step.begin("migration of the warehouse", (str(self.settings.python), "-c", warehouse), self.settings, url),
        ]

    def _start_airflow(self) -> None:
        """Start the services that do not run, in the one order in which no first task fails."""
        for name in self.commands:
            if self.registry.running(name) is None:  # one that was killed may have left workers, who would work on
                self.registry.stop(name)
        self.settings.write_passwords()
        anew = not any(self.registry.running(name) for name in self.commands)
        with self.settings.ui_port_held() if anew else nullcontext():
            self._start("api-server")
            # The others take seconds to import; a task asks the api-server first, so only it must answer before they start.
            self._wait("api-server", self.api.ready)
        for name in ("scheduler", "dag-processor", "triggerer"):
            self._start(name)

    def _wait_healthy(self) -> None:
        """Return when Airflow says that all its parts are well."""
        for component, name in _HEALTH.items():
            self._wait(name, lambda component=component: self.api.health().get(component) == "healthy")  # type: ignore[misc]

    def healthy(self) -> bool:
        """Whether all services run and Airflow says they are well."""
        if not all(self.registry.running(name) for name in self.commands):
            return False
        try:
            health = self.api.health()
        except (OSError, ValueError):
            return False
        return all(health.get(component) == "healthy" for component in _HEALTH)

    def _start(self, name: str) -> None:
        if self.registry.running(name) is not None:
            return
        log = self.settings.logs / f"{name}.log"
        with log.open("ab") as output:
            command = self.commands[name]
            environment = self.service_environment(name)
            child = subprocess.Popen(
                command,
                cwd=self.service_folder(name),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                executable=shutil.which(command[0], path=environment["PATH"]),
                umask=0o077,
            )
        self.registry.remember(name, child.pid)

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _START_PATIENCE
        while True:
            for service in self.commands:
                recorded = self.settings.state / "services" / f"{service}.json"
                if recorded.exists() and self.registry.running(service) is None:
                    log = self.settings.logs / f"{service}.log"
                    raise Died(service, log)
            try:
                if ready():
                    return
            except (OSError, ValueError):
                pass
            if time.monotonic() > deadline:
                log = self.settings.logs / f"{name}.log"
                raise Problem(
                    f"The service {name} was not well after {_START_PATIENCE:.0f} s. Its log is {log}:\n{last_lines(log)}"
                )
            time.sleep(0.2)

    def _clear_leftovers(self) -> None:
        """Remove the database server that an earlier clone at this very path left behind when its folder was deleted."""
        home = self.settings.postgres_home()
        home.mkdir(parents=True, exist_ok=True)
        owner = home / "state-folder"
        owner.write_text(str(self.settings.state))
        if os.geteuid() != 0 or home.is_relative_to(self.settings.state):
            return
        for other in home.parent.iterdir():
            note = other / owner.name
            if other != home and note.is_file() and note.read_text() == str(self.settings.state):
                Server(other, "").stop()
                shutil.rmtree(other, ignore_errors=True)

    # --- down ---

    def stop(self) -> None:
        """Stop everything that was started here; return when no process is left."""
        # All but the api-server at once: a task that ends now still wants to tell it.
        names = [name for name in self.commands if name != "api-server"]
        others = [process.pid for name in names if (process := self.registry.running(name))]
        families = [pid for name in names for pid in self.registry.family(name)]
        processes.end(others, patience=_STOP_PATIENCE)
        processes.end(families, patience=2.0)
        for name in reversed(self.commands):
            self.registry.stop(name)
        # A task may have left its family; it still carries our mark.
        processes.end(processes.marked(self.settings.secret("instance")), patience=5.0)
        self.postgres.stop()
        self.registry.stop("postgres")

    def reset(self) -> None:
        """Stop everything and remove all that was ever written: databases, lake, sample, logs, secrets."""
        self.stop()
        home = self.settings.postgres_home()
        for folder in (home, self.settings.state):
            try:
                shutil.rmtree(folder)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise Problem(f"{folder} cannot be removed: {error.strerror}.") from None


@dataclass(frozen=True)
class Step:
    """A command that runs beside others and ends."""

    title: str
    process: subprocess.Popen[bytes]
    log: Path
    then: Callable[[], None] = lambda: None

    @classmethod
    def begin(cls, title: str, command: tuple[str, ...], settings: Settings, environment: dict[str, str]) -> "Step":
        """Start the command, with its output in a log of its own."""
        log = settings.logs / f"{title.replace(' ', '-').replace(chr(39), '')}.log"
        program = shutil.which(command[0], path=str(settings.python.parent)) or command[0]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [program, *command[1:]],
                cwd=settings.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                umask=0o077,
            )
        return cls(title, process, log)

    def finish(self) -> None:
        """Wait for its end; a failure is a sentence that names the log."""
        if self.process.wait() != 0:
            raise Problem(f"The {self.title} failed. Its log is {self.log}; the last lines:\n{last_lines(self.log)}")
        self.then()


def _require_space(folder: Path) -> None:
    free = shutil.disk_usage(folder).free / 1e9
    if free < _NEEDED_GB:
        raise Problem(f"The disk of {folder} has {free:.1f} GB free, and the databases and the lake need {_NEEDED_GB:.0f} GB.")
