"""Audit quality.

Once a week: how complete, valid, consistent, unique and timely the data of each source are, which way that goes, what lowered
it; how far records come together as customers; and which countries, stores and ages are under-represented, so that nobody
concludes from a biased part. *Extra links > Audit* of its task is the page; `ops.audit_figure` keeps what was counted.
"""

import pendulum
from airflow.sdk import DAG

from suki import settings
from suki.defaults import of_tasks
from suki.operators.audit import AuditOperator

with DAG(
    dag_id="audit_quality",
    dag_display_name="Audit quality",
    description="How good the data are, and which way that goes",
    doc_md=__doc__,
    schedule=settings.audit_schedule(),
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["quality"],
    default_args=of_tasks(),
):
    AuditOperator(task_id="audit", doc_md="Counts everything and says what is unlike the audits before.")
