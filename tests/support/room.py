"""Rooms to test in, and what happens to them: a real host on a free port, with its players.

with Class(rounds=2) as room:               # a competition, and the teacher's hand on it
    ada = room.player("Ada")
    room.director.start()
    assert ada.ask(str(room.secret())) == "gagné"
"""

from __future__ import annotations

import queue
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn, Self

from justeprix.game.competition import Phase, Settings
from justeprix.game.roster import Player as Seat
from justeprix.room.limits import Limits
from justeprix.server.server import Server
from justeprix.session.events import News
from tests.support.player import PATIENCE, Player

__all__ = ["Class", "Newspaper", "Room", "eventually", "locked"]


class Newspaper:
    """What the host is told. `wait_for` blocks until a kind of news has come."""

    def __init__(self) -> None:
        self.count: Counter[type] = Counter()
        self._incoming: queue.Queue[News] = queue.Queue()

    def __call__(self, item: News) -> None:
        self.count[type(item)] += 1
        self._incoming.put(item)

    def wait_for(self, kind: type) -> News:
        end = time.monotonic() + PATIENCE
        while True:
            item = self._incoming.get(timeout=max(0.01, end - time.monotonic()))
            if isinstance(item, kind):
                return item


class Room:
    """A real host on a free port, with its players; the players leave first."""

    def __init__(self, *, limits: Limits | None = None, **options: Any) -> None:
        options = {"port": 0, "db": ":memory:", "seed": 7, **options}
        self.server = Server(limits=limits or Limits(), **options)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self.server)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def player(self, name: str = "", **options: Any) -> Player:
        player = self._stack.enter_context(Player(self.server.address, **options))
        if name:
            assert player.ask(f"nom {name}") == f"nom {name}"
        return player


class Class(Room):
    """A room with a competition of two rounds between 1 and 100."""

    def __init__(
        self, *, db: str | Path = ":memory:", limits: Limits | None = None, **settings: int
    ) -> None:
        self.news = Newspaper()
        contest = Settings(**{"rounds": 2} | settings)
        super().__init__(competition=contest, db=db, limits=limits, on_news=self.news)
        self.director = self.server.director
        self.contest = self.server.room.competition

    def seats(self) -> list[Seat]:
        with self.server.room.lock:
            return list(self.server.room.roster)

    def await_ready(self, count: int) -> None:
        """Return when that many wait for a round."""
        eventually(lambda: sum(seat.ready for seat in self.seats()), count)

    def await_phase(self, phase: Phase) -> None:
        eventually(lambda: self.contest.phase, phase)

    def secret(self, number: int = 1) -> int:
        return self.contest.rounds[number - 1].secret

    def wrong(self, number: int = 1) -> int:
        return self.secret(number) % 100 + 1

    def standings(self) -> list[tuple[int, str, int, int]]:
        with self.server.room.lock:
            return [standing[:4] for standing in self.server.room.standings()]


def eventually(ask: Callable[[], Any], wanted: Any) -> None:
    """Ask again until the answer is the wanted one."""
    deadline = time.monotonic() + PATIENCE
    while (answer := ask()) != wanted:
        if time.monotonic() > deadline:
            _fail(f"still {answer!r}, never {wanted!r}")


def _fail(why: str) -> NoReturn:
    raise AssertionError(why)


@contextmanager
def locked(db: Path) -> Iterator[None]:
    """Hold the file as another program would."""
    with closing(sqlite3.connect(db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
