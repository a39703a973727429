"""A crowd in one process: the numbered game, over links that come back as those of `Client` do.

python -m tests.faults.recovery_players PORT COUNT LOW HIGH SEED BOOKS [follow]

They come some at a time, and play as fast as answers come; a lost link pauses, connects again and
resumes with the waits, the tries and the patience of `justeprix.Client`. Prints `here` when all
have a session; with `follow` all get the state too, as `justeprix play` does. On its input,
`fly N` asks for `flown` after N more answers; then the host should die, and `back {json}` comes
once everybody has resumed and had a new answer. The end of the input ends the play: when nobody
waits for an answer, BOOKS gets what everybody was told.
"""

from __future__ import annotations

import errno
import heapq
import itertools
import json
import os
import random
import re
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from justeprix.client.conversation import GREETING_TIME, LONGEST_PAUSE, TRIES
from justeprix.net.link import waits
from tests.faults.holdings import open_all

TIMEOUT = 5.0
"""Seconds in which a link must be there, or an answer: those of a Client."""

SWEEP = 0.1
"""Seconds between two looks for those who have waited too long."""

AT_ONCE = 100
"""Players at the door at first: that a thousand come back at once is what is measured."""

TOO_WIDE = 1_000_000
"""Bounds too wide to find a secret: guessed at over their whole width, so that nobody does."""

SESSION = re.compile(r"session (\S+) (\d+) \d+")
RESULT = re.compile(r"resultat (\d+) (plus|moins|gagné)")

now = time.monotonic


class Player:
    """One session, over as many links as it takes."""

    def __init__(self, crowd: Crowd, rng: random.Random) -> None:
        self.token = ""
        self.told: list[tuple[int, str]] = []
        self.back_at: list[float] = []  # a first answer on each link but the first
        self.deadline = float("inf")
        self._crowd = crowd
        self._rng = rng
        self._low, self._high = crowd.bounds  # where the secret must be
        self._guess = self._next_guess()  # asked for until it is answered
        self._asking = waits(0.1, 2.0)  # the pauses of a question that loses its link
        self._connecting = waits(0.2, 2.0)
        self._tries = 0
        self._fresh = False  # no answer yet on this link, which is not the first
        self._socket: socket.socket | None = None
        self._buffer = b""
        self._expects: Callable[[str], None] = self._greeted

    @property
    def waits_for_an_answer(self) -> bool:
        return self._socket is None or self.deadline < float("inf")

    def connect(self) -> None:
        self._socket = sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer, self._expects, self.deadline = b"", self._greeted, now() + TIMEOUT
        code = sock.connect_ex(("127.0.0.1", self._crowd.port))
        if code not in (0, errno.EINPROGRESS):
            self.lose("refused")
            return
        self._crowd.watch(sock, selectors.EVENT_WRITE, self._connected)

    def lose(self, why: str) -> None:
        """Drop the link; try again after the pause that a Client makes."""
        assert self._socket is not None
        self._crowd.lost[why] += 1
        self._crowd.forget(self._socket)
        self._socket.close()
        self._socket, self.deadline = None, float("inf")
        if self._expects == self._answered:  # the question's link, and not one that was opening
            self._connecting, self._tries = waits(0.3, 3.0), 0
            pause = next(self._asking)
        else:
            self._tries += 1
            assert self._tries < TRIES, "a Client would have given up"
            pause = min(next(self._connecting), LONGEST_PAUSE)
        self._crowd.later(pause, self.connect)

    def _connected(self) -> None:
        assert self._socket is not None
        if self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self.lose("refused")
            return
        self.deadline = now() + GREETING_TIME
        self._crowd.watch(self._socket, selectors.EVENT_READ, self._readable)

    def _readable(self) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.lose("cut unanswered" if self._expects == self._greeted else "cut")
            return
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            if not line.startswith(b"etat ") and self._socket is not None:
                self._expects(line.decode())

    def _say(self, line: str, expects: Callable[[str], None]) -> None:
        assert self._socket is not None
        self._expects, self.deadline = expects, now() + TIMEOUT
        with suppress(OSError):  # the end of the link, which is read next
            self._socket.send(f"{line}\n".encode())

    def _greeted(self, line: str) -> None:
        if line.startswith("erreur complet"):
            self.lose("full")  # of links that are dead, ours among them: there is room soon
            return
        assert line.startswith("hello justeprix/1 "), line
        self._say(f"session {self.token}".rstrip(), self._opened)

    def _opened(self, line: str) -> None:
        opened = SESSION.fullmatch(line)
        assert opened, line
        token, seq = opened[1], int(opened[2])
        assert self.token in ("", token), "another session"
        assert seq in (len(self.told), len(self.told) + 1), f"{seq} guesses of {len(self.told)}"
        self._fresh = bool(self.token)
        if not self.token:
            self.token = token
            self._crowd.arrived()
        if self._crowd.follows:
            self._say("suivre", self._answered)
        self._ask()

    def _ask(self) -> None:
        self._say(f"#{len(self.told) + 1} {self._guess}", self._answered)

    def _answered(self, line: str) -> None:
        result = RESULT.fullmatch(line)
        assert result, line
        assert int(result[1]) == len(self.told) + 1, f"{line} answers another guess"
        self._learn(self._guess, result[2])
        self.told.append((self._guess, result[2]))
        self._guess, self._asking = self._next_guess(), waits(0.1, 2.0)
        self.deadline = float("inf")
        if self._fresh:
            self._fresh = False
            self.back_at.append(now())
            self._crowd.came_back(len(self.back_at))
        if self._crowd.answered():
            self._ask()

    def _learn(self, guess: int, answer: str) -> None:
        if answer == "gagné":
            assert self._low <= guess <= self._high, "the answers fit no secret"
            self._low, self._high = self._crowd.bounds
        elif answer == "plus":
            self._low = max(self._low, guess + 1)
        else:
            self._high = min(self._high, guess - 1)
        assert self._low <= self._high, "the answers fit no secret"

    def _next_guess(self) -> int:
        low, high = self._crowd.bounds
        if high - low > TOO_WIDE:
            return self._rng.randint(low, high)
        return (self._low + self._high) // 2


