"""The factory of ingest Dags: one for every declared source, all alike."""

from typing import Any

import pendulum
from airflow.sdk import DAG, CronDataIntervalTimetable, Param

from include.sources import Source, Stream
from suki import settings
from suki.assets import staged
from suki.defaults import of_tasks
from suki.lateness import deadline
from suki.operators.clean import CleanOperator
from suki.operators.extract import ExtractOperator
from suki.operators.gate import GateOperator
from suki.operators.map import MapOperator
from suki.operators.stage import StageOperator
from suki.timetable import DaysUntil, cron_of

_DOC = """# {title}

{description}

**Owner** {owner} · **contact** {contact} · **steward** {steward}{promise}

Every run takes what the source delivered in its window: a scheduled run or a backfill its data interval, a bulk load the
`window_start` and `window_end` you trigger it with. Any window may run again: equal content changes nothing. With `from_landing`
it takes what landed before, by today's rules, and with `preview` beside it only says what that would change.

| stream | rows are | read from |
| --- | --- | --- |
{streams}

extract > gate > map > gate > clean > gate > stage. A closed gate says what broke and links its report under *Extra links*.
"""

_TASK_DOCS = {
    "extract": "Reads the deliveries of the window and lands them raw in the lake; the manifest row is the commit.",
    "gate_landed": "Judges the raw rows: unreadable lines and rows without a key go to quarantine, an unfit batch closes it.",
    "map": "Turns raw fields into canonical ones by `source.yml`; unknown fields are reported as drift.",
    "gate_mapped": "Judges the mapped rows: are the fields we rely on there?",
    "clean": "Standardises names, e-mails, phones, addresses and dates by country; keeps old and new of every repair.",
    "gate_cleaned": "Judges the cleaned rows: only values fit for matching go on.",
    "stage": "Writes new record versions to the warehouse and marks changed records for `resolve_customers`.",
}


def ingest_dag(source: Source) -> DAG:
    """The Dag that syncs one source.

    Args:
        source: Its declaration.

    Returns:
        ``ingest_<source>``, scheduled on explicit data intervals without catch-up.
    """
    with DAG(
        dag_id=f"ingest_{source.name}",
        dag_display_name=f"Ingest {source.title}",
        description=f"{source.title}: exports to staged records",
        doc_md=_doc(source),
        schedule=_schedule(source),
        start_date=pendulum.datetime(2020, 1, 1, tz="UTC"),
        catchup=False,
        deadline=deadline(source),
        # Two runs would share a limit. Four are also the most the form of a backfill offers; the pool bounds tasks at once.
        max_active_runs=1 if source.rate_limit else 4,
        tags=["ingest", source.name, *source.tags],  # the list shows titles; alerts and commands speak of the name
        default_args=of_tasks(source.owner),
        params={
            "window_start": _day("First day of a bulk load (with window_end); empty: the run's own data interval"),
            "window_end": _day("Day after the last one of a bulk load"),
            "learned_bounds": Param(True, type="boolean", title="Judge it by its declared volume and by earlier days"),
            "from_landing": Param(
                False, type="boolean", title="Take what landed before, by today's rules, and do not ask the source"
            ),
            "preview": Param(False, type="boolean", title="With that: say what would change, and change nothing"),
        },
    ) as dag:
        landed = ExtractOperator(task_id="extract", source=source.name, doc_md=_TASK_DOCS["extract"])
        mapped = MapOperator(task_id="map", batches=_gate("gate_landed", landed), doc_md=_TASK_DOCS["map"])
        cleaned = CleanOperator(task_id="clean", batches=_gate("gate_mapped", mapped), doc_md=_TASK_DOCS["clean"])
        StageOperator(
            task_id="stage", batches=_gate("gate_cleaned", cleaned), outlets=[staged(source.name)], doc_md=_TASK_DOCS["stage"]
        )
    return dag


def _schedule(source: Source) -> Any:
    cron, end = cron_of(source), settings.end_date()
    if end is None:
        return CronDataIntervalTimetable(cron, timezone="UTC")
    return DaysUntil(cron, end)


def _gate(task_id: str, step: Any) -> Any:
    return GateOperator(task_id=task_id, batches=step.output, doc_md=_TASK_DOCS[task_id]).output


def _from(source: Source, stream: Stream) -> str:
    if stream.request:
        return f"`{stream.request.path}` of connection `{source.connection}`"
    if stream.table:
        return f"table `{stream.table.name}` of connection `{source.connection}`"
    return ", ".join(f"`{files.pattern}`" for files in stream.files)


def _day(title: str) -> Param:
    return Param(None, type=["null", "string"], format="date", title=title)


def _doc(source: Source) -> str:
    streams = "\n".join(f"| `{name}` | {stream.kind} | {_from(source, stream)} |" for name, stream in source.streams.items())
    hours = source.freshness_hours
    promise = f" · **promised** within {hours} hours of its window's end" if hours else ""
    return _DOC.format(
        title=source.title, description=source.description, owner=source.owner, contact=source.contact, streams=streams,
        steward=source.steward or "nobody named", promise=promise,
    )  # fmt: skip
