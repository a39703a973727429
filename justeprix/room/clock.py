"""The time of a room: that of the wall when the host starts, and never stepping back from there."""

from __future__ import annotations

import time

__all__ = ["Clock"]


class Clock:
    """Milliseconds since 1970; `began` is what it shows now, in seconds since 1970.

    A competition that is taken up again goes on from the time at which it stopped.
    """

    def __init__(self, began: float) -> None:
        self._offset = began - time.monotonic()

    def now(self) -> int:
        """Return the time."""
        return self.at(time.monotonic())

    def at(self, now: float) -> int:
        """Return the time at `now`, in monotonic seconds."""
        return int((self._offset + now) * 1000)
