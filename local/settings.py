"""The one place for paths, ports, secrets and the environment of every service of the local platform.

Everything lies under ``<project>/.suki`` (only its owner may look inside), except PostgreSQL's data when root starts it (see
local/postgres.py). What an owner may set is read from the environment: see ``VARIABLES``.
"""

import base64
import hashlib
import json
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from local.ports import held_port
from local.problem import Problem
from local.processes import MARK

PROJECT = Path(__file__).resolve().parent.parent

VARIABLES: Mapping[str, str] = {
    "SUKI_STATE": "folder of everything the local platform writes; default .suki in the project",
    "SUKI_PORT": "port of the Airflow UI on 127.0.0.1; default a free one from 8080",
    "SUKI_POSTGRES_PORT": "port of PostgreSQL on 127.0.0.1; default a free one from 15432",
    "SUKI_POSTGRES_HOME": "folder of PostgreSQL's data; default in the state, for root under /var/lib/suki",
    "SUKI_DAGS": "folder of the Dags; default dags in the project",
}

END_OF_THE_WORLD = "2026-09-30"
"""The sample's last day is the one before: nothing is scheduled after it."""

USERS = {"admin": "admin", "steward": "user", "viewer": "viewer"}
"""Who may log in to the local UI, and Airflow's role of each."""

_UI_PORTS = range(8080, 8180)


