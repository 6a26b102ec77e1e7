"""Jobs in processes of their own, some at once; what kills one of them kills no other."""

import os
import pickle
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

SECONDS = 120
"""Processor seconds after which a job counts as one that stops the pipeline."""
MEGABYTES = 1_500
"""Memory beyond what the process had before, after which it counts as one that fills the machine."""

_LOOKED_EVERY = 0.01

T = TypeVar("T")


@dataclass(frozen=True)
class Ran:
    """How a job ran.

    Attributes:
        result: What it gave; None if its process died.
        died: How it died.
        seconds: Of the processor.
        megabytes: Of memory, beyond what the process had.
    """

    result: Any = None
    died: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0


@dataclass(frozen=True)
class Job:
    """A job in a process of its own."""

    pid: int
    folder: Path

    def wait(self) -> Ran:
        """Wait for its end."""
        _, status, used = os.wait4(self.pid, 0)
        return self._ran(status, used)

    def ended(self) -> Ran | None:
        """How it ran, if it has ended; asked once after that."""
        pid, status, used = os.wait4(self.pid, os.WNOHANG)
        return self._ran(status, used) if pid else None

    def _ran(self, status: int, used: resource.struct_rusage) -> Ran:
        result = self.folder / "outcome"
        if result.exists():
            found: Ran = pickle.loads(result.read_bytes())
            return found
        end = (self.folder / "log").read_text(errors="replace").splitlines()[-1:]
        return Ran(died=f"the process ended with {status}: {' '.join(end)}", seconds=used.ru_utime + used.ru_stime)

    def stop(self) -> None:
        """Have it clear up and end."""
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGTERM)
            os.waitpid(self.pid, 0)


def apart(job: Callable[[], Any], folder: Path) -> Job:
    """Run it in a process of its own, as a worker does.

    Args:
        job: What is to be done; its result is pickled.
        folder: Where its log and its result lie.
    """

    def measured() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        most = (_status("VmSize") + 2 * MEGABYTES) << 20  # what runs away must not take the machine with it
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        before, began = _status("VmHWM"), time.process_time()
        given = job()
        ran = Ran(given, seconds=time.process_time() - began, megabytes=float(_status("VmHWM") - before))
        (folder / "outcome").write_bytes(pickle.dumps(ran))

    return Job(forked(measured, folder / "log"), folder)


def forked(job: Callable[[], None], log: Path) -> int:
    """Begin a job in a process of its own that ends with it, and says what it says in a log; the process's number."""
    sys.stdout.flush()
    sys.stderr.flush()
    if pid := os.fork():
        return pid
    try:
        with log.open("wb") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        job()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


def at_once(jobs: Iterable[tuple[T, Callable[[], Job]]], most: int = os.cpu_count() or 1) -> Iterator[tuple[T, Ran]]:
    """Begin as many jobs at once as there are cores; gives what each is of, and how it ran, as they end.

    A long one keeps a core busy and no more: waited for in their order, all others would wait with it.
    """
    begun: list[tuple[T, Job]] = []
    try:
        for of, begin in jobs:
            begun.append((of, begin()))
            if len(begun) >= most:
                yield _next_of(begun)
        while begun:
            yield _next_of(begun)
    finally:
        for _, job in begun:
            job.stop()


def _next_of(begun: list[tuple[T, Job]]) -> tuple[T, Ran]:
    """The next end of any; it is of those begun until then."""
    while True:
        for place, (of, job) in enumerate(begun):
            ran = job.ended()
            if ran is not None:
                del begun[place]
                return of, ran
        time.sleep(_LOOKED_EVERY)


def _status(name: str) -> int:
    """A figure of this process by the kernel, in MB; a forked one begins with what it holds."""
    return int(Path("/proc/self/status").read_text().partition(f"{name}:")[2].split()[0]) >> 10
