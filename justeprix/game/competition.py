"""The competition: lobby, rounds, pauses, podium. Pure: time comes in as an argument.

    LOBBY --open--> ROUND --close--> PAUSE --open--> ROUND ... --finish--> FINISHED

To close the last round is to finish.

Nothing here changes by itself. `due` says what time or the players ask for, `plan` what an event
would change; once that is stored, `apply` makes it so. All secrets are drawn before the lobby
opens: whoever leads, the next secret is long decided.

Times are those of the competition's own clock, in milliseconds: it stands still while no host
runs, and so the seconds left survive the host.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import NamedTuple

from justeprix.errors import CompetitionError
from justeprix.game.records import CompetitionRow, RoundRow, SavedCompetition
from justeprix.game.secret import Bounds
from justeprix.game.standings import Result

__all__ = ["Change", "Competition", "Event", "Phase", "Settings"]


class Phase(StrEnum):
    """Where the room is; the word that `etat` shows."""

    PRACTICE = "entrainement"
    LOBBY = "salle"
    ROUND = "manche"
    PAUSE = "pause"
    FINISHED = "finie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the teacher chose. `players`: start by itself when so many are there."""

    rounds: int
    time_limit: int | None = None  # seconds a round
    players: int | None = None
    pause: int = 10  # seconds between rounds that follow by themselves


class Event(Enum):
    """What moves a competition on."""

    OPEN = auto()
    CLOSE = auto()
    FINISH = auto()


TRANSITIONS = {
    (Phase.LOBBY, Event.OPEN): Phase.ROUND,
    (Phase.ROUND, Event.CLOSE): Phase.PAUSE,
    (Phase.PAUSE, Event.OPEN): Phase.ROUND,
    (Phase.LOBBY, Event.FINISH): Phase.FINISHED,
    (Phase.ROUND, Event.FINISH): Phase.FINISHED,
    (Phase.PAUSE, Event.FINISH): Phase.FINISHED,
}

_IMPOSSIBLE = {
    (Phase.ROUND, Event.OPEN): "une manche est en cours : stop d'abord",
    (Phase.LOBBY, Event.CLOSE): "aucune manche n'est en cours : depart ouvre la première",
    (Phase.PAUSE, Event.CLOSE): "aucune manche n'est en cours : suivante ouvre la prochaine",
}
_OVER = "la compétition est finie"


class Change(NamedTuple):
    """What an event does: the new phase, and the rows to store before it holds."""

    phase: Phase
    row: CompetitionRow
    round: RoundRow | None


