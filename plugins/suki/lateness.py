"""A source that does not come in time is told of: Airflow's deadline on scheduled runs, and one message for all that are late.

The scheduler notices a missed deadline itself, whatever the run waits for: a file, a database, a free worker. A run that failed
was told of when it failed, so it is not told of again.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseNotifier
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

from include.errors import SukiError
from include.sources import Source, discover
from suki import alerts, connections, settings
from suki.timetable import cron_of
from suki.ui.links import address

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

UNDECLARED = timedelta(hours=26)
"""Of a source that declares no ``freshness_hours``: a day and the two hours a day's sync may take."""


class NotTold(SukiError):
    """A message that no connection took. What it tells of counts as not told."""


class WhenScheduled(BaseDeadlineReference):
    """The moment a scheduled run begins to be waited for. A backfill and a run that somebody starts have no deadline.

    That is when it is made: at the end of its window, or, where Airflow was down then, when it is up again.
    """

    required_kwargs = {"dag_id", "run_id"}  # noqa: RUF012 - Airflow's own form

    def _evaluate_with(self, *, session: "Session", dag_id: str, run_id: str, **_: Any) -> datetime | None:
        from airflow.models import DagRun
        from sqlalchemy import select

        kind = session.scalar(select(DagRun.run_type).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
        return datetime.now(UTC) if kind == "scheduled" else None


class LateNotifier(BaseNotifier):
    """Tell of every source that is late, once. Airflow calls it for each run that misses its deadline, in a task's place.

    Args:
        source: Whose run it is.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self.source = source

    def notify(self, context: Any) -> None:
        """Tell of it, with all others that are late by now, unless somebody was told already.

        Raises:
            NotTold: No connection took the message: whoever is late next is told of together with these.
        """
        from include.warehouse import lateness

        run = context["dag_run"]
        if run["state"] != "running" and run["state"] != "queued":
            log.info("The run %s is over (%s): it was told of when it ended.", run["dag_run_id"], run["state"])
            return
        sources, now = discover(), datetime.now(UTC)
        owed = {name: due_by(source, now) for name, source in sources.items()}
        if self.source in owed:
            due = datetime.fromisoformat(run["data_interval_end"])
            owed[self.source] = (due, due + promise(sources[self.source]))
        grid = address(f"dags/{run['dag_id']}/runs/{run['dag_run_id']}", {})
        with connections.warehouse("suki_ingest", "telling which sources are late") as warehouse:
            late = lateness.claim(warehouse, owed, certain=self.source)
            if not late:
                log.info("That %s is late was told with the others.", self.source)
                return
            # Before the claim is committed: if nobody can be told, none was made.
            if not alerts.send(subject_of(late, sources), f"{message_of(late, sources)}\nRun: {grid}", context):
                raise NotTold(f"{subject_of(late, sources)}, and no connection took the message.")


def deadline(source: Source) -> DeadlineAlert:
    """By when a scheduled run of a source has to be through, and who is told if it is not."""
    return DeadlineAlert(
        reference=WhenScheduled(),
        interval=promise(source),
        callback=SyncCallback(LateNotifier, {"source": source.name}),
        name=f"{source.title} is to be staged {_hours(promise(source))} after it is due",
    )


def promise(source: Source) -> timedelta:
    """How long after the end of its window a source may be staged."""
    declared = source.freshness_hours and timedelta(hours=source.freshness_hours)
    return settings.late_after() or declared or UNDECLARED


def due_by(source: Source, now: datetime) -> tuple[datetime, datetime]:
    """The end of the latest window of a source that should be staged by now, and by when it should have been."""
    from croniter import croniter  # type: ignore[import-untyped]

    due: datetime = croniter(cron_of(source), now - promise(source)).get_prev(datetime)
    return due, due + promise(source)


def subject_of(late: Sequence[Mapping[str, Any]], sources: Mapping[str, Source]) -> str:
    """In a few words."""
    titles = [sources[row["source"]].title for row in late]
    return f"{titles[0]} is late" if len(titles) == 1 else f"{len(titles)} sources are late: {', '.join(titles)}"


def message_of(late: Sequence[Mapping[str, Any]], sources: Mapping[str, Source]) -> str:
    """All there is to say: since when, how far the source is, and whom to ask."""
    lines = []
    for row in late:
        source = sources[row["source"]]
        far = f"staged up to {row['staged_to']:%Y-%m-%d %H:%M}" if row["staged_to"] else "nothing of it was ever staged"
        lines.append(
            f"{source.title}: the window that ended {row['due']:%Y-%m-%d %H:%M} UTC should have been staged by "
            f"{row['promised']:%Y-%m-%d %H:%M} UTC; {far}. Ask {source.owner} ({source.contact})."
        )
    return "\n".join([*lines, "Nobody else waits for it. What to do: docs/operations.md, A source is late."])


def _hours(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    return f"{seconds // 3600} h" if seconds % 3600 == 0 else f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"
