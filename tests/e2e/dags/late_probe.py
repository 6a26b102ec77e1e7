"""A source whose sync hangs: it misses its deadline while its one task is running."""

import time

import pendulum
from airflow.sdk import DAG, CronDataIntervalTimetable, task

from include.sources import discover
from suki.lateness import deadline

with DAG(
    "late_probe", schedule=CronDataIntervalTimetable("* * * * *", timezone="UTC"), catchup=False, max_active_runs=1,
    start_date=pendulum.datetime(2020, 1, 1, tz="UTC"), deadline=deadline(discover()["support"]),
):  # fmt: skip

    @task
    def hang() -> None:
        time.sleep(20)

    hang()
