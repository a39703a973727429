"""The comparison: all servers, one after the other, several times over; then the tables."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from pathlib import Path

from justeprix.french import counted, decimal
from tests.bench import chart
from tests.bench.measure import PYTHON_LOAD, Failed, Measure, compile_load, measure
from tests.bench.promises import promise_table
from tests.bench.report import Results, ratio_table, tell, value_table
from tests.bench.servers import OURS, missing

__all__ = ["compare"]


def compare(options: argparse.Namespace) -> None:
    """Measure, print the tables, and draw them if that is wanted."""
    servers = [name for name in options.servers if runs_here(name)]
    with tempfile.TemporaryDirectory(prefix="justeprix-load-") as folder:
        compiled = None if options.python_load else compile_load(Path(folder))
        command = compiled or PYTHON_LOAD
        written = "Python" if command == PYTHON_LOAD else "C"
        print(f"load: {written}, one process; {options.rounds} rounds of {options.seconds:g} s;")
        print(f"the load and the server share the {os.cpu_count()} processors\n")
        results = run(servers, command, options)
    print_tables(results, servers)
    if options.svg:
        drawn = chart.render(results, origin(written, options.rounds, options.seconds))
        options.svg.write_text(drawn, encoding="utf-8")


def print_tables(results: Results, servers: list[str]) -> None:
    print("Medians over the rounds that gave numbers; who gave none is not tried again.\n")
    print(f"{value_table(results)}\n")
    if OURS in servers and len(servers) > 1:
        print(f"{OURS}, its store on, divided by each: median over the rounds of the ratio within")
        print("a round (smallest–largest). More guesses/s is better; of the rest, less.\n")
        print(f"{ratio_table(results, OURS)}\n")
    promises = promise_table(results)
    if promises:
        print("What is promised, by the medians of the same ratios.\n")
        print(promises)


def runs_here(name: str) -> bool:
    reason = missing(name)
    if reason:
        print(f"without {name}: {reason}")
    return not reason


def origin(written: str, rounds: int, seconds: float) -> str:
    """Tell where the figures come from, in the chart's language."""
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.release()},"
        f" {os.cpu_count()} processeurs ; charge en {written} ; {counted(rounds, 'tour')}"
        f" de {decimal(seconds, 1)} s"
    )


def run(servers: list[str], command: list[str], options: argparse.Namespace) -> Results:
    """Measure all servers, one after the other, several times over.

    Interleaved: what else the machine does changes from minute to minute, and so hits all of
    them. Each round begins with another server. Who gave no numbers is not tried again with as
    many players: that takes half a minute each time, until the load gives up.
    """
    results: dict[tuple[int, str], list[Measure | None]] = {
        (players, server): [] for players in options.players for server in servers
    }
    total, done = options.rounds * len(results), 0
    for turn in range(options.rounds):
        shift = turn % len(servers) if servers else 0
        for players in options.players:
            for server in servers[shift:] + servers[:shift]:
                done += 1
                tell(f"[{done}/{total}] round {turn + 1}: {players} players, {server} … ")
                taken = results[players, server]
                if None in taken:
                    tell("not tried again\n")
                    taken.append(None)
                else:
                    taken.append(attempt(server, command, players, options.seconds))
    return results


def attempt(server: str, command: list[str], players: int, seconds: float) -> Measure | None:
    try:
        found = measure(server, command, players, seconds)
    except Failed as why:
        tell(f"failed: {why}\n")
        return None
    tell(f"{found.rate:,.0f} guesses/s, p99 {found.p99 / 1000:.2f} ms\n")
    return found
