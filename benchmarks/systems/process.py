"""What every measured process says of itself. The standard library alone: the systems live in two environments."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Stopwatch:
    """Seconds by step, and those of the processor in all: what a busy machine does not stretch."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu = 0.0

    @contextmanager
    def of(self, step: str) -> Iterator[None]:
        """Time one step."""
        began, cpu = time.perf_counter(), time.process_time()
        yield
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - began
        self.cpu += time.process_time() - cpu

    def report(self, **more: object) -> None:
        """Print what was measured: the last line of the output."""
        took = {step: round(figure, 3) for step, figure in self.seconds.items()}
        total = round(sum(self.seconds.values()), 3)
        print(json.dumps({"seconds": took, "all": total, "cpu": round(self.cpu, 3), "peak_memory_mb": _peak(), **more}))


def _peak() -> int:
    """Most memory this process ever held, in MB: the high-water mark since it began."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 // 1_000_000
