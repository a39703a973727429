"""How many guesses the games took: bins, and the share of the games in each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from justeprix.game.secret import Bounds
from justeprix.workshop.arena.outcome import Career, Results

__all__ = ["Bin", "bins", "optimal_share", "share", "within"]

SINGLE = 12
"""Guesses up to which each count has a bin of its own, if no game took more."""


class Bin(NamedTuple):
    """Games of so many guesses, both ends included."""

    least: int
    most: int

    def __str__(self) -> str:
        return f"{self.least}" if self.least == self.most else f"{self.least}-{self.most}"


def bins(outcome: Results) -> list[Bin]:
    """Return bins for all counts that occur: one each, or each to twice as far as the last."""
    longest = max([outcome.bounds.worst, *(career.worst for career in outcome.careers)])
    if longest <= SINGLE:
        return [Bin(count, count) for count in range(1, longest + 1)]
    found = [Bin(1, 1)]
    while found[-1].most < longest:
        reached = found[-1].most
        found.append(Bin(reached + 1, min(longest, 2 * reached)))
    return found


def share(career: Career, bin: Bin) -> float:
    """Return the part of all games, 0 to 1, that the bot won in so many guesses."""
    games = sum(bin.least <= count <= bin.most for count in career.found)
    return games / len(career.counts)


def optimal_share(bounds: Bounds, bin: Bin) -> float:
    """Return the same of binary search over all secrets: its tree has 2ⁿ⁻¹ nodes at depth n."""
    return (_nodes(bounds, bin.most) - _nodes(bounds, bin.least - 1)) / bounds.size


def within(career: Career) -> Iterator[tuple[int, float]]:
    """Yield (guesses, part of all games won in no more) for each count that occurs."""
    yield from _steps(career.found, len(career.counts))


def _nodes(bounds: Bounds, depth: int) -> int:
    return min((1 << depth) - 1, bounds.size)


def _steps(counts: Iterable[int], games: int) -> Iterator[tuple[int, float]]:
    ordered = sorted(counts)
    for place, count in enumerate(ordered, start=1):
        if place == len(ordered) or ordered[place] != count:
            yield count, place / games
