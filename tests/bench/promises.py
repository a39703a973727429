"""What justeprix promises of its speed, and whether it holds here. Pure."""

from __future__ import annotations

import operator
from statistics import median
from typing import NamedTuple

from tests.bench.report import COLUMNS, Results, layout, mark, ratios, span
from tests.bench.servers import OURS

__all__ = ["DOUBT", "PROMISES", "Promise", "promise_table"]

HOLDS = {"≥": operator.ge, "≤": operator.le}

DOUBT = ", as far as the load can tell"


class Promise(NamedTuple):
    """One column of `ours` divided by that of `theirs`, in the same round."""

    column: str
    ours: tuple[int, str]  # players, server
    theirs: tuple[int, str]
    sign: str
    bound: float

    @property
    def sentence(self) -> str:
        (players, ours), (others, theirs) = self.ours, self.theirs
        beside = theirs if players == others else f"itself with {others:,}"
        return f"{self.column}: {ours} / {beside}"


PROMISES = (
    *(Promise("guesses/s", (n, OURS), (n, "uvloop"), "≥", 1.2) for n in (30, 1000, 10_000)),
    *(Promise("guesses/s", (n, OURS), (n, "asyncio-streams"), "≥", 2) for n in (30, 1000, 10_000)),
    *(
        Promise("guesses/s", (n, "justeprix-memory"), (n, "c-epoll"), "≥", 0.5)
        for n in (30, 1000, 10_000)
    ),
    Promise("p99 ms", (1000, OURS), (1000, "uvloop"), "≤", 1),
    Promise("guesses/s", (10_000, OURS), (30, OURS), "≥", 0.8),
)


def promise_table(results: Results) -> str:
    """Judge every promise whose two sides were to be measured; nothing if there is none."""
    rows = [["players", "promise", "wanted", "measured", ""]]
    for promise in PROMISES:
        if promise.ours in results and promise.theirs in results:
            wanted = f"{promise.sign} {promise.bound:.2f}"
            rows.append(
                [f"{promise.ours[0]:,}", promise.sentence, wanted, *judged(promise, results)]
            )
    return layout(rows) if len(rows) > 1 else ""


def judged(promise: Promise, results: Results) -> tuple[str, str]:
    """Return what was measured, and the verdict on its median.

    Whom the load limited is better than measured: such a server of ours may keep what it seems to
    break, and beside such a server of others ours may break what it seems to keep.
    """
    ours, theirs = results[promise.ours], results[promise.theirs]
    found = ratios(ours, theirs, COLUMNS[promise.column])
    if not found:
        return "—", "not measured"
    kept = HOLDS[promise.sign](median(found), promise.bound)
    doubt = DOUBT if mark(theirs if kept else ours) else ""
    return span(found), ("holds" if kept else "does not hold") + doubt
