"""Quality reports inside the Airflow UI: what the gates of a run found, what was delivered, and what cleaning made of it.

Served by the API server, behind Airflow's own sign-in and Dag permissions. The pages read the warehouse live; where it cannot be
reached they say so in a sentence.
"""

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
from include.quality import assessment, candidate, change_page, report

if TYPE_CHECKING:
    from sqlalchemy import Engine

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
    return report.runs_page(report.latest_findings(reports.latest_results(warehouse(), dag_ids)))


@app.get("/run", response_class=HTMLResponse, dependencies=[Depends(requires_access_dag("GET", DagAccessEntity.RUN))])
def run(dag_id: str, run_id: str, task_id: str | None = None) -> str:
    """One run, or one task of it."""
    from include.warehouse import rereading, runs, watermarks

    engine = warehouse()
    results, counts, drift = (
        read(engine, dag_id, run_id).to_dict("records") for read in (runs.results_of_run, runs.steps_of_run, runs.drift_of_run)
    )
    found = report.run_finding(dag_id, run_id, results, counts, drift, rereading.of_run(engine, dag_id, run_id), task_id=task_id)
    deliveries = runs.deliveries_of_run(engine, dag_id, run_id).to_dict("records")
    read_to = watermarks.of_source(engine, dag_id.removeprefix("ingest_"))
    return report.run_page(found.with_reading(deliveries, read_to))


@app.get("/profile", response_class=HTMLResponse, dependencies=[Depends(requires_access_dag("GET", DagAccessEntity.RUN))])
def profile(dag_id: str, run_id: str) -> str:
    """What a run's deliveries looked like before they were cleaned."""
    from include.warehouse import cleanings

    return assessment.profile_page(dag_id, run_id, cleanings.profile_of_run(warehouse(), dag_id, run_id))


@app.get("/cleaning", response_class=HTMLResponse, dependencies=[Depends(requires_access_dag("GET", DagAccessEntity.RUN))])
def cleaning(dag_id: str, run_id: str) -> str:
    """What cleaning made of a run's deliveries, field by field."""
    from include.warehouse import cleanings, run_figures

    engine = warehouse()
    quality = cleanings.quality_of_run(engine, dag_id, run_id)
    return assessment.cleaning_page(
        dag_id, run_id, quality, cleanings.cleanings_of_run(engine, dag_id, run_id), run_figures.of_run(engine, dag_id, run_id)
    )


@app.get("/model", response_class=HTMLResponse, dependencies=[Depends(requires_access_dag("GET", DagAccessEntity.RUN))])
def model(dag_id: str, run_id: str) -> str:
    """What the match model that a run trained would change."""
    from include.warehouse import models

    return candidate.candidate_page(dag_id, run_id, models.comparison_of_run(warehouse(), dag_id, run_id))


@app.get("/change", response_class=HTMLResponse, dependencies=[Depends(requires_access_dag("GET", DagAccessEntity.RUN))])
def change(dag_id: str, run_id: str) -> str:
    """What a resolve run would change, or did."""
    from include.warehouse import diffs
    from suki import watching

    engine = warehouse()
    return change_page.change_page(dag_id, run_id, diffs.of_run(engine, dag_id, run_id), watching.scores(engine, dag_id, run_id))


@app.get("/audit", response_class=HTMLResponse, dependencies=[Depends(requires_access_dag("GET", DagAccessEntity.RUN))])
def audit(dag_id: str, run_id: str) -> str:
    """How good the data are, as a run of the audit found them."""
    from include.quality import audit as page
    from include.warehouse import audit as kept

    engine, declared = warehouse(), kept.load()
    found = page.finding(
        kept.figures_of_run(engine, dag_id, run_id), kept.earlier_scores(engine, dag_id, run_id),
        under_represented=declared.under_represented, least_customers=declared.least_customers,
    )  # fmt: skip
    return page.audit_page(dag_id, run_id, found)


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


def warehouse() -> "Engine":
    """A read-only engine. Found through the core's own look-up, for the API server has no task to ask on behalf of."""
    from include.warehouse.engine import connect

    uri = Connection.get_connection_from_secrets(WAREHOUSE).get_uri()
    return connect(uri, role=ROLE, application="suki-quality-pages").execution_options(postgresql_readonly=True)
