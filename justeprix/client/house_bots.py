"""House bots: players of ours that take a seat, so that one person alone sees a competition.

    with HouseBots(("127.0.0.1", 2300), 4):
        ...

A bot is one thread with one plain link, and speaks what a pupil's first client speaks: one line
out, one line back. Its name says how it plays, and is the same each time: who comes back under
the same name gets the same seat.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Self

from justeprix.errors import ErrorCode
from justeprix.game.secret import Bounds
from justeprix.net.link import Link, LinkLost, waits
from justeprix.net.trust import Trust
from justeprix.protocol.replies import (
    Answered,
    Error,
    Goodbye,
    Greeting,
    NameGiven,
    Reply,
    RoundAnnounced,
    read,
)
from justeprix.protocol.words import Word

__all__ = ["STYLES", "HouseBots", "Style"]

CONNECT_TIME = 1.0
"""Seconds to connect, or to send a line: `stop` waits as long at worst."""

REPLY_TIME = 10.0
"""Seconds for any answer but the one to `pret`."""

PAUSE = 1.0
"""Seconds before asking again after a refusal."""

FIRST_WAIT = 0.2
LONGEST_WAIT = 5.0
"""Seconds between two tries to connect; a round waits somewhat longer for who lost the link."""


# How a bot plays.

Style = Callable[[int, int, random.Random], int]
"""Choose the next guess between the smallest and the largest number that is still possible."""


def _middle(low: int, high: int, rng: random.Random) -> int:
    """Halve what is left: nobody does better."""
    return (low + high) // 2


def _anything(low: int, high: int, rng: random.Random) -> int:
    """Take any number that fits."""
    return rng.randint(low, high)


def _third(low: int, high: int, rng: random.Random) -> int:
    """Stay on the small side."""
    return low + (high - low) // 3


def _round(low: int, high: int, rng: random.Random) -> int:
    """Take the roundest number that is not too far from the middle, as people do."""
    middle, quarter = (low + high) // 2, (high - low) // 4
    for step in _steps(high - low):
        number = (middle + step // 2) // step * step
        if low + quarter <= number <= high - quarter:
            return number
    return middle


def _steps(width: int) -> Iterator[int]:
    """Yield ..., 100, 50, 10, 5: the rounder, the earlier."""
    for power in range(len(str(width)), 0, -1):
        yield 10**power
        yield 10**power // 2


STYLES: dict[str, Style] = {
    "Dicho": _middle,
    "Hasard": _anything,
    "Prudent": _third,
    "Rond": _round,
}
"""How house bots play, by the name that tells it."""


# The bots.


class HouseBots:
    """So many bots, of each style in turn. May be started again.

    `pace`: the least and the most seconds that a bot thinks before a guess. With the same `seed`
    each bot makes the same choices. `code` and `trust` are what the host asks of its players.
    """

    def __init__(
        self,
        address: tuple[str, int],
        count: int,
        *,
        pace: tuple[float, float] = (0.6, 2.0),
        seed: int | None = None,
        code: str = "",
        trust: Trust | None = None,
    ) -> None:
        host, port = address
        if host == "0.0.0.0":  # noqa: S104 (to listen everywhere; to call it works only on some systems)
            host = "127.0.0.1"
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._bots = [
            _HouseBot((host, port), n, pace, seed, self._stopped, code, trust) for n in range(count)
        ]

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    @property
    def names(self) -> list[str]:
        """What the bots are called."""
        return [bot.name for bot in self._bots]

    @property
    def playing(self) -> int:
        """How many bots have not come to an end."""
        return sum(thread.is_alive() for thread in self._threads)

    def start(self) -> None:
        """Send the bots to their seats. Nobody needs to be there yet: they call until then."""
        self.stop()
        self._stopped.clear()
        for bot in self._bots:
            # Forgotten bots must not keep a program alive.
            thread = threading.Thread(target=bot.run, name=bot.name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Take the bots away, within a second or so. May be called again."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()


class _Over(Exception):
    """The bot has nothing more to do: the competition is over, or somebody stopped it."""


class _HouseBot:
    """One player. `run` is its thread."""

    def __init__(
        self,
        address: tuple[str, int],
        index: int,
        pace: tuple[float, float],
        seed: int | None,
        stopped: threading.Event,
        code: str,
        trust: Trust | None,
    ) -> None:
        style = list(STYLES)[index % len(STYLES)]
        self.name = f"Robot {style} {index // len(STYLES) + 1}"
        self._choose = STYLES[style]
        # A game, not a secret. Each bot has its own, whatever the order of the threads.
        self._rng = random.Random(None if seed is None else f"{seed} {self.name}")  # noqa: S311
        self._address = address
        self._pace = pace
        self._stopped = stopped
        self._code = code
        self._trust = trust
        self._waits = waits(FIRST_WAIT, 2.0)

    def run(self) -> None:
        """Play until the competition is over or somebody stops the bots, over many links."""
        try:
            while True:
                try:
                    self._visit()
                except (OSError, LinkLost):
                    self._sleep(min(next(self._waits), LONGEST_WAIT))
        except _Over:
            return

    def _visit(self) -> None:
        """Play over one link."""
        with closing(Link(*self._address, CONNECT_TIME, self._trust)) as link:
            self._take_seat(link)
            self._waits = waits(FIRST_WAIT, 2.0)
            while True:
                self._next_round(link)

    def _take_seat(self, link: Link) -> None:
        if not isinstance(self._reply(link, REPLY_TIME), Greeting):
            raise LinkLost("pas de place, ou pas un hôte justeprix")
        if self._code:
            self._ask(link, f"{Word.CODE} {self._code}")
        reply = self._ask(link, f"{Word.NOM} {self.name}")
        if isinstance(reply, Error) and reply.code == ErrorCode.EXCLU:
            raise _Over
        if not isinstance(reply, NameGiven) or reply.name != self.name:
            # Perhaps our old link still looks alive. Who sits there under another name and
            # does not play would hold up the round: come again later.
            raise LinkLost("nom pris")

    def _next_round(self, link: Link) -> None:
        """Wait for a round, however long, and play it."""
        link.send(Word.PRET)
        told = self._reply(link, math.inf)
        if not isinstance(told, RoundAnnounced) or not self._play(link, told.bounds):
            self._sleep(PAUSE)

    def _play(self, link: Link, bounds: Bounds) -> bool:
        """Guess until the round is over for us; False if the host refuses, or fits no secret."""
        low, high = bounds.low, bounds.high
        while low <= high:
            self._sleep(self._rng.uniform(*self._pace))
            guess = self._choose(low, high, self._rng)
            told = self._ask(link, str(guess))
            if not isinstance(told, Answered):
                return isinstance(told, Error) and told.code == ErrorCode.ATTENTE
            if told.answer == Word.GAGNE:
                return True
            if told.answer == Word.PLUS:
                low = guess + 1
            else:
                high = guess - 1
        return False  # another round, or another host, has begun meanwhile

    def _ask(self, link: Link, line: str) -> Reply:
        link.send(line)
        return self._reply(link, REPLY_TIME)

    def _reply(self, link: Link, patience: float) -> Reply:
        line = link.next_line(time.monotonic() + patience, self._stopped)
        reply = Goodbye() if line is None else read(line)
        if isinstance(reply, Goodbye):
            raise _Over
        return reply

    def _sleep(self, seconds: float) -> None:
        if self._stopped.wait(seconds):
            raise _Over
