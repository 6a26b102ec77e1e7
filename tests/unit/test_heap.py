"""A task keeps to one heap: its threads', that of large pieces, and Arrow's."""

import ctypes
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_WORK = """
import ctypes, threading
{settled}
import numpy as np, pyarrow as pa
columns = []
def make():
    columns.append([np.ones(size) for size in (1_000, 100_000, 1_000_000)])
threads = [threading.Thread(target=make) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
columns.append(pa.array(np.arange(1_000_000)))
print(pa.default_memory_pool().backend_name, flush=True)
ctypes.CDLL(None).malloc_stats()
"""
_SETTLED = "from include import heap; heap.settle_for_a_task()"


_HELD = f"""
{_SETTLED}
import numpy as np, psutil
process = psutil.Process()
columns = [np.ones(1_000_000) for _ in range(20)]
last = np.ones(1_000)
full = process.memory_info().rss
del columns
kept = process.memory_info().rss
heap.give_back()
print(full, kept, process.memory_info().rss)
"""


def _ran(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)


def _told(settled):
    """Arrow's pool, how many heaps there are, and how many bytes lie outside of them, of a process that worked in threads."""
    done = _ran(_WORK.format(settled=settled))
    heaps = len(re.findall(r"^Arena \d+:", done.stderr, re.MULTILINE))
    (outside,) = re.findall(r"^max mmap bytes\s*=\s*(\d+)", done.stderr, re.MULTILINE)
    return done.stdout.strip(), heaps, int(outside)


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_stats"), reason="another C library than glibc")
class TestOneHeap:
    def test_a_settled_process_has_one(self):
        pool, heaps, outside = _told(_SETTLED)
        assert (pool, heaps) == ("system", 1)
        assert outside < 8_000_000, "what was there before it was settled"

    def test_any_other_has_several_and_lays_large_pieces_beside(self):
        _, heaps, outside = _told("")
        assert heaps > 1
        assert outside > 4 * 8_000_000


def test_memory_that_nobody_holds_is_handed_back():
    full, kept, left = map(int, _ran(_HELD).stdout.split())
    assert kept > full - 80_000_000, "what the next step takes up stays"
    assert left < full - 120_000_000
