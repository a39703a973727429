"""A competition as a CSV file that a French Excel opens with a double click. Pure.

One row a player in the order of the standings, then the excluded, the secrets and the optimum,
which have no rank. Of each round the guesses are counted, and written as `500 → 750 → 512`: a
space, comma or hyphen between them could make Excel read a number or a date.

Excel runs a cell that starts with `=`, `+`, `-`, `@`, a tab or CR. So each name that does not
start with a letter, and each list that starts with a sign, gets one apostrophe before it; to read
them back, take one apostrophe away where there is one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from justeprix.french import decimal
from justeprix.results.narrowing import narrowed
from justeprix.results.report import Move, PlayerReport, Report

__all__ = ["render", "rows_text", "safe"]

BOM = "\ufeff"
"""Tells Excel that the file is UTF-8."""


def render(report: Report, number: int | None = None) -> str:
    """Return the rows, with CRLF at their ends."""
    return rows_text(_rows(narrowed(report, number)))


def rows_text(rows: Iterable[Iterable[str]]) -> str:
    """Return the text of a file of such rows."""
    text = io.StringIO(newline="")
    text.write(BOM)
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue()


def safe(name: str) -> str:
    """Return a name that Excel does not run."""
    return name if name[0].isalpha() else f"'{name}"


def _rows(report: Report) -> Iterator[list[str]]:
    players = {player.name: player for player in report.players}
    yield ["rang", "nom", "manches trouvées", "coups", "temps (s)", *_titles(report)]
    for rank, name, found, guesses, time in report.standings:
        totals = [str(found), str(guesses), decimal(time / 1000, 3)]
        yield [str(rank), safe(name), *totals, *_games(players[name], report)]
    for player in report.players:
        if player.excluded:
            yield ["exclu", safe(player.name), "", "", "", *_games(player, report)]
    yield _footer("secret", [cell for game in report.rounds for cell in ("", str(game.secret))])
    worst, mean = str(report.bounds.worst), decimal(report.bounds.mean, 2)
    yield _footer("dichotomie, pire", [worst, ""] * len(report.rounds))
    yield _footer("dichotomie, moyenne", [mean, ""] * len(report.rounds))


def _titles(report: Report) -> Iterator[str]:
    for played in report.rounds:
        yield f"coups manche {played.number}"
        yield f"nombres manche {played.number}"


def _games(player: PlayerReport, report: Report) -> Iterator[str]:
    for played in report.rounds:
        moves = player.games.get(played.number, ())
        yield str(len(moves)) if moves else ""
        yield _numbers(moves)


def _footer(name: str, cells: list[str]) -> list[str]:
    return ["", name, "", "", "", *cells]


def _numbers(moves: tuple[Move, ...]) -> str:
    text = " → ".join(str(move.number) for move in moves)
    return f"'{text}" if len(moves) > 1 and text[0] == "-" else text
