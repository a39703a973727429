"""Where things stand on the picture of a round: the sheet, and the scale of its two axes. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

from justeprix.game.secret import Bounds

__all__ = ["PAPER", "SCREEN", "SHOWN", "Scale", "Sheet"]

SHOWN = 30
"""Players drawn: the best of the round. More could not be told apart."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn on: the edges of the plot, and how many players are named below it."""

    width: int
    left: int
    right: int
    top: int
    bottom: int
    columns: int
    named: int
    is_titled: bool

    @property
    def column(self) -> int:
        """The width of a column of the legend."""
        return (self.width - 48) // self.columns


PAPER = Sheet(960, 124, 846, 90, 530, columns=3, named=SHOWN, is_titled=True)
SCREEN = Sheet(440, 76, 376, 12, 200, columns=2, named=6, is_titled=False)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a guess stands: `last` is the greatest count of guesses on the axis."""

    sheet: Sheet
    bounds: Bounds
    secret: int
    last: int

    @property
    def step(self) -> float:
        """The width of one guess."""
        return (self.sheet.right - self.sheet.left) / (self.last + 0.5)

    def x(self, count: float) -> float:
        """Return where a count of guesses stands along."""
        return self.sheet.left + count * self.step

    def y(self, number: float) -> float:
        """Return how high a number stands."""
        low, high = self._height(self.bounds.low - 0.5), self._height(self.bounds.high + 0.5)
        part = (self._height(number) - low) / (high - low)
        return self.sheet.bottom - part * (self.sheet.bottom - self.sheet.top)

    def _height(self, number: float) -> float:
        distance = number - self.secret
        return math.copysign(math.log1p(abs(distance)), distance)
