"""A worker: one thread, one poller, its share of the connections. The heart of the program.

One step:

    read every socket that is ready -> decode -> decide -> one durable commit -> send

No answer leaves before its guess is stored; the busier the host, the more guesses share a
commit. All who were ready at one poll have arrived then, in whatever step they are read.
If the commit fails, the connections of that step are cut unanswered: their clients resume, ask
again, and get the truth. Only the worker touches its connections; other threads post to its
mailbox. What is shared, the referee decides under the room's lock; no socket is touched there.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import inf

from justeprix.errors import CommitError, ProtocolError
from justeprix.game.competition import Phase
from justeprix.net.listener import turn_away
from justeprix.net.mailbox import Mailbox
from justeprix.net.poller import READ
from justeprix.protocol.codec import Codec
from justeprix.protocol.replies import Greeting, Shutdown
from justeprix.room.room import Room
from justeprix.room.snapshot import Snapshot
from justeprix.server.connection import Connection, set_options
from justeprix.server.connections import Connections
from justeprix.server.fairness import Ready, shares
from justeprix.server.followers import Followers
from justeprix.server.reader import Reader
from justeprix.server.referee import Heard, Referee

__all__ = ["Worker"]

CHECK = 0.02
"""Seconds between two looks at the connections for which something is due."""

PER_NEWCOMER = 32
"""Players heard for each newcomer beyond the first: in a step as long as theirs, few; after a
restart, when a thousand come back, enough."""

SWEEP = 1.0
"""Seconds between two looks at all connections, for those that fell silent."""


class Worker:
    """One loop over one poller; `publish` sends a line to all who follow, here or elsewhere."""

    def __init__(self, room: Room, name: str, publish: Callable[[str], None]) -> None:
        self._room = room
        self._limits = room.limits
        self._greeting = str(Greeting(room.bounds))
        self._referee = Referee(room, publish)
        self._thread = threading.Thread(target=self._run, name=name)
        self._mailbox = Mailbox()
        self._arrivals: deque[tuple[socket.socket, str, Codec]] = deque()
        self._followers = Followers()
        self._now = room.clock.running
        self._connections = Connections(room.limits, self._mailbox.socket, self._forget, self._now)
        self._reader = Reader(self._connections, self._mailbox)
        self._half_burst = self._limits.burst / (self._limits.rate or inf) / 2
        self._next_check = self._next_sweep = 0.0
        self._lobby_at = float("-inf")  # when this was last a lobby
        self._stopping = False

    # For other threads.

    @property
    def load(self) -> int:
        """How many connections are here or on their way."""
        return len(self._connections) + len(self._arrivals)

    @property
    def has_followers(self) -> bool:
        """Whether anybody here follows the state."""
        return self._followers.follows

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def adopt(self, sock: socket.socket, address: str, codec: Codec) -> None:
        """Hand over a connection that was just accepted."""
        self._arrivals.append((sock, address, codec))
        self._mailbox.wake()

    def publish(self, line: str) -> None:
        """Send a line to all who follow."""
        self._mailbox.post(lambda: self._connections.tell(self._followers.letters(line)))

    def show(self, snapshot: Snapshot) -> None:
        """Send the state to all who follow."""
        self._mailbox.post(lambda: self._connections.tell(self._followers.show(snapshot)))

    def release(self, line: str, *, round: int | None = None, last: Snapshot | None = None) -> None:
        """Answer all who wait for the round; `last`: the state that says that there is none."""
        self._mailbox.post(partial(self._release, line, round, last))

    def expel(self, session: int, reason: str) -> None:
        """End the connection of a session; without a reason it may come back."""
        self._mailbox.post(partial(self._expel, session, reason))

    def stop(self, goodbye: Shutdown, last: Snapshot | None) -> None:
        """Show the last state to all who follow, say goodbye to everybody and end the thread."""
        self._mailbox.post(partial(self._farewell, goodbye, last))

    def join(self) -> None:
        """Wait for the end of the thread; then nothing of the worker is left."""
        if self._thread.is_alive():
            self._thread.join()
        self._connections.close()
        self._mailbox.close()

    # The loop.

    def _run(self) -> None:
        while self._connections or not self._stopping:
            ready = self._connections.poll(self._patience)
            now = self._now()
            for share, most in shares(ready, now - self._half_burst):
                self._serve(share, now, most)

    @property
    def _patience(self) -> float:
        """Seconds to wait for a socket."""
        if self._arrivals:
            return 0.0
        return CHECK if self._connections.due else SWEEP

    def _serve(self, ready: Ready, now: float, most: float) -> None:
        """Make one step; `now` is when those who are ready have been heard.

        After `most` messages nobody else is heard in it.

        A bug of ours costs those who took part in the step their link, and nobody else anything.
        """
        heard: Heard = []
        try:
            self._step(ready, heard, now, most)
        except Exception as bug:
            self._room.confess(bug)
            for connection in {*ready, *(c for c, _ in heard)}:
                if connection is not None:
                    with suppress(Exception):  # it is gone from here, whatever else fails
                        self._connections.cut(connection)

    def _step(self, ready: Ready, heard: Heard, now: float, most: float) -> None:
        self._reader.hear(ready, heard, now, most)
        if now >= self._next_check:
            self._pass_time(now, heard)
            # Somebody may have been cut since they were heard.
            heard[:] = [(c, messages) for c, messages in heard if c in self._connections]
        if heard:
            self._answer(heard, now)
        self._mailbox.make_calls()
        for _ in range(min(len(self._arrivals), 1 + len(heard) // PER_NEWCOMER)):
            self._welcome()

    def _answer(self, heard: Heard, now: float) -> None:
        """Decide, store, and only then send."""
        try:
            answers, others = self._referee.judge(heard, now)
        except CommitError:
            for connection, _ in heard:
                self._connections.cut(connection)
            return
        for connection, _ in others:
            self._attend(connection, now)
        self._connections.answer(answers, now)

    def _attend(self, connection: Connection, now: float) -> None:
        """Look at what a session has become, once it did more than guess."""
        session = connection.session
        if session.over:
            self._show_last(connection, now)
            connection.closing = True
        self._followers.note(connection)
        if session.surcharge:
            self._connections.pace(connection, session.surcharge, now)
            session.surcharge = 0

    # One connection.

    def _welcome(self) -> None:
        sock, address, codec = self._arrivals.popleft()
        now = self._now()
        try:
            set_options(sock)
            local = address.startswith("127.") or address == sock.getsockname()[0]
            session = self._referee.welcome(address, local=local)
        except ProtocolError as error:
            turn_away(sock, codec, error)
            return
        except (OSError, CommitError):  # gone already, or the store fails: the host is told
            sock.close()
            return
        connection = Connection(sock, address, codec, session, now)
        connection.end = partial(self._mailbox.post, partial(self._connections.cut, connection))
        self._connections.add(connection, codec.pack(self._greeting), now)

    def _forget(self, connection: Connection) -> None:
        """Part from a connection that has ended."""
        self._followers.forget(connection)
        self._referee.dismiss(connection)

    # Time.

    def _pass_time(self, now: float, heard: Heard) -> None:
        self._next_check = now + CHECK
        for connection in list(self._connections.due):
            self._check(connection, now, heard)
        self._connections.tell(self._followers.catch_up())
        if now >= self._next_sweep:
            self._next_sweep = now + SWEEP
            self._part_from_the_silent(now)

    def _part_from_the_silent(self, now: float) -> None:
        """End the connections that say nothing; who waits for a round leaves the word to us."""
        for connection in self._connections:
            if not connection.session.admitted and connection.since < now - self._limits.doorstep:
                self._connections.say_goodbye(connection, Shutdown("le code n'est pas venu"))
        limit = self._limits.idle
        if self._room.phase is Phase.LOBBY:
            limit, self._lobby_at = self._limits.idle_lobby, now
        elif now < self._lobby_at + limit:
            return  # silence in the lobby was allowed
        for connection in self._connections:
            if connection.heard_at < now - limit and not connection.session.waiting:
                self._connections.say_goodbye(
                    connection, Shutdown("plus rien reçu depuis longtemps")
                )

    def _check(self, connection: Connection, now: float, heard: Heard) -> None:
        """Do what is due for one connection."""
        if connection.overdue(self._limits, now):
            self._connections.cut(connection)
        elif connection.closing:
            return
        elif connection.paused_until is not None:
            if now >= connection.paused_until:
                connection.paused_until = None
                self._connections.watch(connection)
        elif connection.codec.deadline is not None:
            if now >= connection.codec.deadline and connection.watched == READ:
                self._reader.expire(connection, now, heard)
        elif connection.stuck_since is None:
            self._connections.due.discard(connection)

    # Many connections.

    def _show_last(self, connection: Connection, now: float) -> None:
        """Show the state that must be seen before the last line, if there is one."""
        owed = self._followers.owed(connection)
        if self._room.phase is Phase.FINISHED and not self._followers.ended:
            owed = self._end_unheard(connection)
        if owed:
            self._connections.send(connection, owed, now)

    def _end_unheard(self, connection: Connection) -> bytes:
        """Return the last state for who is faster than the news of the end in our mailbox."""
        if not connection.session.follows:
            return b""
        with self._room.lock:
            last = self._room.snapshot()
        return connection.codec.pack(last.line(connection.session.id))

    def _release(self, line: str, round: int | None, last: Snapshot | None) -> None:
        """Answer all who wait in one sweep; only then hear what they said meanwhile."""
        now = self._now()
        if last is not None:
            self._followers.end(last)
        heard: Heard = []
        for connection, held in self._followers.release(round):
            connection.heard_at = now  # it was our turn to speak
            if last is not None:
                self._show_last(connection, now)
                self._connections.say_last(connection, line)
                continue
            self._connections.send(connection, connection.codec.pack(line), now)
            if held and connection in self._connections:
                heard.append((connection, held))
        if heard:
            self._answer(heard, now)

    def _expel(self, session: int, reason: str) -> None:
        for connection in [c for c in self._connections if c.session.id == session]:
            if reason:
                self._connections.say_goodbye(connection, Shutdown(reason))
            else:
                self._connections.cut(connection)

    def _farewell(self, goodbye: Shutdown, last: Snapshot | None) -> None:
        self._stopping = True
        while self._arrivals:
            self._welcome()
        now = self._now()
        if last is not None:
            self._followers.end(last)
        for connection in self._connections:
            if not connection.closing:
                self._show_last(connection, now)
            self._connections.say_goodbye(connection, goodbye)
