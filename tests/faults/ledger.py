"""The books: what players were told, against what the file holds.

told = [(50, client.propose(50))]
assert not audit(tmp_path / "game.db", {token: told}).faults
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from justeprix.client import Client
from justeprix.game.secret import compare
from justeprix.protocol.replies import ANSWERS
from justeprix.room.room import hash_token

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


def audit(path: Path, transcripts: Mapping[str, Told]) -> Audit:
    """`audit(db, {token: transcript})` compares the file with what each player was told."""
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


def play_on(
    client: Client, numbers: Iterable[int], told: list[tuple[int, str]]
) -> threading.Thread:
    """Propose these numbers in a thread of their own."""

    def play() -> None:
        for number in numbers:
            told.append((number, client.propose(number)))

    thread = threading.Thread(target=play)
    thread.start()
    return thread
