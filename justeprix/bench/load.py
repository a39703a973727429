"""One process of the load: its share of the players, in one loop over one poller.

What it is told and what it tells are the messages of `process.py`.

An answer has come when the poll returned that told of it: what we need to read it, and those
before it, is not the host's doing. What came during the poll before is: see `share`.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from time import perf_counter_ns as clock
from typing import Any

from justeprix.bench.player import ANSWERS, LoadPlayer
from justeprix.bench.tally import PlayerFault, Tally
from justeprix.net.link import why
from justeprix.net.listener import EXHAUSTED
from justeprix.net.poller import READ, Poller, new_poller
from justeprix.protocol.words import MAX_LINE

__all__ = ["Load", "Order", "Said"]

SECOND = 1_000_000_000

AT_ONCE = 32
"""Connections that await their greeting at one time: far below any backlog."""

CONNECT_TIME = 5.0
"""Seconds for one connection."""

GREETING_TIME = 5.0
"""Seconds for a greeting; a host that has a whole class to greet may take one."""

LEAVE_TIME = 2.0
"""Seconds for the host to answer FIN."""

NO_DESCRIPTORS = "plus de descripteurs : ulimit -n"

TICK = 0.02
"""Seconds between two looks at the clock and the orders."""

REPORTS = 0.25
"""Seconds between two reports."""

Said = SimpleQueue[dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Order:
    """What one process is to do; `seconds` count from the first round in a competition."""

    host: str
    port: int
    players: int
    seconds: float
    code: str
    contest: bool


class PlayerLink:
    """One player's socket, and the start of a line that is still coming."""

    __slots__ = ("player", "rest", "since", "socket")

    def __init__(self, sock: socket.socket, player: LoadPlayer, now: int) -> None:
        self.socket = sock
        self.player = player
        self.rest = b""
        self.since = now

    def lines(self, data: bytes) -> list[bytes]:
        """Return the whole lines that these bytes complete, with their ends.

        What is too long for one is a line as well: one that answers nothing.
        """
        *whole, self.rest = (self.rest + data).split(b"\n")
        if len(self.rest) > MAX_LINE:
            whole, self.rest = [*whole, self.rest], b""
        return [line + b"\n" for line in whole]


