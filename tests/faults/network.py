"""A bad network: players behind proxies that break a third of what they say. Nothing is lost.

Five players of four kinds, each behind a proxy of its own, play a competition and then practice.
The script of faults is a function of the seed (the moments are not: threads and sockets have
their own).
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.faults.checker import check, report
from tests.faults.figure import Figure
from tests.faults.group import Group, Kinds
from tests.faults.host import LOGGING, HostProcess
from tests.faults.onlookers import Screen, ask_at_the_end
from tests.faults.players import Bare, Caller, Liner, Numberer
from tests.faults.proxy import BARE, LINES, Fault, faults
from tests.faults.recorder import Recorder

__all__ = ["KINDS", "competition", "network", "practice"]

FAULTS, FAULTS_FULL = 150, 1000

ROUNDS, ROUNDS_FULL = 1, 6

BOUNDS = ("--min", 10**9, "--max", 10**10 - 1)
"""Ten digits: no secret stands anywhere by chance, and a search has some forty guesses."""

TIMEOUT = 0.3
"""Seconds a player waits for an answer here. The growing waits of Clients are left as they are: a
run of three faults costs 1.2 s, and the players wait side by side."""

LATENCY = 2 * TIMEOUT
"""Seconds of a fault that takes time, at most: half of them come after their sender has gone."""

CODE = "ouvretoi4821"

BEFORE = f"""{LOGGING}
import justeprix.game.roster
from justeprix.room.limits import Limits
justeprix.game.roster.GRACE = 4.0
Limits.__init__.__kwdefaults__["wrong_codes"] = 10**9
"""
"""A round waits 15 s for a session whose link broke; some here break before the token is known. And
a token that is cut is a wrong one: after five of them their address, everybody's, is not heard."""

HANGS = 60.0
"""Seconds for a round, or for what faults a round makes; only a broken host takes that long."""

KINDS: Kinds = (
    (Caller, "Ada"),
    (Caller, "Alan"),
    (Numberer, "Blaise"),
    (Liner, "Grace"),
    (Bare, "Kurt"),
)

MEETS = {"Grace": LINES, "Kurt": BARE}
"""Without a token a seat is that of its link until the host sees the link end: in a black hole that
is never. All others meet every fault."""


def harm(name: str, rng: random.Random) -> dict[str, Any]:
    """What the proxy of a player does."""
    kinds = list(MEETS.get(name, LINES))
    if name in MEETS:
        kinds.remove(Fault.BLACK_HOLE)
    return {
        "plan": faults(rng, kinds),
        "latency": lambda: rng.uniform(0, LATENCY),
        # Who waits for a round in a black hole hears of it from keepalive alone.
        "spares": b"pret",
    }


def network(seed: int, *, full: bool) -> list[Figure]:
    """Play a competition, then practice until enough faults are made."""
    total = FAULTS_FULL if full else FAULTS
    made = competition(seed, rounds=ROUNDS_FULL if full else ROUNDS)
    made += practice(seed, share=-(-(total - made.total()) // len(KINDS)))
    assert made.keys() == set(Fault), f"never made: {set(Fault) - made.keys()}"
    assert made.total() >= total
    return [Figure("network faults", f"{made.total()} tried, 0 guesses lost, 0 counted twice")]


def competition(seed: int, *, rounds: int) -> Counter[Fault]:
    """Play all rounds, each player through its proxy; return the faults that were made."""
    options = ("--rounds", rounds, "--start", "auto", "--players", len(KINDS), "--pause", 0)
    return _play(f"{seed} competition", options, contest=True, patience=HANGS * rounds)


def practice(seed: int, *, share: int) -> Counter[Fault]:
    """Play until each proxy has made its share of faults."""
    return _play(f"{seed} practice", (), share=share, patience=HANGS * (1 + share / 25))


def _play(
    seed: str,
    options: tuple[object, ...],
    *,
    patience: float,
    share: int | None = None,
    contest: bool = False,
) -> Counter[Fault]:
    book = Recorder()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        db = Path(folder) / "game.db"
        host = HostProcess(db, *BOUNDS, *options, before=BEFORE, book=book, code=CODE)
        stack.enter_context(host)
        group = Group(host, seed, KINDS, contest=contest, timeout=TIMEOUT, harm=harm, share=share)
        with Screen(host.address, book, CODE), group:
            group.finish(stop=False, patience=patience)
        ask_at_the_end(host.address, book, CODE)
        code, _ = host.close()
        assert code == 0, f"the host ended with {code}"
        found = check(book, db, codes=[CODE])
    assert not found, f"{seed}:\n{report(found)}"
    return group.made
