"""How a day feels: one source with nothing new, and all four with a day of news and the resolve run after them.

Runs on a platform of its own (state in ``.suki-bench``), so that the demo's is left alone: the sample's history is loaded as one
window, then each day is synced as the scheduler would, then each source's last day again. Times are Airflow's own: from the
moment a run was asked for to the end of its last task.
"""

import itertools
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from local.demo import INGESTS, RESOLVE, SOURCES, WORLD, Span, begin_sample, sync, wait_parsed, watch
from local.problem import Problem
from local.progress import Progress
from local.services import Platform
from local.settings import PROJECT, Settings

NOTHING_NEW, ALL_FOUR = 20, 90
"""Seconds a run may take on two cores to feel quick: one source with nothing new; all four with the resolve run."""

_ROUNDS = 3


@dataclass(frozen=True)
class Measured:
    """One line of the result; all times in seconds."""

    what: str
    wall: float
    tasks: int
    longest: str
    between: float
    """Median pause between the end of a task and the start of the next of its run: scheduler, fork and start-up."""
    limit: int


def main() -> int:
    """Measure and print; the platform is stopped and removed again."""
    settings = Settings.load({**os.environ, "SUKI_STATE": str(PROJECT / ".suki-bench")})
    platform = Platform(settings, Progress())
    try:
        results = measure(platform)
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    finally:
        with platform.alone():
            platform.reset()
    print(f"\n{os.cpu_count()} cores, the sample world, LocalExecutor\n")
    print(f"{'run':44}{'wall':>8}{'aim':>7}{'tasks':>7}{'pause':>8}  longest task")
    for line in results:
        print(f"{line.what:44}{line.wall:6.1f} s{line.limit:5} s{line.tasks:7}{line.between:6.1f} s  {line.longest}")
    return 0


def measure(platform: Platform) -> list[Measured]:
    """Load the history, then time the days and the days again."""
    with platform.alone():
        platform.begin(beside=begin_sample(platform))
    wait_parsed(platform, {*INGESTS, RESOLVE})
    history, *days = WORLD
    sync(platform, history)
    results = []
    for span in days:
        began = datetime.now(UTC)
        sync(platform, span)
        results.append(
            _measured(platform, f"four sources and resolve, {span.start:%Y-%m-%d}", (*INGESTS, RESOLVE), began, ALL_FOUR)
        )
    for source in SOURCES:
        rounds = [_again(platform, source, days[-1], attempt) for attempt in range(_ROUNDS)]
        results.append(sorted(rounds, key=lambda one: one.wall)[len(rounds) // 2])
    return results


def _again(platform: Platform, source: str, span: Span, attempt: int) -> Measured:
    began, run_id = datetime.now(UTC), f"bench_{source}_{attempt}"
    platform.api.trigger(f"ingest_{source}", run_id, span.start, span.end)
    watch(platform, {run_id})
    return _measured(platform, f"{source}, nothing new (median of {_ROUNDS})", (f"ingest_{source}",), began, NOTHING_NEW)


def _measured(platform: Platform, what: str, dag_ids: Iterable[str], began: datetime, limit: int) -> Measured:
    tasks, ends, pauses = [], [], []
    for dag_id in dag_ids:
        for run in platform.api.runs(dag_id):
            if _time(run["queued_at"]) < began or run["end_date"] is None:
                continue
            ends.append(_time(run["end_date"]))
            of_run = sorted(
                (t for t in platform.api.tasks(dag_id, run["dag_run_id"]) if t["start_date"] and t["end_date"]),
                key=lambda t: str(t["start_date"]),
            )
            tasks += of_run
            pauses += [_seconds(before["end_date"], after["start_date"]) for before, after in itertools.pairwise(of_run)]
    took = {f"{t['dag_id']}.{t['task_id']}": _seconds(t["start_date"], t["end_date"]) for t in tasks}
    slow = max(took, key=lambda name: took[name])
    longest = f"{slow} {took[slow]:.1f} s"
    return Measured(what, (max(ends) - began).total_seconds(), len(tasks), longest, median(pauses), limit)


def _seconds(begin: Any, end: Any) -> float:
    return (_time(end) - _time(begin)).total_seconds()


def _time(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))


if __name__ == "__main__":
    sys.exit(main())
