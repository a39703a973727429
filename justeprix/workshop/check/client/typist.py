"""Who sits at the keyboard of an interactive client: plays by dichotomy, line by line. Pure.

A client that asks nobody ignores what is typed.
"""

from __future__ import annotations

from typing import NamedTuple

from justeprix.game.secret import Bounds
from justeprix.protocol.replies import Goodbye, Greeting, RoundAnnounced, Shutdown, read
from justeprix.protocol.words import Word
from justeprix.workshop.check.client.played import PlayedGuess

__all__ = ["TypedLine", "Typist"]

REACTION = 0.05
"""Seconds between reading an answer and typing the next number."""

SURPRISE = 0.3
"""The same when the game is over: by then a client with threads has understood."""


class TypedLine(NamedTuple):
    """What is typed, and after how many seconds."""

    text: str
    after: float = REACTION


class Typist:
    """Knows what the client has been told, and what a person would type."""

    def __init__(self) -> None:
        self._bounds = Bounds(1, 1)
        self._low = self._high = 1

    @property
    def unblocking(self) -> int:
        """The number typed when all is over, for a client that still waits in input()."""
        return self._bounds.low

    def read(self, line: str, guess: PlayedGuess | None) -> TypedLine | None:
        """Return what to type after this line ("": the link has ended), which answers `guess`."""
        told = read(line)
        if isinstance(told, Greeting):
            self._begin(told.bounds)
            return self._guess()
        if isinstance(told, RoundAnnounced):
            self._begin(told.bounds)
        elif line == "" or isinstance(told, Goodbye | Shutdown):
            return TypedLine(str(self.unblocking), SURPRISE)
        elif guess is not None:
            return self._learn(guess)
        return None

    def _begin(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._low, self._high = bounds.low, bounds.high

    def _guess(self) -> TypedLine:
        return TypedLine(str((self._low + self._high) // 2))

    def _learn(self, guess: PlayedGuess) -> TypedLine:
        if guess.answer == Word.GAGNE:
            self._begin(self._bounds)
            return TypedLine(Word.GOODBYE)
        if guess.answer == Word.PLUS:
            self._low = min(max(self._low, guess.number + 1), self._bounds.high)
        elif guess.answer == Word.MOINS:
            self._high = max(min(self._high, guess.number - 1), self._bounds.low)
        return self._guess()
