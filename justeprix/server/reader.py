"""The first half of a worker's step: bytes in, messages out. One thread only.

What is no message is dealt with here: what the transport owes, the end of a link, a line that is
never finished. Whoever sends too fast is read later.
"""

from __future__ import annotations

from math import inf

from justeprix.errors import ProtocolError
from justeprix.net.mailbox import Mailbox
from justeprix.net.poller import READ
from justeprix.protocol.replies import error_line
from justeprix.server.connection import Connection
from justeprix.server.connections import Connections
from justeprix.server.fairness import Ready
from justeprix.server.referee import Heard

__all__ = ["Reader"]


class Reader:
    """Reads for one worker; what is heard is put behind what was heard before."""

    def __init__(self, connections: Connections, mailbox: Mailbox) -> None:
        self._connections = connections
        self._mailbox = mailbox

    def hear(self, ready: Ready, heard: Heard, now: float, most: float) -> None:
        """Read all who are ready, each once, until `most` messages have come."""
        connections = self._connections
        for connection in ready:
            if connection is None:
                self._mailbox.wake_up()
                continue
            if connection.watched != READ:
                connections.send(connection, b"", now)
                continue
            data = connection.read()
            if data is None:
                continue
            connection.heard_at = now
            if not data or connection.closing:
                self._hear_last(connection, data, heard)
                continue
            codec = connection.codec
            messages = codec.receive(data, now)
            if codec.deadline is not None:
                connections.due.add(connection)
            if codec.extra and not self._settle(connection, now):
                continue
            if messages:
                heard.append((connection, messages))
                connections.pace(connection, len(messages), now)
            most -= len(messages) + codec.extra
            if most <= 0:
                return

    def _hear_last(self, connection: Connection, data: bytes, heard: Heard) -> None:
        """Hear who has nothing more to say, or whose session is over."""
        if not data:
            connection.hang_up()
            messages = [] if connection.closing else connection.codec.end()
            connection.closing = True
            if messages:
                heard.append((connection, messages))
            else:
                self._connections.cut(connection)

    def _settle(self, connection: Connection, now: float) -> bool:
        """Send what the transport owes, count what was no message; return whether it lives on."""
        codec = connection.codec
        connection.closing = connection.closing or codec.ended
        self._connections.send(connection, codec.take_owed(), now)
        if connection not in self._connections:
            return False
        self._connections.pace(connection, codec.extra, now)
        return True

    def expire(self, connection: Connection, now: float, heard: Heard) -> None:
        """Act on the passed deadline of what somebody has begun to say."""
        # It may have come in time, and waited behind others.
        self.hear([connection], heard, now, inf)
        deadline = connection.codec.deadline
        if connection.closing or deadline is None or now < deadline:
            return
        try:
            messages = connection.codec.expire()
        except ProtocolError as error:
            self._connections.say_last(connection, error_line(error))
        else:
            if messages:
                heard.append((connection, messages))
