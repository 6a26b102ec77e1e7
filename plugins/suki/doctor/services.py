"""Checks of what must run for Airflow to work: its database, its components, and what they have read."""

import contextlib
import io
import logging
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from suki.doctor.configuration import setting
from suki.doctor.finding import Finding, fail, ok, warn
from suki.doctor.site import Site

_PATIENCE = 5.0
_OPEN_TOO_LONG = timedelta(hours=6)
RESOLVE = "resolve_customers"


def database(site: Site) -> Finding:
    """Everything Airflow knows lies there."""
    from airflow import settings
    from sqlalchemy import text
    from sqlalchemy.exc import SQLAlchemyError

    engine = settings.get_engine()
    variable = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
    if engine.dialect.name == "sqlite":
        return fail(
            "Airflow keeps its metadata in SQLite: backfills and parallel tasks fail on it with 'database is locked'",
            f"{variable}=postgresql+psycopg2://... and airflow db migrate",
        )
    where = engine.url.render_as_string(hide_password=True).rpartition("@")[2]
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        # Nothing was asked of it yet, so its words name the host and the reason alone.
        reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        return fail(f"{where} does not answer: {reason}", site.either("make up", f"start it, or mend {variable}"))
    return ok(f"{engine.dialect.name} at {where}")


def migrations(site: Site) -> Finding:
    """Airflow's tables are those of its version."""
    from airflow.utils import db

    silent = logging.getLogger("airflow.utils.db")
    before, silent.disabled = silent.disabled, True
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            db.check_migrations(timeout=1)
    except TimeoutError:
        return fail("Airflow's tables are not those of its version", site.either("make up", "airflow db migrate"))
    finally:
        silent.disabled = before
    return ok("at head")


def component(name: str, health: str) -> Any:
    """A check that one of Airflow's components sent a heartbeat of late.

    Args:
        name: What it is called on the command line.
        health: What Airflow's health report calls it.
    """

    def look(site: Site) -> Finding:
        from airflow.api.common.airflow_health import get_airflow_health

        return alive(name, get_airflow_health()[health], health, site)

    return look


def alive(name: str, said: Mapping[str, Any], health: str, site: Site) -> Finding:
    """Judge one component's entry of Airflow's health report."""
    beat = said.get(f"latest_{health}_heartbeat")
    mend = site.either(f"make up (its log: make logs NAME={name})", f"start it: airflow {name}; then read its log")
    if not beat:
        return fail("never ran", mend)
    age = datetime.now(UTC) - datetime.fromisoformat(beat)
    says = f"last heartbeat {_span(age)} ago"
    return ok(says) if said["status"] == "healthy" else fail(says, mend)


def api_server(site: Site) -> Finding:
    """Every task speaks to it: when it is away, tasks fail at their first word."""
    url = setting("core", "execution_api_server_url") or f"{setting('api', 'base_url').rstrip('/')}/execution/"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # as tasks do: it is one of our own services
    mend = site.either(
        "make up (its log: make logs NAME=api-server)",
        "start it: airflow api-server; or set AIRFLOW__CORE__EXECUTION_API_SERVER_URL to where it is",
    )
    try:
        with opener.open(f"{url.rstrip('/')}/health", timeout=_PATIENCE) as answer:
            answer.read()
    except urllib.error.HTTPError as error:
        return fail(f"{url} answers {error.code}", mend)
    except (OSError, ValueError) as error:
        return fail(f"{url} does not answer ({getattr(error, 'reason', error)})", mend)
    return ok(url)


def workers(site: Site) -> Finding:
    """Without a worker every task stays queued."""
    if "CeleryExecutor" not in setting("core", "executor"):
        return ok("none needed: the scheduler runs the tasks itself")
    from airflow.providers.celery.executors.celery_executor_utils import app

    try:
        found = app.control.inspect(timeout=_PATIENCE).ping() or {}
    except Exception as error:  # noqa: BLE001 - each broker has its own errors, and their text may hold its URL's password
        return fail(f"the broker does not answer ({type(error).__name__})", "start it, or mend AIRFLOW__CELERY__BROKER_URL")
    if not found:
        return fail(
            "no Celery worker answers, so every task stays queued", site.either("make up", "start one: airflow celery worker")
        )
    return ok(f"{len(found)} answer: {', '.join(sorted(found))}")


def dags(site: Site) -> Finding:
    """What the dag-processor has read, against the sources there are."""
    from airflow.models.dag import DagModel
    from airflow.models.errors import ParseImportError
    from airflow.utils.session import create_session
    from sqlalchemy import select

    from include.sources import broken, discover

    with create_session(scoped=False) as session:
        errors = {str(e.filename): str(e.stacktrace).strip().splitlines()[-1] for e in session.scalars(select(ParseImportError))}
        known = set(session.scalars(select(DagModel.dag_id).where(DagModel.is_stale.is_(False))))
    if broken():  # told by `sources`
        errors = {file: said for file, said in errors.items() if not file.endswith("broken_sources.py")}
    if errors:
        file, said = next(iter(errors.items()))
        return fail(
            f"{len(errors)} files cannot be imported; {file}: {said}", f"mend it, then: airflow dags reserialize ({file})"
        )
    missing = {*(f"ingest_{source}" for source in discover()), RESOLVE} - known
    if missing:
        return fail(
            f"Airflow does not know {', '.join(sorted(missing))}",
            site.either("wait a minute, then: make logs NAME=dag-processor", "wait a minute, then read the dag-processor's log"),
        )
    return ok(f"{len(known)} read, no import error")


def paused(_: Site) -> Finding:
    """A paused Dag does nothing, and nobody is told."""
    from airflow.models.dag import DagModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    query = select(DagModel.dag_id).where(DagModel.is_stale.is_(False), DagModel.is_paused.is_(True)).order_by(DagModel.dag_id)
    with create_session(scoped=False) as session:
        found = [dag for dag in session.scalars(query) if dag == RESOLVE or dag.startswith("ingest_")]
    if not found:
        return ok("none")
    return warn(f"{', '.join(found)}: nothing of it runs", f"airflow dags unpause {found[0]}, or the switch in the UI")


def pool(_: Site) -> Finding:
    """Tasks wait for slots of the default pool."""
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session

    with create_session(scoped=False) as session:
        found = Pool.get_default_pool(session=session)
        if found is None:
            return fail("there is no default pool", "airflow pools set default_pool 4 'Default pool'")
        slots, taken = found.slots, found.occupied_slots(session=session)
    if slots == 0:
        return fail("the default pool has no slots: no task can start", "airflow pools set default_pool 4 'Default pool'")
    return ok(f"{taken} of {'endless' if slots < 0 else slots} slots taken")


def open_runs(_: Site) -> Finding:
    """A run that never ends holds back every run after it, and resolve."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState
    from sqlalchemy import select

    since = datetime.now(UTC) - _OPEN_TOO_LONG
    query = select(DagRun.dag_id, DagRun.run_id, DagRun.start_date).where(DagRun.state == DagRunState.RUNNING)
    with create_session(scoped=False) as session:
        running = session.execute(query.order_by(DagRun.start_date)).all()
    stuck = [run for run in running if run.start_date and run.start_date < since]
    if not stuck:
        return ok(f"{len(running)} open")
    first = stuck[0]
    return warn(
        f"{len(stuck)} open for more than {_span(_OPEN_TOO_LONG)}, the oldest {first.dag_id} {first.run_id}",
        "look at its last task in the UI; mark the run failed if nothing works on it",
    )


def _span(time: timedelta) -> str:
    seconds = max(time.total_seconds(), 0.0)
    for size, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} s"
