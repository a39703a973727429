"""One player's conversation: a message in, one reply out. Pure.

A session knows nothing of sockets. What it needs from outside (a new secret, the store's memory)
it asks of its `Host`; what must be stored and told to others it writes into the `Step`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from justeprix.commands import (
    Ask,
    Code,
    Command,
    Finish,
    Guess,
    Http,
    Name,
    NumberedGuess,
    Ping,
    Say,
    SessionRequest,
    parse,
)
from justeprix.errors import ErrorCode, ProtocolError
from justeprix.game import compare, seal
from justeprix.host import Host
from justeprix.news import Named, Said, Won
from justeprix.records import GuessRow
from justeprix.replies import ANSWERS, RoundAnnounced, error_line
from justeprix.seat import Seat
from justeprix.step import Step
from justeprix.words import MAX_DIGITS, Word, printable

__all__ = ["SEAL_LABEL", "Refusal", "Session"]

SEAL_LABEL = "session"
"""What a practice secret is sealed for; a competition seals with the name of its round."""

MAX_TEXT = 200
"""Characters of one chat message."""

HEAVY = 20
"""Messages that a question about everybody counts for, against the allowed rate."""

TEXT_PAUSE = 2.0
"""Seconds between two chat messages of one session."""


class Refusal(NamedTuple):
    """A message that got an `erreur`, and the code of that."""

    code: ErrorCode
    message: bytes


class Session(Seat):
    """One player's conversation. `handle` takes each message, in order."""

    questions: ClassVar[dict[Word, Callable[[Any, Step], str]]]
    """What answers each word that stands alone."""

    handlers: ClassVar[dict[type, Callable[[Any, Any, Step], str]]]
    """What answers each kind of command but a plain guess."""

    waiting = False
    """Whether a reply is still owed: only in a competition, see competitor.py."""

    logged = True
    """Whether guesses need no row of their own while there is no token."""

    __slots__ = ("_plays", "_said_at", "admitted", "extra", "follows", "over", "refused")

    def __init__(self, id: int, host: Host) -> None:
        super().__init__(id, host)
        self.follows = False
        self.admitted = host.unlocked  # or has said the code, or a token
        self._plays = False  # did something that only players do
        self.over = False  # this link must end
        self.extra = 0  # messages that the last ones cost beyond their number
        self.refused: Refusal | None = None  # the last one; whoever has looked at it resets it
        self._said_at = float("-inf")

    def play(self, message: bytes, step: Step) -> str:
        """Answer a guess that concerns nobody else; empty if it is none, for `handle` to answer.

        Nearly every message is one. It touches nothing that others share, and so needs no lock.
        """
        if len(message) > MAX_DIGITS or not message.isdigit():
            return ""
        number, game = int(message), self.game
        bounds = game.bounds
        if not bounds.low <= number <= bounds.high:
            return ""
        if game.found and self.logged and self._token_hash is None:
            self._deal(step)
        elif game.found or not game.guesses:
            return ""  # who begins becomes a player, or enters the round, or is stored first
        return self._count(number, step)

    def handle(self, message: bytes, step: Step) -> str:
        """Answer one message with one line, without its ending; empty if the answer must wait.

        Raises nothing of its own; what the host's store raises passes through.
        """
        try:
            command = parse(message)
            if not self.admitted:
                _check_polite(command)
            if type(command) is Guess:
                return self._guess(command.number, step)
            return self.handlers[type(command)](self, command, step)
        except ProtocolError as error:
            self.refused = Refusal(error.code, message)
            return error_line(error)

    def release(self) -> list[bytes]:
        """End the wait for a round; return the messages held back meanwhile."""
        return []

    # The game.

    def _guess(self, number: int, step: Step) -> str:
        bounds = self.game.bounds
        if not bounds.low <= number <= bounds.high:
            raise ProtocolError(
                ErrorCode.BORNES,
                f"joue entre {bounds.low} et {bounds.high} : ce coup ne compte pas",
            )
        self._make_playable(step)
        if self._game_row_due and self._lasts:
            self._store_game(step)
        return self._count(number, step)

    def _count(self, number: int, step: Step) -> str:
        """Count a guess in the open game."""
        game = self.game
        self.seq = seq = self.seq + 1
        self._last = number
        if self._token_hash is not None:
            step.rows.guesses.append(GuessRow(game.id, seq, number, step.at, self.id, self.epoch))
        elif self.logged:
            step.rows.logged += (self.id, seq, game.secret, number)
        else:
            step.rows.plain_guesses.append((game.id, seq, number, step.at))
        answer = ANSWERS[game.play(number)]
        if game.found:
            step.news.append(Won(self.id, self.epoch, self._shown_name, game.guesses))
        return answer

    def _numbered_guess(self, command: NumberedGuess, step: Step) -> str:
        seq, number = command
        if not self.resumable:
            raise ProtocolError(ErrorCode.SESSION, "envoie d'abord : session")
        if seq == self.seq + 1:
            return f"{Word.RESULTAT} {seq} {self._guess(number, step)}"
        if not 1 <= seq <= self.seq:
            raise ProtocolError(
                ErrorCode.SEQUENCE, f"le prochain coup porte le numéro {self.seq + 1}"
            )
        return f"{Word.RESULTAT} {seq} {self._answered(seq, number)}"

    def _answered(self, seq: int, number: int) -> str:
        """Return the answer that a guess already got."""
        if seq == self.seq and self._last == number:
            # The last guess was answered by the current game, which is in memory.
            return ANSWERS[compare(self.game.secret, number)]
        known = self.host.recall(self.id, seq)
        if known is None:
            raise ProtocolError(
                ErrorCode.SEQUENCE,
                f"le coup {seq} est d'avant le jeton : il ne peut plus être redemandé",
            )
        if known[0] != number:
            raise ProtocolError(
                ErrorCode.SEQUENCE, f"le coup {seq} est déjà joué avec un autre nombre"
            )
        return ANSWERS[compare(known[1], number)]

    def _make_playable(self, step: Step) -> None:
        """See that `game` is the one in which a guess counts now."""
        if not self._plays:
            self._take_part()
        if self.game.found:
            self._deal(step)

    def _deal(self, step: Step) -> None:
        self.game = self.host.deal(self.game.ordinal + 1)
        self._game_row_due = True
        self._last = None  # it was answered by the game before
        if self.resumable:
            self._store_game(step)  # its seal may be shown now: it must outlive this link

    def _ready(self, step: Step) -> str:
        self._take_part()
        if self.game.found:
            self._deal(step)
        return str(RoundAnnounced(self.game.ordinal, self.game.bounds))

    def _bounds(self, step: Step) -> str:
        return f"{Word.BORNES} {self.game.bounds.low} {self.game.bounds.high}"

    def _seal(self, step: Step) -> str:
        game = self.game
        if game.found:
            return f"{Word.SECRET} {game.secret} {game.nonce}"
        return f"{Word.SCEAU} {seal(SEAL_LABEL, game.secret, game.nonce)}"

    # The session.

    def _session(self, command: SessionRequest, step: Step) -> str:
        if command.token:
            self._resume(command.token, step)
            self.admitted = True
        elif not self.resumable:
            self._token, self._token_hash = self.host.new_token()
            self._open(step)
        self._take_part()
        return f"{Word.SESSION} {self._token} {self.seq} {self._guesses_now}"

    def _code(self, command: Code, step: Step) -> str:
        self.host.enter(command.code)
        if not self.admitted:
            self.admitted = True
            self.host.roster.watch(self.id, watches=False)
        return Word.OK.value

    def _finish(self, command: Finish, step: Step) -> str:
        self.over = self.finished = True
        if self.resumable:
            self._store_session(step)
        return Word.GOODBYE.value

    # The others.

    def _name(self, command: Name, step: Step) -> str:
        self._take_part()
        before = self._shown_name
        name = self.host.roster.rename(self.id, command.name, step.now)
        if self._lasts:
            self._store_session(step)
        if name != before:
            step.news.append(Named(before, name))
        return f"{Word.NOM} {name}"

    def _scores(self, step: Step) -> str:
        self.extra += HEAVY - 1
        return self.host.scores()

    def _take_part(self) -> None:
        """Note that this is a player, and not a screen that only follows."""
        self._plays = True
        self.host.roster.watch(self.id, watches=False)

    def _follow(self, step: Step) -> str:
        if not self._plays:
            self.host.roster.watch(self.id, watches=True)
        self.follows = True
        self.extra += HEAVY - 1
        return self.host.snapshot(self.id)

    def _say(self, command: Say, step: Step) -> str:
        text = printable(command.text).strip()
        if not 1 <= len(text) <= MAX_TEXT:
            raise ProtocolError(
                ErrorCode.TEXTE, f"écris de 1 à {MAX_TEXT} caractères, comme : dire salut"
            )
        if self.host.muted:
            raise ProtocolError(ErrorCode.MUET, self.host.muted)
        if step.now < self._said_at + TEXT_PAUSE:
            raise ProtocolError(ErrorCode.ATTENTE, "attends deux secondes entre deux messages")
        self._said_at = step.now
        step.news.append(Said(self._shown_name, text))
        return Word.OK.value

    def _ping(self, command: Ping, step: Step) -> str:
        return f"{Word.PONG} {printable(command.text).strip()}".rstrip()

    def _help(self, step: Step) -> str:
        return HELP

    def _ask(self, command: Ask, step: Step) -> str:
        return self.questions[command.word](self, step)

    def _http(self, command: Http, step: Step) -> str:
        self.over = True
        raise ProtocolError(
            ErrorCode.HTTP,
            "ce port est celui du jeu : les pages sont à l'adresse http que l'hôte affiche, et"
            " un terminal joue avec justeprix play --server ADRESSE",
        )


AT_THE_DOOR = (Code, Ping, Finish, Http)


def _check_polite(command: Command) -> None:
    """Refuse what is not for those who have not said the code. Raises ProtocolError(code)."""
    back = type(command) is SessionRequest and command.token
    if not (back or type(command) in AT_THE_DOOR or command == Ask(Word.AIDE)):
        raise ProtocolError(ErrorCode.CODE, "dis d'abord le code de la partie, comme : code 1234")


HELP = (
    "aide : un nombre joue ; nom Ada ; bornes ; scores ; pret ; dire salut ; sceau ; "
    "ping mot ; code 1234 ; session ; suivre ; aide ; FIN termine"
)

Session.questions = {
    Word.BORNES: Session._bounds,
    Word.SCORES: Session._scores,
    Word.SCEAU: Session._seal,
    Word.PRET: Session._ready,
    Word.SUIVRE: Session._follow,
    Word.AIDE: Session._help,
}

Session.handlers = {
    NumberedGuess: Session._numbered_guess,
    Name: Session._name,
    Say: Session._say,
    Ping: Session._ping,
    SessionRequest: Session._session,
    Code: Session._code,
    Ask: Session._ask,
    Finish: Session._finish,
    Http: Session._http,
}
