"""One player's conversation: a message in, one reply out. Pure.

A session knows nothing of sockets. What it needs from outside (a new secret, the store's memory)
it asks of its `Host`; what must be stored and told to others it writes into the `Step`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from justeprix.errors import ProtocolError
from justeprix.game import Game, compare, seal
from justeprix.news import Named, Resumed, Said, Won
from justeprix.protocol import (
    ANSWERS,
    Ask,
    Finish,
    Guess,
    Http,
    Name,
    NumberedGuess,
    Ping,
    Say,
    SessionRequest,
    Word,
    error_line,
    parse,
)
from justeprix.roster import Roster
from justeprix.step import GameRow, GuessRow, SavedSession, SessionRow, Step

__all__ = ["SEAL_LABEL", "Host", "Session"]

SEAL_LABEL = "session"
"""What a practice secret is sealed for; a competition seals with the id of its round."""

MAX_TEXT = 200
"""Characters of one chat message."""

TEXT_PAUSE = 2.0
"""Seconds between two chat messages of one session."""


class Host(Protocol):
    """What a session may ask of the host."""

    roster: Roster

    def deal(self, ordinal: int) -> Game:
        """Draw and seal a new secret for the session's game of that number, from 1."""

    def new_token(self) -> tuple[str, bytes]:
        """Return a fresh token, 128 random bits at least, and its hash."""

    def resume(self, token: str) -> SavedSession:
        """Fence and load a session. Raises ProtocolError(jeton) or ProtocolError(finie)."""

    def recall(self, session: int, seq: int) -> tuple[int, int] | None:
        """Return (number guessed as `seq`, its secret), or None if that never was."""


