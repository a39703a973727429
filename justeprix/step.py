"""What one step of a worker decides: rows to store, and news to tell once they are stored. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from operator import attrgetter, itemgetter
from typing import Any

from justeprix.news import News
from justeprix.records import (
    CompetitionRow,
    GameRow,
    GuessRow,
    PlainGuessRow,
    RoundRow,
    SessionRow,
)

__all__ = ["KINDS", "Rows", "Step"]


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


@dataclass(slots=True)
class Step:
    """One step of a worker: its time, then what it decides."""

    now: float  # seconds, monotonic
    at: int  # milliseconds since 1970
    rows: Rows = field(default_factory=Rows)
    news: list[News] = field(default_factory=list)
