"""What came of an arena, for the terminal: ranks, spread, faults, and each bot's worst game. Pure.

All bots stand beside the optimum, binary search: what it needs over all secrets, whichever were
drawn.
"""

from __future__ import annotations

from collections.abc import Iterator

from justeprix.french import aligned, counted, decimal
from justeprix.protocol.words import printable
from justeprix.results import moves
from justeprix.workshop.arena.outcome import Career, Results
from justeprix.workshop.arena.results.spread import bins, optimal_share, share

__all__ = ["render"]

OPTIMUM = "(dichotomie)"

HEAD = ["rang", "robot", "trouvés", "moyenne", "pire", "perdus", "invalides", "µs par coup"]

FAULTS = 3
"""Reasons told for the lost games of one bot: the most frequent."""

MOVES = 12
"""Guesses shown of a game."""

SAID = 60
"""Signs quoted of what a bot printed."""


def render(outcome: Results) -> str:
    """Return the tables."""
    parts = [
        [_heading(outcome)],
        _ranking(outcome),
        _spread(outcome),
        [line for career in outcome.careers for line in _remarks(career)],
        *(_worst_game(career, outcome) for career in outcome.careers if career.longest),
    ]
    return "\n".join("\n".join(part) + "\n" for part in parts if part)


def _heading(outcome: Results) -> str:
    games = counted(len(outcome.secrets), "partie")
    drawn = "tous les secrets, " if outcome.is_complete else ""
    low, high = outcome.bounds.low, outcome.bounds.high
    return f"Arène : {games} entre {low} et {high}, {drawn}graine {outcome.seed}"


def _ranking(outcome: Results) -> list[str]:
    rows = [HEAD, *map(_row, outcome.ranks, outcome.careers)]
    bounds = outcome.bounds
    rows.append(["", OPTIMUM, "", decimal(bounds.mean, 3), str(bounds.worst), "", "", ""])
    return aligned(rows, left=[1])


def _row(rank: int, career: Career) -> list[str]:
    found = len(career.found)
    return [
        str(rank),
        career.name,
        str(found),
        decimal(career.mean, 3) if found else "-",
        str(career.worst) if found else "-",
        str(len(career.counts) - found),
        str(career.invalid),
        decimal(career.seconds / career.guesses * 1e6, 1) if career.guesses else "-",
    ]


def _spread(outcome: Results) -> list[str]:
    columns = bins(outcome)
    rows = [["en coups :", *map(str, columns)]]
    for career in outcome.careers:
        rows.append([career.name, *(_percent(share(career, bin)) for bin in columns)])
    rows.append([OPTIMUM, *(_percent(optimal_share(outcome.bounds, bin)) for bin in columns)])
    return ["Combien de parties sur 100 :", *aligned(rows, left=[0])]


def _percent(part: float) -> str:
    return decimal(100 * part, 1) if part else "."


def _remarks(career: Career) -> Iterator[str]:
    for sentence, games in career.faults.most_common(FAULTS):
        yield f"{counted(games, 'partie')} perdue{'s' * (games > 1)} : {sentence}"
    if len(career.faults) > FAULTS:
        others = len(career.faults) - FAULTS
        yield f"  … et {counted(others, 'autre')} raison{'s' * (others > 1)} : {career.name}"
    text = " ".join(printable(career.said).split())
    if text:
        quoted = text if len(text) <= SAID else f"{text[:SAID]}…"
        yield f"{career.name} affiche du texte (print), que l'arène ne montre pas : « {quoted} »"


def _worst_game(career: Career, outcome: Results) -> list[str]:
    secret = career.longest[-1].number
    return [
        f"La pire partie de {career.name} : le secret était {secret}.",
        *moves.table(career.longest, outcome.bounds, most=MOVES),
    ]
