"""Refresh customers.

Lists what of the customers has gone stale, and where to ask for it anew: e-mail addresses, numbers and postal addresses without
a sign for longer than declared, mail that came back, and customers whom nothing reaches any more. `golden.v_refresh` is the list;
`ops.freshness` keeps the share that is still valid, by country and store. An order, a ticket or a delivery that names the point
again takes it off the list; nothing is ever deleted for being old.
"""

import pendulum
from airflow.sdk import DAG

from suki import settings
from suki.defaults import of_tasks
from suki.operators.refresh import RefreshOperator

with DAG(
    dag_id="refresh_customers",
    dag_display_name="Refresh customers",
    description="What has gone stale, and where to ask for it anew",
    doc_md=__doc__,
    schedule=settings.refresh_schedule(),
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["quality"],
    default_args=of_tasks(),
):
    RefreshOperator(task_id="list_due", doc_md="Lists what is due in `golden.v_refresh`, and counts it by segment.")
