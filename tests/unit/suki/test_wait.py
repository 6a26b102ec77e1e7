"""Resolve waits for open ingest, but for nothing that would hold it for ever."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from suki.operators.wait import QuietIngestSensor


class Airflow:
    """What a task may ask Airflow: open runs by Dag, and whether a Dag is paused."""

    def __init__(self, open_runs: dict[str, int], paused: tuple[str, ...] = ()) -> None:
        self._open, self._paused = open_runs, paused

    def get_dr_count(self, dag_id: str, states: list[str]) -> int:
        assert states == ["queued", "running"], "a backfill's days are queued all at once"
        return self._open.get(dag_id, 0)

    def get_dag(self, dag_id: str) -> SimpleNamespace:
        return SimpleNamespace(is_paused=dag_id in self._paused)


@pytest.fixture
def sensor() -> QuietIngestSensor:
    return QuietIngestSensor(task_id="wait_for_ingest", dag_ids=["ingest_a", "ingest_b"], longest_wait=600)


def look(sensor: QuietIngestSensor, airflow: Airflow, waited: int = 0) -> bool:
    started = datetime.now(UTC) - timedelta(seconds=waited)
    return bool(sensor.poke({"ti": airflow, "dag_run": SimpleNamespace(start_date=started, run_after=started)}))


def test_quiet_ingest_is_not_waited_for(sensor):
    assert look(sensor, Airflow({}))


def test_the_days_a_backfill_has_queued_are_waited_for(sensor):
    assert not look(sensor, Airflow({"ingest_b": 29}))


def test_a_paused_dag_holds_back_nobody(sensor):
    assert look(sensor, Airflow({"ingest_a": 3}, paused=("ingest_a",)))


def test_beside_a_paused_dag_the_others_are_waited_for(sensor):
    assert not look(sensor, Airflow({"ingest_a": 3, "ingest_b": 1}, paused=("ingest_a",)))


def test_the_longest_wait_ends_it(sensor):
    assert look(sensor, Airflow({"ingest_a": 1}), waited=601)
