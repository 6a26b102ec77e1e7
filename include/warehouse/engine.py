"""The door to the warehouse: every connection takes one role, gives up waiting in time, and lets no value out in an error."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from include.errors import DeclarationError
from include.warehouse.errors import WarehouseRefused, WarehouseUnavailable
from include.warehouse.tables import ROLES

if TYPE_CHECKING:
    from alembic.config import Config

Bind = Engine | Connection
"""Writers take either: an engine gives them a transaction of their own, a connection makes them part of the caller's."""

MIGRATIONS = Path(__file__).with_name("migrations")
SQL = Path(__file__).with_name("sql")

PATIENCE_HOLDING_LOCK = 60
"""Seconds a session that holds one of the warehouse's locks may sit idle before the server ends it. A worker that is stopped or
cut off between its write and its commit would otherwise hold back its own retry for ever."""

_SETTINGS = {
    "TimeZone": "UTC",
    "statement_timeout": "60min",
    "lock_timeout": "15min",
    "idle_in_transaction_session_timeout": "30min",
    "client_connection_check_interval": "5s",  # a killed worker's statement ends with it, and so do its locks
}

# Classes of SQLSTATE after which the same again may succeed: connection, rollback of a conflict, resources, an operator, the
# system; a lock that was not got in time, a session ended for sitting idle.
_PASSING = ("08", "25P03", "40", "53", "55", "57", "58")

_IN_WORDS = {
    "25P03": "its session sat idle for too long",
    "40P01": "another session waited for this one",
    "53100": "its disk is full",
    "53200": "it has no memory left",
    "53300": "it takes no more connections",
    "55P03": "a lock was not free in time",
    "57P01": "its session was ended by an administrator or a restart",
    "57P02": "the server crashed",
    "57P03": "the server is starting or stopping",
}
"""What an operator is told of errors that pass."""


def connect(url: str | URL, role: str | None = None, *, application: str = "suki") -> Engine:
    """An engine whose every connection acts as ``role``.

    Nothing is pooled: tasks are short-lived processes that fork, and a connection costs milliseconds.

    Args:
        url: Any PostgreSQL URL (``postgres://``, ``postgresql://``, with or without a driver).
        role: One of ``ROLES``; the login must be a member. None acts as the login itself, for migrations.
        application: How the connections are named in ``pg_stat_activity``.
    """
    if role is not None and role not in ROLES:
        raise DeclarationError("warehouse", "role", f"'{role}' is no role of the warehouse", ROLES)
    target = make_url(url)
    query = {key: value for key, value in target.query.items() if not key.startswith("__")}  # Airflow adds __extra__
    settings = {**_SETTINGS, "role": role} if role else _SETTINGS
    given = str(query.pop("options", ""))
    options = " ".join([given, *(f"-c {name}={value}" for name, value in settings.items())]).strip()
    return create_engine(
        target.set(drivername="postgresql+psycopg", query=query),
        connect_args={"options": options, "application_name": application, "connect_timeout": 15, "keepalives_idle": 30},
        hide_parameters=True,
        poolclass=NullPool,
    )


@contextmanager
def transaction(bind: Bind, doing: str) -> Iterator[Connection]:
    """One transaction, whose database errors come out as ours, without values.

    Args:
        bind: An engine, or a connection; one already in a transaction stays in it, and whoever began it commits.
        doing: What is being done, for the error's sentence: ``staging online_sales.customers``.
    """
    with plain_errors(doing):
        if isinstance(bind, Engine):
            with bind.begin() as connection:
                yield connection
        elif bind.in_transaction():
            yield bind
        else:
            with bind.begin():
                yield bind


@contextmanager
def plain_errors(doing: str) -> Iterator[None]:
    """Raise database errors as ours: DETAIL and CONTEXT lines, and often the message itself, quote the row."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as problem:
        raised = _plain(problem, doing)
        _empty(problem)  # a log that prints the chain all the same finds nothing in it
        raise raised from None


def lock(connection: Connection, name: str) -> None:
    """Wait for a lock of that name until this transaction ends; from here on the session may not sit idle for long."""
    # SET LOCAL takes no parameters; set_config does.
    connection.execute(
        text("SELECT set_config('idle_in_transaction_session_timeout', :patience, true)"),
        {"patience": f"{PATIENCE_HOLDING_LOCK}s"},
    )
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _lock_key(name)})


def migrations() -> "Config":
    """Alembic's configuration: where the migrations lie."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def migrate(url: str | URL) -> None:
    """Bring the warehouse's schema, and what its views declare, up to date; safe on an existing one, and by two at once."""
    from alembic import command

    from include.warehouse.profile import declare

    config = migrations()
    engine = connect(url, application="suki-migrate")
    with plain_errors("migrating the warehouse"), engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _lock_key("migrate")})
        connection.execute(text((SQL / "roles.sql").read_text(encoding="utf-8")))
        connection.execute(text("CREATE SCHEMA IF NOT EXISTS ops"))  # where alembic keeps its own version table
        connection.commit()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        declare(connection)
        connection.commit()  # closing the session frees the lock


def _lock_key(name: str) -> int:
    return int.from_bytes(sha256(f"suki:{name}".encode()).digest()[:8], "big", signed=True)


def _plain(problem: Exception, doing: str) -> WarehouseRefused | WarehouseUnavailable:
    cause = problem.orig if isinstance(problem, DBAPIError) else problem
    state = getattr(cause, "sqlstate", None)
    if isinstance(cause, psycopg.OperationalError) and state is None:
        # Nothing was sent or answered: the driver's own words name the host and the reason, never a row.
        return WarehouseUnavailable(f"The warehouse cannot be reached while {doing}: {str(cause).splitlines()[0]}.")
    kind = type(cause).__name__
    if isinstance(cause, psycopg.Error):
        diag = cause.diag
        names = (
            ("schema", diag.schema_name),
            ("table", diag.table_name),
            ("column", diag.column_name),
            ("rule", diag.constraint_name),
        )
        where = ", ".join(f"{what} {name}" for what, name in names if name)
        # Of wrong statements and missing grants (class 42) the message names objects of the schema, and no values: those are
        # parameters. It is what whoever mends it needs. Only of our statements: a trigger or function (it leaves a context) may
        # make one out of a row.
        told = f": {diag.message_primary}" if state and state.startswith("42") and not diag.context else ""
        name = f"{_IN_WORDS[state]}, {kind}" if state in _IN_WORDS else kind
        sentence = f"The warehouse refused while {doing}: {name} (SQLSTATE {state}{', ' + where if where else ''}){told}."
        return WarehouseUnavailable(sentence) if state and state.startswith(_PASSING) else WarehouseRefused(sentence)
    return WarehouseRefused(f"The warehouse refused while {doing}: {kind}.")


def _empty(problem: BaseException) -> None:
    withheld = ("its message is withheld: it may quote a row",)
    problem.args = withheld
    if isinstance(problem, DBAPIError):
        problem.statement, problem.params = None, None
        if problem.orig is not None:
            problem.orig.args = withheld
