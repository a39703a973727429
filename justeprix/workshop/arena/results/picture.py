"""What came of an arena as an SVG: how many games each bot has won in so many guesses. Pure.

Along: the count of guesses; by its logarithm if some bot needed far more than binary search. Up:
the part of the games won in no more. The higher and the further left a line, the better; shaded is
what binary search reaches over all secrets, and nobody is above it for long.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from justeprix.french import counted, decimal
from justeprix.results.drawing import add, canvas, fitted, sample, stroke, text, written
from justeprix.workshop.arena.outcome import Career, Results
from justeprix.workshop.arena.results.spread import Bin, optimal_share, within

__all__ = ["render"]

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 960, 70, 930, 84, 470

LEGEND, ROW, COLUMNS = BOTTOM + 74, 20, 2

SHOWN = 30
"""Bots drawn: the best. More could not be told apart."""

FAR = 4
"""How many times the worst of binary search the axis may be long before it becomes logarithmic."""


@dataclass(frozen=True)
class Axis:
    """Where a count of guesses stands along."""

    longest: int
    is_logarithmic: bool

    def x(self, count: float) -> float:
        """Return the place of a count, from 1 on."""
        part = (count - 1) / (self.longest - 1)
        if self.is_logarithmic:
            part = math.log(count) / math.log(self.longest)
        return LEFT + part * (RIGHT - LEFT)

    @property
    def marks(self) -> Iterable[int]:
        """The counts that are written below."""
        if self.is_logarithmic:
            return (1 << power for power in range(self.longest.bit_length()))
        return range(1, self.longest + 1, 1 if self.longest <= 30 else 5)


def render(outcome: Results) -> str:
    """Draw the best bots of an arena."""
    drawn = outcome.careers[:SHOWN]
    worst = outcome.bounds.worst
    longest = max([worst, 2, *(career.worst for career in drawn)])
    axis = Axis(longest, longest > FAR * worst)
    rows = -(-len(drawn) // COLUMNS)
    svg = canvas(WIDTH, LEGEND + ROW * rows)
    _head(svg, outcome)
    _frame(svg, axis, outcome)
    for place in reversed(range(len(drawn))):  # the best come last, and so lie on top
        _draw(svg, axis, drawn[place], place)
    for place, (rank, career) in enumerate(zip(outcome.ranks, drawn, strict=False)):
        _legend(svg, divmod(place, rows), place, f"{rank}. {_result(career)}")
    return written(svg)


def _head(svg: ET.Element, outcome: Results) -> None:
    bounds = outcome.bounds
    games = counted(len(outcome.secrets), "partie")
    title = f"L'arène : {games}, un nombre entre {bounds.low} et {bounds.high}"
    gray = (
        f"En gris, la dichotomie : {counted(bounds.worst, 'coup')} au pire,"
        f" {decimal(bounds.mean, 3)} en moyenne sur tous les secrets."
    )
    add(svg, "title").text = title
    text(svg, LEFT, 32, title, font_size=20, font_weight="bold")
    text(svg, LEFT, 56, gray, fill="#555")


def _frame(svg: ET.Element, axis: Axis, outcome: Results) -> None:
    """Draw what binary search reaches, and both axes."""
    bounds = outcome.bounds
    reach = ((n, optimal_share(bounds, Bin(1, n))) for n in range(1, axis.longest + 1))
    area = "L".join([*_corners(axis, reach), f"{RIGHT} {BOTTOM}", f"{LEFT} {BOTTOM}"])
    add(svg, "path", d=f"M{area}Z", fill="#e4e4e4")
    for count in axis.marks:
        x = axis.x(count)
        add(svg, "path", d=f"M{x:.1f} {TOP}V{BOTTOM}", stroke="#000", stroke_opacity=0.1)
        text(svg, x, BOTTOM + 18, str(count), text_anchor="middle", fill="#333")
    for percent in range(0, 101, 25):
        y = _y(percent / 100)
        add(svg, "path", d=f"M{LEFT} {y:.1f}H{RIGHT}", stroke="#000", stroke_opacity=0.1)
        text(svg, LEFT - 8, y + 4, f"{percent} %", text_anchor="end", fill="#333")
    add(svg, "path", d=f"M{LEFT} {TOP}V{BOTTOM}H{RIGHT}", stroke="#333", fill="none")
    label = "parties gagnées en tant de coups au plus"
    text(svg, (LEFT + RIGHT) / 2, BOTTOM + 42, label, text_anchor="middle", fill="#333")


def _y(part: float) -> float:
    return BOTTOM - part * (BOTTOM - TOP)


def _corners(axis: Axis, reach: Iterable[tuple[int, float]]) -> Iterator[str]:
    """Yield the points of the stairs: level until a count, then up."""
    height = 0.0
    for count, part in reach:
        yield f"{axis.x(count):.1f} {_y(height):.1f}"
        height = part
        yield f"{axis.x(count):.1f} {_y(height):.1f}"
    yield f"{RIGHT} {_y(height):.1f}"


def _draw(svg: ET.Element, axis: Axis, career: Career, place: int) -> None:
    reach = list(within(career))
    corners = list(_corners(axis, reach)) if reach else []
    if corners:
        seldom = -(-len(reach) // 12)  # a dozen markers tell the line
        stroke(svg, corners, place, _width(place), corners[1:-1:2][::seldom])


def _width(place: int) -> float:
    return 2.2 if place == 0 else 1.1


def _legend(svg: ET.Element, cell: tuple[int, int], place: int, label: str) -> None:
    x, y = 24 + cell[0] * (WIDTH - 48) // COLUMNS, LEGEND + cell[1] * ROW
    sample(svg, x, y, place, _width(place))
    size = fitted(label, (WIDTH - 48) // COLUMNS - 58)
    text(svg, x + 52, y, label, font_size=size)


def _result(career: Career) -> str:
    lost = len(career.counts) - len(career.found)
    told = [f"{counted(lost, 'perdue')}"] if lost else []
    if career.found:
        told.insert(0, f"{decimal(career.mean, 3)} coups en moyenne, {career.worst} au pire")
    return f"{career.name} : {', '.join(told)}"
