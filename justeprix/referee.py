"""Decides and stores: the part of a worker's step that happens under the room's lock.

    decide every message -> one durable commit -> then, and only then, there are answers

Nothing in here reads or writes a socket.
"""

from __future__ import annotations

import time

from justeprix.connection import Connection
from justeprix.errors import ProtocolError
from justeprix.game import Game
from justeprix.news import Arrived, Gone, Said
from justeprix.protocol import Word
from justeprix.room import Room, hash_token, message_line
from justeprix.session import Session
from justeprix.step import SavedSession, Step

__all__ = ["Heard", "Referee"]

Heard = list[tuple[Connection, list[bytes]]]
"""The connections that said something, each with its messages in order."""


class Referee:
    """Serves one worker; also the `Host` of its sessions, for it knows the step they speak in."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.roster = room.roster
        self._step = Step(0.0, 0)
        self._speaker: Connection | None = None
        self._fenced: frozenset[tuple[int, int]] = frozenset()

    def welcome(self) -> Session:
        """Open a session for a newcomer. Raises CommitError if the store fails."""
        with self.room.lock:
            session = Session(self.room.new_id(), self)
            self.roster.arrive(session.id)
            return session

    def judge(self, heard: Heard, now: float) -> list[tuple[Connection, bytes | None]]:
        """Decide all messages and store what counts; return the bytes to send to each.

        None instead of bytes: that connection's session goes on elsewhere, it must be cut.
        Raises CommitError if nothing could be stored: then nobody may be answered.
        """
        step = self._step = Step(now, time.time_ns() // 1_000_000)
        self._fenced = frozenset()
        answers: list[tuple[Connection, bytes | None]] = []
        with self.room.lock:
            for connection, messages in heard:
                answers.append((connection, self._decide(connection, messages, step)))
            fenced = self._fenced | self.room.commit(step)
            self.room.settle(step.news, fenced)
        for item in step.news:
            if type(item) is Said:
                self.room.publish(message_line(item.name, item.text))
        if fenced:
            return [(c, None if c.session.key in fenced else answer) for c, answer in answers]
        return answers

    def dismiss(self, connection: Connection) -> None:
        """Note that a connection has ended."""
        session = connection.session
        may_return = session.resumable and not session.finished
        with self.room.lock:
            if session.resumable:
                if self.room.seats.get(session.id, connection) is not connection:
                    return  # the session goes on elsewhere
                self.room.seats.pop(session.id, None)
            name = self.roster[session.id].name
            self.roster.leave(session.id, time.monotonic(), may_return=may_return)
            if connection.announced:
                self.room.tell(Gone(name, may_return))

    def _decide(self, connection: Connection, messages: list[bytes], step: Step) -> bytes:
        """Let the session answer each message; return the bytes to send."""
        self._speaker = connection
        session = connection.session
        if not connection.announced:
            self._announce(connection, messages[0], step)
        ending = connection.decoder.ending
        replies = ""
        for message in messages:
            replies += session.handle(message, step) + ending
            if session.over:
                break
        if session.resumable and connection.seat != session.id:
            self._take_seat(connection)
        return replies.encode()

    def _announce(self, connection: Connection, first: bytes, step: Step) -> None:
        """Tell of a newcomer with its first message, unless that brings back a session."""
        connection.announced = True
        if not first.startswith(f"{Word.SESSION} ".encode()):
            name = self.roster[connection.session.id].name
            step.news.append(Arrived(name, connection.address))

    def _take_seat(self, connection: Connection) -> None:
        """Seat the connection's session here; the connection it sat on before is ended."""
        seats, session = self.room.seats, connection.session.id
        if connection.seat is not None:
            seats.pop(connection.seat, None)
        if session in seats:
            seats[session].end()
        connection.seat = session
        seats[session] = connection

    # What a session may ask of its host.

    def deal(self, ordinal: int) -> Game:
        """Draw a new secret."""
        return self.room.deal(ordinal)

    def new_token(self) -> tuple[str, bytes]:
        """Return a fresh token and its hash."""
        return self.room.new_token()

    def resume(self, token: str) -> SavedSession:
        """Fence and load a session; what was decided before is stored first."""
        self._store_so_far()
        with self.room.storing():
            saved = self.room.store.resume(hash_token(token))
        if saved is None:
            speaker = self._speaker
            if speaker and self.room.guessing_tokens(speaker.address, self._step.now):
                speaker.session.over = True
            raise ProtocolError("jeton", "jeton inconnu : demande une session neuve avec session")
        return saved

    def recall(self, session: int, seq: int) -> tuple[int, int] | None:
        """Return (number guessed as `seq`, secret it was compared with)."""
        self._store_so_far()
        with self.room.storing():
            return self.room.store.recall(session, seq)

    def _store_so_far(self) -> None:
        self._fenced |= self.room.commit(self._step)