class Competition:
    """One competition as it stands: its phase, its rounds, and what each session did in them."""

    def __init__(self, saved: SavedCompetition) -> None:
        self.row = saved.row
        self.rounds = sorted(saved.rounds, key=lambda round: round.number)
        self.bounds = Bounds(self.row.low, self.row.high)
        self.current = self._current()  # the round that was opened last, closed or not
        self.results = {player.session: dict(player.results) for player in saved.players}
        self.phase = self._phase()
        self.version = 0  # grows with every change that others can see

    def _phase(self) -> Phase:
        """Derive the phase from the rows."""
        if self.row.ended:
            return Phase.FINISHED
        if self.current is None:
            return Phase.LOBBY
        return Phase.ROUND if self.current.closed_at is None else Phase.PAUSE

    def _current(self) -> RoundRow | None:
        opened = [round for round in self.rounds if round.opened_at is not None]
        return opened[-1] if opened else None

    @property
    def next_number(self) -> int:
        """The number of the round that would be opened next, from 1."""
        return self.current.number + 1 if self.current else 1

    def open_round(self, now: int) -> RoundRow | None:
        """Return the round in which a guess counts now; its time may be over before it closes."""
        round = self.current
        if self.phase is not Phase.ROUND or round is None:
            return None
        return None if round.closes_at is not None and now >= round.closes_at else round

    def seconds_left(self, now: int) -> int | None:
        """Return the seconds until the running round closes by itself, rounded up."""
        round = self.current
        if self.phase is not Phase.ROUND or round is None or round.closes_at is None:
            return None
        return max(0, -(-(round.closes_at - now) // 1000))

    @property
    def closed(self) -> list[int]:
        """The numbers of the rounds that are over."""
        return [round.number for round in self.rounds if round.closed_at is not None]

    def tally(self, number: int) -> tuple[int, int]:
        """Return how many found a round, of how many who made a guess in it."""
        played = [results[number] for results in self.results.values() if number in results]
        return sum(result.found for result in played), len(played)

    # Moving on.

    def due(
        self,
        now: int,
        present: Collection[int],
        ready: Collection[int],
        missed: Collection[int] = (),
    ) -> Event | None:
        """Return what is to happen now, if anything.

        `present` are the sessions that play, `ready` those of them that wait for a round,
        `missed` those whose link broke so lately that the others wait for them.
        """
        everybody = {*present, *missed}
        if self.phase is Phase.ROUND:
            over = self.seconds_left(now) == 0 or self._all_found(everybody)
            return Event.CLOSE if over else None
        if self.row.players is None or not present:
            return None
        if self.phase is Phase.LOBBY:
            return Event.OPEN if len(present) >= self.row.players else None
        if self.phase is Phase.PAUSE:
            over = self._pause_left(now) == 0 or everybody <= set(ready)
            return Event.OPEN if over else None
        return None

    def _pause_left(self, now: int) -> int:
        closed_at = self.current.closed_at if self.current else None
        return max(0, (closed_at or now) + self.row.pause * 1000 - now)

    def _all_found(self, present: Collection[int]) -> bool:
        number = self.next_number - 1
        missing = Result(0)
        return bool(present) and all(
            self.results.get(session, {}).get(number, missing).found for session in present
        )

    def plan(self, event: Event, now: int) -> Change:
        """Return what an event changes. Raises CompetitionError if this phase does not allow it."""
        last = self.next_number > self.row.rounds
        if event is Event.CLOSE and self.phase is Phase.ROUND and last:
            event = Event.FINISH
        phase = TRANSITIONS.get((self.phase, event))
        if phase is None:
            raise CompetitionError(_IMPOSSIBLE.get((self.phase, event), _OVER))
        row = self.row._replace(ended=phase is Phase.FINISHED, clock=now)
        if event is Event.OPEN:
            limit = self.row.time_limit
            closes_at = None if limit is None else now + limit * 1000
            opened = self.rounds[self.next_number - 1]
            return Change(phase, row, opened._replace(opened_at=now, closes_at=closes_at))
        if self.phase is Phase.ROUND and self.current is not None:
            return Change(phase, row, self.current._replace(closed_at=now))
        return Change(phase, row, None)

    def extend(self, seconds: int, now: int) -> Change:
        """Plan to close the running round later; raises CompetitionError if it has no end."""
        round = self.current
        if self.phase is not Phase.ROUND or round is None:
            raise CompetitionError("aucune manche n'est en cours")
        if round.closes_at is None:
            raise CompetitionError("cette manche n'a pas de limite de temps : stop la ferme")
        longer = round._replace(closes_at=max(now, round.closes_at) + seconds * 1000)
        return Change(self.phase, self.row._replace(clock=now), longer)

    def apply(self, change: Change) -> None:
        """Make true what is now stored."""
        self.phase, self.row = change.phase, change.row
        if change.round is not None:
            self.rounds[change.round.number - 1] = self.current = change.round
        self.version += 1

    def record(self, session: int, number: int, guesses: int, found: bool, now: int) -> None:
        """Note how far a session has come in a round, once its guesses are stored."""
        results = self.results.get(session)
        if results is None:
            results = self.results[session] = {}
        known = results.get(number)
        if known is None or guesses > known.guesses:  # else a link that was left behind
            opened_at = self.rounds[number - 1].opened_at or now
            results[number] = Result(guesses, found, now - opened_at if found else 0)
            self.version += 1
