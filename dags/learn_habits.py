"""Learn in which order stores write day and month.

Every ingest run counts what their dates show; this Dag freezes it where a store declares no order and enough of its dates agree.
It runs only when you trigger it: from then on ambiguous dates of those stores are read by what was learned, and each says so. To
have earlier records read anew, ingest their window again.
"""

import pendulum
from airflow.sdk import DAG

from suki.defaults import of_tasks
from suki.operators.learn import LearnHabitsOperator

with DAG(
    dag_id="learn_habits",
    dag_display_name="Learn habits",
    description="What dates have shown of their stores, frozen",
    doc_md=__doc__,
    schedule=None,
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["cleaning"],
    default_args=of_tasks(),
):
    LearnHabitsOperator(task_id="learn", doc_md="Freezes the date order of stores that declare none.")
