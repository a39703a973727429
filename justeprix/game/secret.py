"""One secret, one guess, one answer; and the seal that proves the secret never changed. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum

__all__ = ["Answer", "Bounds", "Game", "compare", "round_label", "seal"]


class Answer(IntEnum):
    """Where the secret lies, seen from the guess."""

    LOWER = -1
    FOUND = 0
    HIGHER = 1


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest and the largest number the secret may be, both included."""

    low: int
    high: int

    def __contains__(self, number: int) -> bool:
        return self.low <= number <= self.high

    @property
    def size(self) -> int:
        """How many numbers the secret may be."""
        return self.high - self.low + 1

    @property
    def worst(self) -> int:
        """Guesses that binary search needs at worst: the depth of its decision tree."""
        return self.size.bit_length()

    @property
    def mean(self) -> float:
        """Guesses that binary search needs on average over all secrets.

        A balanced tree of n nodes and depth d has depths that add up to (n + 1)·d − 2^d + 1
        (Knuth, The Art of Computer Programming, vol. 3, 6.2.1).
        """
        depth = self.worst
        return ((self.size + 1) * depth - (1 << depth) + 1) / self.size


# Python 3.11 takes as long to look up a member of an enum as for all the rest of an answer.
_LOWER, _FOUND, _HIGHER = Answer.LOWER, Answer.FOUND, Answer.HIGHER


def compare(secret: int, guess: int) -> Answer:
    """Answer a guess."""
    if guess < secret:
        return _HIGHER
    if guess > secret:
        return _LOWER
    return _FOUND


def seal(label: str, secret: int, nonce: str) -> str:
    """Return the sha256, in hex, that commits the host to a secret without telling it.

    `label` names what the secret is for, so that one seal cannot stand for another.
    """
    return hashlib.sha256(f"{label}:{secret}:{nonce}".encode()).hexdigest()


def round_label(number: int) -> str:
    """Return what the secret of a round is sealed for: the first words of its announcement."""
    return f"manche {number}"


@dataclass(slots=True)
class Game:
    """One secret, and how far its player has come.

    `id` is unique in the store, 0 before it is there; `ordinal` counts the games of one session
    from 1; `nonce` is 16 random bytes in hex, told with the secret once it is found.
    """

    id: int
    ordinal: int
    bounds: Bounds
    secret: int
    nonce: str
    guesses: int = 0
    found: bool = False

    def play(self, number: int) -> Answer:
        """Count one guess and answer it. The caller has checked the bounds."""
        self.guesses += 1
        # As `compare` does, without a call: this is done for every guess.
        secret = self.secret
        if number == secret:
            self.found = True
            return _FOUND
        return _HIGHER if number < secret else _LOWER
