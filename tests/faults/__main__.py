"""The fault laboratory: every experiment, one after the other, and one table of what came out.

python -m tests.faults                        # the sizes of the tests: minutes
python -m tests.faults --full                 # 1,000 faults, 50 kills, a soak of ten minutes
python -m tests.faults --seed 1234 --only recovery kills     # those of a run that failed, again
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import random
import sys
import threading
import time
import traceback
from typing import NamedTuple
from unittest import SkipTest

from tests.faults.figure import Experiment, Figure

EXPERIMENTS: tuple[str, ...] = (
    "network",
    "processes",
    "limits",
    "namespaces",
    "fuzzing",
    "starvation",
    "kills",
    "recovery",
    "soak",
)
"""Each is a function in the module of its name; they run in this order."""


class Outcome(NamedTuple):
    """What became of one experiment."""

    figures: list[Figure]
    broken: str = ""  # the promise, in one line


def main() -> None:
    options = parse_options()
    seed = random.randrange(1_000_000) if options.seed is None else options.seed
    full = " --full" if options.full else ""
    print(f"python -m tests.faults{full} --seed {seed}", flush=True)
    print(f"{machine()}\n", flush=True)
    outcomes = {
        name: run(name, seed, full=options.full) for name in EXPERIMENTS if name in options.only
    }
    print(table(outcomes))
    broken = {name: outcome.broken for name, outcome in outcomes.items() if outcome.broken}
    for name, why in broken.items():
        print(f"BROKEN {name}: {why}")
    sys.exit(1 if broken else 0)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--full", action="store_true", help="the long version of each")
    parser.add_argument("--seed", type=int, help="run with this seed; without, one is drawn")
    parser.add_argument(
        "--only", nargs="+", choices=EXPERIMENTS, default=list(EXPERIMENTS), metavar="NAME",
        help=f"of {', '.join(EXPERIMENTS)}",
    )  # fmt: skip
    return parser.parse_args()


def machine() -> str:
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.release()},"
        f" {os.cpu_count()} processors"
    )


def run(name: str, seed: int, *, full: bool) -> Outcome:
    """Run one experiment; a thread that dies in it breaks a promise too."""
    tell(f"{name} … ")
    began, died = time.monotonic(), []
    usual, threading.excepthook = threading.excepthook, died.append
    try:
        outcome = attempt(name, seed, full=full)
    finally:
        threading.excepthook = usual
    if died and not outcome.broken:
        first = died[0]
        outcome = Outcome(outcome.figures, f"a thread died: {first.exc_type.__name__}")
    verdict = "BROKEN" if outcome.broken else "done"
    tell(f"{verdict} in {time.monotonic() - began:.1f} s\n")
    return outcome


def attempt(name: str, seed: int, *, full: bool) -> Outcome:
    try:
        experiment: Experiment = getattr(importlib.import_module(f"tests.faults.{name}"), name)
    except (ImportError, AttributeError) as error:
        return Outcome([], f"the experiment is missing: {error}")
    try:
        return Outcome(experiment(seed, full=full))
    except SkipTest as reason:
        return Outcome([Figure(name, f"not tried here: {reason}")])
    except Exception as error:
        tell(f"\n{traceback.format_exc()}")
        return Outcome([], in_one_line(error))


def in_one_line(error: Exception) -> str:
    """Return what an error says; of the output of a process that failed, its last words."""
    said = str(error).strip().splitlines() or [type(error).__name__]
    if not isinstance(error, AssertionError):
        return f"{type(error).__name__}: {said[0]}"
    return said[-1] if any(line.startswith("Traceback") for line in said) else said[0]


def table(outcomes: dict[str, Outcome]) -> str:
    """Return all figures as a Markdown table, which reads as plain text too."""
    rows = [
        (name, figure.what, figure.value)
        for name, outcome in outcomes.items()
        for figure in outcome.figures or [Figure("—", "no figures: a promise is broken")]
    ]
    rows = [("experiment", "what", "found"), *rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        line([f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)]) for row in rows
    ]
    return "\n".join([lines[0], line(["-" * width for width in widths]), *lines[1:]])


def line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def tell(text: str) -> None:
    print(text, end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
