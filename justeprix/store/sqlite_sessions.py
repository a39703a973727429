"""What a SQLite file remembers of one session: where it stands, and each guess of it.

Nothing in here writes. What sqlite3 raises passes through.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right

from justeprix.game.records import SavedPlayer, SavedSession
from justeprix.game.secret import Bounds, Game

__all__ = ["load", "names", "recall"]

NEWEST_GAME = """
    SELECT id, ordinal, first_seq, low, high, secret, nonce, before FROM game
    WHERE session = ? ORDER BY ordinal DESC LIMIT 1
"""
LAST_GUESS = "SELECT seq, number FROM guess WHERE game = ? ORDER BY seq DESC LIMIT 1"
GUESS = """
    SELECT guess.number, game.secret FROM game
    JOIN guess ON guess.game = game.id AND guess.seq = ?
    WHERE game.session = ? AND game.ordinal <= ?
    ORDER BY game.ordinal DESC LIMIT 1
"""
RETURNING = """
    SELECT id, epoch, name, kept FROM session
    WHERE token_hash IS NOT NULL AND name IS NOT NULL AND NOT ended
        AND competition IS NULL AND seen_at >= ? ORDER BY seen_at DESC
"""
EXCLUDED = """
    SELECT id, epoch, name FROM session
    WHERE excluded AND name IS NOT NULL AND competition IS NULL AND seen_at >= ?
    ORDER BY seen_at DESC
"""
FIRST_SEQ = """
    SELECT first_seq FROM game WHERE session = ? AND ordinal <= ? ORDER BY ordinal DESC LIMIT 1
"""


def load(
    db: sqlite3.Connection, id: int, epoch: int, token_hash: bytes | None, name: str
) -> SavedSession:
    """Return a session with its newest game; the rest is what the caller knows of it."""
    row = db.execute(NEWEST_GAME, (id,)).fetchone()
    if row is None:
        return SavedSession(id, epoch, token_hash, name, 0, None, None)
    game_id, ordinal, first_seq, low, high, secret, nonce, before = row
    seq, last = db.execute(LAST_GUESS, (game_id,)).fetchone() or (first_seq - 1, None)
    game = Game(game_id, ordinal, Bounds(low, high), secret, nonce)
    game.guesses = before + seq - first_seq + 1
    game.found = last == secret
    return SavedSession(id, epoch, token_hash, name, seq, last, game)


def names(db: sqlite3.Connection, since: int) -> list[SavedPlayer]:
    """Return who may come back to practice, and whom the teacher excluded from it since then."""
    excluded = [
        SavedPlayer(id, epoch, name, False, True, {})
        for id, epoch, name in db.execute(EXCLUDED, (since,))
    ]
    return excluded + [
        SavedPlayer(id, epoch, name, True, False, {}, kept=bool(kept))
        for id, epoch, name, kept in db.execute(RETURNING, (since,))
    ]


def recall(db: sqlite3.Connection, session: int, seq: int) -> tuple[int, int] | None:
    """Return (number guessed as `seq`, secret it was compared with), None if no row has it."""
    row = db.execute(GUESS, (seq, session, _ordinal(db, session, seq))).fetchone()
    return None if row is None else (row[0], row[1])


def _ordinal(db: sqlite3.Connection, session: int, seq: int) -> int:
    """Return an ordinal from that of a guess's game on, but before that of the next one.

    A bot plays tens of thousands of games, and may ask for a guess of the first one again.
    """

    def first_seq(ordinal: int) -> int:
        row = db.execute(FIRST_SEQ, (session, ordinal)).fetchone()
        return row[0] if row else 0

    (newest,) = db.execute("SELECT max(ordinal) FROM game WHERE session = ?", (session,)).fetchone()
    return bisect_right(range(1, (newest or 0) + 1), seq, key=first_seq)
