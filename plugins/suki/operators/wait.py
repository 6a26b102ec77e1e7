"""Wait until ingest is quiet, so that days of backfill become a handful of resolve runs."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseSensorOperator, PokeReturnValue


class QuietIngestSensor(BaseSensorOperator):
    """Waits while an ingest run (a backfill's too) is queued or running; goes on anyway after the longest wait.

    Args:
        dag_ids: The ingest Dags to watch.
        longest_wait: Seconds after which records are resolved although ingest is still open: a stuck source holds back nobody.
    """

    ui_color = "#f2f2f2"

    def __init__(self, *, dag_ids: Sequence[str], longest_wait: float, **kwargs: Any) -> None:
        super().__init__(mode="reschedule", **kwargs)
        self.dag_ids, self.longest_wait = tuple(dag_ids), longest_wait

    def poke(self, context: Any) -> bool | PokeReturnValue:
        """Whether ingest is quiet, or was waited for long enough."""
        ti = context["ti"]
        open_runs = {dag_id: n for dag_id in self.dag_ids if (n := ti.get_dr_count(dag_id=dag_id, states=["queued", "running"]))}
        if not open_runs:
            return True
        waited = self._waited(context)
        still = ", ".join(f"{dag_id} ({n})" for dag_id, n in open_runs.items())
        if waited > self.longest_wait:
            self.log.warning("Waited %.0f s for %s; resolving what is staged so far.", waited, still)
            return True
        self.log.info("Ingest is open: %s. Waiting so that its records are resolved together.", still)
        return False

    @staticmethod
    def _waited(context: Any) -> float:
        from datetime import UTC, datetime

        started = context["dag_run"].start_date or context["dag_run"].run_after
        return float((datetime.now(UTC) - started).total_seconds())
