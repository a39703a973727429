"""One player as the host hears them: a message in, one reply out. Pure.

A session knows nothing of sockets. Who it is, its `Identity` knows; what it plays, the `Part` it
holds; what each command does, its handler. What it needs from outside (a new secret, the store's
memory) it asks of its `Host`; what must be stored and told to others goes into the `Step`.
"""

from __future__ import annotations

from typing import NamedTuple

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.protocol.commands import Finish, parse
from justeprix.protocol.replies import error_line
from justeprix.protocol.words import MAX_DIGITS
from justeprix.session.guesses import count
from justeprix.session.handlers import handler_of
from justeprix.session.identity import Identity
from justeprix.session.part import Part
from justeprix.session.speaker import Handler
from justeprix.session.step import Step

__all__ = ["MAX_HELD", "Rejected", "Session"]

MAX_HELD = 100
"""Messages held back while their sender waits for a round."""


class Rejected(NamedTuple):
    """A message that got an `erreur`, and the code of that."""

    code: ErrorCode
    message: bytes


class Session:
    """One player's messages and replies. `handle` takes each message, in order.

    `plays` is what it plays now.
    """

    __slots__ = (
        "_held",
        "admitted",
        "follows",
        "host",
        "identity",
        "over",
        "plays",
        "rejected",
        "said_at",
        "surcharge",
        "waiting",
    )

    def __init__(self, identity: Identity, plays: Part) -> None:
        self.identity = identity
        self.host = identity.host
        self.plays = plays
        self.follows = False
        self.admitted = self.host.unlocked  # or has said the code, or a token
        self.waiting = False  # for a round: the answer to `pret` is still owed
        self.over = False  # this link must end
        self.said_at = float("-inf")  # when it last spoke to the others
        self.surcharge = 0  # messages that the last ones cost beyond their number
        self.rejected: Rejected | None = None  # the last one; whoever has looked at it resets it
        self._held: list[bytes] = []  # what was said while waiting

    @property
    def id(self) -> int:
        """The id under which the store and the roster know it."""
        return self.identity.id

    @property
    def key(self) -> tuple[int, int]:
        """(id, epoch): what a store fences."""
        return self.identity.key

    @property
    def resumable(self) -> bool:
        """Whether the session has a token, and so outlives its connection."""
        return self.identity.resumable

    def play(self, message: bytes, step: Step) -> str:
        """Answer a guess that concerns nobody else; empty if it is none, for `handle` to answer.

        Nearly every message is one. It touches nothing that others share, and so needs no lock.
        """
        if self.waiting or len(message) > MAX_DIGITS or not message.isdigit():
            return ""
        number, plays = int(message), self.plays
        bounds = plays.game.bounds
        if not bounds.low <= number <= bounds.high:
            return ""
        game = plays.ongoing(step)
        return "" if game is None else count(self.identity, plays, game, number, step)

    def handle(self, message: bytes, step: Step) -> str:
        """Answer one message with one line, without its ending; empty if the answer must wait.

        Raises nothing of its own; what the host's store raises passes through.
        """
        if self.waiting:
            return self._hold(message, step)
        try:
            command = parse(message)
            handler = handler_of(command)
            if not self.admitted:
                _check_polite(handler)
            if handler.check is not None:
                handler.check(self, command)
            if handler.by_player and not self.identity.is_player:
                self.identity.take_part()
            self.surcharge += handler.cost - 1
            return handler.answer(self, command, step)
        except ProtocolError as error:
            self.rejected = Rejected(error.code, message)
            return error_line(error)

    # Waiting for a round. What is said meanwhile is held back, so that answers keep the order of
    # the questions.

    def release(self) -> list[bytes]:
        """End the wait: return what was held back, to be handled after the answer to `pret`."""
        self.waiting = False
        held, self._held = self._held, []
        return held

    def _hold(self, message: bytes, step: Step) -> str:
        if _says_fin(message):
            self.release()
            return self.handle(message, step)  # answers `pret` too
        if len(self._held) >= MAX_HELD:
            self.over = True
            return error_line(
                ProtocolError(
                    ErrorCode.ATTENTE, "pret attend la manche : reviens, et patiente avec moi"
                )
            )
        self._held.append(message)
        return ""


def _check_polite(handler: Handler) -> None:
    """Refuse what is not for those who have not said the code. Raises ProtocolError(code)."""
    if not handler.at_the_door:
        raise ProtocolError(ErrorCode.CODE, "dis d'abord le code de la partie, comme : code 1234")


def _says_fin(message: bytes) -> bool:
    try:
        return type(parse(message)) is Finish
    except ProtocolError:
        return False
