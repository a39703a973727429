"""One round as an SVG: every player's guesses closing in on the secret. Pure.

Along: the count of guesses. Up: the number line, spread out around the secret by the logarithm of
the distance, or all would end in one heap. Shaded: how far from the secret binary search can still
be; halving makes it a wedge. No two of the players drawn share dashes and marker, so nobody needs
the colours; guesses of one count stand a little apart, so that equal ones do not hide each other.
In French, or in English for a board that is. On PAPER, to be read from near, with a title and a
legend of all; on SCREEN, to be read from the last row: less than half the size, so that its type is
twice as large where it fills a place, and only the best are named.
"""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from justeprix.french import decimal
from justeprix.game.secret import Bounds
from justeprix.protocol.words import MAX_DIGITS
from justeprix.results.captions import FRENCH, WORDS
from justeprix.results.drawing import add, canvas, fitted, sample, stroke, text, written
from justeprix.results.narrowing import closed_round, narrowed
from justeprix.results.report import Move, Report, RoundReport
from justeprix.results.sheet import PAPER, SHOWN, Scale, Sheet

__all__ = ["render"]

LEGEND_GAP, LEGEND_ROW, LEGEND_LINE = 74, 20, 52
"""Below the plot, a row of the legend, and what its line takes of a row."""


class Line(NamedTuple):
    """One player of the round, by rank."""

    rank: int
    name: str
    found: bool
    moves: tuple[Move, ...]


