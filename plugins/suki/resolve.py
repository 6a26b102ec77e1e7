"""The Dag that turns staged records into golden customers."""

from datetime import timedelta
from functools import reduce
from operator import or_

import pendulum
from airflow.sdk import DAG, AssetOrTimeSchedule, CronTriggerTimetable

from include.sources import discover
from suki import settings
from suki.assets import GOLDEN_CUSTOMER, HELD_RUN, MATCH_MODEL, RELEASED, staged
from suki.defaults import of_tasks
from suki.operators.cluster import ClusterOperator
from suki.operators.hold import HoldOperator, WeighChangeOperator
from suki.operators.households import HouseholdOperator
from suki.operators.pair import PairOperator
from suki.operators.publish import PublishOperator
from suki.operators.resolution_gate import ResolutionGateOperator
from suki.operators.score import ScoreOperator
from suki.operators.survive import SurviveOperator
from suki.operators.wait import QuietIngestSensor

_TASK_DOCS = {
    "wait_for_ingest": "Waits while ingest or a backfill is open, at most `[suki] longest_wait`; a wait that ends late says so.",
    "pairs": "Claims the changed records, freezes what sources say now, lists the pairs worth comparing and deals them out.",
    "score": "Weighs each pair's evidence with the active match model: match, review or distinct. A task a shard of them.",
    "cluster": "Groups matching records, steward decisions first, and gives each group the customer id it already has.",
    "gate_clustered": "Judges the grouping: sizes, shares, one cluster per record.",
    "survive": "Chooses every golden value by `survivorship.yml` and keeps its provenance.",
    "gate_golden": "Judges the golden records before anyone sees them.",
    "weigh_change": "Says what publishing would change; leads to `hold` where that exceeds `include/golden/blast_radius.yml`.",
    "hold": "Runs only where the change is too large to publish unasked: ends the run held, and has `publish_held_run` ask.",
    "publish": "Writes the differences in one transaction: golden records, history, crosswalk, change feed.",
    "find_households": "Finds who lives together and who registered again and again, with the evidence for it.",
}

_OF_SHARD = "shard {{ task.resolution['shard']['number'] }} of {{ task.resolution['shard']['of'] }}"
_WAIT_RETRIES = 50


def resolve_dag(doc_md: str) -> DAG:
    """``resolve_customers``: runs one at a time, after any source staged something and by the clock.

    Args:
        doc_md: What the UI shows as the Dag's documentation.
    """
    sources = list(discover())
    news = reduce(or_, (staged(source) for source in sources), MATCH_MODEL | RELEASED)
    with DAG(
        dag_id="resolve_customers",
        dag_display_name="Resolve customers",
        description="Staged records to golden customers",
        doc_md=doc_md,
        schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable(settings.resolve_schedule(), timezone="UTC"), assets=news),
        start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
        catchup=False,
        max_active_runs=1,
        tags=["resolve", "golden"],
        default_args=of_tasks(),
    ) as dag:
        wait = QuietIngestSensor(
            task_id="wait_for_ingest",
            dag_ids=[f"ingest_{source}" for source in sources],
            longest_wait=settings.longest_wait(),
            poke_interval=settings.quiet_poll(),
            # A look that ends and comes back before the scheduler has booked its end counts as a task that died (measured under
            # load, looking every 1 s). Waiting on is all a retry does, so a busy machine must not use the few there are up.
            retries=_WAIT_RETRIES,
            retry_delay=timedelta(seconds=settings.quiet_poll()),
            doc_md=_TASK_DOCS["wait_for_ingest"],
        )
        pairs = PairOperator(
            task_id="pairs",
            most_shards=settings.shards(),
            least_pairs=settings.shard_pairs(),
            limits=settings.blast_radius() or "",
            doc_md=_TASK_DOCS["pairs"],
        )
        scored = ScoreOperator.partial(
            task_id="score", map_index_template=_OF_SHARD, doc_md=_TASK_DOCS["score"]
        ).expand(resolution=pairs.output)  # fmt: skip
        clustered = ClusterOperator(task_id="cluster", resolution=scored.output, doc_md=_TASK_DOCS["cluster"])
        fit = ResolutionGateOperator(
            task_id="gate_clustered", resolution=clustered.output, suite="clustered", artefact="memberships",
            doc_md=_TASK_DOCS["gate_clustered"],
        )  # fmt: skip
        golden = SurviveOperator(task_id="survive", resolution=fit.output, doc_md=_TASK_DOCS["survive"])
        trusted = ResolutionGateOperator(
            task_id="gate_golden",
            resolution=golden.output,
            suite="golden",
            artefact="customers",
            doc_md=_TASK_DOCS["gate_golden"],
        )
        weighed = WeighChangeOperator(
            task_id="weigh_change",
            resolution=trusted.output,
            limits=settings.blast_radius() or "",
            doc_md=_TASK_DOCS["weigh_change"],
        )
        HoldOperator(task_id="hold", resolution=weighed.output, outlets=[HELD_RUN], doc_md=_TASK_DOCS["hold"])
        published = PublishOperator(
            task_id="publish", resolution=weighed.output, outlets=[GOLDEN_CUSTOMER], doc_md=_TASK_DOCS["publish"]
        )
        HouseholdOperator(task_id="find_households", resolution=published.output, doc_md=_TASK_DOCS["find_households"])
        wait >> pairs
    return dag
