"""A thousand bots on one host: nothing lost, the standings right, the screens up to date."""

import itertools
import json
import sys
import time
from pathlib import Path

import pytest

from tests.contest.books import check_file, check_ranking, export, exported, printed
from tests.contest.contest import PATIENCE, Host, Stage
from tests.faults.holdings import may_open
from tests.support.places import CONTESTANTS
from tests.support.player import Player

BOTS, ROUNDS = 1000, 3
FRESH = 2.0
"""Seconds that a screen may be behind."""

OPTIONS = ("--rounds", ROUNDS, "--max", 10**11, "--start", "auto", "--players", BOTS)


@pytest.mark.skipif(not may_open(BOTS + 100), reason="a thousand sockets are not allowed here")
def test_a_thousand_bots_play_three_rounds(tmp_path, seed) -> None:
    with Stage() as stage:
        host = Host(stage, tmp_path / "game.db", *OPTIONS, "--max-players", BOTS + 10)
        host.start()
        with Player(host.address) as screen:
            assert screen.follow()["phase"] == "salle"
            crowd = stage.start(CONTESTANTS / "foule.py", host.port, BOTS, seed)
            seen = follow(screen)
        assert crowd.end() == 0, crowd.output
        lines, size = console_standings(host), memory(host)
        report = json.loads(crowd.lines[-1])
        told = {name: list(map(tuple, moves)) for name, moves in report["told"].items()}
        host.type("fin")
        assert host.process.end() == 0

        counted = check_file(host.db, told)
        assert all(sum(a == "gagné" for _, a in guesses) == ROUNDS for guesses in counted.values())
        check_ranking(lines, counted)
        check_ranking(exported(json.loads(export(stage, host.db))["classement"]), counted)
        check_ranking(exported(seen[-1][2]["classement"]), first(lines, 50, counted))
    gaps = [after - before for (before, *_), (after, *_) in itertools.pairwise(seen)]
    oldest = max(age for _, age, _ in seen)
    seconds, guesses = report["seconds"], sum(map(len, counted.values()))
    print(
        f"{guesses:,} guesses of {BOTS} bots in {seconds:.1f} s: {guesses / seconds:,.0f} a second;"
        f" {len(seen)} states, {max(gaps):.2f} s apart and {oldest:.3f} s old at most; host {size}"
    )
    assert max(gaps) <= FRESH
    assert 0 <= oldest <= FRESH


def follow(screen: Player) -> list[tuple[float, float, dict]]:
    """Return when each state came, how old it was then, and the state; from the first bot on."""
    seen = []
    end = time.monotonic() + PATIENCE
    while not seen or seen[-1][2]["phase"] != "finie":
        assert time.monotonic() < end, "the competition never ends"
        state = screen.state()
        if seen or state["presents"]:  # from here on it changes all the time
            # `version` is the time at which the state was rendered, in µs since 1970.
            seen.append((time.monotonic(), time.time() - state["version"] / 1e6, state))
    return seen


def console_standings(host: Host):
    host.type("scores")
    host.process.wait_for("La dichotomie demande")
    return printed(host.process.lines)[-BOTS:]


def first(lines, places: int, counted):
    """Return the guesses of those who stand in the first places."""
    return {line.name: counted[line.name] for line in lines[:places]}


def memory(host: Host) -> str:
    """Return the largest size the host ever had."""
    if sys.platform != "linux":
        return "unknown"
    status = Path(f"/proc/{host.process.pid}/status").read_text()
    return next(line.split(":")[1].strip() for line in status.splitlines() if "VmHWM" in line)
