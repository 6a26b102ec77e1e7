"""A stream of frames cleaned on the cores there are: in order, and never more of them in memory than cores need.

Cleaning is pure, so frames can be cleaned apart. A single small frame is cleaned here, for a process costs more than it saves.
"""

import gc
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import chain, islice

import pandas as pd

from include.cleaning.habits import Habits

Clean = Callable[[pd.DataFrame, Habits], pd.DataFrame]
"""``clean_customers`` or ``clean_interactions``."""

ROWS_AT_ONCE = 10_000
"""Rows cleaned together: enough that pandas costs nothing beside the cleaners (measured: 50,000 are no faster), few in memory."""


def clean_chunks(chunks: Iterable[pd.DataFrame], clean: Clean, habits: Habits, processes: int) -> Iterator[pd.DataFrame]:
    """Clean frames one after another.

    Args:
        chunks: Mapped frames, of any number of rows.
        clean: What cleans one of them.
        habits: What is known of the source.
        processes: How many to clean at once; 1 starts no other process.

    Yields:
        The rows cleaned, in the order they came, at most ``ROWS_AT_ONCE`` a frame.
    """
    waiting = _small(chunks)
    first = list(islice(waiting, 2))
    if processes < 2 or len(first) < 2:
        for chunk in chain(first, waiting):
            yield _clean(chunk, clean, habits)
        return
    # Forked: what this process has loaded (country packs, the gazetteer) need not be loaded again.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _begin, (clean, habits)) as pool:
        begun: deque[Future[pd.DataFrame]] = deque()
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


_worker: tuple[Clean, Habits]


def _begin(clean: Clean, habits: Habits) -> None:
    """Keep in a worker what every frame needs, and let its collector look at nothing that was there before."""
    global _worker  # noqa: PLW0603 - a worker is a process of its own; this is how its pool hands it things
    _worker = clean, habits
    gc.freeze()


def _clean_in_worker(chunk: pd.DataFrame) -> pd.DataFrame:
    return _clean(chunk, *_worker)


def _clean(chunk: pd.DataFrame, clean: Clean, habits: Habits) -> pd.DataFrame:
    with _collecting_once():
        return clean(chunk, habits)


@contextmanager
def _collecting_once() -> Iterator[None]:
    """Look for cyclic garbage once, at the end: walking through all the texts again and again is a quarter of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        if was_on:
            gc.enable()
