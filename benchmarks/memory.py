"""The most memory a stretch of work held, its worker processes included."""

import threading
import time
from contextlib import suppress

import psutil

_PAUSES = 20
"""Pause between two looks, in looks: at three processes of 500 MB one takes a tenth of a second, which counts as work."""


class Memory:
    """The most that this process and its workers held at once, looked at every 0.1 s or as seldom as costs little.

    Shared pages count once.
    """

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._watcher.join()

    def _watch(self) -> None:
        me = psutil.Process()
        pause = 0.1
        while not self._done.wait(pause):
            began = time.perf_counter()
            held = 0
            for process in (me, *me.children(recursive=True)):
                with suppress(psutil.Error):
                    held += process.memory_full_info().pss
            self.peak = max(self.peak, held)
            pause = max(0.1, _PAUSES * (time.perf_counter() - began))
