"""A competition for the terminal: the standings, guesses by round, the optimum. Pure.

Of one round alone the guesses are written out. `(9)`: nine guesses, and the secret not found.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from justeprix.french import aligned, counted, decimal, optimum
from justeprix.game.standings import Result
from justeprix.results.narrowing import narrowed
from justeprix.results.report import PlayerReport, Report

__all__ = ["render"]

WIDTH = 80
"""Columns of the guesses that are written out."""


def render(report: Report, number: int | None = None) -> str:
    """Return the table."""
    shown = narrowed(report, number)
    parts = [[_heading(report, shown)], _standings(shown), _remarks(shown)]
    if number is not None:
        parts.insert(2, _guesses(shown, number))
    return "\n".join("\n".join(part) + "\n" for part in parts if part)


def _heading(report: Report, shown: Report) -> str:
    between = f"un nombre entre {report.bounds.low} et {report.bounds.high}"
    if shown is not report:
        (played,) = shown.rounds
        return (
            f"Compétition {report.competition}, manche {played.number} : {between},"
            f" le secret était {played.secret}"
        )
    return (
        f"Compétition {report.competition} : {counted(len(report.rounds), 'manche')} sur"
        f" {report.planned}, {between}{'' if report.ended else ' (inachevée)'}"
    )


def _standings(report: Report) -> list[str]:
    if not report.standings:
        return ["Personne n'est classé."]
    numbers = [played.number for played in report.rounds]
    results = {player.name: player.results for player in report.players}
    rows = [["rang", "nom", "trouvées", "coups", "temps (s)", *(f"m. {n}" for n in numbers)]]
    for rank, name, found, guesses, time in report.standings:
        by_round = (_cost(results[name].get(n)) for n in numbers)
        rows.append([f"{rank}", name, f"{found}", f"{guesses}", _seconds(time), *by_round])
    return aligned(rows, left=[1])


def _cost(result: Result | None) -> str:
    if result is None:
        return "-"
    return f"{result.guesses}" if result.found else f"({result.guesses})"


def _seconds(time: int) -> str:
    return decimal(time / 1000, 1)


def _remarks(report: Report) -> list[str]:
    remarks = [optimum(report.bounds.worst, report.bounds.mean)]
    results = [result for player in report.players for result in player.results.values()]
    if not all(result.found for result in results):
        remarks.append("Entre parenthèses : le secret n'a pas été trouvé.")
    excluded = [_costs(player) for player in report.players if player.excluded]
    if excluded:
        remarks.append(f"Hors classement (exclus) : {', '.join(excluded)}.")
    return remarks


def _costs(player: PlayerReport) -> str:
    guesses = sum(result.guesses for result in player.results.values())
    return f"{player.name} ({counted(guesses, 'coup')})"


def _guesses(report: Report, number: int) -> list[str]:
    players = {player.name: player for player in report.players}
    names = [standing.name for standing in report.standings]
    names += [player.name for player in report.players if player.excluded]
    return [line for name in names for line in _written_out(name, players[name], number)]


def _written_out(name: str, player: PlayerReport, number: int) -> Iterable[str]:
    moves = " ".join(str(move.number) for move in player.games[number])
    return textwrap.wrap(moves, WIDTH, initial_indent=f"{name} : ", subsequent_indent="    ")
