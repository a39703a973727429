"""The time of a room: it stands still while the host does, and never steps back.

A laptop whose lid is closed, or a process that was suspended, must cost nobody a round. So the
clock wants to be looked at: the threads that serve do that all the time, and several times a
second when nobody plays. If none of them has looked for long, none of them ran.
"""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

__all__ = ["LOOK", "Clock"]

LOOK = 0.1
"""Seconds that pass at most from one look to the next in which nobody ran."""

FROZEN = 1.5
"""Seconds without a look after which the host did not run: a busy machine is looked at sooner."""


class _Seen(NamedTuple):
    """One tuple, so that it is read whole without the lock."""

    lost: float  # seconds that were not counted
    looked: float  # the last look, in monotonic seconds


class Clock:
    """Milliseconds since 1970; `began` is what it shows now, in seconds since 1970.

    A competition that is taken up again goes on from the time at which it stopped. Callable from
    any thread, without any other lock.
    """

    def __init__(self, began: float) -> None:
        now = time.monotonic()
        self._offset = began - now
        self._seen = _Seen(0.0, now)
        self._slept = slept()
        self._untold = 0.0
        self._lock = threading.Lock()  # held for nothing else

    def now(self) -> int:
        """Return the time."""
        return self.at(self.running())

    def at(self, running: float) -> int:
        """Return the time at a moment that `running` gave."""
        return int((self._offset + running) * 1000)

    def running(self) -> float:
        """Return seconds that pass only while the host runs: all its deadlines are told in them."""
        seen = self._seen  # before the time: what is seen later than it would not fit
        now = time.monotonic()
        return now - seen.lost if now - seen.looked <= LOOK else self._look(now)

    def stood(self) -> float:
        """Return for how many seconds the host stood still since this was asked last."""
        with self._lock:
            asleep, self._slept = self._slept, slept()
            stood, self._untold = self._untold, 0.0
        # Where the system's own sleep is no monotonic time, it is not in the gaps.
        return stood + max(0.0, self._slept - asleep)

    def _look(self, now: float) -> float:
        with self._lock:
            lost, looked = self._seen
            gap = now - looked
            if gap > FROZEN:
                lost += gap - LOOK
                self._untold += gap - LOOK
            self._seen = _Seen(lost, max(now, looked))
            return self._seen.looked - lost


def slept() -> float:
    """Return for how many seconds the system has slept that `time.monotonic` knows nothing of.

    0 where no clock tells (Windows).
    """
    with_sleep = getattr(time, "CLOCK_BOOTTIME", None)
    return 0.0 if with_sleep is None else time.clock_gettime(with_sleep) - time.monotonic()
