"""A stream of frames cleaned on the cores there are: in order, and never more of them in memory than cores need.

Cleaning is pure, so frames can be cleaned apart. A single small frame is cleaned here, for a process costs more than it saves.
"""

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import Any, TypeVar

import pandas as pd

from include.collector import without_collector

Answer = TypeVar("Answer")

ROWS_AT_ONCE = 10_000
"""Rows cleaned together: enough that pandas costs nothing beside the cleaners (measured: 50,000 are no faster), few in memory."""


def clean_chunks(chunks: Iterable[pd.DataFrame], clean: Callable[[pd.DataFrame], Answer], processes: int) -> Iterator[Answer]:
    """Clean frames one after another.

    Args:
        chunks: Mapped frames, of any number of rows.
        clean: What cleans one of them.
        processes: How many to clean at once; 1 starts no other process. A process that may have no children (a worker of
            Celery's pool, whose other workers use the cores) cleans here, whatever is asked for.

    Yields:
        What ``clean`` answers, in the order the rows came, for at most ``ROWS_AT_ONCE`` of them each.
    """
    waiting = _small(chunks)
    first = list(islice(waiting, 2))
    if processes < 2 or len(first) < 2 or multiprocessing.current_process().daemon:
        for chunk in chain(first, waiting):
            yield _clean(chunk, clean)
        return
    # Forked: what this process has loaded (country packs, the gazetteer) need not be loaded again.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _begin, (clean,)) as pool:
        begun: deque[Future[Answer]] = deque()
        for chunk in chain(first, waiting):
            begun.append(pool.submit(_clean_in_worker, chunk))
            if len(begun) > processes:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()


def _small(chunks: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    for chunk in chunks:
        for start in range(0, len(chunk), ROWS_AT_ONCE):
            yield chunk.iloc[start : start + ROWS_AT_ONCE].reset_index(drop=True)


_cleans: Callable[[pd.DataFrame], Any]


def _begin(clean: Callable[[pd.DataFrame], Any]) -> None:
    """Keep in a worker what every frame needs, and let its collector look at nothing that was there before."""
    global _cleans  # noqa: PLW0603 - a worker is a process of its own; this is how its pool hands it things
    _cleans = clean
    gc.freeze()


def _clean_in_worker(chunk: pd.DataFrame) -> Any:
    return _clean(chunk, _cleans)


def _clean(chunk: pd.DataFrame, clean: Callable[[pd.DataFrame], Answer]) -> Answer:
    with without_collector():
        answer = clean(chunk)
    if len(chunk) == ROWS_AT_ONCE:  # one of many; the garbage of a small delivery is not worth a walk through all there is
        gc.collect()
    return answer
