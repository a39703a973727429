"""One measure, from the first look at the host to what was measured."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from justeprix.bench.crew import REPORTS, Crew, CrewReport
from justeprix.bench.load import Order
from justeprix.bench.scout import Sighting, look
from justeprix.bench.tally import Tally
from justeprix.bench.verdict import Measurement
from justeprix.net.descriptors import loops

__all__ = ["WARM_UP", "Plan", "Progress", "measure"]

SECOND = 1_000_000_000

WARM_UP = 0.5
"""Seconds of practice before the measure: until all play, Python has seen its own code often
enough, and the host's file is open."""

MOST = 4
"""Processes at most. One keeps up with a host of one worker, which takes longer for an answer than
a player does; a second leaves it air."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to measure, and how. `own`: the host runs on this machine."""

    host: str
    port: int
    code: str
    players: int
    seconds: float
    own: bool


class Progress(NamedTuple):
    """How far a measure is: `rate` in guesses a second, lately."""

    contest: bool
    connecting: bool
    report: CrewReport
    rate: float


def measure(plan: Plan, tell: Callable[[Progress], None]) -> Measurement:
    """Let all play; `tell` hears of it once a second.

    In a competition that begins with its first round, and `seconds` count from there. Raises
    ClientError if there is nothing to measure.
    """
    sighting = look(plan.host, plan.port, plan.code)
    with Crew(list(_orders(plan, sighting))) as crew:
        for report in crew.until_ready():
            tell(Progress(sighting.contest, True, report, 0.0))
        if not sighting.contest:
            begin = time.perf_counter_ns() + int(WARM_UP * SECOND)
            crew.play(begin, begin + int(plan.seconds * SECOND))
        guesses = 0
        for report in crew.until_done():
            rate = (report.guesses - guesses) / REPORTS
            guesses = report.guesses
            tell(Progress(sighting.contest, False, report, rate))
        return _measured(plan, sighting, crew)


def _orders(plan: Plan, sighting: Sighting) -> Iterator[Order]:
    """Divide the players among processes, a processor each but one that is left to the host."""
    count = min(MOST, max(1, (os.cpu_count() or 1) - 1))
    count = min(max(count, loops(plan.players)), plan.players)
    for number in range(count):
        players = plan.players // count + (number < plan.players % count)
        yield Order(plan.host, plan.port, players, plan.seconds, plan.code, sighting.contest)


def _measured(plan: Plan, sighting: Sighting, crew: Crew) -> Measurement:
    results = crew.results.values()
    tally = Tally.total(result.tally for result in results)
    seconds = max(result.seconds for result in results)
    if sighting.contest:
        seconds = sum(seen.ended - seen.first for seen in tally.rounds.values()) / SECOND
    return Measurement(
        tally=tally,
        players=plan.players,
        contest=sighting.contest,
        round=sighting.round,
        seconds=seconds,
        shares=[result.share for result in results],
        shared=(os.cpu_count() or 1) if plan.own else 0,
    )
