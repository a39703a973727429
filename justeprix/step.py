"""What one step of a worker decides: rows to store, and news to tell once they are stored. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from justeprix.news import News
from justeprix.records import (
    CompetitionRow,
    GameRow,
    GuessRow,
    PlainGuessRow,
    RoundRow,
    SessionRow,
)

__all__ = ["Step"]


@dataclass(slots=True)
class Step:
    """One step of a worker: its time, then what it decides."""

    now: float  # seconds, monotonic
    at: int  # milliseconds since 1970
    sessions: dict[tuple[int, int], SessionRow] = field(default_factory=dict)
    games: list[GameRow] = field(default_factory=list)
    guesses: list[GuessRow] = field(default_factory=list)
    plain_guesses: list[PlainGuessRow] = field(default_factory=list)
    logged: list[int] = field(default_factory=list)  # session, seq, secret, number, session, …
    competitions: list[CompetitionRow] = field(default_factory=list)
    rounds: list[RoundRow] = field(default_factory=list)
    news: list[News] = field(default_factory=list)

    @property
    def has_rows(self) -> bool:
        """Whether there is anything to store."""
        return bool(
            self.logged
            or self.plain_guesses
            or self.guesses
            or self.sessions
            or self.games
            or self.competitions
            or self.rounds
        )

    def clear_rows(self) -> None:
        """Forget what has been stored."""
        self.sessions.clear()
        self.games.clear()
        self.guesses.clear()
        self.plain_guesses.clear()
        self.logged.clear()
        self.competitions.clear()
        self.rounds.clear()
