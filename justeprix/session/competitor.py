"""A competition as one of its players plays it: the secrets are those of the rounds. Pure."""

from __future__ import annotations

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.game.competition import Competition, Phase
from justeprix.game.roster import Player
from justeprix.game.secret import Game
from justeprix.protocol.replies import Goodbye, RoundAnnounced, SealTold, SecretTold
from justeprix.session.identity import Identity
from justeprix.session.step import Step

__all__ = ["Competitor"]


class Competitor:
    """What a session plays in a competition."""

    __slots__ = ("_contest", "_identity", "game", "logs")

    def __init__(self, identity: Identity, contest: Competition) -> None:
        self._identity = identity
        self.logs = False  # the standings are made of its guesses
        self._contest = contest
        identity.competition = contest.row.id
        self.game = self._no_game()

    @property
    def guesses_now(self) -> int:
        """How many guesses were made in the round that was opened last."""
        current = self._contest.current
        return self.game.guesses if current and current.number == self.game.ordinal else 0

    def ongoing(self, step: Step) -> Game | None:
        """Return the game of the open round, if it was entered and not found yet."""
        round, game, me = self._contest.open_round(step.at), self.game, self._identity
        if round is None or round.number != game.ordinal or game.found or not game.guesses:
            return None
        return game if me.host.roster.may_play(me.id, me.epoch) else None

    def open(self, step: Step) -> Game:
        """Return the game of the open round; raises ProtocolError if it is found, or none is."""
        round = self._contest.open_round(step.at)
        if round is None:
            raise self._too_early()
        if self.game.ordinal != round.number:
            self.game = self._identity.host.deal(round.number)
        elif self.game.found:
            raise ProtocolError(ErrorCode.ATTENTE, "tu as trouvé : pret attend la manche suivante")
        if not self.game.id:
            self._identity.store_game(self.game, step, round=round.id)
        return self.game

    def ready(self, step: Step) -> RoundAnnounced | Goodbye | None:
        """Announce the open round, unless it is found already; say goodbye after the last."""
        if self._contest.phase is Phase.FINISHED:
            return Goodbye()
        round = self._contest.open_round(step.at)
        if round is None or (self.game.found and self.game.ordinal == round.number):
            return None
        return RoundAnnounced(round.number, self._contest.bounds)

    def seal(self) -> SealTold | SecretTold:
        """Tell the seal of the newest round, or its secret once it is closed."""
        round = self._contest.current
        if round is None and self._contest.phase is Phase.LOBBY:
            raise ProtocolError(ErrorCode.ATTENTE, "le premier sceau vient avec la première manche")
        if round is None:
            raise self._too_early()
        if round.closed_at is not None:
            return SecretTold(round.secret, round.nonce)
        return SealTold(round.seal)

    def outlast(self, step: Step) -> None:
        """Store the session; what it played is stored already."""
        self._identity.store(step)

    def restore(self, game: Game | None, player: Player) -> None:
        """Go on in a stored game; the books of the competition know the score."""
        self.game = game or self._no_game()

    def _no_game(self) -> Game:
        """Stand for the round of a player who has entered none: nothing can be played in it."""
        bounds = self._contest.bounds
        return Game(0, 0, bounds, bounds.low, "", found=True)

    def _too_early(self) -> ProtocolError:
        if self._contest.phase is Phase.FINISHED:
            return ProtocolError(
                ErrorCode.FINIE, "la compétition est finie : scores dit qui a gagné"
            )
        return ProtocolError(
            ErrorCode.ATTENTE, "aucune manche n'est en cours : pret attend la suivante"
        )
