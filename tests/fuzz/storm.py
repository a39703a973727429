"""The whole host under a storm of intruders, with a neighbour who plays between any two actions.

Everything is drawn from a seed: the same one does the same, but for the timing of the threads.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, Self

from tests.faults.holdings import descriptors, resident
from tests.fuzz.house import House
from tests.fuzz.intruder import ENDINGS, KINDS, Intruder
from tests.fuzz.words import WIRE

__all__ = ["Outcome", "Storm", "storm"]

CHAIRS = 12
"""Intruders at one time."""

BATCH = 120
"""Messages sent in one piece, at most."""

NAMES = [b"Ada", b"Bob", b"Joueur 1", b"Joueur 2", b"Zo\xc3\xa9", b"Voisine"]


class Outcome(NamedTuple):
    """What one storm came to."""

    messages: int
    connections: int
    turns: int  # of the neighbour
    games: int  # whose seal was checked
    descriptors: tuple[int, int]
    threads: tuple[int, int]
    memory: tuple[int, int]  # KB, after a first quarter and at the end


class Storm:
    """The intruders of one house, and what they may do."""

    def __init__(self, house: House, chance: random.Random) -> None:
        self.house = house
        self.chance = chance
        self.chairs: list[Intruder | None] = [None] * CHAIRS
        self.tokens: list[bytes] = []
        self.messages = self.connections = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for intruder in filter(None, self.chairs):
            intruder.socket.close()

    def rage(self, messages: int) -> None:
        """Go on until so many messages have been sent by those who have left."""
        while self.messages < messages:
            self.act()
            self.house.neighbour.turn()
            self.house.check_alive()

    def act(self) -> None:
        """Let somebody do something."""
        place = self.chance.randrange(CHAIRS)
        intruder = self.chairs[place]
        if intruder is not None:
            intruder.drain()
        if intruder is None or intruder.ended:
            self._leave(place, Intruder.close)
            self.chairs[place] = self._dial()
        elif self.chance.random() < 0.08:
            self._leave(place, self.chance.choice(ENDINGS))
        else:
            self.chance.choice(ACTIONS)(self, intruder)
        if self.house.rounds and self.chance.random() < 0.05:
            self._direct()

    def _dial(self) -> Intruder:
        kind = self.chance.choices(list(KINDS), (8, 4, 1))[0]
        port = self.house.server.address[1] if kind == "line" else self.house.site.port
        self.connections += 1
        intruder = KINDS[kind](port)
        if self.house.code and self.chance.random() < 0.8:
            intruder.say([b"code " + self.house.code.encode()])
        return intruder

    def _leave(self, place: int, ending: Callable[[Intruder], None]) -> None:
        intruder, self.chairs[place] = self.chairs[place], None
        if intruder is None:
            return
        try:
            ending(intruder)
        finally:
            intruder.socket.close()
        self.messages += intruder.sent
        self.tokens = [*self.tokens[-20:], *intruder.tokens[-2:]]
        self._check_secrets(intruder.heard)

    def _check_secrets(self, heard: bytes) -> None:
        """What is the neighbour's alone went to nobody else."""
        neighbour = self.house.neighbour
        assert neighbour.token.encode() not in heard, "somebody heard the neighbour's token"
        if not self.house.rounds:
            told = [secret for secret in neighbour.secrets[-20:] if secret.encode() in heard]
            assert not told, f"somebody heard the neighbour's secret: {told}"

    def close(self) -> None:
        """Let everybody leave."""
        for place in range(CHAIRS):
            self._leave(place, self.chance.choice(ENDINGS))

    # Actions.

    def chat(self, intruder: Intruder) -> None:
        """A batch of messages, of the grammar and beside it, in one piece."""
        size = self.chance.choice((1, 3, 10, 40, BATCH))
        intruder.say([self.message() for _ in range(size)])

    def play(self, intruder: Intruder) -> None:
        """Numbered guesses, some again, some with gaps."""
        start = self.chance.randint(0, 3)
        numbers = [b"#%d %d" % (start + n // 2, self._number()) for n in range(40)]
        intruder.say([b"session", *numbers])

    def swap(self, intruder: Intruder) -> None:
        """Go on as somebody else, who may be there, and do more in the same breath."""
        here = [other.tokens[-1] for other in self.chairs if other and other.tokens]
        pool = here if here and self.chance.random() < 0.7 else [*self.tokens, b"0" * 32]
        more = [self.message() for _ in range(self.chance.choice((0, 0, 1, 3)))]
        name = b"nom " + self.chance.choice(NAMES)
        last = self.chance.choice([b"FIN", b"FIN", name, name, b"session " + pool[0], b"pret"])
        intruder.say([b"session " + self.chance.choice(pool), *more, last])
        if self.chance.random() < 0.4:
            self._leave(self.chairs.index(intruder), Intruder.reset)

    def join(self, intruder: Intruder) -> None:
        """Come as a player does: a name, a session, a first guess perhaps."""
        name = b"nom " + self.chance.choice(NAMES)
        some = [name, b"session", b"%d" % self._number(), b"FIN"]
        intruder.say(some[: self.chance.randint(1, 4)])

    def garble(self, intruder: Intruder) -> None:
        """Bytes that are nothing, or only a part."""
        data = self.message() if self.chance.random() < 0.6 else self.chance.randbytes(30)
        intruder.push(data)

    def shut(self, intruder: Intruder) -> None:
        intruder.half_close()

    def message(self) -> bytes:
        """Words of the wire and signs that are none, in a row."""
        if self.chance.random() < 0.2:
            return b"%d" % self._number()
        if self.chance.random() < 0.05:
            return b"nom " + self.chance.choice(NAMES)
        words = [self.chance.choice(WIRE) for _ in range(self.chance.choice((1, 1, 2, 2, 3, 5)))]
        return b"".join(words).replace(b"\n", b"")

    def _number(self) -> int:
        return self.chance.randint(-5, 10**12 + 5)

    def _direct(self) -> None:
        """The teacher does something, but nothing to the neighbour."""
        name = self.chance.choice(
            [*NAMES[:-1], b"Joueur %d" % self.chance.randint(1, 200)]
        ).decode()
        direct = self.house.direct
        orders: list[Callable[[], None]] = [
            *(lambda: direct("start"), lambda: direct("next"), lambda: direct("stop")) * 2,
            lambda: direct("free", name),
            lambda: direct("rename", name, self.chance.choice(NAMES).decode()),
            lambda: direct("exclude", name),
        ]
        self.chance.choice(orders)()


ACTIONS = (
    *(Storm.chat, Storm.chat, Storm.play, Storm.join, Storm.join, Storm.swap, Storm.swap),
    *(Storm.garble, Storm.garble, Storm.shut),
)
"""What is listed twice is done twice as often."""


def storm(seed: int, folder: Path, *, messages: int, **options: Any) -> Outcome:
    """Let intruders send so many messages to a house with these options.

    Raises AssertionError if the host broke a promise.
    """
    outside = descriptors()
    with House(folder, **options) as house:
        before = descriptors(), threading.active_count()
        with Storm(house, random.Random(seed)) as raging:
            raging.rage(messages // 4)
            memory = resident()
            raging.rage(messages)
            raging.close()
        house.check_empty()
        after = descriptors(), threading.active_count()
        assert after[0] <= before[0], f"{after[0] - before[0]} descriptors more than before"
        memories = memory, resident()
    assert descriptors() <= outside
    return Outcome(
        raging.messages,
        raging.connections,
        house.neighbour.turns,
        house.neighbour.games,
        descriptors=(before[0], after[0]),
        threads=(before[1], after[1]),
        memory=memories,
    )
