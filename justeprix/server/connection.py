"""One socket: its bytes in and out, what it still owes, and when that is due."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

from justeprix.net.keepalive import keep_alive
from justeprix.net.poller import READ, WRITE
from justeprix.protocol.codec import Codec
from justeprix.room.limits import Limits
from justeprix.session.events import Hint
from justeprix.session.session import Session

__all__ = ["Connection", "set_options"]


class _Busy:
    """What each message touches, side by side: CPython lays out the slots of a base class first.

    A step walks over hundreds of connections: in half the cache lines, 1,000 players get 2 % more.
    """

    __slots__ = (
        "announced",
        "closing",
        "codec",
        "heard_at",
        "outbox",
        "paced",
        "paused_until",
        "session",
        "socket",
        "watched",
    )


class Connection(_Busy):
    """One socket and the session that speaks through it. Belongs to one worker."""

    __slots__ = (
        "address",
        "carries",
        "end",
        "half_closed",
        "leave_at",
        "left",
        "noticed",
        "since",
        "stuck_since",
    )

    def __init__(
        self, sock: socket.socket, address: str, codec: Codec, session: Session, now: float
    ) -> None:
        self.socket = sock
        self.address = address
        self.announced = False  # others know of it once it has said something
        self.session = session
        self.codec = codec
        self.end: Callable[[], None] = sock.close  # from any thread; its worker knows better
        self.outbox = b""  # not taken by the socket yet
        self.since = self.heard_at = now
        self.paced = 0.0  # when the messages so far would have come at the allowed rate
        self.paused_until: float | None = None  # reading later: it sends too fast
        self.stuck_since: float | None = None  # its outbox has not moved since
        self.closing = False  # the last line is said: send it, then end
        self.half_closed = False
        self.leave_at: float | None = None  # closing, and not waiting longer than this
        self.left: bool | None = None  # whether the other side ended it; None: it did not end so
        self.noticed: frozenset[Hint] = frozenset()  # what the host was told of it already
        self.carries: int | None = None  # the resumable session that goes on here
        self.watched = 0  # what its worker's poller watches it for: READ, WRITE or nothing

    @property
    def wanted(self) -> int:
        """What to watch it for: who is behind with reading, or too fast, is not read."""
        if self.outbox:
            return WRITE
        return READ if self.paused_until is None else 0

    def read(self) -> bytes | None:
        """Return what has come, None if nothing has, b"" if nothing will come any more."""
        try:
            return self.socket.recv(self.codec.chunk)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as error:
            self.hang_up(error)
            return b""

    def write(self, data: bytes, now: float) -> bool:
        """Send behind what still waits; return False if the link is broken."""
        if self.outbox:
            data = self.outbox + data
        try:
            sent = self.socket.send(data) if data else 0
            if sent == len(data) and not self.outbox:
                return True
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError as error:
            self.hang_up(error)
            return False
        self.outbox = data[sent:]
        if not self.outbox:
            self.stuck_since = None
        elif sent or self.stuck_since is None:
            self.stuck_since = now
        return True

    def hang_up(self, error: OSError | None = None) -> None:
        """Note that the link ended, and whether the other side did it; the first call counts.

        It did if it closed or reset the link unasked, not if it vanished: that is a cable or Wi-Fi.
        """
        if self.left is None and not self.closing:
            self.left = error is None or isinstance(error, ConnectionError)

    def overdue(self, limits: Limits, now: float) -> bool:
        """Return whether to wait no longer: it reads nothing, or takes its time to leave."""
        if self.stuck_since is not None and now >= self.stuck_since + limits.stuck:
            return True
        if not self.closing:
            return False
        if self.leave_at is None:
            self.leave_at = now + limits.linger
        return now >= self.leave_at

    def half_close(self) -> None:
        """Say that nothing more will come, so that the other side reads our last line.

        Closing at once, with unread input, would send a reset and could eat that line.
        """
        self.half_closed = True
        with suppress(OSError):  # the other side was faster
            self.socket.shutdown(socket.SHUT_WR)


def set_options(sock: socket.socket) -> None:
    """Make an accepted socket prompt, and let the system notice a peer that vanished."""
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    keep_alive(sock)
