"""A room to test in that holds a competition, and the teacher's hand on it."""

from __future__ import annotations

from pathlib import Path

from trouble import Newspaper
from wire import Room, eventually

from justeprix.competition import Phase, Settings
from justeprix.limits import Limits
from justeprix.roster import Player as Seat


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
