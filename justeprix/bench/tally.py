"""What a process has seen of the game; the tallies of several add up to one. Pure.

All times are `time.perf_counter_ns`, which all processes of a machine share, on every system.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

__all__ = ["PlayerFault", "Round", "Tally"]


class PlayerFault(StrEnum):
    """What may go wrong for a player; counted, and told at the end."""

    UNREACHED = "unreached"  # could not connect
    UNTRIED = "untried"  # did not even try after that
    UNHEARD = "unheard"  # the link ended before the greeting, or none came
    FULL = "full"  # `erreur complet`
    REFUSED = "refused"  # another `erreur` that ends the game
    CUT = "cut"  # the link broke during the game
    CLOSED = "closed"  # the host said goodbye, unasked
    MUTE = "mute"  # at the end still waits for an answer, since a second or all the measure
    MISFIT = "misfit"  # the answers fit no secret
    FOREIGN = "foreign"  # a line that answers nothing


@dataclass(slots=True)
class Round:
    """One round of a competition, as all players together saw it. Times in nanoseconds."""

    players: int
    asked: int  # the last `pret`
    first: int  # `manche` came to the first player
    last: int  # and to the last
    ended: int  # the last answer to a guess

    def join(self, other: Round) -> None:
        """Take in what others saw of it."""
        self.players += other.players
        self.asked = max(self.asked, other.asked)
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        self.ended = max(self.ended, other.ended)


@dataclass(slots=True)
class Tally:
    """Counts of one process, or of all."""

    came: int = 0  # players who came in
    waits: Counter[int] = field(default_factory=Counter)  # of the answers to guesses, in buckets
    found: int = 0
    late: int = 0  # guesses that came when the round was over: nobody's fault
    faults: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)  # the codes of `erreur` lines
    reasons: Counter[str] = field(default_factory=Counter)  # why a link could not be made
    rounds: dict[int, Round] = field(default_factory=dict)

    @property
    def guesses(self) -> int:
        """How many guesses were answered."""
        return self.waits.total()

    def announce(self, number: int, asked: int, now: int) -> None:
        """Note that a round has begun for one player, who had asked for it."""
        self._enter(number, Round(1, asked, now, now, now))

    def _enter(self, number: int, seen: Round) -> None:
        if number in self.rounds:
            self.rounds[number].join(seen)
        else:
            self.rounds[number] = seen

    def add(self, other: Tally) -> None:
        """Take in another process's tally."""
        self.came += other.came
        self.found += other.found
        self.late += other.late
        for mine, theirs in (
            (self.waits, other.waits),
            (self.faults, other.faults),
            (self.errors, other.errors),
            (self.reasons, other.reasons),
        ):
            mine.update(theirs)  # type: ignore[arg-type]
        for number, seen in other.rounds.items():
            self._enter(number, seen)

    def as_json(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        names = ("came", "waits", "found", "late", "faults", "errors", "reasons")
        rounds = {number: asdict(seen) for number, seen in self.rounds.items()}
        return {name: getattr(self, name) for name in names} | {"rounds": rounds}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Read what `as_json` gave, after its way through JSON: keys have become text."""
        return cls(
            came=told["came"],
            waits=Counter({int(index): count for index, count in told["waits"].items()}),
            found=told["found"],
            late=told["late"],
            faults=Counter(told["faults"]),
            errors=Counter(told["errors"]),
            reasons=Counter(told["reasons"]),
            rounds={int(number): Round(**seen) for number, seen in told["rounds"].items()},
        )

    @classmethod
    def total(cls, tallies: Iterable[Tally]) -> Self:
        """Add up the tallies of all processes."""
        total = cls()
        for tally in tallies:
            total.add(tally)
        return total
