"""All workers of one room as one: who takes a newcomer, what all hear, how all end.

On CPython with a global lock a second worker only adds switching: two answer two thirds of what
one does with 30 players, and have the last of 1,000 wait nearly twice as long
(`tests.bench.growth`). So there is one; without that lock there is one a processor.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from operator import attrgetter

from justeprix.net.descriptors import loops
from justeprix.protocol.codec import Codec
from justeprix.protocol.replies import Shutdown
from justeprix.room.room import Room
from justeprix.room.snapshot import Snapshot
from justeprix.server.worker import Worker

__all__ = ["Workers", "best_count"]


class Workers:
    """Callable from any thread, but for `start` and `close`."""

    def __init__(self, room: Room, count: int) -> None:
        self._workers = [Worker(room, f"worker-{n}", self.publish) for n in range(1, count + 1)]

    def __iter__(self) -> Iterator[Worker]:
        return iter(self._workers)

    def start(self) -> None:
        """Begin to serve."""
        for worker in self._workers:
            worker.start()

    def close(self, goodbye: Shutdown, last: Snapshot | None) -> None:
        """Show the last state, say goodbye to everybody, and wait until all have left."""
        for worker in self._workers:
            worker.stop(goodbye, last)
        for worker in self._workers:
            worker.join()

    # Who is here.

    @property
    def load(self) -> int:
        """How many connections there are, those on their way to a worker too."""
        return sum(worker.load for worker in self._workers)

    @property
    def has_followers(self) -> bool:
        """Whether anybody follows the state."""
        return any(worker.has_followers for worker in self._workers)

    def adopt(self, sock: socket.socket, address: str, codec: Codec) -> None:
        """Hand over a connection that was just accepted, to the worker with the fewest."""
        min(self._workers, key=attrgetter("load")).adopt(sock, address, codec)

    # What all hear.

    def publish(self, line: str) -> None:
        """Send a line to all who follow."""
        for worker in self._workers:
            worker.publish(line)

    def show(self, snapshot: Snapshot) -> None:
        """Send the state to all who follow."""
        for worker in self._workers:
            worker.show(snapshot)

    def release(self, line: str, *, round: int | None = None, last: Snapshot | None = None) -> None:
        """Answer all who wait for the round; `last`: the state that says that there is none."""
        for worker in self._workers:
            worker.release(line, round=round, last=last)

    def expel(self, session: int, reason: str) -> None:
        """End the connections of a session; without a reason it may come back."""
        for worker in self._workers:
            worker.expel(session, reason)


def best_count(max_players: int) -> int:
    """Return how many workers serve that many players best on this machine."""
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    return max(1 if gil else min(8, os.cpu_count() or 1), loops(max_players))
