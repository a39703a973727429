"""One round of a report, alone. Pure."""

from __future__ import annotations

from dataclasses import replace

from justeprix.errors import ResultsError
from justeprix.results.report import Report, RoundReport

__all__ = ["closed_round", "narrowed"]


def closed_round(report: Report, number: int | None) -> RoundReport:
    """Return a closed round, by default the last. Raises ResultsError if there is none."""
    if not report.rounds:
        raise ResultsError(f"la compétition {report.competition} n'a encore aucune manche finie")
    for played in report.rounds:
        if played.number == (report.rounds[-1].number if number is None else number):
            return played
    numbers = ", ".join(str(played.number) for played in report.rounds)
    raise ResultsError(f"la manche {number} n'est pas dans les résultats : il y a {numbers}")


def narrowed(report: Report, number: int | None) -> Report:
    """Return a report of that round alone, so that its standings are those of the round."""
    if number is None:
        return report
    return replace(
        report,
        rounds=(closed_round(report, number),),
        players=tuple(
            replace(player, games={number: player.games[number]})
            for player in report.players
            if number in player.games
        ),
    )
