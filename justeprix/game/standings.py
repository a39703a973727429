"""Who is ahead: results into ranks, one rule for the room, the screen and the export. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

__all__ = ["Result", "Score", "Standing", "rank", "total"]


class Result(NamedTuple):
    """What one player did in one round. `time` is that of the win, in ms since the round opened."""

    guesses: int
    found: bool = False
    time: int = 0


class Score(NamedTuple):
    """What one player did in all; `time` adds up the rounds that were found, in ms."""

    found: int
    guesses: int
    time: int = 0


class Standing(NamedTuple):
    """One line of the standings; equal players share a rank."""

    rank: int
    name: str
    found: int
    guesses: int
    time: int = 0


def total(results: Collection[Result]) -> Score:
    """Add up a player's rounds: a round that was not found costs its guesses all the same."""
    guesses, found, time = map(sum, zip(*(results or [Result(0)]), strict=True))
    return Score(found, guesses, time)


def rank(scores: Iterable[tuple[str, Score]]) -> list[Standing]:
    """Order (name, score): more found, then fewer guesses, then less time; equal: same rank."""
    order = sorted((-found, guesses, time, name) for name, (found, guesses, time) in scores)
    standings: list[Standing] = []
    for place, (minus_found, guesses, time, name) in enumerate(order, start=1):
        if standings and standings[-1][2:] == (-minus_found, guesses, time):
            place = standings[-1].rank  # level with the one before
        standings.append(Standing(place, name, -minus_found, guesses, time))
    return standings
