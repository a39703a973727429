"""What the tests share: options, servers that are always closed, and a watch over leaks.

pytest tests/test_faults.py --full          # 1,000 faults; 50 kills of the host
pytest tests/test_faults.py --seed 1234     # the run that failed, again
"""

from __future__ import annotations

import gc
import os
import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from justeprix.game import compare
from justeprix.protocol import ANSWERS
from justeprix.room import hash_token
from justeprix.server import Server

JOIN = 5.0
"""Seconds a thread has to end after the test that started it."""

DESCRIPTORS = Path("/proc/self/fd")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("justeprix")
    group.addoption("--full", action="store_true", help="1,000 faults, 50 kills: minutes, not CI")
    group.addoption("--seed", type=int, default=None, help="run the random tests with this seed")


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the long version of the test is wanted."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run. Printed, so that pytest shows it when the test fails."""
    given = request.config.getoption("--seed")
    seed = random.randrange(1_000_000) if given is None else given
    print(f"run again with: pytest {request.node.nodeid} --seed {seed}")
    return seed


# Leaks.


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """After each test, threads and descriptors are back where they were.

    It is set up first and torn down last, so it sees what the other fixtures leave behind.
    """
    threads, descriptors = set(threading.enumerate()), _descriptors()
    yield
    left = [thread for thread in threading.enumerate() if thread not in threads]
    for thread in left:
        thread.join(JOIN)
    alive = [thread.name for thread in left if thread.is_alive()]
    assert not alive, f"threads still running: {alive}"
    opened = _descriptors()
    if len(opened) > len(descriptors):
        gc.collect()  # names the owner: a ResourceWarning, which fails the run
        new = {number: opened[number] for number in opened.keys() - descriptors.keys()}
        pytest.fail(f"descriptors left open: {new}")


def _descriptors() -> dict[str, str]:
    """Return what each open descriptor is; nothing where the system cannot say."""
    if not DESCRIPTORS.is_dir():
        return {}
    found = {}
    for number in os.listdir(DESCRIPTORS):
        try:
            found[number] = os.readlink(DESCRIPTORS / number)
        except FileNotFoundError:  # the one that listed this folder
            continue
    return found


# Servers.

StartServer = Callable[..., Server]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StartServer]:
    """`server(**options)` starts a Server on a free port and a file; all are closed at the end."""
    with ExitStack() as running:

        def start(**options: object) -> Server:
            options = {"port": 0, "db": tmp_path / "game.db"} | options
            return running.enter_context(Server(**options))  # type: ignore[arg-type]

        yield start


# The books: what players were told against what the file holds.

Told = Sequence[tuple[int, str]]
"""(number, answer) of each guess that was acknowledged, in order: the k-th has seq k."""


@dataclass
class Audit:
    """What the file says of the players' transcripts. Sound when nothing is listed."""

    guesses: int = 0
    games: int = 0
    lost: list[str] = field(default_factory=list)  # acknowledged, not stored
    doubled: list[str] = field(default_factory=list)  # stored, and nobody knows of it
    wrong: list[str] = field(default_factory=list)  # stored otherwise than it was answered

    @property
    def faults(self) -> list[str]:
        return self.lost + self.doubled + self.wrong

    def __str__(self) -> str:
        return (
            f"{self.guesses} guesses in {self.games} games: {len(self.lost)} lost,"
            f" {len(self.doubled)} doubled, {len(self.wrong)} wrong"
        )


@pytest.fixture
def audit() -> Callable[[Path, Mapping[str, Told]], Audit]:
    """`audit(db, {token: transcript})` compares the file with what each player was told."""
    return _audit


def _audit(path: Path, transcripts: Mapping[str, Told]) -> Audit:
    found = Audit()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for token, told in transcripts.items():
            _audit_session(db, token, told, found)
        (stored,) = db.execute("SELECT count(*) FROM guess").fetchone()
        (found.games,) = db.execute("SELECT count(*) FROM game").fetchone()
    known = sum(map(len, transcripts.values())) - len(found.lost) + len(found.doubled)
    if stored != known:
        found.doubled.append(f"{stored - known} guesses belong to no player")
    return found


def _audit_session(db: sqlite3.Connection, token: str, told: Told, found: Audit) -> None:
    rows = db.execute(
        "SELECT guess.seq, guess.number, game.secret, game.id, session.id FROM guess"
        " JOIN game ON game.id = guess.game JOIN session ON session.id = game.session"
        " WHERE token_hash = ? ORDER BY game.ordinal, guess.seq",
        (hash_token(token),),
    ).fetchall()
    who = f"session {rows[0][4]}" if rows else "a session that is not stored"
    times = Counter(seq for seq, *_ in rows)
    found.guesses += len(rows)
    found.lost += [f"{who} #{seq}" for seq in range(1, len(told) + 1) if not times[seq]]
    for seq, count in times.items():
        extra = count - 1 if seq <= len(told) else count
        found.doubled += [f"{who} #{seq}"] * extra
    over = set()
    for seq, number, secret, game, _ in rows:
        answer = ANSWERS[compare(secret, number)]
        if seq <= len(told) and told[seq - 1] != (number, answer):
            found.wrong.append(f"{who} #{seq}: stored {number}, {answer}; told {told[seq - 1]}")
        if game in over:
            found.wrong.append(f"{who} #{seq}: counted after the win")
        if number == secret:
            over.add(game)
