"""Run rows of the quarantine again, from what landed.

Mend what refused them (a rule, a mapping, the declaration of a key), release them with `suki quarantine release`, and trigger
this Dag; with `all` it takes every row that waits. They go the way of any ingest, through the same gates, which judge each row by
itself: those that pass are staged and leave the quarantine, those that do not stay there, and this run is noted beside them.

A run records its own sums; those of the run that set a row aside stay as they are. Running it twice changes nothing.
"""

import pendulum
from airflow.sdk import DAG, Param, task_group

from suki.assets import RELEASED
from suki.defaults import of_tasks
from suki.operators.clean import CleanOperator
from suki.operators.gate import GateOperator
from suki.operators.map import MapOperator
from suki.operators.replay import SelectQuarantinedOperator
from suki.operators.stage import StageOperator

OF_STREAM = "{{ task.batches[0]['source'] }}.{{ task.batches[0]['stream'] }}"

with DAG(
    dag_id="replay_quarantine",
    dag_display_name="Replay quarantine",
    description="Rows that a gate set aside run again by today's rules",
    doc_md=__doc__,
    schedule=None,
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["ingest", "quarantine"],
    default_args=of_tasks(),
    params={
        "all": Param(False, type="boolean", title="Every row that waits, not only those released"),
        "source": Param(None, type=["null", "string"], title="Rows of this source only"),
        "stream": Param(None, type=["null", "string"], title="Rows of this stream only"),
        "reason": Param(None, type=["null", "string"], title="Rows that failed this expectation only"),
    },
):

    @task_group(prefix_group_id=False)
    def each_stream(batches):
        """One stream's rows, through the steps of an ingest."""
        again = {"again": True, "map_index_template": OF_STREAM}
        landed = GateOperator(task_id="gate_landed", batches=batches, **again, doc_md="Refuses rows that are still unreadable.")
        mapped = MapOperator(task_id="map", batches=landed.output, **again, doc_md="Maps them as declared today.")
        fit = GateOperator(task_id="gate_mapped", batches=mapped.output, **again, doc_md="Are the fields we rely on there now?")
        cleaned = CleanOperator(task_id="clean", batches=fit.output, **again, doc_md="Cleans them by today's standard.")
        sound = GateOperator(task_id="gate_cleaned", batches=cleaned.output, **again, doc_md="Are they fit for matching now?")
        StageOperator(
            task_id="stage", batches=sound.output, **again, outlets=[RELEASED],
            doc_md="Stages those that passed; with that they have left the quarantine.",
        )  # fmt: skip

    each_stream.expand(
        batches=SelectQuarantinedOperator(task_id="select", doc_md="Fetches what landed of the rows asked for.").output
    )
