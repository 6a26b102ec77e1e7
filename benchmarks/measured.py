"""What the steps of a run cost, each in a process of its own as LocalExecutor runs a task: time, CPU and memory."""

import gc
import os
import pickle
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.database import cpu_seconds
from benchmarks.matching import say
from local.postgres import Server
from suki.operators.base import SukiOperator


@dataclass
class Cost:
    """What one step, or a whole run, took.

    Attributes:
        wall: Seconds.
        work: Seconds of CPU of the step's process and its children.
        database: Seconds of CPU of PostgreSQL.
        peak: Most memory the step's process held, in MB.
    """

    wall: float = 0.0
    work: float = 0.0
    database: float = 0.0
    peak: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        """Of both, one after the other."""
        return Cost(self.wall + other.wall, self.work + other.work, self.database + other.database, max(self.peak, other.peak))

    @property
    def cpu(self) -> float:
        """Of both."""
        return self.work + self.database


@dataclass
class Measured:
    """A resolve run: its steps and what it counted."""

    steps: dict[str, Cost] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> Cost:
        """All steps together; of memory the most that one held."""
        return sum(self.steps.values(), Cost())


@contextmanager
def measuring(server: Server) -> Iterator[Measured]:
    """Every step of the operators that is executed meanwhile goes in a process of its own, and its cost is noted."""
    found, execute = Measured(), SukiOperator.execute

    def measured(operator: SukiOperator, context: Any) -> Any:
        began, before, database = time.perf_counter(), _children(), cpu_seconds(server)
        result, peak = forked(partial(execute, operator, context))
        cost = Cost(time.perf_counter() - began, _children() - before, cpu_seconds(server) - database, peak)
        found.steps[operator.task_id] = found.steps.get(operator.task_id, Cost()) + cost
        say(f"{operator.task_id:16}{cost.wall:8.1f} s{cost.cpu:8.1f} s of CPU{cost.peak:8,} MB")
        return result

    with mock.patch.object(SukiOperator, "execute", measured):
        yield found


def forked(job: Any) -> tuple[Any, int]:
    """What a job returns in a process of its own, and the most memory that held, in MB."""
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "result"
        gc.freeze()  # as LocalExecutor does when it forks: the collector of a task need not walk through what was loaded before
        if not (child := os.fork()):
            status = 1
            try:
                result = job()
                file.write_bytes(pickle.dumps((result, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)))
                status = 0
            except Exception as error:  # noqa: BLE001 - the parent says that the step failed
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
            finally:
                os._exit(status)
        gc.unfreeze()
        _, ended = os.waitpid(child, 0)
        if ended:
            raise SystemExit("The step failed; its error stands above.")
        result, peak = pickle.loads(file.read_bytes())  # noqa: S301 - our own child's
    return result, peak * 1024 // 1_000_000


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


_LINE = "{:18}{:>10}{:>12}{:>12}{:>12}"


def show(title: str, run: Measured) -> None:
    """Print a run's steps, and what it counted."""
    print(
        f"\n{title}\n\n{_LINE.format('step', 'wall', 'CPU', 'of it in', 'memory')}\n{_LINE.format('', '', '', 'PostgreSQL', '')}"
    )
    for name, cost in {**run.steps, "together": run.whole}.items():
        print(_LINE.format(name, f"{cost.wall:.1f} s", f"{cost.cpu:.1f} s", f"{cost.database:.1f} s", f"{cost.peak:,} MB"))
    asked = ("dirty", "pairs", "matches", "reviews", "touched", "customers", "created", "updated", "merged", "split", "retired")
    if run.counts:
        print("\n" + ", ".join(f"{run.counts[name]:,} {name}" for name in asked if name in run.counts))
