"""Pure work on one thing after another, on the cores there are: in order, and never more of it in memory than cores need."""

import gc
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import Any, TypeVar

from include.collector import without_collector

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def of_a_task() -> int:
    """How many processes a task may work in: at most two, for other tasks of the machine want cores too."""
    return min(2, len(os.sched_getaffinity(0)))


def in_order(tasks: Iterable[Task], work: Callable[[Task], Answer], processes: int) -> Iterator[Answer]:
    """What ``work`` answers to each task, in their order; a single task is done here, for a process costs more than it saves.

    Args:
        tasks: Taken one by one, when there is room.
        work: Neither reads nor writes anything beside its task: its process is a fork, whose connections are its parent's.
        processes: How many to do at once; 1 starts no other process. A process that may have no children (a worker of Celery's
            pool, whose other workers use the cores) works here, whatever is asked for.
    """
    waiting = iter(tasks)
    first = list(islice(waiting, 2))
    if processes < 2 or len(first) < 2 or multiprocessing.current_process().daemon:
        for task in chain(first, waiting):
            yield _done(task, work, many=len(first) > 1)
        return
    # Forked: what this process has loaded (country packs, the gazetteer) need not be loaded again.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _begin, (work,)) as pool:
        begun: deque[Future[Answer]] = deque()
        for task in chain(first, waiting):
            begun.append(pool.submit(_done_in_worker, task))
            if len(begun) > processes:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


_work: Callable[[Any], Any]


def _begin(work: Callable[[Any], Any]) -> None:
    """Keep in a worker what every task needs, and let its collector look at nothing that was there before."""
    global _work  # noqa: PLW0603 - a worker is a process of its own; this is how its pool hands it things
    _work = work
    gc.freeze()


def _done_in_worker(task: Any) -> Any:
    return _done(task, _work, many=True)


def _done(task: Task, work: Callable[[Task], Answer], *, many: bool) -> Answer:
    with without_collector():
        answer = work(task)
    if many:  # the garbage of a single one is not worth a walk through all there is
        gc.collect()
    return answer
