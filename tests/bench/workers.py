"""How many workers serve best: hosts with different numbers of them, and the usual load."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.contest import read_port, running_host
from tests.bench.measure import PYTHON_LOAD, Failed, Measure, compile_load, played
from tests.bench.report import Results, ratio_table, value_table

__all__ = ["PLAYERS", "lock", "measure", "tables"]

PLAYERS = (30, 1000)


def measure(
    counts: Sequence[int], rounds: int, seconds: float, tell: Callable[[str], None]
) -> Results:
    """Measure hosts with so many workers, interleaved; each round begins with another."""
    found: dict[tuple[int, str], list[Measure | None]] = {
        (players, name(count)): [] for players in PLAYERS for count in counts
    }
    with tempfile.TemporaryDirectory(prefix="justeprix-load-") as folder:
        load = compile_load(Path(folder)) or PYTHON_LOAD
        for turn in range(rounds):
            shift = turn % len(counts)
            for players in PLAYERS:
                for count in [*counts[shift:], *counts[:shift]]:
                    tell(f"[{turn + 1}/{rounds}] {players} players, {name(count)} … ")
                    try:
                        one = play(count, load, players, seconds)
                        tell(f"{one.rate:,.0f} guesses/s, p99 {one.p99 / 1000:.2f} ms\n")
                    except Failed as why:
                        one = None
                        tell(f"failed: {why}\n")
                    found[players, name(count)].append(one)
    return found


def name(count: int) -> str:
    return f"{count} worker{'s' if count > 1 else ''}"


def play(count: int, load: list[str], players: int, seconds: float) -> Measure:
    """Let that many play on a fresh host. Raises Failed."""
    with running_host(players, "--no-web", "--workers", str(count)) as (host, _):
        return played(host, read_port(host), load, players, seconds)


def tables(counts: Sequence[int], found: Results) -> str:
    """What each did, and the first number of workers divided by each other."""
    return f"{value_table(found)}\n\n{ratio_table(found, name(counts[0]))}"


def lock() -> str:
    """Say whether this Python runs one thread at a time."""
    held = getattr(sys, "_is_gil_enabled", lambda: True)()
    return f"this Python {'has a' if held else 'runs without the'} global interpreter lock"
