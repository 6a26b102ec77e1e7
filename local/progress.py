"""Lines that say what happens, with the time since the beginning."""

import time


class Progress:
    """Prints one line for every change of state; no line twice in a row."""

    def __init__(self) -> None:
        self._began, self._last = time.monotonic(), ""

    def __call__(self, line: str) -> None:
        """Say what happened now."""
        if line != self._last:
            print(f"{self.elapsed:6.1f} s  {line}", flush=True)
            self._last = line

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began
