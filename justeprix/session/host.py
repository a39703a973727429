"""What a session may ask of the room it speaks in. Pure: a contract, no code."""

from __future__ import annotations

from typing import Protocol

from justeprix.game.records import SavedSession
from justeprix.game.roster import Roster
from justeprix.game.secret import Game

__all__ = ["Host"]


class Host(Protocol):
    """What a session may ask of the host."""

    roster: Roster

    @property
    def unlocked(self) -> bool:
        """Whether everybody may come in, without a code."""

    @property
    def muted(self) -> str:
        """Why nobody may chat now, as a sentence; empty if they may."""

    def new_id(self) -> int:
        """Return an id that no session or game has."""

    def deal(self, ordinal: int) -> Game:
        """Draw and seal a new secret for the session's game of that number, from 1."""

    def scores(self) -> str:
        """Return the `scores` line."""

    def snapshot(self, session: int) -> str:
        """Return the `etat` line for a session."""

    def new_token(self) -> tuple[str, bytes]:
        """Return a fresh token, 128 random bits at least, and its hash."""

    def enter(self, code: str) -> None:
        """Let a session in that says the code. Raises ProtocolError(code)."""

    def resume(self, token: str) -> SavedSession:
        """Fence and load a session. Raises ProtocolError(jeton, finie or exclu)."""

    def adopt(self, session: int, token_hash: bytes | None, heir: int) -> SavedSession:
        """Give a vacant session to the owner of another one, who has not played yet."""

    def recall(self, session: int, seq: int) -> tuple[int, int] | None:
        """Return (number guessed as `seq`, its secret), or None if that never was."""
