"""Numbers and columns as people in France read them. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

__all__ = ["aligned", "cells", "counted", "decimal", "optimum"]


def decimal(value: float, places: int) -> str:
    """Return a number with a decimal comma."""
    return f"{value:.{places}f}".replace(".", ",")


def counted(count: int, word: str) -> str:
    """Return `1 coup`, `2 coups`."""
    return f"{count} {word}{'s' * (count > 1)}"


def optimum(worst: int, mean: float) -> str:
    """Tell how far one can go: the guesses that binary search needs."""
    return f"La dichotomie : {counted(worst, 'coup')} au pire, {decimal(mean, 2)} en moyenne."


def cells(text: str) -> int:
    """Return how many cells of a terminal the text takes: 李 takes two, a combining mark none."""
    return sum(
        0
        if unicodedata.category(sign) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(sign) in "WF")
        for sign in text
    )


def aligned(rows: Sequence[Sequence[str]], left: Sequence[int] = ()) -> list[str]:
    """Lay rows out in columns, flush right but for the columns named in `left`."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_padded, row, widths, _sides(widths, left))).rstrip() for row in rows]


def _sides(widths: Sequence[int], left: Sequence[int]) -> list[bool]:
    return [column in left for column in range(len(widths))]


def _padded(text: str, width: int, left: bool) -> str:
    blank = " " * (width - cells(text))
    return text + blank if left else blank + text
