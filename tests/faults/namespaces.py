"""A real network that loses packets, and one that dies: host and players in two namespaces.

TCP on both sides is the kernel's. With some loss it mends all by itself, only late: players give up
links that live. With all of it nobody is told anything: the host frees the dead peers by keepalive
and TCP_USER_TIMEOUT, the Clients come back by themselves, even out of a `pret` that waits.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import SkipTest

from justeprix.net import keepalive
from tests.faults.checker import check, report
from tests.faults.figure import Figure
from tests.faults.group import Group, Kinds
from tests.faults.host import LOGGING, HostProcess
from tests.faults.network import BOUNDS, KINDS
from tests.faults.onlookers import Screen, ask_at_the_end
from tests.faults.recorder import Recorder
from tests.faults.wire import THERE, WHY_NOT, Wire

__all__ = ["CUTS", "dead", "lossy", "namespaces"]

PORT = 2300

CALLERS = KINDS[:2]
"""The Clients of KINDS."""

LOSSES, LOSSES_FULL = (0.05, 0.15), (0.05, 0.1, 0.15, 0.2)
DELAY = 0.005
"""Seconds that a packet takes one way."""

ANSWERS, ANSWERS_FULL = 10, 40
"""What each player is answered under each loss."""

TIMEOUT = 0.5
"""Seconds after which players give a link up: TCP itself would try for minutes."""

SHORT = {
    "TCP_KEEPIDLE": 1,
    "TCP_KEEPINTVL": 1,
    "TCP_KEEPCNT": 2,
    "TCP_USER_TIMEOUT": 2000,
}
"""What keepalive.OPTIONS becomes in these processes: the true ones take half a minute."""

BEFORE = f"{LOGGING}import justeprix.net.keepalive; justeprix.net.keepalive.OPTIONS |= {SHORT}\n"

HANGS = 240.0
"""Seconds for what is played under one loss: each link that is given up costs some questions."""

FREED = 15.0
"""Seconds in which the host has to free the dead; with SHORT it takes some 3."""

CUTS: dict[str, tuple[Callable[[Wire], None], Callable[[Wire], None]]] = {
    "every packet lost": (
        lambda wire: setattr(wire, "loss", 1.0),
        lambda wire: setattr(wire, "loss", 0.0),
    ),
    "device down": (lambda wire: wire.link("down"), lambda wire: wire.link("up")),
}
"""How a network dies, and how it comes back."""


def namespaces(seed: int, *, full: bool) -> list[Figure]:
    """Lose some packets, then all."""
    if WHY_NOT:
        raise SkipTest(WHY_NOT)
    told = lossy(seed, LOSSES_FULL if full else LOSSES, ANSWERS_FULL if full else ANSWERS)
    return [
        Figure("packets lost", told),
        *(Figure(f"network dead, {how}", dead(seed, how)) for how in CUTS),
    ]


def lossy(seed: int, losses: tuple[float, ...], answers: int) -> str:
    """Play practice while the wire loses more and more."""
    with _network(seed) as (wire, host, book):
        wire.delay = DELAY
        with _group(wire, host, seed, KINDS) as group:
            for wire.loss in losses:
                group.wait_for(answers, HANGS)
            wire.loss = 0.0
            group.finish()
    lost, carried = wire.carried["lost"], wire.carried["carried"]
    percent = ", ".join(f"{100 * loss:g} %" for loss in losses)
    return (
        f"{percent}: {lost} of {lost + carried}, {len(book.links)} links, 0 guesses lost or doubled"
    )


def dead(seed: int, how: str) -> str:
    """Kill the network under players who wait for a round; they come back and play it."""
    cut, mend = CUTS[how]
    callers = [name for _, name in CALLERS]
    with _network(seed, "--rounds", 1) as (wire, host, book), _patient():
        before = _sockets(host)
        with (
            wire.inside(wire.here, lambda: Screen(host.address, book)),
            _group(wire, host, seed, CALLERS, contest=True) as group,
        ):
            group.until(lambda: all(group.waits(name) for name in callers))
            cut(wire)
            began = time.monotonic()
            group.until(lambda: _sockets(host) <= before)
            freed = time.monotonic() - began
            assert freed < FREED, f"the host took {freed:.1f} s to free the dead"
            group.until(lambda: all(group.gave_up(name) for name in callers))
            mended = time.monotonic()
            mend(wire)
            group.until(
                lambda: (
                    _sockets(host) == before + len(callers)
                    and all(group.waits(name) for name in callers)
                )
            )
            back = time.monotonic() - mended
            host.type("depart")
            group.finish(stop=False)
    return f"dead peers freed after {freed:.1f} s, players back {back:.1f} s after the network"


def _sockets(host: HostProcess) -> int:
    """Return how many sockets the host has open."""
    folder = Path(f"/proc/{host.pid}/fd")
    found = 0
    for entry in folder.iterdir():
        try:
            found += os.readlink(entry).startswith("socket:")
        except FileNotFoundError:  # closed meanwhile
            continue
    return found


@contextmanager
def _network(seed: int, *options: object) -> Iterator[tuple[Wire, HostProcess, Recorder]]:
    """A host at the other end of a wire; at the end what was said is compared with its file."""
    book = Recorder()
    with ExitStack() as stack:
        db = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "game.db"
        wire = stack.enter_context(Wire(random.Random(seed)))
        host = stack.enter_context(
            HostProcess(
                db, *BOUNDS, *options,
                before=BEFORE, through=wire.through, bind=THERE, port=PORT, book=book,
            )
        )  # fmt: skip
        yield wire, host, book
        wire.inside(wire.here, lambda: ask_at_the_end(host.address, book))
        code, _ = host.close()
        assert code == 0, f"the host ended with {code}"
        found = check(book, db)
        assert not found, report(found)


def _group(
    wire: Wire,
    host: HostProcess,
    seed: int,
    kinds: Kinds,
    *,
    contest: bool = False,
) -> Group:
    return Group(host, seed, kinds, contest=contest, timeout=TIMEOUT, namespace=wire.here)


@contextmanager
def _patient() -> Iterator[None]:
    """Have the Clients of this process notice a dead host as soon as the host does them."""
    before = dict(keepalive.OPTIONS)
    keepalive.OPTIONS.update(SHORT)
    try:
        yield
    finally:
        keepalive.OPTIONS.update(before)
