"""The schedule of ingest: days one after another, until a last one where the deliveries end.

A Dag's own ``end_date`` would do that too, but it takes every task out of a run whose logical date is later: a run that a person
starts in the UI would be green with nothing done. A schedule that ends leaves such runs alone.
"""

from typing import Any

import pendulum
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.timetables.interval import CronDataIntervalTimetable

from include.sources import Source
from suki import settings

_MIDNIGHT = "0 0 * * *"


def cron_of(source: Source) -> str:
    """When the Dag of a source runs: as is configured for all of them, else as it declares, else at midnight."""
    return settings.ingest_schedule() or source.schedule or _MIDNIGHT


class DaysUntil(CronDataIntervalTimetable):
    """Data intervals of a cron expression in UTC, of which the last begins at ``end`` or before.

    Args:
        cron: The expression.
        end: When nothing is scheduled any more.
    """

    def __init__(self, cron: str, end: pendulum.DateTime) -> None:
        super().__init__(cron, timezone="UTC")
        self._end = end

    @property
    def summary(self) -> str:
        """What the UI shows as the schedule."""
        return f"{super().summary} until {self._end:%Y-%m-%d}"

    def serialize(self) -> dict[str, Any]:
        """What Airflow keeps of it."""
        return {"cron": self._expression, "end": self._end.isoformat()}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Timetable:
        """Make it again from what Airflow kept."""
        return cls(data["cron"], pendulum.parse(data["end"]))  # type: ignore[arg-type]

    def next_dagrun_info(
        self, *, last_automated_data_interval: DataInterval | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """The next run, or None when its interval would begin after the end."""
        following = super().next_dagrun_info(last_automated_data_interval=last_automated_data_interval, restriction=restriction)
        beyond = following is not None and following.data_interval is not None and following.data_interval.start > self._end
        return None if beyond else following
