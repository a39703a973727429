"""The connections of one worker that hear things unasked: who follows, who waits for a round."""

from __future__ import annotations

from collections.abc import Iterator

from justeprix.room.snapshot import Snapshot
from justeprix.server.connection import Connection

__all__ = ["Followers"]

Letters = Iterator[tuple[Connection, bytes]]
"""What to send to whom. Sending may end a connection, so each walk goes over a copy."""


class Followers:
    """Knows who is to be told; telling is the worker's."""

    def __init__(self) -> None:
        self._followers: set[Connection] = set()
        self._waiting: set[Connection] = set()
        self._behind: set[Connection] = set()  # were busy when the last state was shown
        self._shown: Snapshot | None = None
        self._last: Snapshot | None = None  # which nobody is parted from without
        self._owed: set[Connection] = set()  # have not been shown it

    @property
    def follows(self) -> bool:
        """Whether anybody follows the state."""
        return bool(self._followers)

    @property
    def ended(self) -> bool:
        """Whether there is a state that all are to see last."""
        return self._last is not None

    def note(self, connection: Connection) -> None:
        """Look whether a session that has just been answered follows, or waits."""
        if connection.session.follows:
            self._followers.add(connection)
        if connection.session.waiting:
            self._waiting.add(connection)

    def forget(self, connection: Connection) -> None:
        """Drop a connection that has ended."""
        for group in (self._followers, self._waiting, self._behind, self._owed):
            group.discard(connection)

    def letters(self, line: str) -> Letters:
        """Yield a line for all who follow."""
        for connection in list(self._followers):
            if not connection.closing:
                yield connection, connection.codec.pack(line)

    def show(self, snapshot: Snapshot) -> Letters:
        """Yield the state for all who follow; who is slow gets the newest one later."""
        self._shown, self._behind = snapshot, set(self._followers)
        return self.catch_up()

    def catch_up(self) -> Letters:
        """Yield the newest state for those who missed it and have read what came before."""
        if self._shown is None:
            return
        for connection in [c for c in self._behind if not c.outbox]:
            self._behind.discard(connection)
            self._owed.discard(connection)
            if not connection.closing:
                yield connection, connection.codec.pack(self._shown.line(connection.session.id))

    def end(self, last: Snapshot) -> None:
        """Note the state that all who follow are to see last, however soon they are parted from."""
        self._owed = self._behind if self._shown is last else self._followers
        self._last, self._owed = last, set(self._owed)

    def owed(self, connection: Connection) -> bytes:
        """Return the last state for who has not seen it, to be sent before the last line."""
        if connection not in self._owed or self._last is None:
            return b""
        self._owed.discard(connection)
        self._behind.discard(connection)
        return connection.codec.pack(self._last.line(connection.session.id))

    def release(self, round: int | None) -> list[tuple[Connection, list[bytes]]]:
        """End the waiting for a round (None: for good); return who waited, with what they said.

        Who has found it already, before we came to hear of it, waits for the next one.
        """
        waiting = {c for c in self._waiting if not _has_found(c, round)}
        self._waiting -= waiting
        return [(c, c.session.release()) for c in waiting if not c.closing]


def _has_found(connection: Connection, round: int | None) -> bool:
    game = connection.session.plays.game
    return game.found and game.ordinal == round
