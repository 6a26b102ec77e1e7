"""Wait until ingest is quiet, so that days of backfill become a handful of resolve runs."""

from collections.abc import Sequence
from typing import Any

from airflow.sdk import BaseSensorOperator, PokeReturnValue


class QuietIngestSensor(BaseSensorOperator):
    """Waits while an ingest run (a backfill's too) is queued or running; goes on anyway after the longest wait.

    A paused Dag is not waited for: its runs go on only when somebody unpauses it, and what they stage then is resolved then.

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
        found = {dag_id: n for dag_id in self.dag_ids if (n := ti.get_dr_count(dag_id=dag_id, states=["queued", "running"]))}
        paused = {dag_id: n for dag_id, n in found.items() if ti.get_dag(dag_id).is_paused}
        if paused:
            self.log.info("Paused, so not waited for: %s.", _told(paused))
        open_runs = {dag_id: n for dag_id, n in found.items() if dag_id not in paused}
        if not open_runs:
            return True
        waited = self._waited(context)
        if waited > self.longest_wait:
            self.log.warning("Waited %.0f s for %s; resolving what is staged so far.", waited, _told(open_runs))
            return True
        self.log.info("Ingest is open: %s. Waiting so that its records are resolved together.", _told(open_runs))
        return False

    @staticmethod
    def _waited(context: Any) -> float:
        from datetime import UTC, datetime

        started = context["dag_run"].start_date or context["dag_run"].run_after
        return float((datetime.now(UTC) - started).total_seconds())


def _told(runs: dict[str, int]) -> str:
    return ", ".join(f"{dag_id} ({n})" for dag_id, n in runs.items())
