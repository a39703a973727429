"""What a host says: each kind of line, written and read in this one place. Pure.

`str(reply)` is the line, without its ending; `read` takes a line apart again, so that for every
reply `read(str(reply)) == reply`. What is none of ours is `Other`: a host may be a newer one, or
a server that a pupil wrote. `rules.md` is the reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from justeprix.errors import ForeignServer, ProtocolError
from justeprix.game.secret import Answer, Bounds, round_label
from justeprix.protocol.words import MAX_DIGITS, Word

__all__ = [
    "ANSWERS",
    "Answered",
    "BoundsTold",
    "Chat",
    "Error",
    "Goodbye",
    "Greeting",
    "Help",
    "NameGiven",
    "Ok",
    "Other",
    "Pong",
    "Reply",
    "RoundAnnounced",
    "Scores",
    "SealTold",
    "SecretTold",
    "SessionOpened",
    "Shutdown",
    "State",
    "error_line",
    "numbered",
    "read",
]

ANSWERS = {
    Answer.HIGHER: Word.PLUS.value,
    Answer.LOWER: Word.MOINS.value,
    Answer.FOUND: Word.GAGNE.value,
}
"""What each answer is called. `plus`: the secret is greater than the guess."""


class Greeting(NamedTuple):
    """`hello justeprix/1 entre 1 et 100`, the first line a player reads."""

    bounds: Bounds

    def __str__(self) -> str:
        return f"{Word.HELLO} {_between(self.bounds)}"


class Answered(NamedTuple):
    """`plus`, `moins` or `gagné`; `resultat 7 plus` if the guess had a number."""

    answer: str
    seq: int | None = None

    def __str__(self) -> str:
        return self.answer if self.seq is None else numbered(self.seq, self.answer)


class RoundAnnounced(NamedTuple):
    """`manche 2 entre 1 et 100` answers `pret`: a round, or in practice a secret, to play."""

    number: int
    bounds: Bounds

    def __str__(self) -> str:
        return f"{round_label(self.number)} {_between(self.bounds)}"


class SessionOpened(NamedTuple):
    """`session <token> <seq of the last guess> <guesses at the current secret>`."""

    token: str
    seq: int
    guesses: int

    def __str__(self) -> str:
        return f"{Word.SESSION} {self.token} {self.seq} {self.guesses}"


class NameGiven(NamedTuple):
    """`nom Ada`."""

    name: str

    def __str__(self) -> str:
        return f"{Word.NOM} {self.name}"


class BoundsTold(NamedTuple):
    """`bornes 1 100`."""

    bounds: Bounds

    def __str__(self) -> str:
        return f"{Word.BORNES} {self.bounds.low} {self.bounds.high}"


class Scores(NamedTuple):
    """`scores 1. Ada 2/14, 2. Bob 1/9`; `listed` is empty while nobody has found anything."""

    listed: str

    def __str__(self) -> str:
        return _and(Word.SCORES, self.listed)


class SealTold(NamedTuple):
    """`sceau <sha256 in hex>` of a secret that is still sought."""

    seal: str

    def __str__(self) -> str:
        return f"{Word.SCEAU} {self.seal}"


class SecretTold(NamedTuple):
    """`secret <number> <nonce in hex>` of one that is found, or whose round is over."""

    secret: int
    nonce: str

    def __str__(self) -> str:
        return f"{Word.SECRET} {self.secret} {self.nonce}"


class Pong(NamedTuple):
    """`pong bonjour`."""

    text: str

    def __str__(self) -> str:
        return _and(Word.PONG, self.text)


class Ok(NamedTuple):
    """`ok`."""

    def __str__(self) -> str:
        return Word.OK.value


class Help(NamedTuple):
    """`aide : …`."""

    text: str

    def __str__(self) -> str:
        return f"{Word.AIDE} : {self.text}"


class State(NamedTuple):
    """`etat {json}`, the whole state of the room: see rules.md for its keys."""

    json: str

    def __str__(self) -> str:
        return _and(Word.ETAT, self.json)

    @contextmanager
    def opened(self) -> Iterator[dict[str, Any]]:
        """Give what it tells to a block that looks at it.

        Raises ForeignServer if it is not what rules.md says: no JSON, or not the keys and the
        kinds of values that the block looks for.
        """
        try:
            yield self.value()
        except (ArithmeticError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise ForeignServer("l'état que l'hôte envoie est illisible") from error

    def value(self) -> dict[str, Any]:
        """Return the state as an object; raises ValueError if it is none."""
        try:
            state = json.loads(self.json)
        except RecursionError as error:
            raise ValueError("too deep") from error
        if not isinstance(state, dict):
            raise ValueError("no object")  # noqa: TRY004 (what came is wrong, not our argument)
        return state


class Chat(NamedTuple):
    """`message Ada : salut`, for those who follow: who, and what they said."""

    text: str

    def __str__(self) -> str:
        return _and(Word.MESSAGE, self.text)


class Error(NamedTuple):
    """`erreur <code> <sentence>`; the code may be one that only a newer host knows, or empty."""

    code: str
    sentence: str

    def __str__(self) -> str:
        return _and(_and(Word.ERREUR, self.code), self.sentence)


class Shutdown(NamedTuple):
    """`shutdown <why>`: the host closes; with `pause`, `shutdown pause <why>`, it will be back.

    An older host says no `pause`: whether it comes back, nobody knows.
    """

    reason: str
    pause: bool = False

    def __str__(self) -> str:
        return _and(f"{Word.SHUTDOWN} {Word.PAUSE}" if self.pause else Word.SHUTDOWN, self.reason)


class Goodbye(NamedTuple):
    """`FIN`: nothing more will come."""

    def __str__(self) -> str:
        return Word.GOODBYE.value


class Other(NamedTuple):
    """A line that no host of this version says."""

    line: str

    def __str__(self) -> str:
        return self.line


Reply = (
    Greeting
    | Answered
    | RoundAnnounced
    | SessionOpened
    | NameGiven
    | BoundsTold
    | Scores
    | SealTold
    | SecretTold
    | Pong
    | Ok
    | Help
    | State
    | Chat
    | Error
    | Shutdown
    | Goodbye
    | Other
)


# Writing.

_RESULTAT = Word.RESULTAT.value  # Python 3.11 looks a member of an enum up slowly


def numbered(seq: int, answer: str) -> str:
    """Return the line that answers `#7 50`."""
    return f"{_RESULTAT} {seq} {answer}"


def error_line(error: ProtocolError) -> str:
    """Return the line that tells its sender what was wrong."""
    return str(Error(error.code, str(error)))


def _and(word: str, text: str) -> str:
    return f"{word} {text}" if text else f"{word}"


def _between(bounds: Bounds) -> str:
    return f"entre {bounds.low} et {bounds.high}"


# Reading.

_COUNT = r"([0-9]{1,18})"
_NUMBER = rf"(-?[0-9]{{1,{MAX_DIGITS}}})"
_ANSWER = f"({'|'.join(ANSWERS.values())})"


def _bounded(kind: Callable[..., Reply]) -> Callable[..., Reply | None]:
    """Return what makes a reply of its numbers; the last two are bounds, None if they cross."""

    def make(*told: str) -> Reply | None:
        *others, low, high = map(int, told)
        return kind(*others, Bounds(low, high)) if low <= high else None

    return make


_SHAPES: dict[str, tuple[str, Callable[..., Reply | None]]] = {
    # The bounds are the last and the third-last word: a later host may say more before them.
    "hello": (rf"{Word.HELLO} (?:.* )?{_NUMBER} \S+ {_NUMBER}", _bounded(Greeting)),
    Word.PLUS.value: (_ANSWER, Answered),
    Word.MOINS.value: (_ANSWER, Answered),
    Word.GAGNE.value: (_ANSWER, Answered),
    Word.RESULTAT.value: (
        f"{Word.RESULTAT} {_COUNT} {_ANSWER}",
        lambda seq, answer: Answered(answer, int(seq)),
    ),
    Word.MANCHE.value: (
        f"{Word.MANCHE} {_COUNT} entre {_NUMBER} et {_NUMBER}",
        _bounded(RoundAnnounced),
    ),
    Word.SESSION.value: (
        rf"{Word.SESSION} (\S+) {_COUNT} {_COUNT}",
        lambda token, seq, guesses: SessionOpened(token, int(seq), int(guesses)),
    ),
    Word.NOM.value: (f"{Word.NOM} (.+)", NameGiven),
    Word.BORNES.value: (f"{Word.BORNES} {_NUMBER} {_NUMBER}", _bounded(BoundsTold)),
    Word.SCORES.value: (f"{Word.SCORES}(?: (.+))?", Scores),
    Word.SCEAU.value: (f"{Word.SCEAU} ([0-9a-f]+)", SealTold),
    Word.SECRET.value: (
        f"{Word.SECRET} {_NUMBER} ([0-9a-f]+)",
        lambda secret, nonce: SecretTold(int(secret), nonce),
    ),
    Word.PONG.value: (f"{Word.PONG}(?: (.+))?", Pong),
    Word.OK.value: (Word.OK.value, Ok),
    Word.AIDE.value: (f"{Word.AIDE} : (.+)", Help),
    Word.ETAT.value: (f"{Word.ETAT}(?: (.+))?", State),
    Word.MESSAGE.value: (f"{Word.MESSAGE}(?: (.+))?", Chat),
    Word.ERREUR.value: (rf"{Word.ERREUR}(?: (\S+)(?: (.+))?)?", Error),
    Word.SHUTDOWN.value: (
        f"{Word.SHUTDOWN}(?: ({Word.PAUSE})(?= |$))?(?: (.+))?",
        lambda pause, reason: Shutdown(reason, bool(pause)),
    ),
    Word.GOODBYE.value: (Word.GOODBYE.value, Goodbye),
}
"""By its first word, what a line looks like, and what it then says."""

_NONE = ("(?!)", Other)


def read(line: str) -> Reply:
    """Take a line apart, without its ending. Raises nothing: what is not ours is `Other`."""
    shape, make = _SHAPES.get(line.partition(" ")[0], _NONE)
    told = re.fullmatch(shape, line, re.DOTALL)  # compiled when first met: there are twenty
    reply = make(*told.groups("")) if told else None
    return Other(line) if reply is None else reply
