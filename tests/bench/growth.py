"""What grows: the file, the number of screens, of workers, of idle players; and the time to start.

python -m tests.bench.growth                                # all of it; Linux only
python -m tests.bench.growth --only store --guesses 1000000
python -m tests.bench.growth --only workers --workers 1 2 4

year.py      a file as a school leaves it after a year
stored.py    the store on that file
crowd.py     a busy host on it
startup.py   from the command to the prompt
screens.py   from `depart` to the round on every screen
workers.py   hosts with several workers
growth.py    the options, and what is promised of each

Tables on stdout, progress on stderr. Where something is promised, `holds` says whether it was so
here: always (yes), in the median only, or not; of screens, in how many rounds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench import crowd, screens, startup, stored, workers
from tests.bench.__main__ import idle, machine
from tests.bench.measure import Failed
from tests.bench.report import tell
from tests.bench.year import make

SCREENS = (300, 1000)
BEGINS = 10, 20
"""Rounds that begin with nothing before them, and in the middle of changes."""

EACH = 3000
"""Bytes of memory promised for an idle connection at most, beyond its socket."""


def main() -> None:
    if not sys.platform.startswith("linux"):
        sys.exit("the benchmark needs Linux: it uses epoll and /proc")
    options = parse_options()
    print(machine(), flush=True)
    failed = False
    for name in options.only:
        began = time.monotonic()
        try:
            print(f"\n{PARTS[name](options)}", flush=True)
        except Failed as why:
            failed = True
            print(f"\n{name} gave no numbers: {why}", flush=True)
        tell(f"{name}: {time.monotonic() - began:.0f} s\n")
    sys.exit(failed)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--guesses", type=int, default=10_000_000, help="in the file (10 million)")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each number (3)")
    parser.add_argument("--seconds", type=float, default=1.5, help="one such measurement (1.5)")
    parser.add_argument("--starts", type=int, default=15, help="of each command (15)")
    parser.add_argument("--idle", type=int, default=10_000, help="connections (10,000)")
    return parser.parse_args()


def store(options: argparse.Namespace) -> str:
    with tempfile.TemporaryDirectory(prefix="justeprix-year-") as folder:
        path = Path(folder) / "year.db"
        tell(f"writing {options.guesses:,} guesses … ")
        began = time.monotonic()
        year = make(path, options.guesses)
        size = path.stat().st_size / 1e6
        tell(f"{time.monotonic() - began:.0f} s\n")
        crowd.sample(path)
        stored.forget(path)
        left = stored.remembered(path)
        found = stored.measure(path, year, tell)
    return (
        f"A file of {size:,.0f} MB: {year.guesses:,} guesses in {year.games:,} games of"
        f" {year.sessions:,} sessions,\ncompetitions {year.competition}, the last one with 1,000"
        " players and 20 rounds. Warm: the system has\nthe file in memory; cold: it was told to"
        f" forget it, and kept {left:.0%}. Median (smallest–largest).\n\n"
        f"{stored.table(found)}"
    )


def start(options: argparse.Namespace) -> str:
    found = startup.measure(options.starts, tell)
    return (
        "Starting: median (smallest–largest); ratios within a round. CPU: of the whole life,\n"
        f"leaving included.\n\n{startup.table(found)}"
    )


def shown(options: argparse.Namespace) -> str:
    found = {count: screens.measure(count, *BEGINS, tell) for count in SCREENS}
    return (
        "From the teacher's command (depart, suivante) to the state that shows the round, on all\n"
        "that follow: median over the rounds (smallest–largest). Promised: the last one in under\n"
        f"{screens.PROMISE} ms; `holds` counts the rounds in which it was.\n\n"
        f"{screens.table(found)}"
    )


def served(options: argparse.Namespace) -> str:
    found = workers.measure(options.workers, options.rounds, options.seconds, tell)
    return f"Workers: {workers.lock()}.\n\n{workers.tables(options.workers, found)}"


def kept(options: argparse.Namespace) -> str:
    return f"{idle(options.idle)} (promised: under {EACH:,})"


PARTS: dict[str, Callable[[argparse.Namespace], str]] = {
    "store": store,
    "startup": start,
    "screens": shown,
    "workers": served,
    "memory": kept,
}

if __name__ == "__main__":
    main()
