"""Calls from other threads, and a socket that wakes a loop which waits for sockets."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable
from contextlib import suppress

__all__ = ["Mailbox"]


class Mailbox:
    """Belongs to one loop: only `post` and `wake` may be called from elsewhere."""

    def __init__(self) -> None:
        self._calls: deque[Callable[[], None]] = deque()
        self.socket, self._waker = socket.socketpair()  # watch `socket` for reading
        self.socket.setblocking(False)
        self._waker.setblocking(False)

    def post(self, call: Callable[[], None]) -> None:
        """Have the loop make a call, soon and in order."""
        self._calls.append(call)
        self.wake()

    def wake(self) -> None:
        """Have the loop look around, from any thread."""
        with suppress(OSError):  # full: it is awake already; closed: it has ended
            self._waker.send(b"\0")

    def wake_up(self) -> None:
        """Take in what made `socket` readable."""
        with suppress(BlockingIOError):
            self.socket.recv(4096)

    def make_calls(self) -> None:
        """Make the calls that have been posted so far; who posts faster than we work must wait."""
        for _ in range(len(self._calls)):
            self._calls.popleft()()

    def close(self) -> None:
        """Free the sockets; a second call does nothing."""
        self.socket.close()
        self._waker.close()
