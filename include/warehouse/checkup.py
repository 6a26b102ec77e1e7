"""What a checkup asks the warehouse: facts of the server, the schema, the roles and what waits, without a row's value."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from include.warehouse import published
from include.warehouse.engine import Bind, migrations, transaction
from include.warehouse.publish import table_hash
from include.warehouse.tables import ROLES

SAFE_LOGGING = {
    "log_statement": ("none", "ddl"),
    "log_min_messages": ("log", "fatal", "panic"),
    "log_min_error_statement": ("log", "fatal", "panic"),
    "log_error_verbosity": ("terse",),
    "log_parameter_max_length_on_error": ("0",),
}
"""Setting of the server > values with which its log quotes no row. The message and the DETAIL of an error quote the row that is
wrong, and so do the parameters of a statement."""


@dataclass(frozen=True)
class Server:
    """The server and our way to it."""

    version: int
    """E.g. 180004."""
    database: str
    login: str
    encoding: str
    time: datetime
    logging: dict[str, str]
    """Settings that decide what the server's log quotes."""


@dataclass(frozen=True)
class Waiting:
    """What lies about."""

    marks: int
    oldest_mark: datetime | None
    published_at: datetime | None
    """When the last resolve run published."""
    quarantined: int
    quarantined_newly: int
    """In the last seven days."""
    quarantined_since: datetime | None
    """When the oldest of them was set aside."""


@dataclass(frozen=True)
class Landed:
    """A record's id with all it was made from."""

    record_id: UUID
    source: str
    epoch: int
    stream: str
    key: str
    key_id: str


def server(bind: Bind) -> Server:
    """Facts of the server, as any login may read them."""
    settings = {*SAFE_LOGGING, "log_min_duration_statement", "log_parameter_max_length"}
    with transaction(bind, "looking at the server") as connection:
        row = connection.execute(
            text(
                "SELECT current_setting('server_version_num')::int, current_database(), session_user, clock_timestamp(),"
                " pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
            )
        ).one()
        found = connection.execute(
            text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)"), {"names": list(settings)}
        )
        logging = {str(name): str(value) for name, value in found}
    return Server(row[0], row[1], row[2], row[4], row[3], logging)


def leaks(logging: dict[str, str]) -> dict[str, str]:
    """Setting > what to set it to, of those with which the server's log would quote rows."""
    wrong = {name: safe[0] for name, safe in SAFE_LOGGING.items() if logging.get(name, safe[0]) not in safe}
    if logging.get("log_min_duration_statement", "-1") != "-1" and logging.get("log_parameter_max_length", "0") != "0":
        wrong["log_parameter_max_length"] = "0"  # slow statements are logged with their parameters
    return wrong


def revisions(bind: Bind) -> tuple[str | None, str]:
    """The migration the warehouse is at (None: never migrated), and the one this Suki needs."""
    from alembic.script import ScriptDirectory

    head = ScriptDirectory.from_config(migrations()).get_current_head()
    with transaction(bind, "looking at the schema") as connection:
        made = connection.scalar(text("SELECT to_regclass('ops.alembic_version') IS NOT NULL"))
        at = connection.scalar(text("SELECT version_num FROM ops.alembic_version")) if made else None
    return at, str(head)


def knows_revision(revision: str) -> bool:
    """Whether this Suki has that migration; else the warehouse was migrated by a newer one."""
    from alembic.script import ScriptDirectory

    return revision in {script.revision for script in ScriptDirectory.from_config(migrations()).walk_revisions()}


def roles(bind: Bind) -> tuple[set[str], set[str]]:
    """Roles that are missing, and roles that are there and that the login may not take."""
    with transaction(bind, "looking at the roles") as connection:
        found = connection.scalars(text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:names)"), {"names": list(ROLES)})
        there = {str(name) for name in found}
        barred = set()
        for role in sorted(there):
            try:
                with connection.begin_nested():
                    connection.execute(text("SELECT set_config('role', :role, true)"), {"role": role})
                    connection.execute(text("SELECT set_config('role', 'none', true)"))
            except DBAPIError:
                barred.add(role)
    return set(ROLES) - there, barred


def waiting(bind: Bind) -> Waiting:
    """Counts and moments, for ``suki_ingest``."""
    with transaction(bind, "counting what waits") as connection:
        marks = connection.execute(text("SELECT count(*), min(recorded_at) FROM staging.dirty_record")).one()
        published = connection.scalar(text("SELECT max(recorded_at) FROM ops.resolve_run WHERE status = 'published'"))
        aside = connection.execute(
            text(
                "SELECT count(*), count(*) FILTER (WHERE set_aside_at > now() - interval '7 days'), min(set_aside_at)"
                " FROM staging.quarantine_now WHERE state IN ('waiting', 'released')"
            )
        ).one()
    return Waiting(marks[0], marks[1], published, *aside)


def golden_hashes(bind: Bind) -> tuple[str, str] | None:
    """Content hash of the golden table as the last publication left it, and as it is, at one moment; None before the first."""
    with transaction(bind, "hashing the golden table") as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        latest = published.latest(connection)
        stored = latest and latest.content_hash
        return None if stored is None else (str(stored), table_hash(connection))


def newest_deliveries(bind: Bind) -> dict[str, date]:
    """Source > the newest day of it that was staged."""
    query = (
        "SELECT manifest.source, max(delivery.delivered_on) FROM ops.staged_manifest JOIN ops.manifest USING (manifest_id)"
        " JOIN ops.delivery USING (manifest_id) WHERE delivery.status = 'accepted' GROUP BY 1"
    )
    with transaction(bind, "looking at the deliveries") as connection:
        return {str(source): day for source, day in connection.execute(text(query))}


def some_records(bind: Bind, limit: int = 20) -> Iterable[Landed]:
    """A few records with their source keys, for ``suki_privacy``: to be compared in memory, and never shown."""
    query = "SELECT record_id, source, epoch, stream, source_key, key_id FROM staging.record LIMIT :limit"
    with transaction(bind, "reading some record ids") as connection:
        return [Landed(*row) for row in connection.execute(text(query), {"limit": limit})]
