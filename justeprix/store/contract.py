"""The contract of every store.

A store is not thread-safe: its owner, the server, calls it under one lock. Every method that
writes is one transaction. A session's `epoch` is its fence: `resume` raises it, and `commit`
refuses rows of an older one in the same transaction, so that a socket the player has left
behind, or a host that lost the session to another, can store nothing more.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from justeprix.game.records import (
    CompetitionRow,
    Rows,
    SavedCompetition,
    SavedPlayer,
    SavedSession,
)
from justeprix.results.report import Report

__all__ = ["Store"]


class Store(ABC):
    """Where competitions, sessions, games and guesses are kept."""

    place: str | None
    """What opens it again, see `open_store`; None if it ends with this process."""

    @abstractmethod
    def reserve(self, count: int) -> range:
        """Return `count` ids, never given before, ascending. Raises CommitError."""

    @abstractmethod
    def number_competition(self) -> int:
        """Return the number of a new competition: 1, 2, 3 … Raises CommitError."""

    @abstractmethod
    def claim(self, competition: int) -> bool:
        """Hold a competition for this host until `close`; False if another host runs it.

        The death of a host lets go of it. Raises CommitError if the store fails.
        """

    @abstractmethod
    def commit(self, rows: Rows, at: int) -> frozenset[tuple[int, int]]:
        """Store rows, all or none; return the (session, epoch) that are fenced.

        `at`: when they were decided, in milliseconds since 1970.
        Rows of fenced sessions are left out; the others are stored when this returns.
        Raises CommitError if nothing could be stored.
        """

    @abstractmethod
    def resume(
        self, token_hash: bytes, competition: int | None = None, address: str | None = None
    ) -> SavedSession | None:
        """Raise the epoch of the session with that token and load it; None if there is none.

        `address`: from where it is held now.

        Raises ProtocolError(finie) if its player ended it or it belongs to another competition
        (None: to practice), ProtocolError(exclu) if the teacher excluded it, CommitError if the
        store fails.
        """

    @abstractmethod
    def adopt(
        self, session: int, token_hash: bytes | None, heir: int, address: str | None = None
    ) -> SavedSession:
        """Give a session a new owner: raise its epoch, replace its token, forget the heir's own.

        `heir` is the session that the new owner had so far, with no game. Raises CommitError.
        """

    @abstractmethod
    def recall(self, session: int, seq: int) -> tuple[int, int] | None:
        """Return (number guessed as `seq`, secret it was compared with), None if never stored.

        Raises CommitError if the store fails.
        """

    @abstractmethod
    def names(self, since: int) -> list[SavedPlayer]:
        """Return the resumable sessions of practice, not ended, and its excluded ones, seen since.

        `since` is in milliseconds since 1970. Raises CommitError if the store fails.
        """

    @abstractmethod
    def rename(self, session: int, name: str, *, kept: bool) -> None:
        """Give a session a name; `kept`: not its player's to change. Raises CommitError."""

    @abstractmethod
    def free(self, session: int) -> None:
        """Note that a seat is for whoever asks for it, until it is taken. Raises CommitError."""

    @abstractmethod
    def exclude(
        self, session: int, name: str, competition: int | None, at: int, address: str | None = None
    ) -> None:
        """Close a session for ever, one that was never stored too. Raises CommitError.

        `at` is in milliseconds since 1970, `address` that it was held from. The standings of a
        competition that is over keep who is in them.
        """

    @abstractmethod
    def mute(self, at: int | None) -> None:
        """Note since when (milliseconds since 1970) nobody may chat. Raises CommitError."""

    @abstractmethod
    def muted_since(self) -> int | None:
        """Return what `mute` noted last. Raises CommitError if the store fails."""

    @abstractmethod
    def end(self, competition: int) -> None:
        """Close a competition for good, with the rounds as they are. Raises CommitError."""

    @abstractmethod
    def competitions(self) -> list[CompetitionRow]:
        """Return all competitions, newest first. Raises CommitError if the store fails."""

    @abstractmethod
    def load(self, competition: int) -> SavedCompetition:
        """Return a competition as it stands.

        Raises StoreError if there is none of that id, CommitError if the store fails.
        """

    @abstractmethod
    def report(self, competition: int) -> Report | None:
        """Return the closed rounds of a competition, None if there is no such competition.

        Raises CommitError if the store fails.
        """

    def moved(self) -> str | None:
        """See whether what is kept was taken away; go on elsewhere, and return where, once.

        None: all is where it was. Raises CommitError if it can be kept nowhere.
        """
        return None

    @abstractmethod
    def close(self) -> None:
        """Free everything; a second call does nothing."""
