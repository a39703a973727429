"""Whether rows are such as a host writes: a flipped byte may leave a sound file of nonsense."""

from __future__ import annotations

from justeprix.game.records import CompetitionRow, RoundRow, SavedPlayer
from justeprix.results.report import Report

__all__ = ["sensible_competition", "sensible_player", "sensible_report", "sensible_round"]

LARGEST = 1 << 43
"""No time, in milliseconds since 1970, and no other number is larger."""


LONGEST = 200
"""Characters of no name and no nonce are more."""


def _whole(least: int, *values: object) -> None:
    for value in values:
        if type(value) is not int or not least <= value < LARGEST:
            raise ValueError(f"{value!r} is no number of ours")


def _text(value: object) -> None:
    if type(value) is not str or len(value) > LONGEST:
        raise ValueError(f"{value!r} is no text of ours")


def _optional(least: int, *values: object) -> None:
    _whole(least, *(value for value in values if value is not None))


def sensible_competition(row: CompetitionRow) -> None:
    """Raise ValueError if no host wrote that row."""
    _whole(0, row.id, row.started_at, row.rounds, row.pause, row.clock, row.ended + 0)
    _whole(-LARGEST, row.low, row.high)
    _optional(0, row.time_limit, row.players)
    if not row.rounds or row.low > row.high:
        raise ValueError("no such competition")


def sensible_round(row: RoundRow, competition: CompetitionRow) -> None:
    """Raise ValueError if no host wrote that row."""
    _whole(-LARGEST, row.secret)
    _whole(1, row.number)
    _optional(0, row.opened_at, row.closes_at, row.closed_at)
    _text(row.nonce)
    bytes.fromhex(row.nonce)
    if row.number > competition.rounds or not competition.low <= row.secret <= competition.high:
        raise ValueError("no such round")
    if row.closed_at is not None and (row.opened_at is None or row.closed_at < row.opened_at):
        raise ValueError("a round that ends before it begins")


def sensible_player(player: SavedPlayer) -> None:
    """Raise ValueError if no host wrote that row."""
    _whole(0, player.session, player.epoch)
    _text(player.name)
    for result in player.results.values():
        _whole(1, result.guesses)
        _whole(0, result.time)


def sensible_report(report: Report) -> None:
    """Raise ValueError if no host wrote the moves of these players."""
    closed = {round.number for round in report.rounds}
    for player in report.players:
        _text(player.name)
        for number, game in player.games.items():
            if number not in closed:
                raise ValueError("a guess in a round that was not played")
            for move in game:
                _whole(-LARGEST, move.number, move.time)
