"""A soak's party: one host, what its guests share, and how a guest comes, stays and leaves.

A guest that meets what it must not notes it in `party.errors`. Everything that crosses a wire is in
the party's book.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.proxy import Fault, FaultProxy, faults
from tests.faults.recorder import Recorder
from tests.faults.soak_game import Game

__all__ = ["STAY", "TIMEOUT", "Guest", "Party"]

THINK = 0.08
"""Seconds between two guesses at most: people play, and the book of ten minutes stays small."""

PAUSE = 0.3
"""Seconds between two visits of one guest at most."""

TIMEOUT = 0.5
"""Seconds a Client waits for an answer here: some come later, and are asked for again."""

STAY = 10.0
"""Seconds that a visit lasts at most, where it need not last to the end."""


@dataclass
class Party:
    """One host, and all that its guests share."""

    address: tuple[str, int]
    web_port: int
    contest: bool
    book: Recorder
    over: threading.Event = field(default_factory=threading.Event)
    errors: list[str] = field(default_factory=list)
    faults: Counter[Fault] = field(default_factory=Counter)
    killed: int = 0


class Guest:
    """Comes, stays for a while, leaves; what `visit` does is the difference."""

    def __init__(self, party: Party, name: str, seed: int) -> None:
        self.party = party
        self.name = name
        self.rng = random.Random(f"{seed} {name}")
        self._visits = 0
        self.thread = threading.Thread(target=self._run, name=name)
        self.thread.start()

    def visit(self) -> None:
        raise NotImplementedError

    def visitor(self) -> str:
        """Return who comes: in practice somebody new each time, for a name stays with its token."""
        self._visits += 1
        return self.name if self.party.contest else f"{self.name} {self._visits}"

    def think(self, seconds: float = THINK) -> bool:
        """Pause; return whether the party goes on."""
        return not self.party.over.wait(self.rng.uniform(0, seconds))

    def stay(self, game: Game) -> None:
        """Play until the game or the party ends, or for long enough."""
        leave_at = time.monotonic() + self.rng.uniform(0, STAY)
        while time.monotonic() < leave_at and game.turn() and self.think():
            pass

    @contextmanager
    def proxy(self, name: str, kinds: tuple[Fault, ...] = ()) -> Iterator[FaultProxy]:
        """A way to the host on which such faults happen, and all is noted."""
        with FaultProxy(
            self.party.address,
            faults(self.rng, kinds) if kinds else iter(()),
            latency=lambda: self.rng.uniform(0, 2 * TIMEOUT),
            # Who waits for a round in a black hole hears of it from keepalive alone.
            spares=b"pret",
            book=self.party.book,
            who=name,
        ) as proxy:
            yield proxy
        self.party.faults.update(proxy.made)

    def _run(self) -> None:
        try:
            while self.think(PAUSE):
                self.visit()
        except Exception as error:  # told to the experiment, which fails with it
            self.party.errors.append(f"{self.name}: {type(error).__name__}: {error}")
