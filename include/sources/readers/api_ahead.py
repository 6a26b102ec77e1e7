"""Pages asked for before those in front of them are worked off, so that what a service allows is used.

Several at once can only be asked for where a page is known by its number. Where each names the next, one is asked for while the
one before it is worked off: the time of an answer is then what limits.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

from include.sources.readers.api_pace import MOST_AT_ONCE

T = TypeVar("T")

_END = object()


def one_ahead(pages: Iterator[T]) -> Iterator[T]:
    """The same, each asked for while the one before it is worked off.

    Args:
        pages: Asks for a page when the next one is wanted.

    Raises:
        Exception: What asking for a page raises, in its place.
    """
    with _asking(1) as pool:
        coming: Future[object] = pool.submit(next, pages, _END)
        while (page := coming.result()) is not _END:
            coming = pool.submit(next, pages, _END)
            yield page  # type: ignore[misc]  # it is one of theirs


def numbered(ask: Callable[[int], T], begin: int, at_once: Callable[[], int], is_empty: Callable[[T], bool]) -> Iterator[T]:
    """Pages in their order, until one is empty. What comes of those asked for behind it counts for nothing.

    Args:
        ask: For the page of a number.
        begin: The first number.
        at_once: How many are to be asked for at the same time now.
        is_empty: Whether a page is behind the last.

    Raises:
        Exception: What asking for a page raises, in its place.
    """
    numbers, coming = count(begin), deque[Future[T]]()
    with _asking(MOST_AT_ONCE) as pool:
        coming.append(pool.submit(ask, next(numbers)))
        while not is_empty(page := coming.popleft().result()):
            while len(coming) < at_once():
                coming.append(pool.submit(ask, next(numbers)))
            yield page


@contextmanager
def _asking(most: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that ask; who wants no more pages does not stay for what is still under way."""
    pool = ThreadPoolExecutor(most, thread_name_prefix="asking")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
