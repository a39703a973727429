"""The contract of every store.

A store is not thread-safe: its owner, the server, calls it under one lock. Every method that
writes is one transaction. A session's `epoch` is its fence: `resume` raises it, and `commit`
refuses rows of an older one in the same transaction, so that a socket the player has left
behind, or a host that lost the session to another, can store nothing more.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from justeprix.step import SavedSession, Step

__all__ = ["Store"]


class Store(ABC):
    """Where sessions, games and guesses are kept."""

    @abstractmethod
    def reserve(self, count: int) -> range:
        """Return `count` ids, never given before, ascending. Raises CommitError."""

    @abstractmethod
    def commit(self, step: Step) -> frozenset[tuple[int, int]]:
        """Store the rows of a step, all or none; return the (session, epoch) that are fenced.

        Rows of fenced sessions are left out; the others are stored when this returns.
        Raises CommitError if nothing could be stored.
        """

    @abstractmethod
    def resume(self, token_hash: bytes) -> SavedSession | None:
        """Raise the epoch of the session with that token and load it; None if there is none.

        Raises ProtocolError(finie) if its player ended it, CommitError if the store fails.
        """

    @abstractmethod
    def recall(self, session: int, seq: int) -> tuple[int, int] | None:
        """Return (number guessed as `seq`, secret it was compared with), None if never stored.

        Raises CommitError if the store fails.
        """

    @abstractmethod
    def names(self, since: int) -> list[tuple[int, str]]:
        """Return (session, name) of resumable sessions not ended, seen since then.

        `since` is in milliseconds since 1970. Raises CommitError if the store fails.
        """

    @abstractmethod
    def close(self) -> None:
        """Free everything; a second call does nothing."""
