"""Rubbish in every form: each reader of foreign bytes, and the whole host with a neighbour.

The inputs are words of each grammar mixed with garbage by a seed, and, where atheris is installed,
what coverage leads it to. The host's part is a storm of intruders on both ports while a neighbour
plays a guess between any two of their actions.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults.figure import Figure
from tests.fuzz.guided import MISSING, guided
from tests.fuzz.mix import run_apart
from tests.fuzz.storm import Outcome, storm
from tests.fuzz.targets import TARGETS

__all__ = ["fuzzing"]

AT_ONCE = 2
"""Processes that fuzz side by side."""


class Size(NamedTuple):
    """How much is tried."""

    mixed: int  # inputs in all, shared out by the targets' weights
    guided: int  # inputs a target under atheris; 0: the tests of tests/fuzz do that
    messages: int  # sent to the host, in practice and again in a competition


DEFAULT = Size(mixed=60_000, guided=0, messages=5_000)
FULL = Size(mixed=1_000_000, guided=25_000, messages=60_000)

HOUSES: tuple[dict[str, Any], ...] = (
    {},
    {"rounds": 5_000, "workers": 2, "code": "4821"},  # more rounds than the storm can end
)
"""Practice, and a competition behind a code."""

GROWTH = 16 * 1024
"""KB that a storm may add to the memory of its process: 60,000 messages added 1 to 3 MB."""


def fuzzing(seed: int, *, full: bool = False) -> list[Figure]:
    """Run it all; raises AssertionError with the input, or the seed, that broke a promise."""
    size = FULL if full else DEFAULT
    with tempfile.TemporaryDirectory() as folder:
        tried = _try_targets(seed, size, Path(folder))
        storms = [
            _weathered(seed + number, Path(folder) / f"house-{number}", size.messages, options)
            for number, options in enumerate(HOUSES)
        ]
    return [*_told_targets(tried, size), *_told_storms(storms, sum(tried.values()))]


def _try_targets(seed: int, size: Size, folder: Path) -> dict[str, int]:
    """Return how many inputs each target has taken."""
    tried = dict.fromkeys(TARGETS, 0)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name, runs in pool.map(lambda job: (job[0], job[1]()), list(_jobs(seed, size, folder))):
            tried[name] += runs
    return tried


def _jobs(seed: int, size: Size, folder: Path) -> Iterator[tuple[str, Callable[[], int]]]:
    share = size.mixed / sum(target.weight for target in TARGETS.values())
    for name, target in TARGETS.items():
        runs = int(share * target.weight) + 1
        yield name, lambda name=name, runs=runs: run_apart(name, seed, runs)
    for name in TARGETS if size.guided and not MISSING else ():
        yield name, lambda name=name: _guided(name, seed, size.guided, folder)


def _guided(name: str, seed: int, runs: int, folder: Path) -> int:
    found = folder / name
    found.mkdir()
    outcome = guided(name, seed=seed % (1 << 31), runs=runs, found=found)
    assert not outcome.crash, outcome.crash
    return outcome.runs


def _weathered(seed: int, folder: Path, messages: int, options: dict[str, Any]) -> Outcome:
    """Let a storm pass over a new house."""
    folder.mkdir()
    outcome = storm(seed, folder, messages=messages, **options)
    grown = outcome.memory[1] - outcome.memory[0]
    assert grown < GROWTH, f"storm of seed {seed}: {grown} KB more than after its first quarter"
    return outcome


def _told_targets(tried: dict[str, int], size: Size) -> list[Figure]:
    each = ", ".join(f"{name} {runs / 1000:.3g}k" for name, runs in tried.items())
    how = "not guided" if MISSING or not size.guided else f"{size.guided:,} each guided by coverage"
    return [Figure("inputs by target", f"{each} ({how})")]


def _told_storms(storms: list[Outcome], inputs: int) -> list[Figure]:
    messages, links = (sum(s.messages for s in storms), sum(s.connections for s in storms))
    turns, games = (sum(s.turns for s in storms), sum(s.games for s in storms))
    kept = "; ".join(
        f"{s.descriptors[0]} → {s.descriptors[1]} descriptors, {s.threads[0]} → {s.threads[1]}"
        f" threads, {s.memory[0] / 1024:.1f} → {s.memory[1] / 1024:.1f} MB"
        for s in storms
    )
    return [
        Figure("inputs fuzzed", f"{inputs + messages:,}, crashes 0"),
        Figure("of these to a whole host", f"{messages:,} messages in {links:,} connections"),
        Figure("its neighbour meanwhile", f"{turns:,} turns, {games} seals, wrong answers 0"),
        Figure("the host before and after", kept),
    ]
