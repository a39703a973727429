"""How secrets are drawn: bounds in, secret and nonce out."""

from __future__ import annotations

import os
import random
import threading

from justeprix.game.secret import Bounds

__all__ = ["Dealer"]


class Dealer:
    """Draws secrets; with a seed the same ones in the same order each time."""

    def __init__(self, bounds: Bounds, seed: int | None = None) -> None:
        self._bounds = bounds
        self._entropy = Entropy()
        self._lock = threading.Lock()  # held for nothing else
        # A seed is asked for by who wants the same secrets again, not by who wants to hide them.
        self._below = self._entropy.below if seed is None else random.Random(seed).randrange  # noqa: S311

    def draw(self) -> tuple[int, str]:
        """Return a secret and its nonce, 16 random bytes in hex. Callable from any thread."""
        with self._lock:
            return self._bounds.low + self._below(self._bounds.size), self._entropy.take(16).hex()


class Entropy:
    """The system's random bytes, fetched many at a time: asking costs more than a guess."""

    def __init__(self) -> None:
        self._bytes = b""
        self._used = 0

    def take(self, count: int) -> bytes:
        """Return that many bytes, never given before."""
        if self._used + count > len(self._bytes):
            self._bytes, self._used = os.urandom(4096), 0
        self._used += count
        return self._bytes[self._used - count : self._used]

    def below(self, size: int) -> int:
        """Return a number from 0 to size - 1: 16 bytes make the bias less than 2**-80."""
        return int.from_bytes(self.take(16)) % size
