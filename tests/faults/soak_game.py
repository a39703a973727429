"""One player's side of one link: what to say next, whatever carries it.

Standard library only: soak_victim.py is to start, and to be killed, soon.
"""

from __future__ import annotations

import random
from collections.abc import Callable

__all__ = ["Game", "between"]

QUESTIONS = ("scores", "bornes", "sceau", "ping soak", "aide")

CURIOUS = 0.05
"""How often a question comes in place of a guess."""


class Game:
    """Searches for one secret after another.

    `ask` sends a line and returns its reply, or raises OSError or EOFError. With a token the
    guesses are numbered, and go on where the session's last link ended.
    """

    def __init__(self, ask: Callable[[str], str], greeting: str, rng: random.Random) -> None:
        self.token = ""
        words = greeting.split()
        self._bounds = int(words[-3]), int(words[-1])
        self._low, self._high = self._bounds
        self._ask = ask
        self._rng = rng
        self._seq = 0

    def take_seat(self, name: str) -> bool:
        """Ask for a name; return whether we have it."""
        return self._ask(f"nom {name}") == f"nom {name}"

    def resume(self, token: str = "") -> str:
        """Open a session, or that of a token; return its token."""
        word, self.token, seq, _ = self._ask(f"session {token}".rstrip()).split()
        assert word == "session"
        self._seq = int(seq)
        return self.token

    def turn(self) -> bool:
        """Say one thing, and hear the answer; return whether the game goes on."""
        if self._rng.random() < CURIOUS:
            self._ask(self._rng.choice(QUESTIONS))
        if self._low > self._high:  # a new round came between two guesses
            self._low, self._high = self._bounds
        guess = between(self._rng, self._low, self._high)
        return self._hear(
            guess, self._ask(f"#{self._seq + 1} {guess}" if self.token else f"{guess}")
        )

    def _hear(self, guess: int, reply: str) -> bool:
        if reply.startswith("erreur attente"):  # no round is open
            self._low, self._high = self._bounds
            return self._ask("pret").startswith("manche ")
        if self.token:
            self._seq += 1
            reply = reply.removeprefix(f"resultat {self._seq} ")
        if reply == "plus":
            self._low = guess + 1
        elif reply == "moins":
            self._high = guess - 1
        elif reply == "gagné":
            self._low, self._high = self._bounds
        else:  # half an answer, perhaps: nobody knows what comes next on this link
            return False
        return True


def between(rng: random.Random, low: int, high: int) -> int:
    """Choose a number near the middle."""
    margin = (high - low) // 4
    return rng.randint(low + margin, high - margin)
