"""Practice: a secret of one's own, and a new one after each win. Pure."""

from __future__ import annotations

from justeprix.game.records import GuessRow
from justeprix.game.roster import Player
from justeprix.game.secret import Game, seal
from justeprix.protocol.replies import RoundAnnounced, SealTold, SecretTold
from justeprix.session.identity import Identity
from justeprix.session.step import Step

__all__ = ["SEAL_LABEL", "Practice"]

SEAL_LABEL = "session"
"""What a practice secret is sealed for; a competition seals with the name of its round."""


class Practice:
    """What a session plays outside any competition."""

    __slots__ = ("_identity", "game", "logs")

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self.logs = True
        self.game = identity.host.deal(1)

    @property
    def guesses_now(self) -> int:
        """How many guesses were made at the newest secret."""
        return self.game.guesses

    def ongoing(self, step: Step) -> Game | None:
        """Return the game, dealt anew after a win; who begins must first become a player."""
        game = self.game
        if game.found:
            # With a token, a new game is stored before anything is played in it.
            return None if self._identity.resumable else self._deal(step)
        return game if game.guesses else None

    def open(self, step: Step) -> Game:
        """Return the game, dealt anew after a win."""
        return self._deal(step) if self.game.found else self.game

    def ready(self, step: Step) -> RoundAnnounced:
        """Announce the game: in practice nobody waits."""
        game = self.open(step)
        return RoundAnnounced(game.ordinal, game.bounds)

    def seal(self) -> SealTold | SecretTold:
        """Tell the seal of a secret that is sought, or the secret once it is found."""
        game = self.game
        if game.found:
            return SecretTold(game.secret, game.nonce)
        return SealTold(seal(SEAL_LABEL, game.secret, game.nonce))

    def outlast(self, step: Step) -> None:
        """Store the session and its game; of the guesses so far, the last one."""
        identity, game = self._identity, self.game
        identity.store(step)
        identity.store_game(game, step, before=max(0, game.guesses - 1))
        if identity.last is not None:
            step.rows.guesses.append(
                GuessRow(game.id, identity.seq, identity.last, step.at, *identity.key)
            )

    def restore(self, game: Game | None, player: Player) -> None:
        """Go on in a stored game, which there always is; what was found before follows from it."""
        if game is None:
            raise ValueError("a practice session always has a game")
        self.game = game
        player.found = game.ordinal - (0 if game.found else 1)
        player.guesses = self._identity.seq - (0 if game.found else game.guesses)
        player.scored = player.found > 0

    def _deal(self, step: Step) -> Game:
        identity = self._identity
        game = self.game = identity.host.deal(self.game.ordinal + 1)
        identity.last = None  # it was answered by the game before
        if identity.resumable:
            identity.store_game(game, step)  # its seal may be shown now: it must outlive this link
        return game
