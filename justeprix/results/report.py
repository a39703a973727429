"""A whole competition as it can be shown, exported and checked: closed rounds only. Pure.

What is still being played is left out, so that no export can tell a running round's secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from justeprix.game.secret import Answer, Bounds, round_label, seal
from justeprix.game.standings import Result, Standing, rank, total

__all__ = ["Move", "PlayerReport", "Report", "RoundReport"]


class Move(NamedTuple):
    """One guess of a round and its answer; `time` is in ms since the round opened."""

    number: int
    answer: Answer
    time: int


@dataclass(frozen=True, slots=True)
class RoundReport:
    """One closed round. `duration` is in ms."""

    number: int
    secret: int
    nonce: str
    duration: int

    @property
    def label(self) -> str:
        """What the secret was sealed for."""
        return round_label(self.number)

    @property
    def seal(self) -> str:
        """What was public while the round was played."""
        return seal(self.label, self.secret, self.nonce)


@dataclass(frozen=True, slots=True)
class PlayerReport:
    """One player and their guesses, by number of the round; only rounds with a guess are there."""

    name: str
    excluded: bool
    games: dict[int, tuple[Move, ...]]

    @property
    def results(self) -> dict[int, Result]:
        """What the guesses came to, by number of the round."""
        return {number: _result(moves) for number, moves in self.games.items()}


def _result(moves: tuple[Move, ...]) -> Result:
    found = moves[-1].answer is Answer.FOUND
    return Result(len(moves), found, moves[-1].time if found else 0)


@dataclass(frozen=True, slots=True)
class Report:
    """A competition: `planned` rounds, of which `rounds` are closed.

    `started_at` is in ms since 1970. Every player has made a guess in a closed round.
    """

    competition: int
    started_at: int
    bounds: Bounds
    planned: int
    ended: bool
    rounds: tuple[RoundReport, ...]
    players: tuple[PlayerReport, ...]

    @property
    def standings(self) -> list[Standing]:
        """The ranking, recomputed from the guesses; who was excluded has no rank."""
        return rank(
            (player.name, total(player.results.values()))
            for player in self.players
            if not player.excluded
        )
