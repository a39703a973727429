"""What every store keeps, whatever its engine: rows to write, and what it gives back. Pure.

An answer is not stored: it follows from the secret and the number, and so can never contradict
them.

What somebody may ask for again has rows of its own: sessions with a token, and competitions. The
guesses of all others, the most by far, are logged: stored as surely, and never looked up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from justeprix.game.secret import Game, round_label, seal
from justeprix.game.standings import Result

__all__ = [
    "KINDS",
    "CompetitionRow",
    "GameRow",
    "GuessRow",
    "PlainGuessRow",
    "RoundRow",
    "Rows",
    "SavedCompetition",
    "SavedPlayer",
    "SavedSession",
    "SessionRow",
]


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
    competition: int | None = None  # None: practice
    address: str | None = None  # that it is held from; kept only while a competition runs
    kept: bool = False  # its name is not the player's to change


class GameRow(NamedTuple):
    """One secret of one session. `first_seq` is the number of the first guess that has a row."""

    id: int
    ordinal: int
    first_seq: int
    low: int
    high: int
    secret: int
    nonce: str
    session: int
    epoch: int
    round: int | None = None  # the id of the round it belongs to; None in practice
    before: int = 0  # guesses in it before `first_seq`: only logged


class GuessRow(NamedTuple):
    """One counted guess of a resumable session; (session, seq) is unique for ever."""

    game: int
    seq: int
    number: int
    at: int  # milliseconds since 1970
    session: int
    epoch: int


class CompetitionRow(NamedTuple):
    """A competition as it stands; the newest row for an id replaces the older.

    `players`: how many must be there for it to start by itself, None if the teacher starts it.
    `clock`: its own time, which stands still while no host runs it; all times of its rounds and
    guesses are told by it.
    """

    id: int
    started_at: int  # milliseconds since 1970
    rounds: int
    low: int
    high: int
    time_limit: int | None  # seconds a round
    players: int | None
    pause: int  # seconds between two rounds that follow by themselves
    ended: bool
    clock: int  # milliseconds since 1970, less the time without a host


class RoundRow(NamedTuple):
    """One round; the newest row for an id replaces the older. Times are the competition's."""

    id: int
    competition: int
    number: int  # from 1
    secret: int
    nonce: str
    opened_at: int | None = None
    closes_at: int | None = None  # None: no time limit
    closed_at: int | None = None

    @property
    def label(self) -> str:
        """What its secret is sealed for."""
        return round_label(self.number)

    @property
    def seal(self) -> str:
        """What is public while it is played."""
        return seal(self.label, self.secret, self.nonce)


PlainGuessRow = tuple[int, int, int, int]
"""(game, seq, number, at): a guess of a session that nobody can resume, and so nothing fences."""


@dataclass(slots=True)
class Rows:
    """All that is stored at once: a field for each kind of row, in the order of storing.

    A kind comes after those that its rows refer to, or that fence them. False if there is none.
    """

    competitions: list[CompetitionRow] = field(default_factory=list)
    rounds: list[RoundRow] = field(default_factory=list)
    sessions: list[SessionRow] = field(default_factory=list)
    games: list[GameRow] = field(default_factory=list)
    logged: list[int] = field(default_factory=list)  # session, seq, secret, number, session, …
    plain_guesses: list[PlainGuessRow] = field(default_factory=list)
    guesses: list[GuessRow] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[str, list[Any]]]:
        """Yield (kind, its rows) for each kind that has any, in the order of storing."""
        return filter(_rows, zip(KINDS, _each(self), strict=False))

    def __bool__(self) -> bool:
        return any(_each(self))


KINDS = tuple(field.name for field in fields(Rows))
"""The kinds of rows, in the order of storing."""

_each, _rows = attrgetter(*KINDS), itemgetter(1)  # in C: every step goes through all kinds


class SavedSession(NamedTuple):
    """A session as the store remembers it, already fenced against its old socket.

    `last` is the number of its last guess, None if the current game has none yet. `game` is None
    if it has played in no round yet; outside a competition there always is one.
    """

    id: int
    epoch: int
    token_hash: bytes | None
    name: str
    seq: int
    last: int | None
    game: Game | None
    kept: bool = False


class SavedPlayer(NamedTuple):
    """A player whom a restarted host expects, with the results of all rounds they guessed in.

    `address` is that of their last link, while their competition runs; `kept`: the name is not
    theirs to change; `freed`: the seat is for whoever asks for it.
    """

    session: int
    epoch: int
    name: str
    resumable: bool
    excluded: bool
    results: dict[int, Result]  # by number of the round; none in practice
    address: str | None = None
    kept: bool = False
    freed: bool = False


class SavedCompetition(NamedTuple):
    """All that a host needs to take a competition up again."""

    row: CompetitionRow
    rounds: list[RoundRow]
    players: list[SavedPlayer]
