"""What a session plays: its own secrets in practice, or the rounds of a competition. Pure.

A contract, no code. A session holds one such part; which of them, it does not know.
"""

from __future__ import annotations

from typing import Protocol

from justeprix.game.roster import Player
from justeprix.game.secret import Game
from justeprix.protocol.replies import Goodbye, RoundAnnounced, SealTold, SecretTold
from justeprix.session.step import Step

__all__ = ["Part"]


class Part(Protocol):
    """What a session asks about what it plays.

    `game` is the newest it has entered; `logs`: whether guesses need no row of their own while
    there is no token.
    """

    game: Game
    logs: bool

    @property
    def guesses_now(self) -> int:
        """How many guesses were made at the secret that is sought now, or was last."""

    def ongoing(self, step: Step) -> Game | None:
        """Return the game in which a guess counts with nothing else to do; None if there is more.

        Callable without the lock that `open` needs: it touches nothing that others share.
        """

    def open(self, step: Step) -> Game:
        """Return the game in which a guess counts, entered and stored as far as need be.

        Raises ProtocolError(attente or finie) if none does now.
        """

    def ready(self, step: Step) -> RoundAnnounced | Goodbye | None:
        """Return what `pret` is told, None if that must wait for a round."""

    def seal(self) -> SealTold | SecretTold:
        """Return what `sceau` is told. Raises ProtocolError(attente or finie)."""

    def outlast(self, step: Step) -> None:
        """Store what a fresh token brings back: the session, and what it played so far."""

    def restore(self, game: Game | None, player: Player) -> None:
        """Go on in a stored game, with the score that follows from it."""
