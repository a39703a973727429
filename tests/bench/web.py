"""Browsers, measured: a real `justeprix host` with its web port, and the load.

They play as the others do, beside as many plain clients or alone; and in a competition whose
secret is told all guess it in one instant, round after round: each is a volley.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.contest import Sweep, direct, read_port, running_host
from tests.bench.measure import (
    Failed,
    Measure,
    Process,
    cpu_seconds,
    memory,
    read_line,
    running,
)

__all__ = [
    "BOTH",
    "BROWSERS",
    "CROWDS",
    "KINDS",
    "PAIRS",
    "QUIET",
    "Memory",
    "Volley",
    "play",
    "sweeps",
    "volleys",
]

SOCKETS, BROWSERS, BOTH = "sockets", "browsers", "together"
SOCKETS_BESIDE, BROWSERS_BESIDE = "sockets of both", "browsers of both"
CROWDS = {
    SOCKETS: (SOCKETS,),
    BROWSERS: (BROWSERS,),
    BOTH: (SOCKETS_BESIDE, BROWSERS_BESIDE, BOTH),
}
"""Who plays on one host, and who of them is measured."""

PAIRS = ((BROWSERS, SOCKETS), (BROWSERS_BESIDE, SOCKETS_BESIDE))

FOLLOWERS = "browsers that follow"
KINDS = {SOCKETS: 20, BROWSERS: 20, FOLLOWERS: 10}
"""Who sends volleys, and how many."""

SETTLE = 0.2
"""Seconds that the host gets before its memory is read."""

QUIET = 1.2
"""Seconds before a round opens to followers: the state of the last one has long gone out."""

SECRET = 50

WEB_ADDRESS = r"http://127\.0\.0\.1:(\d+)/$"


class Memory(NamedTuple):
    """The host's, in MB."""

    begun: float
    one: float  # browser: its library is loaded now
    idle: float  # all browsers
    played: float


@dataclass(frozen=True, slots=True)
class Volley:
    """One guess of each, all in one instant. Seconds, but the times that the host put down."""

    waits: Sequence[float]  # of each player, in the order of sending
    sends: float  # from the first to the last
    all: float  # from the first that was sent to the last that was answered
    rounds: Sweep  # how `manche` came before
    states: Sweep | None  # how the `etat` that shows it came
    times: Sequence[int]  # of each player's guess, in ms

    @property
    def disorder(self) -> float:
        """The share of the pairs whose later guess has the earlier time."""
        before: list[int] = []
        wrong = 0
        for time_ in self.times:
            wrong += len(before) - bisect_right(before, time_)
            insort(before, time_)
        return wrong / max(1, len(before) * (len(before) - 1) // 2)


def play(
    crowd: str, load: list[str], players: int, seconds: float
) -> tuple[dict[str, Measure], Memory]:
    """Let a crowd play on a fresh host. Raises Failed."""
    sockets, browsers = players * (crowd != BROWSERS), players * (crowd != SOCKETS)
    with running_host(2 * players, "--web-port", "0") as (host, _):
        ports = read_port(host), read_port(host, WEB_ADDRESS)
        command = [*load, *map(str, (*ports, sockets, browsers)), "play", str(seconds)]
        with running(command) as player:
            begun, one, idle, _ = (connected(player, host) for _ in range(4))
            read_line(player, "start of the load")
            before = cpu_seconds(host.pid)
            result = json.loads(read_line(player, "result of the load"))
            cpu = cpu_seconds(host.pid) - before
            kept = Memory(begun, one, idle, memory(host.pid))
    return measured(crowd, result, cpu, kept.played), kept


def connected(player: Process, host: Process) -> float:
    """Let the load go on to connect; return what memory the host had until then."""
    read_line(player, "player")
    time.sleep(SETTLE)
    found = memory(host.pid)
    direct(player, "on")
    return found


def measured(crowd: str, result: Any, cpu: float, rss: float) -> dict[str, Measure]:
    """Return the measures of a crowd's rows."""
    kinds = ("sockets", "browsers", "both") if crowd == BOTH else (crowd,)
    found = {row: result[kind] for row, kind in zip(CROWDS[crowd], kinds, strict=True)}
    if not all(part["guesses"] for part in found.values()):
        raise Failed("no guess was answered")
    total = result["both"]["guesses"]
    return {
        row: Measure(
            rate=part["guesses"] / result["seconds"],
            p50=part["p50"],
            p99=part["p99"],
            p999=part["p999"],
            cpu=cpu / total * 1e6,
            rss=rss,
            load_cpu=result["load_cpu"],
            starved=part["starved"],
        )
        for row, part in found.items()
    }


# Volleys.


def volleys(kind: str, load: list[str], players: int) -> list[Volley]:
    """Let all guess at once, round after round of one competition. Raises Failed."""
    count, secret, follow = KINDS[kind], str(SECRET), kind == FOLLOWERS
    options = ["--web-port", "0", "--rounds", str(count), "--min", secret, "--max", secret]
    crowd = (players, 0) if kind == SOCKETS else (0, players)
    with running_host(players, *options) as (host, file):
        ports = read_port(host), read_port(host, WEB_ADDRESS)
        command = [*load, *map(str, (*ports, *crowd)), "volley", str(count)]
        with running([*command, "follow" if follow else "play"]) as player:
            for _ in range(4):
                connected(player, host)
            pause = QUIET if follow else 0
            found = [one_round(player, host, number, pause) for number in range(count)]
            times = times_of(file)
    if any(len(times.get(number, ())) != players for number in range(1, count + 1)):
        raise Failed("a guess is not in the results")
    return [
        Volley(
            waits=round["waits"],
            sends=round["sends"],
            all=round["all"],
            rounds=sweep(round, "rounds"),
            states=sweep(round, "states") if follow else None,
            times=times[number],
        )
        for number, round in enumerate(found, start=1)
    ]


def one_round(player: Process, host: Process, number: int, pause: float) -> Any:
    read_line(player, "player in waiting")
    time.sleep(pause)
    asked = time.time()
    direct(host, "suivante" if number else "depart")
    return json.loads(read_line(player, "end of the volley")) | {"asked": asked}


def sweep(round: Any, what: str) -> Sweep:
    first = round[what]["first"] - round["asked"]
    return Sweep(first, first + round[what]["spread"], round[what]["lag"])


def times_of(file: Path) -> dict[int, list[int]]:
    """Return the times of the guesses of each round, by player; all have the order of sending."""
    command = [sys.executable, "-m", "justeprix", "results", "1", "--db", str(file)]
    done = subprocess.run([*command, "--format", "json"], stdout=subprocess.PIPE, check=True)
    times: dict[int, list[int]] = {}
    for player in sorted(json.loads(done.stdout)["joueurs"], key=lambda player: player["nom"]):
        for game in player["parties"]:
            times.setdefault(game["manche"], []).append(game["coups"][0]["temps"])
    return times


def sweeps(volleys: Mapping[str, Sequence[Volley]]) -> dict[str, list[Sweep]]:
    """Return how `manche` came to each kind, and the `etat` to those who follow."""
    found = {kind: [volley.rounds for volley in shot] for kind, shot in volleys.items()}
    for kind, shot in volleys.items():
        states = [volley.states for volley in shot if volley.states is not None]
        if states:
            found[f"etat, {kind}"] = states
    return found