class Session:
    """One player's conversation. `handle` takes each message, in order."""

    __slots__ = (
        "_game_row_due",
        "_last",
        "_said_at",
        "_session_row_due",
        "_token",
        "_token_hash",
        "epoch",
        "finished",
        "follows",
        "game",
        "host",
        "id",
        "over",
        "seq",
    )

    def __init__(self, id: int, host: Host) -> None:
        self.id = id
        self.host = host
        self.epoch = 1
        self.seq = 0
        self.game = host.deal(1)
        self.follows = False
        self.over = False  # this link must end
        self.finished = False  # the player said FIN: nobody can resume
        self._token = ""
        self._token_hash: bytes | None = None
        self._last: int | None = None  # the number guessed as `seq`
        self._said_at = float("-inf")
        # Nothing is stored before the first guess: an idle connection costs the store nothing.
        self._session_row_due = True
        self._game_row_due = True

    @property
    def resumable(self) -> bool:
        """Whether the session has a token, and so outlives its connection."""
        return self._token_hash is not None

    @property
    def key(self) -> tuple[int, int]:
        """(id, epoch): what a store fences."""
        return self.id, self.epoch

    @property
    def _shown_name(self) -> str:
        return self.host.roster[self.id].name

    def handle(self, message: bytes, step: Step) -> str:
        """Answer one message with one line, without its ending.

        Raises nothing of its own; what the host's store raises passes through.
        """
        try:
            command = parse(message)
            if type(command) is Guess:
                return self._guess(command.number, step)
            return _HANDLERS[type(command)](self, command, step)
        except ProtocolError as error:
            return error_line(error)

    # The game.

    def _guess(self, number: int, step: Step) -> str:
        game = self.game
        bounds = game.bounds
        if not bounds.low <= number <= bounds.high:
            raise ProtocolError(
                "bornes", f"joue entre {bounds.low} et {bounds.high} : ce coup ne compte pas"
            )
        if game.found:
            game = self._deal(step)
        if self._game_row_due:
            self._store_game(step)
        self.seq = seq = self.seq + 1
        self._last = number
        if self._token_hash is None:
            step.plain_guesses.append((game.id, seq, number, step.at))
        else:
            step.guesses.append(GuessRow(game.id, seq, number, step.at, self.id, self.epoch))
        answer = ANSWERS[game.play(number)]
        if game.found:
            step.news.append(Won(self.id, self.epoch, self._shown_name, game.guesses))
        return answer

    def _numbered_guess(self, command: NumberedGuess, step: Step) -> str:
        seq, number = command
        if not self.resumable:
            raise ProtocolError("session", "envoie d'abord : session")
        if seq == self.seq + 1:
            return f"{Word.RESULTAT} {seq} {self._guess(number, step)}"
        if not 1 <= seq <= self.seq:
            raise ProtocolError("sequence", f"le prochain coup porte le numéro {self.seq + 1}")
        return f"{Word.RESULTAT} {seq} {self._answered(seq, number)}"

    def _answered(self, seq: int, number: int) -> str:
        """Return the answer that a guess already got."""
        if seq == self.seq and self._last == number:
            # The last guess was answered by the current game, which is in memory.
            return ANSWERS[compare(self.game.secret, number)]
        known = self.host.recall(self.id, seq)
        if known is None or known[0] != number:
            raise ProtocolError("sequence", f"le coup {seq} est déjà joué avec un autre nombre")
        return ANSWERS[compare(known[1], number)]

    def _deal(self, step: Step) -> Game:
        self.game = self.host.deal(self.game.ordinal + 1)
        self._game_row_due = True
        self._last = None  # it was answered by the game before
        if self.resumable:
            self._store_game(step)  # its seal may be shown now: it must outlive this link
        return self.game

    def _ready(self, step: Step) -> str:
        if self.game.found:
            self._deal(step)
        bounds = self.game.bounds
        return f"{Word.MANCHE} {self.game.ordinal} entre {bounds.low} et {bounds.high}"

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
        elif not self.resumable:
            self._token, self._token_hash = self.host.new_token()
            self._store_session(step)
            if self._game_row_due:
                self._store_game(step)
        return f"{Word.SESSION} {self._token} {self.seq} {self.game.guesses}"

    def _resume(self, token: str, step: Step) -> None:
        saved = self.host.resume(token)
        roster = self.host.roster
        if saved.id != self.id:
            roster.leave(self.id, step.now, may_return=self.resumable)
        self._token, self._token_hash = token, saved.token_hash
        self.id, self.epoch = saved.id, saved.epoch
        self.seq, self._last, self.game = saved.seq, saved.last, saved.game
        self._session_row_due = self._game_row_due = False
        won = self.game.found
        found = self.game.ordinal - (0 if won else 1)
        guesses = self.seq - (0 if won else self.game.guesses)
        player = roster.come_back(self.id, self.epoch, saved.name, found, guesses)
        step.news.append(Resumed(player.name))

    def _finish(self, command: Finish, step: Step) -> str:
        self.over = self.finished = True
        if self.resumable:
            self._store_session(step)
        return Word.GOODBYE.value

    def _store_session(self, step: Step) -> None:
        name = self._shown_name if self.resumable else None
        step.sessions[self.key] = SessionRow(
            self.id, self.epoch, self._token_hash, name, self.finished, step.at
        )
        self._session_row_due = False

    def _store_game(self, step: Step) -> None:
        if self._session_row_due:
            self._store_session(step)
        game, bounds = self.game, self.game.bounds
        first_seq = self.seq - game.guesses + 1
        step.games.append(
            GameRow(
                game.id,
                game.ordinal,
                first_seq,
                bounds.low,
                bounds.high,
                game.secret,
                game.nonce,
                self.id,
                self.epoch,
            )
        )
        self._game_row_due = False

    # The others.

    def _name(self, command: Name, step: Step) -> str:
        before = self._shown_name
        name = self.host.roster.rename(self.id, command.name, step.now)
        if self.resumable:
            self._store_session(step)
        if name != before:
            step.news.append(Named(before, name))
        return f"{Word.NOM} {name}"

    def _scores(self, step: Step) -> str:
        return self.host.roster.score_line()

    def _follow(self, step: Step) -> str:
        self.follows = True
        return self.host.roster.snapshot()

    def _say(self, command: Say, step: Step) -> str:
        text = _visible(command.text)
        if not 1 <= len(text) <= MAX_TEXT:
            raise ProtocolError("texte", f"écris de 1 à {MAX_TEXT} caractères, comme : dire salut")
        if step.now < self._said_at + TEXT_PAUSE:
            raise ProtocolError("attente", "attends deux secondes entre deux messages")
        self._said_at = step.now
        step.news.append(Said(self._shown_name, text))
        return Word.OK.value

    def _ping(self, command: Ping, step: Step) -> str:
        return f"{Word.PONG} {_visible(command.text)}".rstrip()

    def _help(self, step: Step) -> str:
        return HELP

    def _ask(self, command: Ask, step: Step) -> str:
        return _QUESTIONS[command.word](self, step)

    def _http(self, command: Http, step: Step) -> str:
        self.over = True
        raise ProtocolError(
            "http", "ce port est celui du jeu, pas d'une page : justeprix play --server ADRESSE"
        )


def _visible(text: str) -> str:
    """Return what a player wrote, fit to stand in one line of somebody else's screen."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()


HELP = (
    "aide : un nombre joue ; nom Ada ; bornes ; scores ; pret ; dire salut ; sceau ; "
    "ping mot ; session ; suivre ; aide ; FIN termine"
)

_QUESTIONS: dict[Word, Callable[[Session, Step], str]] = {
    Word.BORNES: Session._bounds,
    Word.SCORES: Session._scores,
    Word.SCEAU: Session._seal,
    Word.PRET: Session._ready,
    Word.SUIVRE: Session._follow,
    Word.AIDE: Session._help,
}

_HANDLERS: dict[type, Callable[[Session, Any, Step], str]] = {
    NumberedGuess: Session._numbered_guess,
    Name: Session._name,
    Say: Session._say,
    Ping: Session._ping,
    SessionRequest: Session._session,
    Ask: Session._ask,
    Finish: Session._finish,
    Http: Session._http,
}
