"""What an operator of Suki may set, in Airflow's own configuration: section ``[suki]``, or ``AIRFLOW__SUKI__<KEY>``."""

from datetime import datetime, timedelta

import pendulum
from airflow.sdk import conf

SECTION = "suki"


def ingest_schedule() -> str:
    """Cron expression of every ingest Dag; ``ingest_schedule``, default midnight UTC."""
    return str(conf.get(SECTION, "ingest_schedule", fallback="0 0 * * *"))


def end_date() -> datetime | None:
    """No ingest is scheduled after this day; ``end_date``, default none. The demo's world ends on a day of its own."""
    text = conf.get(SECTION, "end_date", fallback="")
    return pendulum.parse(text) if text else None  # type: ignore[return-value]


def resolve_schedule() -> str:
    """Cron expression of the sweep that resolves what no asset event told of; ``resolve_schedule``, default hourly."""
    return str(conf.get(SECTION, "resolve_schedule", fallback="17 * * * *"))


def longest_wait() -> float:
    """Seconds a resolve run waits for open ingest runs; ``longest_wait``, default an hour."""
    return float(conf.get(SECTION, "longest_wait", fallback="3600"))


def quiet_poll() -> float:
    """Seconds between two looks at open ingest runs; ``quiet_poll``."""
    return float(conf.get(SECTION, "quiet_poll", fallback="30"))


def retries() -> int:
    """Times a step is tried again; ``retries``."""
    return int(conf.get(SECTION, "retries", fallback="3"))


def retry_delay() -> timedelta:
    """Wait between tries; ``retry_delay`` in seconds, default five minutes: time for a late file to arrive."""
    return timedelta(seconds=float(conf.get(SECTION, "retry_delay", fallback="300")))
