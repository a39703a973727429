"""What one step of a worker decides: rows to store, and news to tell once they are stored. Pure.

The rows are what every store keeps, whatever its engine. An answer is not stored: it follows
from the secret and the number, and so can never contradict them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from justeprix.game import Game
from justeprix.news import News

__all__ = ["GameRow", "GuessRow", "PlainGuessRow", "SavedSession", "SessionRow", "Step"]


class SessionRow(NamedTuple):
    """One player's session as it stands; the newest row for an id replaces the older.

    `token_hash` and `name` are None for a plain session, which nobody can resume. `epoch` grows
    each time the session is resumed; rows of an older epoch come from a fenced socket and are
    refused.
    """

    id: int
    epoch: int
    token_hash: bytes | None
    name: str | None
    ended: bool
    seen_at: int  # milliseconds since 1970


class GameRow(NamedTuple):
    """One secret of one session. `first_seq` is the number its first guess gets."""

    id: int
    ordinal: int
    first_seq: int
    low: int
    high: int
    secret: int
    nonce: str
    session: int
    epoch: int


class GuessRow(NamedTuple):
    """One counted guess of a resumable session; (session, seq) is unique for ever."""

    game: int
    seq: int
    number: int
    at: int  # milliseconds since 1970
    session: int
    epoch: int


class SavedSession(NamedTuple):
    """A session as the store remembers it, already fenced against its old socket.

    `last` is the number of its last guess, None if the current game has none yet.
    """

    id: int
    epoch: int
    token_hash: bytes
    name: str
    seq: int
    last: int | None
    game: Game


PlainGuessRow = tuple[int, int, int, int]
"""(game, seq, number, at): a guess of a session that nobody can resume, and so nothing fences.

A bare tuple: these are the most frequent rows by far, and a named one takes four times as long.
"""


@dataclass(slots=True)
class Step:
    """One step of a worker: its time, then what it decides."""

    now: float  # seconds, monotonic
    at: int  # milliseconds since 1970
    sessions: dict[tuple[int, int], SessionRow] = field(default_factory=dict)
    games: list[GameRow] = field(default_factory=list)
    guesses: list[GuessRow] = field(default_factory=list)
    plain_guesses: list[PlainGuessRow] = field(default_factory=list)
    news: list[News] = field(default_factory=list)

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to store."""
        return bool(self.plain_guesses or self.guesses or self.sessions or self.games)

    def clear_rows(self) -> None:
        """Forget what has been stored."""
        self.sessions.clear()
        self.games.clear()
        self.guesses.clear()
        self.plain_guesses.clear()
