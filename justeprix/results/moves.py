"""What each guess of one game was worth: how far it narrowed the numbers down, in bits. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from justeprix.french import aligned, counted, decimal
from justeprix.game.secret import Answer, Bounds
from justeprix.protocol.replies import ANSWERS
from justeprix.results.report import Move

__all__ = ["table"]

HEAD = ["coup", "nombre", "réponse", "il reste", "combien", "", "bits", ""]

BAR = 40
"""Signs of the bar that stands for all numbers."""


class Worth(NamedTuple):
    """One guess and what it left. `wasted`: the number could no longer be the secret."""

    move: Move
    left: Bounds
    bits: float
    wasted: bool


def table(moves: Sequence[Move], bounds: Bounds, *, most: int | None = None) -> list[str]:
    """Return the lines of a table, and one that adds it up.

    `most`: guesses shown; of a longer game the middle is left out.
    """
    worths = list(_worths(moves, bounds))
    rows = [_row(count, worth, bounds) for count, worth in enumerate(worths, start=1)]
    if most is not None and len(rows) > most:
        rows[most // 2 : most // 2 - most] = [["…"] * len(HEAD)]
    return [*aligned([HEAD, *rows], left=[2, 5, 7]), "", _total(worths)]


def _worths(moves: Sequence[Move], bounds: Bounds) -> Iterator[Worth]:
    left = bounds
    for move in moves:
        before = left
        wasted = move.number not in before
        if not wasted:
            left = _narrowed(before, move)
        yield Worth(move, left, math.log2(before.size / left.size), wasted)


def _narrowed(left: Bounds, move: Move) -> Bounds:
    match move.answer:
        case Answer.HIGHER:
            return Bounds(move.number + 1, left.high)
        case Answer.LOWER:
            return Bounds(left.low, move.number - 1)
        case Answer.FOUND:
            return Bounds(move.number, move.number)


def _row(count: int, worth: Worth, bounds: Bounds) -> list[str]:
    move, left, bits, wasted = worth
    return [
        str(count),
        str(move.number),
        ANSWERS[move.answer],
        f"{left.low} à {left.high}",
        str(left.size),
        _bar(left, bounds, move.number),
        decimal(bits, 2),
        "perdu" if wasted else "",
    ]


def _bar(left: Bounds, bounds: Bounds, number: int) -> str:
    """Draw all numbers as dots, those left as `=`, the guess as `|`."""
    first, last, guess = (
        (place - bounds.low) * BAR // bounds.size for place in (left.low, left.high, number)
    )
    signs = ["=" if first <= place <= last else "." for place in range(BAR)]
    signs[guess] = "|"
    return f"[{''.join(signs)}]"


def _total(worths: Sequence[Worth]) -> str:
    found = worths[-1].move.answer is Answer.FOUND
    bits = decimal(sum(worth.bits for worth in worths), 2)
    wasted = sum(worth.wasted for worth in worths)
    return (
        f"{'Trouvé' if found else 'Pas trouvé'} : {bits} bits en"
        f" {counted(len(worths), 'coup')}, dont {counted(wasted, 'perdu')}."
    )
