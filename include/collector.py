"""Python's collector of cyclic garbage, which walks through all that lives again and again: sent away among millions of texts."""

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
