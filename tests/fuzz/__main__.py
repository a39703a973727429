"""`python -m tests.fuzz [TARGET ...] [--runs N] [--seed N] [--keep]`: fuzz, guided by coverage."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.fuzz.guided import MISSING, guided
from tests.fuzz.keep import keep
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Run the targets that were named, or all; return 1 if one of them broke a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--runs", type=int, default=100_000, help="inputs a target")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", action="store_true", help="put what was found into the corpus")
    given = parser.parse_args()
    if MISSING:
        parser.error(MISSING)
    if unknown := set(given.targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}")
    seed = random.randrange(1, 1 << 31) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    broken = [name for name in given.targets or TARGETS if not _run(name, seed, given)]
    return 1 if broken else 0


def _run(name: str, seed: int, given: argparse.Namespace) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder)
        runs, crash = guided(name, seed=seed, runs=given.runs, found=found, patience=3600.0)
        if crash:
            print(crash)
            for file in found.glob("*-*"):  # crash-…, timeout-…
                print(f"the input: {file.read_bytes()!r}")
            return False
        new = len(list(found.glob("*")))
        kept = f", {keep(name, found)} files in the corpus" if given.keep else ""
        print(f"{name}: {runs} inputs, {new} reached new code{kept}", flush=True)
        return True


if __name__ == "__main__":
    sys.exit(main())
