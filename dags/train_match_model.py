"""Train the match model again.

Learns the weights anew from all records as they stand, resolves them by the new model and by the one in force, and says what
would change: pairs, customers, weights, and how often each model says what stewards decided. The new model is kept as a candidate
with that comparison. **It is not in force**, and nothing customers see changes.

Run it after a change of cleaning or of `model.yml`, after a new source, or when the data have doubled. It has no schedule: a
model does not wear out by the day, a run costs two resolves, and its result is for somebody to read. It can run beside ingest and
resolve, for it works on a snapshot of its own.
"""

import pendulum
from airflow.sdk import DAG

from suki.defaults import of_tasks
from suki.operators.train import CompareOperator, FreezeOperator, RehearseOperator, TrainOperator

with DAG(
    dag_id="train_match_model",
    dag_display_name="Train the match model",
    description="A candidate model, and what it would change",
    doc_md=__doc__,
    schedule=None,
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["resolve", "model"],
    default_args=of_tasks(),
):
    frozen = FreezeOperator(
        task_id="freeze", doc_md="Reads all records, decided pairs and the model in force; ends the run if there is none."
    )
    trained = TrainOperator(
        task_id="train", resolution=frozen.output, doc_md="Learns the weights; ends the run if none differs from those in force."
    )
    rehearsed = RehearseOperator(
        task_id="rehearse", resolution=trained.output, doc_md="Weighs the same pairs, and groups the records, by both models."
    )
    CompareOperator(
        task_id="compare", resolution=rehearsed.output, doc_md="Says what would change, in the log and on its page, and keeps it."
    )
