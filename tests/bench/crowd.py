"""A busy host on a file: as many players as guess in one step of it, and its death.

python -m tests.bench.crowd FILE     # plays until the log is long, then dies as by kill -9
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from itertools import chain, count
from pathlib import Path

from justeprix import Server
from justeprix.game.records import GameRow, GuessRow, Rows, SessionRow
from justeprix.store import Store, open_store
from tests.bench.measure import HERE, Failed
from tests.bench.year import START
from tests.support.player import Player

__all__ = ["LOG", "SEATS", "Crowd", "leave_dead", "sample"]

SEATS = 256
"""Guesses of one step."""

LOG = 48_000_000
"""Bytes of log that a killed host leaves: not many more are ever there."""


class Crowd:
    """As many players as guess in one step of a busy host, all with tokens."""

    LENGTH = 8
    """Guesses of one game."""

    def __init__(self, store: Store) -> None:
        self.ids = chain.from_iterable(store.reserve(10_000) for _ in count())
        self.seq = 0
        self.sessions = [next(self.ids) for _ in range(SEATS)]
        self.games = [next(self.ids) for _ in range(SEATS)]
        rows = [
            SessionRow(session, 1, os.urandom(32), None, False, START) for session in self.sessions
        ]
        games = [self._game(place, 1) for place in range(SEATS)]
        store.commit(Rows(sessions=rows, games=games), START)

    def guess(self) -> Rows:
        """Return what all of them guess next; one in eight begins a new game."""
        self.seq += 1
        rows = Rows()
        for place, session in enumerate(self.sessions):
            if self.seq > 1 and (self.seq + place) % self.LENGTH == 0:
                self.games[place] = next(self.ids)
                rows.games.append(self._game(place, self.seq))
            rows.guesses.append(
                GuessRow(self.games[place], self.seq, 50, START + self.seq, session, 1)
            )
        return rows

    def _game(self, place: int, seq: int) -> GameRow:
        nonce, session = os.urandom(16).hex(), self.sessions[place]
        return GameRow(self.games[place], seq, seq, 1, 100, 51, nonce, session, 1)


def leave_dead(path: Path) -> None:
    """Have a host play on the file and die in it. Raises Failed."""
    command = [sys.executable, "-m", "tests.bench.crowd", str(path)]
    done = subprocess.run(command, cwd=HERE.parent.parent, check=False, timeout=60)
    if done.returncode != -signal.SIGKILL:
        raise Failed("the host that was to be killed ended by itself")


def play_until_killed(path: Path) -> None:
    """Play until the log is long, then die as by kill -9."""
    log = Path(f"{path}-wal")
    store = open_store(path)
    crowd = Crowd(store)
    while log.stat().st_size < LOG:
        store.commit(crowd.guess(), START)
    os.kill(os.getpid(), signal.SIGKILL)


def sample(path: Path) -> None:
    """Let a real host play on the file, and one that is started again. Raises Failed."""
    with Server(port=0, db=path) as server, Player(server.address) as player:
        token = player.open_session()
        told = [player.ask(line) for line in ("#1 1", "#2 100")]
    with Server(port=0, db=path) as server, Player(server.address) as player:
        resumed, again = (player.ask(line) for line in (f"session {token}", "#1 1"))
    if again != told[0] or not resumed.startswith(f"session {token} 2 "):
        raise Failed(f"a session was stored wrongly: {told}, then {resumed}, {again}")


if __name__ == "__main__":
    play_until_killed(Path(sys.argv[1]))
