"""Python's collector of cyclic garbage, which is sent away among millions of texts, and memory that nobody holds any more.

The collector walks through all that lives, again and again.
"""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """Without it for a while: its walks are a quarter of the time, and texts have no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def give_back() -> None:
    """Hand memory that is free but kept for later back to the system: after millions of texts went it is a third of all there is.

    What is freed between things that stay is kept by the C library, and Arrow keeps its own; with another C library than
    Linux's usual one only Arrow's is given back.
    """
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
