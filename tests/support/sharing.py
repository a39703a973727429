"""What the tests of several workers need: a step that is held up, and a look behind the scenes.

with Gate(monkeypatch, Session, "play", lambda message: message == b"13") as gate:
    player.send(b"13\n")
    gate.await_step()               # its worker is in the middle of a step, and stays there
"""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

import pytest

from justeprix.game.competition import Settings
from justeprix.room.limits import Limits
from justeprix.server.server import Server
from justeprix.session.session import Session
from justeprix.store.sqlite import SqliteStore
from tests.support.books import logged
from tests.support.player import PATIENCE

FREE = Limits(rate=0)
SETTINGS = Settings(rounds=1)

TEN_DIGITS = {"low": 10**9, "high": 10**10 - 1}
"""No secret stands anywhere by chance."""

BUSY = 0.05
"""Seconds in which somebody whom nothing holds back is through."""


class Gate:
    """Holds up the thread that first makes a call of which `when` says so, until it is left.

    `after`: once the call is made, else before. `when` gets the first argument.
    """

    def __init__(
        self,
        monkeypatch: pytest.MonkeyPatch,
        owner: type,
        name: str,
        when: Callable[[Any], Any],
        *,
        after: bool = False,
    ) -> None:
        self._reached, self._open = threading.Event(), threading.Event()
        real = getattr(owner, name)

        def gated(this: object, what: object, *rest: object) -> object:
            held = when(what) and not self._reached.is_set()
            if held and not after:
                self._wait()
            result = real(this, what, *rest)
            if held and after:
                self._wait()
            return result

        monkeypatch.setattr(owner, name, gated)

    def _wait(self) -> None:
        self._reached.set()
        self._open.wait(2 * PATIENCE)

    def await_step(self) -> None:
        """Return when somebody stands at the gate."""
        assert self._reached.wait(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def leave(self) -> None:
        """Let them go on."""
        self._open.set()

    def __exit__(self, *exc_info: object) -> None:
        self.leave()


@contextmanager
def beside(act: Callable[[], object]) -> Iterator[threading.Event]:
    """Do something in a thread of its own; yields what is set when it is done."""
    done = threading.Event()

    def run() -> None:
        act()
        done.set()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield done
    finally:
        thread.join(PATIENCE)
    assert done.is_set()


@contextmanager
def restless() -> Iterator[None]:
    """Let threads switch after any few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def sessions(server: Server) -> list[list[Session]]:
    """The sessions of each worker, in the order they came."""
    pools = [worker._connections for worker in server.workers]
    return [sorted((c.session for c in pool), key=lambda session: session.id) for pool in pools]


def stored(db: Path) -> list[int]:
    """All numbers that are stored, sorted."""
    with closing(sqlite3.connect(db)) as file:
        kept = [row[0] for row in file.execute("SELECT number FROM guess")]
        return sorted([*kept, *(row.number for row in logged(file))])


class Diary(SqliteStore):
    """A store that notes how many guesses a session has when it is thrown out."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.then: dict[int, int] = {}

    def exclude(
        self, session: int, name: str, competition: int | None, at: int, address: str | None = None
    ) -> None:
        super().exclude(session, name, competition, at, address)
        self.then[session] = self.count(session)

    def count(self, session: int) -> int:
        """Return how many guesses a session has now."""
        with closing(sqlite3.connect(self.path)) as file:
            rows = "SELECT count(*) FROM guess JOIN game ON game.id = game WHERE session = ?"
            return int(file.execute(rows, (session,)).fetchone()[0])
