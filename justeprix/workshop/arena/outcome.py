"""What came of an arena: what each bot did, and who did best. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from justeprix.errors import BotError
from justeprix.game.secret import Bounds
from justeprix.results.report import Move
from justeprix.workshop.arena.faults import BotFault

__all__ = ["Career", "Results"]


@dataclass
class Career:
    """What one bot did: for each secret the count of guesses, None for a lost game."""

    name: str
    counts: list[int | None] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)  # the sentence of each lost game
    invalid: int = 0  # lost games whose last value was no guess
    seconds: float = 0.0  # of thinking, in all
    guesses: int = 0
    said: str = ""  # the start of what it printed
    longest: tuple[Move, ...] = ()  # the worst of the games that were won

    @property
    def merit(self) -> tuple[int, float]:
        """What bots are ranked by: less is better."""
        return -len(self.found), self.mean

    def win(self, moves: Sequence[Move]) -> None:
        """Enter a game that was won."""
        self.counts.append(len(moves))
        if len(moves) > len(self.longest):
            self.longest = tuple(moves)

    def lose(self, fault: BotError, games: int = 1) -> None:
        """Enter games that were lost for one reason."""
        self.counts += [None] * games
        self.faults[str(fault)] += games
        self.invalid += games * (isinstance(fault, BotFault) and fault.is_invalid)

    @property
    def found(self) -> list[int]:
        """The counts of guesses of the games that were won."""
        return [count for count in self.counts if count is not None]

    @property
    def mean(self) -> float:
        """Guesses of a game that was won, on average; infinite if none was."""
        found = self.found
        return sum(found) / len(found) if found else float("inf")

    @property
    def worst(self) -> int:
        """The most guesses of a game that was won; 0 if none was."""
        return max(self.found, default=0)


@dataclass(frozen=True)
class Results:
    """What came of an arena: the best bot first."""

    bounds: Bounds
    secrets: Sequence[int]
    seed: int
    careers: list[Career]

    @property
    def ranks(self) -> list[int]:
        """The rank of each bot, from 1; the same for those that are equal."""
        merits = [career.merit for career in self.careers]
        return [merits.index(merit) + 1 for merit in merits]

    @property
    def is_complete(self) -> bool:
        """Whether each number was the secret just once."""
        low, high = self.bounds.low, self.bounds.high
        return len(self.secrets) == self.bounds.size and set(self.secrets) == set(
            range(low, high + 1)
        )
