"""Inputs without a guide: words, rubbish, and what is kept, mixed by a seed.

python -m tests.fuzz.mix TARGET SEED RUNS     # says how many it tried
"""

from __future__ import annotations

import random
import subprocess
import sys

from tests.fuzz.targets import TARGETS, Target, corpus

__all__ = ["mixed", "run", "run_apart"]

WORDS_AT_MOST = 12


def run(name: str, seed: int, runs: int) -> int:
    """Try so many inputs on a target; raises AssertionError that shows the one that broke it."""
    target, kept = TARGETS[name], corpus(name)
    chance = random.Random(f"{name} {seed}")
    for number in range(runs):
        data = mixed(chance, target, kept)
        try:
            target.run(data)
        except Exception as error:
            told = f"{name}, seed {seed}, input {number}: {data!r}"
            raise AssertionError(f"{told}\n{type(error).__name__}: {error}") from error
    return runs


def run_apart(name: str, seed: int, runs: int) -> int:
    """Do the same in a process of its own."""
    command = [sys.executable, "-m", "tests.fuzz.mix", name, str(seed), str(runs)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert ended.returncode == 0, f"exit code {ended.returncode}\n{ended.stderr[-3000:]}"
    return int(ended.stdout)


def mixed(chance: random.Random, target: Target, kept: list[bytes]) -> bytes:
    """Return one input: words in a row, or one that was kept with a change or two."""
    if not kept or chance.random() < 0.5:
        return b"".join(_word(chance, target) for _ in range(chance.randint(0, WORDS_AT_MOST)))
    data = chance.choice(kept)
    for _ in range(chance.randint(1, 4)):
        data = _changed(chance, data, target, kept)
    return data


def _word(chance: random.Random, target: Target) -> bytes:
    if chance.random() < 0.85:
        return chance.choice(target.words)
    return chance.randbytes(chance.randint(1, 6))


def _changed(chance: random.Random, data: bytes, target: Target, kept: list[bytes]) -> bytes:
    start = chance.randint(0, len(data))
    end = min(len(data), start + chance.choice((0, 0, 1, 1, 4, 16)))
    if chance.random() < 0.15:
        other = chance.choice(kept)
        return data[:start] + other[chance.randint(0, len(other)) :]
    return data[:start] + _word(chance, target) * chance.randint(0, 1) + data[end:]


if __name__ == "__main__":
    print(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
