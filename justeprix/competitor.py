"""One player's conversation in a competition: practice, but the secret is that of the round. Pure.

`pret` is the one question whose answer may have to wait, for the next round. Until then what its
sender says is held back, so that answers keep the order of the questions.
"""

from __future__ import annotations

from justeprix.commands import Finish, Name, parse
from justeprix.competition import Competition, Phase
from justeprix.errors import ErrorCode, ProtocolError
from justeprix.game import Game
from justeprix.host import Host
from justeprix.records import RoundRow
from justeprix.replies import RoundAnnounced, error_line
from justeprix.roster import Player
from justeprix.session import Session
from justeprix.step import Step
from justeprix.words import Word

__all__ = ["Competitor"]

MAX_HELD = 100
"""Messages held back while their sender waits for a round."""


class Competitor(Session):
    """A session whose games are the rounds of a competition."""

    logged = False  # the standings are made of them

    __slots__ = ("_contest", "_held", "waiting")

    def __init__(self, id: int, host: Host, contest: Competition) -> None:
        self._contest = contest
        self._held: list[bytes] = []
        self.waiting = False
        super().__init__(id, host)

    @property
    def competition(self) -> int:
        return self._contest.row.id

    def play(self, message: bytes, step: Step) -> str:
        round = self._contest.open_round(step.at)
        if self.waiting or round is None or round.number != self.game.ordinal:
            return ""
        if not self.host.roster.may_play(self.id, self.epoch):
            return ""
        return super().play(message, step)

    def handle(self, message: bytes, step: Step) -> str:
        return self._hold(message, step) if self.waiting else super().handle(message, step)

    def release(self) -> list[bytes]:
        """End the wait for a round: return what was held back, to be handled after its answer."""
        self.waiting = False
        held, self._held = self._held, []
        return held

    def _hold(self, message: bytes, step: Step) -> str:
        if _says_fin(message):
            self.release()
            return super().handle(message, step)  # answers `pret` too
        if len(self._held) >= MAX_HELD:
            self.over = True
            return error_line(
                ProtocolError(
                    ErrorCode.ATTENTE, "pret attend la manche : reviens, et patiente avec moi"
                )
            )
        self._held.append(message)
        return ""

    # The game.

    def _first_game(self) -> Game:
        """Stand for the round of a player who has entered none: nothing can be played in it."""
        bounds = self._contest.bounds
        return Game(0, 0, bounds, bounds.low, "", found=True)

    def _make_playable(self, step: Step) -> None:
        if not self._plays:
            self._take_part()
        round = self._contest.open_round(step.at)
        if round is None:
            raise self._too_early()
        if self.game.ordinal != round.number:
            self._enter(round)
        elif self.game.found:
            raise ProtocolError(ErrorCode.ATTENTE, "tu as trouvé : pret attend la manche suivante")

    def _enter(self, round: RoundRow) -> None:
        self.game = self.host.deal(round.number)
        self._game_row_due = True

    def _too_early(self) -> ProtocolError:
        if self._contest.phase is Phase.FINISHED:
            return ProtocolError(
                ErrorCode.FINIE, "la compétition est finie : scores dit qui a gagné"
            )
        return ProtocolError(
            ErrorCode.ATTENTE, "aucune manche n'est en cours : pret attend la suivante"
        )

    def _ready(self, step: Step) -> str:
        self._take_part()
        if self._contest.phase is Phase.FINISHED:
            self.over = True
            return Word.GOODBYE.value
        round = self._contest.open_round(step.at)
        if round is not None and not (self.game.found and self.game.ordinal == round.number):
            return str(RoundAnnounced(round.number, self._contest.bounds))
        self.waiting = self.host.roster[self.id].ready = True
        return ""

    def _bounds(self, step: Step) -> str:
        return f"{Word.BORNES} {self._contest.bounds.low} {self._contest.bounds.high}"

    def _seal(self, step: Step) -> str:
        round = self._contest.current
        if round is None and self._contest.phase is Phase.LOBBY:
            raise ProtocolError(ErrorCode.ATTENTE, "le premier sceau vient avec la première manche")
        if round is None:
            raise self._too_early()
        if round.closed_at is not None:
            return f"{Word.SECRET} {round.secret} {round.nonce}"
        return f"{Word.SCEAU} {round.seal}"

    @property
    def _round(self) -> int | None:
        return self._contest.rounds[self.game.ordinal - 1].id

    # The session.

    @property
    def _guesses_now(self) -> int:
        current = self._contest.current
        return self.game.guesses if current and current.number == self.game.ordinal else 0

    def _open(self, step: Step) -> None:
        self._store_session(step)

    def _restore(self, game: Game | None, player: Player) -> None:
        self.game = game or self._first_game()

    # The others.

    def _name(self, command: Name, step: Step) -> str:
        self._take_part()
        seat = self.host.roster.vacant(command.name)
        if seat is None:
            return super()._name(command, step)
        if self.seq:
            raise ProtocolError(
                ErrorCode.PRIS, "ce nom a déjà joué, et toi aussi : choisis-en un autre"
            )
        saved = self.host.adopt(seat.session, self._token_hash, self.id)
        self.host.roster.leave(self.id, step.now, may_return=False)
        self._take_over(saved, step)
        return f"{Word.NOM} {self._shown_name}"


def _says_fin(message: bytes) -> bool:
    try:
        return type(parse(message)) is Finish
    except ProtocolError:
        return False


Competitor.questions = {
    **Session.questions,
    Word.PRET: Competitor._ready,
    Word.BORNES: Competitor._bounds,
    Word.SCEAU: Competitor._seal,
}
Competitor.handlers = {
    **Session.handlers,
    Name: Competitor._name,
}
