"""What all workers share, and the one lock that guards it.

A worker takes `lock` once a step, to decide and to store; nobody reads or writes a socket while
holding it. Everything in here, roster and store included, is touched under the lock only.
"""

from __future__ import annotations

import hashlib
import os
import random
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from justeprix.connection import Connection
from justeprix.errors import CommitError
from justeprix.game import Bounds, Game
from justeprix.limits import Limits
from justeprix.news import News, Recovered, Trouble, Won
from justeprix.protocol import Word
from justeprix.roster import Roster
from justeprix.step import Step
from justeprix.store import Store

__all__ = ["Room", "hash_token", "message_line"]

IDS_AT_ONCE = 10_000
"""Ids reserved in one write: those left over when the host dies are never used."""


class Room:
    """One game room: who plays, what is stored, how secrets are drawn."""

    def __init__(
        self,
        bounds: Bounds,
        store: Store,
        limits: Limits,
        *,
        seed: int | None = None,
        on_news: Callable[[News], None] | None = None,
    ) -> None:
        self.lock = threading.Lock()
        self.bounds = bounds
        self.store = store
        self.limits = limits
        self.roster = Roster(bounds)
        self.seats: dict[int, Connection] = {}  # resumable sessions that are connected
        self.publishers: list[Callable[[str], None]] = []  # send a line to all who follow
        self._entropy = Entropy()
        # A seed is asked for by who wants the same secrets again, not by who wants to hide them.
        self._below = self._entropy.below if seed is None else random.Random(seed).randrange  # noqa: S311
        self._on_news = on_news
        self._ids = iter(range(0))
        self._store_fails = False
        self._wrong_tokens: dict[str, list[float]] = {}

    def new_id(self) -> int:
        """Return an id that no session or game has. Raises CommitError."""
        id = next(self._ids, None)
        if id is None:
            with self.storing():
                self._ids = iter(self.store.reserve(IDS_AT_ONCE))
            id = next(self._ids)
        return id

    def deal(self, ordinal: int) -> Game:
        """Draw and seal a new secret."""
        secret = self.bounds.low + self._below(self.bounds.size)
        nonce = self._entropy.take(16).hex()
        return Game(self.new_id(), ordinal, self.bounds, secret, nonce)

    def new_token(self) -> tuple[str, bytes]:
        """Return 128 random bits in hex, and what the store keeps of them."""
        token = secrets.token_hex(16)
        return token, hash_token(token)

    def commit(self, step: Step) -> frozenset[tuple[int, int]]:
        """Store what the step decided so far; return the (session, epoch) that are fenced.

        Raises CommitError if nothing could be stored.
        """
        if not step.has_rows:
            return frozenset()
        with self.storing():
            fenced = self.store.commit(step)
        step.clear_rows()
        return fenced

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Watch over one use of the store: the host hears when it fails, and when it is over."""
        try:
            yield
        except CommitError as error:
            if not self._store_fails:
                self._store_fails = True
                self.tell(
                    Trouble(
                        f"l'enregistrement échoue ({error}) : libère de la place, ou ferme le"
                        " programme qui tient le fichier ; les joueurs reviendront d'eux-mêmes"
                    )
                )
            raise
        if self._store_fails:
            self._store_fails = False
            self.tell(Recovered("l'enregistrement marche de nouveau"))

    def settle(self, news: list[News], fenced: frozenset[tuple[int, int]]) -> None:
        """Make true for all what is now stored."""
        for item in news:
            if type(item) is Won:
                if (item.session, item.epoch) in fenced:
                    continue  # it was not stored
                self.roster.won(item.session, item.epoch, item.guesses)
            self.tell(item)

    def tell(self, item: News) -> None:
        """Pass a piece of news to whoever watches this room."""
        if self._on_news is not None:
            self._on_news(item)

    def publish(self, line: str) -> None:
        """Send one line to all who follow; callable without the lock."""
        for publish in self.publishers:
            publish(line)

    def guessing_tokens(self, address: str, now: float) -> bool:
        """Count a wrong token; return whether its address had too many within a minute."""
        recent = [at for at in self._wrong_tokens.get(address, []) if at > now - 60]
        self._wrong_tokens = {
            other: times for other, times in self._wrong_tokens.items() if times[-1] > now - 60
        }
        self._wrong_tokens[address] = [*recent[-self.limits.wrong_tokens :], now]
        return len(recent) >= self.limits.wrong_tokens


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


def hash_token(token: str) -> bytes:
    """Return what the store keeps of a token: who reads the file can't resume a session."""
    return hashlib.sha256(token.encode()).digest()


def message_line(name: str, text: str) -> str:
    """Return the chat line that followers get."""
    return f"{Word.MESSAGE} {name} : {text}"
