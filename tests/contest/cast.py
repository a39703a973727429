"""The players of a competition, a process each: bots, clients without newlines, `justeprix play`.

ada = Robot(stage, "Ada", seed)
ada.start(host.port)
stage.until(lambda: ada.wins)
print(ada.told)                     # [(500, "plus"), ...]
"""

from __future__ import annotations

import random
import re

from tests.contest.contest import Child, Stage
from tests.support.places import CONTESTANTS


class Contestant:
    """One player, over as many processes as it takes.

    `told` is the transcript: (number, answer) in order, None for an answer that never came.
    """

    def __init__(
        self, stage: Stage, name: str, seed: int, halt: tuple[int, int] | None = None
    ) -> None:
        self.name = name
        self.told: list[tuple[int, str | None]] = []
        self.token = ""
        self.halt = halt  # waits in that round after so many guesses
        self.waits = False
        self.process: Child
        self._stage = stage
        self._seed = f"{seed} {name}"

    def start(self, port: int) -> None:
        raise NotImplementedError

    def go(self) -> None:
        """End the wait."""
        self.waits, self.halt = False, None
        self.process.type("")

    @property
    def acknowledged(self) -> int:
        return sum(answer is not None for _, answer in self.told)

    @property
    def wins(self) -> int:
        return sum(answer == "gagné" for _, answer in self.told)

    def _run(self, script: str, port: int, *more: object) -> None:
        halt = self.halt or ()
        self.process = self._stage.start(
            CONTESTANTS / script, port, self.name, self._seed, *halt, *more, heard=self._heard
        )

    def _heard(self, line: str) -> None:
        word, *rest = line.split()
        if word == "sent":
            self.told.append((int(rest[0]), None))
        elif word == "told":
            if self.told and self.told[-1] == (int(rest[0]), None):
                del self.told[-1]
            if rest[1] in ("plus", "moins", "gagné"):
                self.told.append((int(rest[0]), rest[1]))
        elif word == "token":
            self.token = rest[0]
        elif word == "waits":
            self.waits = True


class Robot(Contestant):
    """A bot on the `Client` class."""

    def start(self, port: int) -> None:
        self._run("robot.py", port)


class Bare(Contestant):
    """A client without newlines; it leaves where it would wait if told so."""

    def start(self, port: int, *, leaves: bool = False) -> None:
        self._run("sans_fin.py", port, *["leave"] * leaves)


class Typist(Contestant):
    """`justeprix play` in a pipe, and somebody who types at its other end."""

    _ANSWER = re.compile(r"(-?\d+) : (plus|moins|gagné)")
    _ROUND = re.compile(r"── Manche (\d+) : trouve")
    _START = re.compile(r"Un nombre entre (-?\d+) et (-?\d+)")

    def __init__(
        self,
        stage: Stage,
        name: str,
        seed: int,
        halt: tuple[int, int] | None = None,
        *,
        hopeless: bool = False,
    ) -> None:
        super().__init__(stage, name, seed, halt)
        self._rng = random.Random(self._seed)
        self._hopeless = hopeless  # types the same wrong number for ever
        self._gone = False
        self._round = self._count = 0

    def start(self, port: int) -> None:
        play = ("-m", "justeprix", "play", "--port", port, "--nom", self.name)
        self.process = self._stage.start(*play, heard=self._heard)

    def go(self) -> None:
        self.waits, self.halt = False, None
        self._type()

    def leave(self) -> None:
        """Leave for good, with the next word."""
        self._gone = True

    def _heard(self, line: str) -> None:
        if found := self._START.match(line):
            self._all = int(found[1]), int(found[2])
            self._low, self._high = self._all
            self._type()
        elif found := self._ROUND.match(line):
            self._round, self._count = int(found[1]), 0
            self._low, self._high = self._all
        elif found := self._ANSWER.match(line):
            self._answered(int(found[1]), found[2])

    def _answered(self, number: int, answer: str) -> None:
        self.told.append((number, answer))
        self._count += 1
        if answer == "plus":
            self._low = number + 1
        elif answer == "moins":
            self._high = number - 1
        if answer == "gagné" or self._low > self._high:
            self._low, self._high = self._all
        if (self._round, self._count) == self.halt:
            self.waits = True
        else:
            self._type()

    def _type(self) -> None:
        """Type the next word; a number that comes before its round waits for it."""
        margin = (self._high - self._low) // 3
        number = self._rng.randint(self._low + margin, self._high - margin)
        if self._hopeless:
            number = self._all[0]
        self.process.type("FIN" if self._gone else str(number))
