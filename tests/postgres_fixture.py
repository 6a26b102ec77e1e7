"""A real PostgreSQL for tests: one server a test session, one fresh database a test module.

Named in ``pytest_plugins`` of tests/conftest.py. The server is the demo's own (local/postgres.py), in a temporary folder, and it
stops with the session even when the session is killed.
"""

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.postgres import Server

LOGIN = "suki_app"
_TEMPLATE = "suki_template"
_SECRET = secrets.token_urlsafe(24)


@contextmanager
def running_server() -> Iterator[Server]:
    """A server with the login ``suki_app``, that may create roles like the demo's, while it is used."""
    # Not tmp_path_factory: pytest's folders are private to us, and as root the server runs as another user.
    home = Path(tempfile.mkdtemp(prefix="suki-test-postgres-"))
    home.chmod(0o755)
    server = Server(home, secrets.token_urlsafe(24), settings={"fsync": "off", "shared_buffers": "64MB"})
    try:
        server.start(with_parent=True)
        server.ensure_login(LOGIN, _password(server), may_create_roles=True)
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """The session's server."""
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def fresh_database(postgres_server: Server) -> Callable[..., str]:
    """Makes a database (empty, or a copy of a template) owned by ``suki_app`` and gives its URL; all go with the server."""

    def make(template: str = "template0") -> str:
        name = f"suki_test_{secrets.token_hex(6)}"
        postgres_server.ensure_database(name, LOGIN, template)
        return url_of(postgres_server, name)

    return make


@pytest.fixture(scope="session")
def warehouse_template(postgres_server: Server) -> str:
    """A database migrated once, that every warehouse of the tests is copied from (a copy takes a fraction of a migration)."""
    return migrated_template(postgres_server)


def migrated_template(server: Server) -> str:
    """Make that database; its name."""
    from include.warehouse.engine import migrate

    server.ensure_database(_TEMPLATE, LOGIN)
    migrate(url_of(server, _TEMPLATE))
    with server.superuser() as connection:  # a template nobody is connected to
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (_TEMPLATE,))
    return _TEMPLATE


def copied_warehouse(server: Server, template: str, name: str, tablespace: str = "pg_default") -> str:
    """A warehouse made of a template nobody is connected to; its URL."""
    with server.superuser() as owner:
        owner.execute(f"CREATE DATABASE {name} OWNER {LOGIN} TEMPLATE {template} STRATEGY file_copy TABLESPACE {tablespace}")
        roles = [str(row[0]) for row in owner.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'suki\\_%'")]
        owner.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
        # Grants on the database itself do not come along with a template.
        owner.execute(f"GRANT TEMPORARY ON DATABASE {name} TO {', '.join(roles)}")
    return url_of(server, name)


@pytest.fixture(scope="module")
def empty_database_url(fresh_database: Callable[..., str]) -> str:
    """The URL of an empty database of this test module's own, for tests of the migration itself."""
    return fresh_database()


@pytest.fixture(scope="module")
def warehouse_url(fresh_database: Callable[..., str], warehouse_template: str) -> str:
    """The URL of a migrated, empty warehouse of this test module's own; log in as ``suki_app``, SET ROLE as you like."""
    return _warehouse(fresh_database(warehouse_template))


@pytest.fixture
def fresh_warehouse_url(fresh_database: Callable[..., str], warehouse_template: str) -> str:
    """The same for one test alone."""
    return _warehouse(fresh_database(warehouse_template))


def _warehouse(url: str) -> str:
    from include.warehouse.engine import migrate

    migrate(url)  # grants on the database itself do not come along with a template
    return url


def url_of(server: Server, database: str) -> str:
    """Of one of its databases, for the login ``suki_app``."""
    return server.url(database, LOGIN, _password(server))


def _password(server: Server) -> str:
    return f"suki-app-of-{server.home.name}-{_SECRET}"
