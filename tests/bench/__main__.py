"""The options and the rounds. Tables on stdout, progress on stderr."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import load, web
from tests.bench.comparison import compare
from tests.bench.contest import FOLLOWED, HIGH, KINDS, PLAIN, PRACTICE, ROUNDS, Contest, hold
from tests.bench.measure import Failed, Measure, compile_load, memory, serving
from tests.bench.report import (
    ELSEWHERE,
    Results,
    beside,
    followed,
    kept,
    ratio_table,
    sweep_table,
    tell,
    value_table,
    volley_table,
)
from tests.bench.servers import OURS, SERVERS

SETTLE = 2.0
"""Seconds that a server with idle connections gets before its memory is read."""


def main() -> None:
    if not sys.platform.startswith("linux"):
        sys.exit("the benchmark needs Linux: it uses epoll and /proc")
    options = parse_options()
    print(machine())
    if options.idle:
        print(idle(options.idle))
        return
    if options.contest:
        contest(options.contest, options.rounds)
        return
    if options.web:
        browsers(options.web, options.rounds, options.seconds)
        return
    compare(options)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--players", type=int, nargs="+", default=[1, 30, 1000, 10_000])
    parser.add_argument("--servers", nargs="+", choices=SERVERS, default=list(SERVERS))
    parser.add_argument("--seconds", type=float, default=1.5, help="one measurement (1.5)")
    parser.add_argument("--rounds", type=int, default=3, help="measurements of each (3)")
    parser.add_argument("--python-load", action="store_true", help="use no C compiler")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="draw guesses/s as well")
    parser.add_argument("--idle", type=int, metavar="N", help="only: memory of N idle connections")
    parser.add_argument(
        "--contest", type=int, nargs="?", const=1000, metavar="N", help="only: competitions of N"
    )
    parser.add_argument(
        "--web", type=int, nargs="?", const=300, metavar="N", help="only: N browsers"
    )
    return parser.parse_args()


def machine() -> str:
    busy = os.getloadavg()[0]
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.release()},"
        f" {os.cpu_count()} processors, load average {busy:.1f} at the start"
    )


def idle(count: int) -> str:
    """Open connections that read their greeting and say nothing; return what they cost."""
    load.raise_descriptor_limit()
    with serving(OURS) as (process, port):
        before = memory(process.pid)
        socks = load.connect_all(port, count)
        try:
            time.sleep(SETTLE)
            after = memory(process.pid)
        finally:
            for sock in socks:
                sock.close()
    each = (after - before) / count * 1e6
    return (
        f"{OURS}, {count:,} idle connections: {after:.1f} MB resident, {before:.1f} MB before,"
        f" {each:,.0f} bytes each"
    )


def contest(players: int, times: int) -> None:
    """Hold competitions, practice between them, and print what they took."""
    with tempfile.TemporaryDirectory(prefix="justeprix-load-") as folder:
        command = compile_load(Path(folder), "contest")
        if command is None:
            sys.exit("the competition's load needs a C compiler")
        print(f"load: C, one process; {times} competitions of {ROUNDS} rounds, binary search")
        print(f"between 1 and {HIGH:,}; a justeprix host of its own for each, with its file\n")
        results = hold_all(command, players, times)
    good = {kind: [c for c in results[kind] if c is not None] for kind in KINDS}
    if not all(good.values()):
        sys.exit("one kind gave no numbers at all")
    sweeps = {kind: [sweep for held in good[kind] for sweep in held.sweeps] for kind in KINDS}
    plays: Results = {(players, k): [c.play if c else None for c in results[k]] for k in KINDS}
    print("From the teacher's command (depart, suivante) to `manche` at those who wait, by the")
    print("kernel's time stamps: median over the rounds (smallest–largest). Beside it, how late")
    print(f"the load read one at worst: no part of the others.\n\n{sweep_table(players, sweeps)}\n")
    print(f"Play, medians over the competitions.\n\n{value_table(plays)}\n")
    for one, other in ((PLAIN, PRACTICE), (FOLLOWED, PLAIN)):
        pair = {(players, kind): plays[players, kind] for kind in (one, other)}
        print(f"{ratio_table(pair, one)}\n")
    print(followed(good[FOLLOWED]))


def hold_all(command: list[str], players: int, times: int) -> dict[str, list[Contest | None]]:
    """Hold each kind several times, interleaved; each time another kind comes first."""
    results: dict[str, list[Contest | None]] = {kind: [] for kind in KINDS}
    for turn in range(times):
        shift = turn % len(KINDS)
        for kind in KINDS[shift:] + KINDS[:shift]:
            tell(f"[{turn + 1}/{times}] {players} players, {kind} … ")
            try:
                held = hold(kind, command, players)
            except Failed as why:
                tell(f"failed: {why}\n")
                results[kind].append(None)
            else:
                tell(f"{held.play.rate:,.0f} guesses/s, p99 {held.play.p99 / 1000:.2f} ms\n")
                results[kind].append(held)
    return results


def browsers(players: int, times: int, seconds: float) -> None:
    """Let browsers play beside plain clients, and all guess at once; print what it took."""
    with tempfile.TemporaryDirectory(prefix="justeprix-load-") as folder:
        command = compile_load(Path(folder), "web")
        if command is None:
            sys.exit("the browsers' load needs a C compiler")
        print(f"load: C, one process; {times} rounds of {seconds:g} s; a justeprix host of its own")
        print("for each, with its file\n")
        plays, memories = play_all(command, players, times, seconds)
        volleys = {kind: shoot(kind, command, players) for kind in web.KINDS}
    print("Medians over the rounds that gave numbers. Together: one host for both.\n")
    print(f"{value_table(plays)}\n")
    for one, other in web.PAIRS:
        pair = {(players, kind): plays.get((players, kind), []) for kind in (one, other)}
        print(f"{ratio_table(pair, one)}\n")
    print(f"{kept(players, memories)}\n\n{ELSEWHERE}\n{beside(players, plays, volleys)}\n")
    print("A volley: the waits of all volleys, from sending to the answer by the kernel's time")
    print("stamps; the others are medians (smallest–largest) over the volleys.\n")
    print(f"{volley_table(players, volleys)}\n")
    print("From the teacher's command to `manche` at all who wait, and to the `etat` that shows it")
    print(f"at all who follow, {web.QUIET:g} s after the round before.\n")
    print(sweep_table(players, web.sweeps(volleys)))


def play_all(
    command: list[str], players: int, times: int, seconds: float
) -> tuple[Results, list[web.Memory]]:
    """Let each crowd play several times, interleaved; each time another comes first."""
    sizes = {
        row: 2 * players if row == web.BOTH else players for row in sum(web.CROWDS.values(), ())
    }
    plays: dict[tuple[int, str], list[Measure | None]] = {(n, row): [] for row, n in sizes.items()}
    memories, crowds = [], list(web.CROWDS)
    for turn in range(times):
        shift = turn % len(crowds)
        for crowd in crowds[shift:] + crowds[:shift]:
            tell(f"[{turn + 1}/{times}] {players} {crowd} … ")
            found: dict[str, Measure] = {}
            try:
                found, memory = web.play(crowd, command, players, seconds)
            except Failed as why:
                tell(f"failed: {why}\n")
            else:
                tell(f"{max(m.rate for m in found.values()):,.0f} guesses/s\n")
                memories += [memory] if crowd == web.BROWSERS else []
            for row in web.CROWDS[crowd]:
                plays[sizes[row], row].append(found.get(row))
    return plays, memories


def shoot(kind: str, command: list[str], players: int) -> list[web.Volley]:
    tell(f"volleys of {players} {kind} … ")
    try:
        volleys = web.volleys(kind, command, players)
    except Failed as why:
        tell(f"failed: {why}\n")
        return []
    tell(f"{max(max(volley.waits) for volley in volleys) * 1000:.1f} ms at worst\n")
    return volleys


if __name__ == "__main__":
    main()
