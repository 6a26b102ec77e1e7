"""Quality reports inside the Airflow UI: what the gates of a run found.

Served by the API server, behind Airflow's own sign-in and Dag permissions. The pages read the warehouse live; where it cannot be
reached they say so in a sentence.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import BaseAuthManager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
from airflow.models.connection import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse

from include.errors import SukiError
from include.quality import report

if TYPE_CHECKING:
    import sqlalchemy

WAREHOUSE = "suki_warehouse"
ROLE = "suki_ingest"
"""May read ``ops`` and no golden customer. The pages open their transactions read-only."""

app = FastAPI(title="Suki quality reports", docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/", response_class=HTMLResponse)
def latest(user: Annotated[BaseUser, Depends(get_user)]) -> str:
    """The latest runs of the Dags the user may see."""
    from include.warehouse import reports

    manager: BaseAuthManager[BaseUser] = get_auth_manager()
    dag_ids = sorted(manager.get_authorized_dag_ids(user=user, method="GET"))
    with warehouse() as connection:
        return report.runs_page(report.latest_findings(reports.latest_results(connection, dag_ids)))


@app.get("/run", response_class=HTMLResponse, dependencies=[Depends(requires_access_dag("GET", DagAccessEntity.RUN))])
def run(dag_id: str, run_id: str, task_id: str | None = None) -> str:
    """One run, or one task of it."""
    from include.warehouse import reports

    with warehouse() as connection:
        results = reports.results_of(connection, dag_id, run_id)
        counts = reports.counts_of(connection, dag_id, run_id)
        drift = reports.drift_of(connection, dag_id, run_id)
    return report.run_page(report.run_finding(dag_id, run_id, results, counts, drift, task_id=task_id))


@app.exception_handler(Exception)
def whatever(request: Request, problem: Exception) -> HTMLResponse:  # noqa: ARG001 - Starlette's form
    """No page ever ends in a traceback: it says what is missing, and whom that concerns."""
    if isinstance(problem, SukiError):
        sentence = str(problem)
    elif isinstance(problem, AirflowNotFoundException):
        sentence = f"Airflow has no connection {WAREHOUSE}. Set AIRFLOW_CONN_SUKI_WAREHOUSE for the API server too."
    else:
        sentence = f"The warehouse could not be read ({type(problem).__name__}). Is it running, and is it migrated?"
    return HTMLResponse(report.problem_page("No quality report right now", sentence), status_code=503)


@contextmanager
def warehouse() -> "Iterator[sqlalchemy.Connection]":
    """A read-only transaction. Found through the core's own look-up, for the API server has no task to ask on behalf of."""
    from include.warehouse.engine import connect, transaction

    uri = Connection.get_connection_from_secrets(WAREHOUSE).get_uri()
    engine = connect(uri, role=ROLE, application="suki-quality-pages").execution_options(postgresql_readonly=True)
    with transaction(engine, "reading the quality results") as connection:
        yield connection
