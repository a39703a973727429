"""One competition, measured: a real `justeprix host`, directed by its console, and the load.

The host keeps its file, as always. The load tells when all wait in `pret`; then `depart` or
`suivante` is written to the host's stdin, and the time until `manche` is everywhere begins.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.measure import Measure, Process, cpu_seconds, memory, read_line, running

__all__ = [
    "FOLLOWED",
    "HIGH",
    "KINDS",
    "PLAIN",
    "PRACTICE",
    "ROUNDS",
    "Contest",
    "Sweep",
    "direct",
    "hold",
    "read_port",
    "running_host",
]

PRACTICE, PLAIN, FOLLOWED = "practice", "competition", "all follow"
KINDS = (PRACTICE, PLAIN, FOLLOWED)
"""The same game without the books, with them, and with every player a follower too."""

ROUNDS = 10
"""Three of them last little more than a second: too short to see what followers cost."""

HIGH = 999_999_999_999
"""So that a search takes 40 numbers."""

COMMANDS = ["depart", *["suivante"] * (ROUNDS - 1)]


@dataclass(frozen=True, slots=True)
class Sweep:
    """How `manche` came to all who waited, in seconds after the teacher's command."""

    first: float
    last: float
    lag: float  # how late the load read it, at worst; not contained in the others

    @property
    def spread(self) -> float:
        """Seconds between the first and the last."""
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Contest:
    """One competition, or as many games of practice. Ages in seconds, of what followers saw."""

    players: int
    play: Measure
    sweeps: Sequence[Sweep]
    states: float  # that a follower got
    following: float  # the seconds in which it got them
    bytes: float  # of one
    late: float  # the largest age of a state as it came
    stale: float  # the largest age of a state just before the next one came


def hold(kind: str, load: list[str], players: int) -> Contest:
    """Let that many players play ROUNDS rounds on a fresh host. Raises Failed."""
    contest, followers = kind != PRACTICE, players if kind == FOLLOWED else 0
    mode = "waits" if contest else "straight"
    with hosting(players, contest) as (host, port):
        command = [*load, *map(str, (port, players, followers, ROUNDS)), mode]
        with running(command) as player:
            rounds, cpu = [], 0.0
            for order in COMMANDS:
                read_line(player, "player in waiting")
                before, asked = cpu_seconds(host.pid), time.time()
                if contest:
                    direct(host, order)
                rounds.append(json.loads(read_line(player, "end of the round")) | {"asked": asked})
                cpu += cpu_seconds(host.pid) - before
            rss = memory(host.pid)
            result = json.loads(read_line(player, "result of the load"))
    return Contest(
        players=players,
        play=measured(result, rounds, cpu, rss),
        sweeps=[sweep(round) for round in rounds] if contest else [],
        states=result["states"] / max(1, followers),
        following=result["following"],
        bytes=result["bytes"],
        late=result["late"],
        stale=result["stale"],
    )


def measured(result: Any, rounds: Sequence[Any], cpu: float, rss: float) -> Measure:
    busy = sum(round["load_cpu"] * round["seconds"] for round in rounds)
    return Measure(
        rate=result["guesses"] / result["seconds"],
        p50=result["p50"],
        p99=result["p99"],
        p999=result["p999"],
        cpu=cpu / result["guesses"] * 1e6,
        rss=rss,
        load_cpu=busy / result["seconds"],
        starved=0,  # the load ends only when all have found
    )


def sweep(round: Any) -> Sweep:
    first = round["first"] - round["asked"]
    return Sweep(first, first + round["spread"], round["lag"])


@contextmanager
def hosting(players: int, contest: bool) -> Iterator[tuple[Process, int]]:
    """Run a host without pages for that many players; end it afterwards."""
    options = ["--no-web", "--max", str(HIGH)]
    if contest:
        options += ["--rounds", str(ROUNDS)]
    with running_host(players, *options) as (process, _):
        yield process, read_port(process)


@contextmanager
def running_host(players: int, *options: str) -> Iterator[tuple[Process, Path]]:
    """Run the host as a teacher does, with a file; end it afterwards."""
    with tempfile.TemporaryDirectory(prefix="justeprix-bench-") as folder:
        file = Path(folder) / "bench.db"
        command = [sys.executable, "-m", "justeprix", "host", "--bind", "127.0.0.1"]
        command += ["--port", "0", "--db", str(file), "--rate", "0"]
        command += ["--max-players", str(players + 10)]  # room for the link that proves
        with running([*command, *options]) as process:
            yield process, file


def read_port(host: Process, says: str = r"justeprix play --server 127\.0\.0\.1:(\d+)") -> int:
    """Return the port in the line by which the host tells it."""
    while True:
        found = re.search(says, read_line(host, "port"))
        if found:
            return int(found[1])


def direct(host: Process, order: str) -> None:
    """Give the host an order, as the teacher does."""
    assert host.stdin is not None
    host.stdin.write(f"{order}\n")
    host.stdin.flush()
