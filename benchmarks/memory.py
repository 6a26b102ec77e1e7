"""The most memory a stretch of work held, its worker processes included."""

import threading
from contextlib import suppress

import psutil


class Memory:
    """The most that this process and its workers held at once, looked at every 0.1 s; shared pages count once."""

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
        while not self._done.wait(0.1):
            held = 0
            for process in (me, *me.children(recursive=True)):
                with suppress(psutil.Error):
                    held += process.memory_full_info().pss
            self.peak = max(self.peak, held)
