"""How often one API is asked: as often as declared, and never more often, by however many at once.

When a request arrives at the service nobody here knows, but it is after it went and before its answer came. So one goes only
while those under way, and those whose answer is not yet a whole stretch of the limit old, are together fewer than may be asked in
it: then no stretch of the service's own time ever holds more, in whatever order they arrive.
"""

import math
import threading
import time
from collections import deque

from include.sources.declaration import RateLimit

MOST_AT_ONCE = 8
"""Requests under way at once at most: as many pages may wait in memory."""
_LOOK_BACK = 8
"""Answers by whose time the next one's is judged."""
_SPARE = 1.5
"""One more is under way before all of the limit needs it: answers do not take equally long."""

_CAUGHT_UP = 0.25
"""How much of the time between two requests the later one makes good where the one before it went late."""


class Stopped(Exception):
    """Nobody waits for the answer any more."""


class Pace:
    """Requests spread evenly.

    The first waits too: what asked before it, in another process, may just have ended, its last ones early by what others were
    late.

    Args:
        limit: How often may be asked; None as often as answers come, one after the other.
    """

    def __init__(self, limit: RateLimit | None) -> None:
        self._limit = limit
        self._apart = limit.seconds / limit.requests if limit else 0.0
        self._late = self._apart * _CAUGHT_UP
        self._free = time.monotonic() + self._apart + 2 * self._late
        self._answered = deque[float]()
        self._asking = set[int]()
        self._went = dict[int, float]()
        self._took = deque[float](maxlen=_LOOK_BACK)
        self._changed = threading.Condition()
        self._stopped = False

    @property
    def at_once(self) -> int:
        """How many requests must be under way so that all of the limit is used."""
        with self._changed:
            longest = max(self._took, default=0.0)
        if self._limit is None:
            return 1
        return min(math.floor(longest / self._apart * _SPARE) + 1, self._limit.requests, MOST_AT_ONCE)

    def wait(self) -> None:
        """Until this thread's next request may go; one of its own before that was never answered has failed by now.

        Raises:
            Stopped: It may never go: whoever wanted it has ended.
        """
        self.answered()
        with self._changed:
            while (left := self._left()) > 0:
                self._rest(left)
            if self._stopped:
                raise Stopped
            now = time.monotonic()
            self._free = max(now - self._late, self._free) + self._apart
            if self._limit is not None:
                self._asking.add(threading.get_ident())
                self._went[threading.get_ident()] = now

    def answered(self) -> None:
        """The answer to this thread's request begins to arrive, or never will."""
        with self._changed:
            if threading.get_ident() in self._asking:
                self._asking.remove(threading.get_ident())
                self._answered.append(time.monotonic())
                self._changed.notify_all()

    def ended(self) -> None:
        """This thread's request has been answered whole, or never will be."""
        self.answered()
        with self._changed:
            if (went := self._went.pop(threading.get_ident(), None)) is not None:
                self._took.append(time.monotonic() - went)

    def hold(self, seconds: float) -> None:
        """The service asks to be left alone for a while, and not by one request alone."""
        with self._changed:
            self._free = max(self._free, time.monotonic() + seconds)

    def rest(self, seconds: float) -> None:
        """Stay for a while before the same is asked again.

        Raises:
            Stopped: Nobody waits for it any more.
        """
        with self._changed:
            if self._changed.wait_for(lambda: self._stopped, seconds):
                raise Stopped

    def stop(self) -> None:
        """Let no further request go."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _left(self) -> float:
        """Seconds until the next request may go, as far as is known."""
        if self._stopped:
            return 0.0
        now = time.monotonic()
        left = self._free - now
        if self._limit is None:
            return left
        while self._answered and self._answered[0] + self._limit.seconds <= now:
            self._answered.popleft()
        if len(self._asking) + len(self._answered) >= self._limit.requests:
            until = self._answered[0] + self._limit.seconds if self._answered else math.inf
            left = max(left, until - now)
        return left

    def _rest(self, seconds: float) -> None:
        self._changed.wait(None if math.isinf(seconds) else seconds)