class Crowd:
    """All players, one selector, and the pauses that some make."""

    def __init__(
        self, port: int, count: int, bounds: tuple[int, int], seed: str, *, follows: bool
    ) -> None:
        self.port, self.bounds, self.follows = port, bounds, follows
        self.players = [Player(self, random.Random(f"{seed} {n}")) for n in range(count)]
        self._selector = selectors.DefaultSelector()
        self._pauses: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._orders = b""
        self.lost: Counter[str] = Counter()  # links, by what ended them, since the last `fly`
        self._here = self._answers = self._back = self._deaths = 0
        self._goal = -1  # answers, for `flown`
        self._stopping = False

    def run(self) -> None:
        os.set_blocking(0, False)
        self._selector.register(0, selectors.EVENT_READ, self._obey)
        for player in self.players[:AT_ONCE]:
            player.connect()
        next_sweep = now() + SWEEP
        while not self._stopping or any(player.waits_for_an_answer for player in self.players):
            for key, _ in self._selector.select(SWEEP if not self._pauses else 0.01):
                key.data()
            while self._pauses and self._pauses[0][0] <= now():
                heapq.heappop(self._pauses)[2]()
            if now() >= next_sweep:
                self._part_from_the_silent()
                next_sweep = now() + SWEEP

    def watch(self, sock: socket.socket, events: int, call: Callable[[], None]) -> None:
        if sock.fileno() in self._selector.get_map():
            self._selector.modify(sock, events, call)
        else:
            self._selector.register(sock, events, call)

    def forget(self, sock: socket.socket) -> None:
        if sock.fileno() in self._selector.get_map():
            self._selector.unregister(sock)

    def later(self, pause: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._pauses, (now() + pause, next(self._order), call))

    def arrived(self) -> None:
        self._here += 1
        if self._here + AT_ONCE <= len(self.players):
            self.players[self._here + AT_ONCE - 1].connect()
        if self._here == len(self.players):
            print("here", flush=True)

    def answered(self) -> bool:
        """Count an answer; return whether to ask on."""
        self._answers += 1
        if self._answers == self._goal:
            print("flown", flush=True)
        return not self._stopping

    def came_back(self, times: int) -> None:
        """One has resumed and had an answer, for the so many-th time."""
        self._back += times == self._deaths
        if self._back == len(self.players):
            times_back = sorted(player.back_at[-1] for player in self.players)
            self._back = 0
            tell = {"first": times_back[0], "last": times_back[-1], "lost": self.lost}
            print("back", json.dumps(tell), flush=True)

    def _part_from_the_silent(self) -> None:
        late = now()
        for player in self.players:
            if player.deadline < late:
                player.lose("silent")

    def _obey(self) -> None:
        data = os.read(0, 4096)
        if not data:
            self._stopping = True
            self._selector.unregister(0)
        *lines, self._orders = (self._orders + data).split(b"\n")
        for line in lines:
            self._goal = self._answers + int(line.split()[1])
            self._deaths += 1
            self.lost.clear()


def main(port: str, count: str, low: str, high: str, seed: str, books: str, *more: str) -> None:
    open_all()
    crowd = Crowd(int(port), int(count), (int(low), int(high)), seed, follows="follow" in more)
    crowd.run()
    told = {player.token: player.told for player in crowd.players}
    resumes = sum(len(player.back_at) for player in crowd.players)
    Path(books).write_text(json.dumps({"told": told, "resumes": resumes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
