"""One heap for all of a task, so that what one thread lets go is taken up by another; and what nobody holds handed back.

The C library keeps a heap for each of a few threads, large pieces apart from all of them, and Arrow keeps its own beside. Columns
of a million values come and go here by the hundred, in two threads, numpy's and Arrow's in turn: what one heap has free the next
one asks the system for, which has to clear it. Of matching's time and memory that was a tenth (docs/performance.md).
"""

import ctypes
from collections.abc import Callable

_ARENA_MAX, _MMAP_MAX, _TRIM_THRESHOLD = -8, -4, -1
"""``mallopt``'s names in glibc's ``malloc.h``; another C library than Linux's usual one has none of them."""
_KEPT = 1 << 30
"""Bytes free at the heap's end that stay for the next step of the work."""


def settle() -> None:
    """Have all threads share one heap: before there are any, for one that has its own by then keeps it."""
    _set(_ARENA_MAX, 1)


def settle_for_a_task() -> None:
    """Take large pieces and Arrow's from that heap too: for a process that works on many rows and then ends."""
    import pyarrow as pa

    _set(_MMAP_MAX, 0)
    _set(_TRIM_THRESHOLD, _KEPT)
    pa.set_memory_pool(pa.system_memory_pool())


def give_back() -> None:
    """Hand memory that is free but kept for later back to the system: after millions of texts went it is a third of all there is.

    With another C library than Linux's usual one only what Arrow has kept for itself is given back.
    """
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = _of_c_library("malloc_trim")
    if trim is not None:
        trim(0)


def _set(option: int, value: int) -> None:
    mallopt = _of_c_library("mallopt")
    if mallopt is not None:
        mallopt(option, value)


def _of_c_library(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None)
