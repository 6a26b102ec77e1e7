"""Load the heavy libraries once, in the scheduler, before its local workers are forked from it.

LocalExecutor forks its workers from the scheduler, and every task from a worker, so what the scheduler has loaded costs a task
nothing. Without this each task that judges quality imports great_expectations again: 3 to 6 s measured, against 0.1 s with it.

Under any other executor the scheduler runs no task, and loads nothing; a Celery worker does it for itself (suki.celery_worker).
Loading is a convenience: a library that cannot be loaded here fails in the task that needs it, with that task's own error.
"""

import importlib
import logging
import multiprocessing
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from airflow.listeners import hookimpl

HEAVY = (
    "pandas",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "sqlalchemy.dialects.postgresql.psycopg",
    "great_expectations",
    "great_expectations.expectations.core",
    "recordlinkage",
    "include.cleaning.frames",
    "include.golden.survivorship",
    "include.golden.moving",
    "include.matching",
    "include.matching.change",
    "include.matching.outlook",
    "include.matching.regrouping",
    "include.quality",
    "include.warehouse.households",
    "include.warehouse.publish",
    "include.warehouse.staging",
    "suki.frames",
)
"""What tasks import, slowest last; nothing here may start a thread, for a thread does not survive a fork."""

OBJECT_STORE = ("airflow.providers.amazon.aws.fs.s3", "airflow.providers.amazon.aws.log.s3_task_handler", "s3fs")
"""What a task needs beside where exports, lake and logs lie in a store."""

log = logging.getLogger(__name__)


@hookimpl
def on_starting(component: Any) -> None:
    """Airflow calls this in every job and every task before it works; only a scheduler with local workers is warmed."""
    if type(component).__name__ == "Job" and _is_scheduler() and _forks_its_workers():
        warm_start()


def warm_start(more: Sequence[str] = ()) -> None:
    """Load every heavy library and the gazetteer of the cleaners, and say what it took.

    Args:
        more: Libraries beside the usual ones.
    """
    began = time.monotonic()
    threads = threading.active_count()
    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # it tells of every method it does not document
    for name in (*HEAVY, *more):
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - whatever it is, the task that needs the library tells it better
            log.warning("%s cannot be loaded ahead of the tasks (%s); they will load it themselves.", name, type(error).__name__)
    from include.cleaning import cities

    cities.load()
    log.info("Loaded the libraries of the tasks ahead of them in %.1f s.", time.monotonic() - began)
    if threading.active_count() > threads:
        log.warning("A library loaded ahead of the tasks started %d threads.", threading.active_count() - threads)


def _is_scheduler() -> bool:
    # The job itself learns its type only after this moment; each of Airflow's commands loads its own module alone.
    return "airflow.cli.commands.scheduler_command" in sys.modules


def _forks_its_workers() -> bool:
    from airflow.configuration import conf

    return "LocalExecutor" in conf.get("core", "executor") and multiprocessing.get_start_method() == "fork"