def render(
    report: Report, number: int | None = None, language: str = "fr", sheet: Sheet = PAPER
) -> str:
    """Draw a round, by default the last one; `language` is a key of WORDS."""
    words = WORDS[language]
    played = closed_round(report, number)
    lines = list(_lines(narrowed(report, played.number), played.number))
    scale = Scale(sheet, report.bounds, played.secret, _last(lines, report.bounds))
    drawn, named = lines[:SHOWN], lines[: sheet.named]
    notes = _notes(lines, scale, words) if sheet.is_titled else []
    rows = -(-len(named) // sheet.columns)
    height = sheet.bottom + LEGEND_GAP + LEGEND_ROW * (rows + len(notes))
    svg = canvas(sheet.width, height)
    _head(svg, sheet, report, played, words)
    _frame(svg, scale, words)
    for place in reversed(range(len(drawn))):  # the best come last, and so lie on top
        _draw(svg, scale, drawn[place], place, len(drawn))
    for place, line in enumerate(named):
        _legend(svg, sheet, line, divmod(place, rows), place, words)
    for row, note in enumerate(reversed(notes)):
        text(svg, sheet.left, height - 12 - LEGEND_ROW * row, note, fill="#555")
    return written(svg)


# What is drawn.


def _lines(report: Report, number: int) -> Iterator[Line]:
    games = {player.name: player.games[number] for player in report.players}
    for standing in report.standings:
        yield Line(standing.rank, standing.name, standing.found > 0, games[standing.name])


def _last(lines: Iterable[Line], bounds: Bounds) -> int:
    """Return the end of the axis: a bot that counts up from 1 must not crush the others."""
    limit = max(12, 2 * bounds.worst)
    lengths = (len(line.moves) for line in lines)
    return max([bounds.worst, *(length for length in lengths if length <= limit)])


def _notes(lines: Sequence[Line], scale: Scale, words: dict[str, str]) -> list[str]:
    notes = []
    if any(len(line.moves) > scale.last for line in lines):
        notes.append(words["cut"].format(last=scale.last))
    if len(lines) > SHOWN:
        notes.append(words["best"].format(shown=SHOWN, players=len(lines)))
    return notes


def _head(
    svg: ET.Element, sheet: Sheet, report: Report, played: RoundReport, words: dict[str, str]
) -> None:
    bounds = report.bounds
    title = words["title"].format(number=played.number, secret=played.secret)
    below = words["subtitle"].format(
        competition=report.competition, low=bounds.low, high=bounds.high
    )
    mean = decimal(bounds.mean, 2) if words is FRENCH else f"{bounds.mean:.2f}"
    gray = words["optimum"].format(worst=bounds.worst, mean=mean, **_plural(bounds.worst))
    add(svg, "title").text = title
    if not sheet.is_titled:
        return
    text(svg, sheet.left, 32, title, font_size=20, font_weight="bold")
    text(svg, sheet.left, 54, below, fill="#555")
    text(svg, sheet.left, 74, gray, fill="#555")


def _plural(count: int) -> dict[str, str]:
    """Return the ends of words for so many: `s` in both languages, `es` after `guess`."""
    return {"s": "s" * (count > 1), "es": "es" * (count > 1)}


def _frame(svg: ET.Element, scale: Scale, words: dict[str, str]) -> None:
    """Draw the envelope, both axes, and the line of the secret."""
    left, right, top, bottom = (
        scale.sheet.left,
        scale.sheet.right,
        scale.sheet.top,
        scale.sheet.bottom,
    )
    add(svg, "path", d=_envelope(scale), fill="#e4e4e4")
    for count in range(0, scale.last + 1, _gap(scale)):
        x = scale.x(count)
        add(svg, "path", d=f"M{x:.1f} {top}V{bottom}", stroke="#000", stroke_opacity=0.1)
        text(svg, x, bottom + 18, str(count), text_anchor="middle", fill="#333")
    for number in _landmarks(scale):
        y = scale.y(number)
        add(svg, "path", d=f"M{left} {y:.1f}H{right}", stroke="#000", stroke_opacity=0.1)
        text(svg, left - 8, y + 4, str(number), text_anchor="end", fill="#333")
    add(svg, "path", d=f"M{left} {top}V{bottom}H{right}", stroke="#333", fill="none")
    text(svg, (left + right) / 2, bottom + 42, words["along"], text_anchor="middle", fill="#333")
    middle = (top + bottom) / 2
    turned = f"rotate(-90 14 {middle:.0f})"
    text(svg, 14, middle, words["up"], text_anchor="middle", fill="#333", transform=turned)
    y = scale.y(scale.secret)
    add(svg, "path", d=f"M{left} {y:.1f}H{right}", stroke="#000")
    for line, word in enumerate((words["secret"], str(scale.secret))):
        text(svg, right + 6, y - 3 + 14 * line, word, font_weight="bold")


def _gap(scale: Scale) -> int:
    """Return how many guesses lie between two numbers on the axis, so that they don't touch."""
    return 1 if scale.step >= 18 else 5


def _envelope(scale: Scale) -> str:
    """Return the area that binary search halves around the secret with each guess."""
    low, high = scale.bounds.low - 0.5, scale.bounds.high + 0.5
    upper, lower = [], []
    for count in range(scale.last + 1):
        half = scale.bounds.size >> count
        upper.append(f"{scale.x(count):.1f} {scale.y(min(high, scale.secret + half)):.1f}")
        lower.append(f"{scale.x(count):.1f} {scale.y(max(low, scale.secret - half)):.1f}")
    return f"M{'L'.join([*upper, *reversed(lower)])}Z"


def _landmarks(scale: Scale) -> Iterator[int]:
    """Return numbers for the axis: both bounds, and the powers of ten away from the secret."""
    low, high = scale.bounds.low, scale.bounds.high
    yield from {low, high}
    taken = [scale.y(number) for number in (low, high, scale.secret)]
    for zeros, sign in itertools.product(range(MAX_DIGITS + 1), (1, -1)):
        number = scale.secret + sign * 10**zeros
        y = scale.y(number)
        if number in scale.bounds and all(abs(y - other) >= 14 for other in taken):
            taken.append(y)
            yield number


def _draw(svg: ET.Element, scale: Scale, line: Line, place: int, players: int) -> None:
    """Draw one player."""
    aside = (place / (players - 1) - 0.5) * 0.6 if players > 1 else 0.0
    points = [
        f"{scale.x(count + aside):.1f} {scale.y(move.number):.1f}"
        for count, move in enumerate(line.moves[: scale.last], start=1)
    ]
    edge = []
    if len(line.moves) > scale.last:
        edge.append(f"{scale.sheet.right} {scale.y(line.moves[scale.last].number):.1f}")
    stroke(svg, [*points, *edge], place, _width(line), points)


def _width(line: Line) -> float:
    return 2.2 if line.rank == 1 else 1.1


def _legend(
    svg: ET.Element,
    sheet: Sheet,
    line: Line,
    cell: tuple[int, int],
    place: int,
    words: dict[str, str],
) -> None:
    """Tell who a line is, how long it took them, and whether they found."""
    x, y = 24 + cell[0] * sheet.column, sheet.bottom + LEGEND_GAP + cell[1] * LEGEND_ROW
    sample(svg, x, y, place, _width(line))
    count, end = len(line.moves), "" if line.found else words["unfound"]
    weight = "bold" if line.rank == 1 else "normal"
    label = words["result"].format(
        rank=line.rank, name=line.name, count=count, end=end, **_plural(count)
    )
    size = fitted(label, sheet.column - LEGEND_LINE - 6)
    text(svg, x + LEGEND_LINE, y, label, font_weight=weight, font_size=size)
