"""The connections of one worker: watched, slowed down, sent to, and ended. One thread only."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator

from justeprix.net.poller import READ, Poller, new_poller
from justeprix.protocol.replies import Goodbye, Shutdown
from justeprix.room.limits import Limits
from justeprix.server.connection import Connection

__all__ = ["Connections"]


class Connections:
    """`ended` is called with each connection, once, when its socket is closed.

    `waker`: a socket that others write to, so that `poll` returns; it stands there as None.
    `clock` gives the seconds in which all that is due here is told.
    """

    def __init__(
        self,
        limits: Limits,
        waker: socket.socket,
        ended: Callable[[Connection], None],
        clock: Callable[[], float],
    ) -> None:
        self.due: set[Connection] = set()  # something happens there when time passes
        self._limits = limits
        self._cost = 1 / limits.rate if limits.rate else 0.0  # seconds that a message stands for
        self._burst = limits.burst * self._cost
        self._ended = ended
        self._clock = clock
        self._connections: set[Connection] = set()
        self._poller: Poller[Connection | None] = new_poller()
        self._poller.watch(waker, READ, None)

    def __len__(self) -> int:
        return len(self._connections)

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._connections

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._connections))  # whoever is looked at may be ended

    def close(self) -> None:
        """Free the poller."""
        self._poller.close()

    def poll(self, patience: float) -> list[Connection | None]:
        """Return who can be read or written, within so many seconds."""
        return self._poller.poll(patience)

    def add(self, connection: Connection, first: bytes, now: float) -> None:
        """Take a new one in, with what it is greeted with."""
        self._connections.add(connection)
        if connection.codec.deadline is not None:  # the other side must speak first
            self.due.add(connection)
        self.send(connection, first, now)

    def pace(self, connection: Connection, messages: int, now: float) -> None:
        """Slow a flood down: past the burst, the socket is read later. Nothing is dropped."""
        paced, earliest = connection.paced, now - self._burst
        paced = (paced if paced > earliest else earliest) + messages * self._cost
        connection.paced = paced
        if paced > now:
            connection.paused_until = paced
            self.due.add(connection)
            self.watch(connection)

    def watch(self, connection: Connection) -> None:
        """Have the poller watch what the connection wants."""
        wanted = connection.wanted
        if wanted != connection.watched:
            self._poller.watch(connection.socket, wanted, connection)
            connection.watched = wanted

    def answer(self, answers: Iterable[tuple[Connection, bytes | None]], now: float) -> None:
        """Send each its answer: nearly always the socket is idle, and takes all of it at once."""
        for connection, data in answers:
            if data is None:
                self.cut(connection)
                continue
            if data and not connection.outbox and not connection.closing:
                try:
                    sent = connection.socket.send(data)
                except (BlockingIOError, InterruptedError):
                    sent = 0
                except OSError as error:  # to ask again would give another one
                    connection.hang_up(error)
                    self.cut(connection)
                    continue
                if sent == len(data):
                    continue
                data = data[sent:]
            self.send(connection, data, now)

    def send(self, connection: Connection, data: bytes, now: float) -> None:
        """Send behind what still waits; end a connection that is broken or too far behind."""
        if connection not in self._connections:
            return
        behind = bool(connection.outbox)
        alive = connection.write(data, now)
        if alive and not (
            behind or connection.outbox or connection.closing or not connection.watched
        ):
            return  # all is sent, as nearly always
        if not alive or (data and behind and len(connection.outbox) > self._limits.outbox):
            self.cut(connection)
            return
        if connection.closing and not connection.outbox and not connection.half_closed:
            connection.half_close()
        if connection.outbox or connection.closing:
            self.due.add(connection)
        self.watch(connection)

    def tell(self, letters: Iterable[tuple[Connection, bytes]]) -> None:
        """Send each what is theirs."""
        now = self._clock()
        for connection, data in letters:
            self.send(connection, data, now)

    # The end.

    def cut(self, connection: Connection) -> None:
        """End a connection now. A second call does nothing."""
        if connection not in self._connections:
            return
        self._connections.discard(connection)
        self.due.discard(connection)
        if connection.watched:
            self._poller.watch(connection.socket, 0, connection)
            connection.watched = 0  # it may be among those who are ready, and not read yet
        connection.socket.close()
        self._ended(connection)

    def say_goodbye(self, connection: Connection, goodbye: Shutdown) -> None:
        """`shutdown` to those who speak the numbered game, the plain word to the others."""
        if connection.session.resumable:
            self.say_last(connection, str(goodbye))
        else:
            self.say_last(connection, str(Goodbye()))

    def say_last(self, connection: Connection, text: str) -> None:
        """Send a last line, then end the connection as soon as it is read."""
        if connection.closing:
            return
        connection.closing = True
        data = connection.codec.pack(text) + connection.codec.farewell()
        self.send(connection, data, self._clock())