class Load:
    """All players of this process."""

    def __init__(self, order: Order, said: Said, tell: Callable[[dict[str, Any]], None]) -> None:
        self._order = order
        self._said = said
        self._tell = tell
        self._tally = Tally()
        self._before = 0  # guesses answered before the measure
        self._poller: Poller[PlayerLink] = new_poller()
        self._links: set[PlayerLink] = set()
        self._absent = order.players
        self._doorstep: set[PlayerLink] = set()  # those who await their greeting
        self._is_ready = False
        self._leaving = False
        self._begin: int | None = None  # of the measure; its end
        self._end: int | None = None
        self._working = 0  # nanoseconds in which somebody had an answer for us
        self._next_look = self._next_report = 0

    def run(self) -> None:
        """Connect, play, and report, until it is over or the input ends."""
        try:
            while not self._is_over():
                self._step()
            self._report()
            self._leave()
        finally:
            for link in list(self._links):
                self._drop(link)
            self._poller.close()

    def _step(self) -> None:
        if self._absent and len(self._doorstep) < AT_ONCE // 2:
            self._connect_some()
        began = clock()
        ready = self._poll(0.0)
        if not ready:  # to wait is no work; to look, and to find something, is
            ready = self._poll(TICK)
            began = clock()
        now = clock()
        for link in ready:
            self._read(link, now)
        if now >= self._next_look:
            self._look(now)
        if ready:
            self._working += clock() - began

    def _poll(self, patience: float) -> list[PlayerLink]:
        # To watch nothing at all is an error on Windows.
        return self._poller.poll(patience) if self._links else []

    # Coming in.

    def _connect_some(self) -> None:
        for _ in range(min(self._absent, AT_ONCE - len(self._doorstep))):
            self._absent -= 1
            try:
                sock = connect(self._order.host, self._order.port)
            except OSError as error:
                self._tally.faults[PlayerFault.UNREACHED] += 1
                self._tally.reasons[reason(error)] += 1
                # It would be the same for the others, and each may take long.
                self._tally.faults[PlayerFault.UNTRIED] += self._absent
                self._absent = 0
                return
            player = LoadPlayer(self._tally, code=self._order.code, contest=self._order.contest)
            link = PlayerLink(sock, player, clock())
            self._links.add(link)
            self._doorstep.add(link)
            self._poller.watch(sock, READ, link)

    def _give_up_the_unheard(self, now: int) -> None:
        for link in list(self._doorstep):
            if now > link.since + GREETING_TIME * SECOND:
                link.player.lose()
                self._drop(link)

    # Playing.

    def _read(self, link: PlayerLink, now: int) -> None:
        try:
            data = link.socket.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data in ANSWERS and not link.rest:
            self._say(link, link.player.hear(data, now))
        elif data:
            for line in link.lines(data):
                if not link.player.over:
                    self._say(link, link.player.hear(line, now))
        else:
            link.player.lose()
        if link.player.over:
            self._drop(link)
        elif link in self._doorstep and link.player.greeted:
            self._doorstep.discard(link)

    def _say(self, link: PlayerLink, line: bytes) -> None:
        if not line:
            return
        link.player.sent_at = clock()
        try:
            link.socket.send(line)
        except OSError:
            link.player.lose()

    def _drop(self, link: PlayerLink) -> None:
        self._links.discard(link)
        self._doorstep.discard(link)
        self._poller.watch(link.socket, 0, link)
        link.socket.close()

    # Time.

    def _look(self, now: int) -> None:
        """Do what is due."""
        self._next_look = now + int(TICK * SECOND)
        self._give_up_the_unheard(now)
        if not self._is_ready and not self._absent and not self._doorstep:
            self._is_ready = True
            self._tell({"ready": True})
        while not self._said.empty():
            self._obey(self._said.get())
        if self._order.contest:
            self._follow_rounds()
        elif self._begin is not None and self._before == 0 and now >= self._begin:
            self._begin_measure(now)
        if now >= self._next_report:
            self._next_report = now + int(REPORTS * SECOND)
            self._show()

    def _obey(self, said: dict[str, Any] | None) -> None:
        if said is None:
            self._leaving = True
            return
        self._begin, self._end = said["begin"], said["end"]
        for link in list(self._links):
            self._say(link, link.player.begin())

    def _begin_measure(self, now: int) -> None:
        """Forget the warm-up."""
        self._before = self._tally.guesses or 1
        self._tally.waits.clear()
        self._tally.found = 0
        self._working, self._begin = 0, now

    def _follow_rounds(self) -> None:
        """In a competition the measure begins with the first round."""
        if self._begin is None and self._tally.rounds:
            self._begin = min(seen.first for seen in self._tally.rounds.values())
            self._end = self._begin + int(self._order.seconds * SECOND)

    def _is_over(self) -> bool:
        if self._leaving or (self._end is not None and clock() >= self._end):
            return True
        return self._is_ready and not self._links

    # Telling.

    def _show(self) -> None:
        players = [link.player for link in self._links]
        greeted = sum(player.greeted for player in players)
        waiting = sum(player.waiting for player in players)
        guesses = self._before + self._tally.guesses
        self._tell({"greeted": greeted, "waiting": waiting, "guesses": guesses})

    def _report(self) -> None:
        now = clock()
        if self._begin is not None:
            long_ago = max(self._begin, now - SECOND)
            players = (link.player for link in self._links)
            self._tally.faults.update(
                PlayerFault.MUTE
                for player in players
                if player.playing and player.sent_at < long_ago
            )
        active = self._active(now)
        self._tell(
            {
                "tally": self._tally.as_json(),
                "seconds": active / SECOND,
                "share": self._working / active if active else 0.0,
            }
        )

    def _active(self, now: int) -> int:
        """Return the nanoseconds in which there was something to answer."""
        if self._order.contest:
            return sum(seen.ended - seen.first for seen in self._tally.rounds.values())
        return 0 if self._begin is None else max(0, now - self._begin)

    def _leave(self) -> None:
        """Say FIN for all, and hear the host say it."""
        for link in list(self._links):
            self._say(link, link.player.leave())
        deadline = clock() + int(LEAVE_TIME * SECOND)
        while self._links and clock() < deadline:
            for link in self._poll(TICK):
                self._read(link, clock())


def reason(error: OSError) -> str:
    """Return why a connection failed."""
    return NO_DESCRIPTORS if error.errno in EXHAUSTED else why(error)


def connect(host: str, port: int) -> socket.socket:
    """Return a connected socket that does not block. Raises OSError."""
    sock = socket.create_connection((host, port), timeout=CONNECT_TIME)
    with suppress(OSError):  # cut already: the first read will say so
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setblocking(False)
    return sock