@dataclass(frozen=True)
class Settings:
    """Where one local platform lives. Two with different ``state`` folders know nothing of each other."""

    root: Path
    state: Path
    dags: Path

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None) -> Self:
        """The settings this environment asks for; makes the state folder and its secrets where they are missing."""
        given = os.environ if environment is None else environment
        state = Path(given.get("SUKI_STATE") or PROJECT / ".suki").absolute()
        _require_ours(state, "secrets.json", "SUKI_STATE")
        settings = cls(PROJECT, state, Path(given.get("SUKI_DAGS") or PROJECT / "dags").absolute())
        try:
            state.mkdir(mode=0o700, parents=True, exist_ok=True)
            state.chmod(0o700)
            settings.secret("instance")  # first of all: its file marks the folder as ours
            for folder in (settings.airflow_home, settings.logs, settings.exports, settings.lake, settings.truth):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise Problem(
                f"The state folder {state} cannot be written: {error.strerror}. SUKI_STATE names another one."
            ) from None
        return settings

    # --- where things lie ---

    @property
    def airflow_home(self) -> Path:
        """Airflow's own folder: its configuration and the tasks' logs."""
        return self.state / "airflow"

    @property
    def logs(self) -> Path:
        """The output of every service."""
        return self.state / "logs"

    @property
    def exports(self) -> Path:
        """Where the sources deliver."""
        return self.state / "exports"

    @property
    def lake(self) -> Path:
        """Where row data lies between steps."""
        return self.state / "lake"

    @property
    def task_logs(self) -> str:
        """Where the logs of tasks lie."""
        return str(self.airflow_home / "logs")

    @property
    def truth(self) -> Path:
        """Who the sample's people really are; the pipeline is never told this folder."""
        return self.state / "truth"

    @property
    def passwords(self) -> Path:
        """The passwords of the local UI's users, in clear, for their owner alone."""
        return self.state / "passwords.json"

    @property
    def python(self) -> Path:
        """The interpreter of the project's environment."""
        return Path(sys.executable)

    def postgres_home(self) -> Path:
        """The folder of PostgreSQL's data: decided once and remembered, for data does not move by itself."""
        if self.remembered("postgres_home") is None:
            self.remember("postgres_home", str(self._choose_postgres_home()))
        return Path(self._remembered["postgres_home"])

    def _choose_postgres_home(self) -> Path:
        asked = os.environ.get("SUKI_POSTGRES_HOME")
        if asked:
            home = Path(asked).absolute()
            _require_ours(home, "state-folder", "SUKI_POSTGRES_HOME")
            return home
        if os.geteuid() != 0:
            return self.state / "postgres"
        # Another clone at this path, long gone, may have left its data: the instance's own name keeps the two apart.
        place = hashlib.sha256(str(self.state).encode()).hexdigest()[:12]
        return Path("/var/lib/suki") / f"{place}-{self.secret('instance')[:8]}"

    # --- ports, remembered so that bookmarks keep working ---

    @contextmanager
    def ui_port_held(self) -> Iterator[int]:
        """A free port for the UI, no other platform's until the block ends; only while the UI is down."""
        asked = os.environ.get("SUKI_PORT")
        if asked and not asked.isdigit():
            raise Problem(f"SUKI_PORT is {asked!r}, and a port is a number.")
        wanted, before = int(asked) if asked else None, self._remembered.get("ui_port")
        with held_port(wanted, before, _UI_PORTS, "SUKI_PORT", "the Airflow UI") as port:
            self.remember("ui_port", port)
            yield port

    @property
    def ui_port(self) -> int:
        """The port chosen last."""
        return int(self._remembered.get("ui_port", _UI_PORTS.start))

    @property
    def ui_url(self) -> str:
        """The address of the UI."""
        return f"http://127.0.0.1:{self.ui_port}"

    # --- secrets ---

    def secret(self, name: str) -> str:
        """A secret of this platform, made when it is first asked for: ``instance``, a login's password, ``record_key`` ..."""
        if name not in self._secrets:
            self._secrets[name] = _new_secret(name)
            _write_private(self.state / "secrets.json", self._secrets)
        return self._secrets[name]

    def share_secret(self, name: str, other: "Settings") -> None:
        """Take over another platform's secret: the same record key makes the same record ids."""
        self._secrets[name] = other.secret(name)
        _write_private(self.state / "secrets.json", self._secrets)

    def write_passwords(self) -> None:
        """Write the file Airflow reads its users' passwords from."""
        _write_private(self.passwords, {user: self.secret(f"ui_{user}") for user in USERS})

    @cached_property
    def _secrets(self) -> dict[str, str]:
        return _read(self.state / "secrets.json")

    # --- what was decided or done once ---

    @cached_property
    def _remembered(self) -> dict[str, Any]:
        return _read(self.state / "remembered.json")

    def remembered(self, name: str) -> Any:
        """What was remembered under this name, or None."""
        return self._remembered.get(name)

    def remember(self, name: str, value: object) -> None:
        """Keep a small fact in the state folder."""
        self._remembered[name] = value
        _write_private(self.state / "remembered.json", self._remembered)

    # --- the environment of every service ---

    def base_environment(self) -> dict[str, str]:
        """Our own environment, cleaned of other Airflows, for any command of the project."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            # Another Airflow's or PostgreSQL's settings must not leak in; without bytecode every process compiles everything.
            if not name.startswith(("AIRFLOW", "PG", "SUKI_"))
            and name not in {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH"}
        }
        local = ",".join(filter(None, (inherited.get("NO_PROXY") or inherited.get("no_proxy"), "127.0.0.1", "localhost")))
        return {
            **inherited,
            MARK: self.secret("instance"),
            "PATH": f"{self.python.parent}{os.pathsep}{inherited.get('PATH', os.defpath)}",
            "PYTHONPATH": str(self.root),
            "PYTHONUNBUFFERED": "1",
            "NO_PROXY": local,
            "no_proxy": local,
            # Several processes share two cores: one thread each. And tasks are forked from a process that has loaded heavy
            # libraries (suki.listeners.warm_start), which is safe only while those have started no threads.
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
            "JE_ARROW_MALLOC_CONF": "background_thread:false",
            "GX_ANALYTICS_ENABLED": "false",
        }

    def environment(self, postgres_port: int) -> dict[str, str]:
        """The whole environment a service is started with: the base, and every setting of this Airflow."""
        return {**self.base_environment(), **self._airflow(postgres_port), **self._connections(postgres_port)}

    def warehouse_url(self, postgres_port: int) -> str:
        """The warehouse, as the application's login."""
        return f"postgresql://suki_app:{self.secret('suki_app')}@127.0.0.1:{postgres_port}/warehouse"

    def _connections(self, postgres_port: int) -> dict[str, str]:
        def connection(**fields: object) -> str:
            return json.dumps({"conn_type": "generic", "host": "", **fields})

        return {
            "AIRFLOW_CONN_SUKI_WAREHOUSE": self.warehouse_url(postgres_port),
            "AIRFLOW_CONN_SUKI_EXPORTS": connection(extra={"path": str(self.exports)}),
            "AIRFLOW_CONN_SUKI_LAKE": connection(extra={"path": str(self.lake)}),
            "AIRFLOW_CONN_SUKI_CRM": connection(extra={"path": str(self.state / "crm")}),
            "AIRFLOW_CONN_SUKI_RECORD_KEY": connection(login="1", password=self.secret("record_key")),
        }

    def _airflow(self, postgres_port: int) -> dict[str, str]:
        metadata = f"airflow:{self.secret('airflow')}@127.0.0.1:{postgres_port}/airflow"
        return {
            "AIRFLOW_HOME": str(self.airflow_home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.dags),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(self.root / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            # Tasks at once are bounded by the pool, two a core. There are twice as many worker processes: Airflow's supervisor of
            # a task often sees the task's pipes close a moment before the task is gone, and then sits in its worker for one
            # heartbeat interval (5 s by default; measured: 12 of 16 short tasks). Nothing waits for it but that worker.
            "AIRFLOW__CORE__DEFAULT_POOL_TASK_SLOT_COUNT": str(2 * _cores()),
            "AIRFLOW__CORE__PARALLELISM": str(4 * _cores()),
            "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "AIRFLOW__CORE__FERNET_KEY": self.secret("fernet_key"),
            # The fully qualified name needs a name server; without one each look-up takes seconds.
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{user}:{role}" for user, role in USERS.items()),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.passwords),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.ui_url}/execution/",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://{metadata}",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg://{metadata}",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.ui_port),
            "AIRFLOW__API__BASE_URL": self.ui_url,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__INSTANCE_NAME": "Suki",
            "AIRFLOW__API__SECRET_KEY": self.secret("api_secret_key"),
            "AIRFLOW__API_AUTH__JWT_SECRET": self.secret("jwt_secret"),
            "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
            # The pause of an idle scheduler is what a task waits for after the one before it: 1 s by default.
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            # A handful of Dag files: one process reads them all in a second, and a core stays free for the others that start.
            "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
            "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
            "AIRFLOW__SUKI__END_DATE": END_OF_THE_WORLD,
            "AIRFLOW__SUKI__QUIET_POLL": "3",
            "AIRFLOW__SUKI__RETRIES": "2",
            "AIRFLOW__SUKI__RETRY_DELAY": "5",
        }


def _require_ours(folder: Path, mark: str, variable: str) -> None:
    """Refuse a folder that holds anything else: `make reset` removes it whole."""
    try:
        foreign = folder.exists() and any(folder.iterdir()) and not (folder / mark).exists()
    except OSError as error:
        raise Problem(f"{variable}: the folder {folder} cannot be read: {error.strerror}.") from None
    if foreign:
        raise Problem(f"{variable}: the folder {folder} holds other things, and `make reset` would remove it. Name an empty one.")


def _cores() -> int:
    return min(max(os.cpu_count() or 2, 2), 4)


def _new_secret(name: str) -> str:
    if name == "fernet_key":
        return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    if name in {"record_key", "instance"}:
        return secrets.token_hex(32)
    if name == "jwt_secret":
        return secrets.token_urlsafe(64)  # SHA-512 signs with it and asks for as many bytes
    return secrets.token_urlsafe(24)


def _read(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    except ValueError:
        raise Problem(f"The file {file} is damaged. Remove the local platform's state with: make reset") from None
    return content


def _write_private(file: Path, content: Mapping[str, object]) -> None:
    """Write whole or not at all, readable by its owner alone."""
    half_made = file.with_name(f".{file.name}.{os.getpid()}")
    half_made.touch(mode=0o600)
    half_made.write_text(json.dumps(content, indent=2) + "\n")
    half_made.replace(file)
