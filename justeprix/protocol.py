"""The words on the wire, each written once; lines into commands, replies into lines. Pure.

`rules.md` is the reference: what a line means to its sender stands there. A command is a small
immutable tuple, so the same line always parses to the same command and can be remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.game import Answer, Bounds

__all__ = [
    "ANSWERS",
    "MAX_DIGITS",
    "MAX_LINE",
    "PORT",
    "Ask",
    "Code",
    "Command",
    "Finish",
    "Guess",
    "Http",
    "Name",
    "NumberedGuess",
    "Phase",
    "Ping",
    "Say",
    "SessionRequest",
    "Word",
    "error_line",
    "greeting",
    "parse",
    "parse_greeting",
    "parse_round",
    "printable",
    "round_label",
    "round_line",
]

PORT = 2300
MAX_LINE = 512  # bytes, without the line ending
MAX_DIGITS = 12


class Word(StrEnum):
    """Every fixed word of the protocol."""

    # From the player.
    FIN = "fin"
    NOM = "nom"
    PRET = "pret"
    BORNES = "bornes"
    SCORES = "scores"
    PING = "ping"
    DIRE = "dire"
    SCEAU = "sceau"
    AIDE = "aide"
    SESSION = "session"
    CODE = "code"
    SUIVRE = "suivre"
    # From the host.
    HELLO = "hello justeprix/1"
    PLUS = "plus"
    MOINS = "moins"
    GAGNE = "gagné"
    GOODBYE = "FIN"
    MANCHE = "manche"
    PONG = "pong"
    OK = "ok"
    MESSAGE = "message"
    SECRET = "secret"  # noqa: S105 (a word of the protocol, not a password)
    RESULTAT = "resultat"
    ETAT = "etat"
    SHUTDOWN = "shutdown"
    ERREUR = "erreur"


class Phase(StrEnum):
    """Where the room is; the word that `etat` shows."""

    PRACTICE = "entrainement"
    LOBBY = "salle"
    ROUND = "manche"
    PAUSE = "pause"
    FINISHED = "finie"


ANSWERS = {
    Answer.HIGHER: Word.PLUS.value,
    Answer.LOWER: Word.MOINS.value,
    Answer.FOUND: Word.GAGNE.value,
}
"""What each answer is called. `plus`: the secret is greater than the guess."""


class Guess(NamedTuple):
    """`50`."""

    number: int


class NumberedGuess(NamedTuple):
    """`#7 50`."""

    seq: int
    number: int


class Name(NamedTuple):
    """`nom Ada`; the name as the player wrote it."""

    name: str


class Say(NamedTuple):
    """`dire salut`."""

    text: str


class Ping(NamedTuple):
    """`ping bonjour`."""

    text: str


class SessionRequest(NamedTuple):
    """`session` (token empty) or `session <token>`."""

    token: str


class Code(NamedTuple):
    """`code 4821`."""

    code: str


class Ask(NamedTuple):
    """A word that takes nothing: `bornes`, `scores`, `sceau`, `pret`, `suivre`, `aide`."""

    word: Word


class Finish(NamedTuple):
    """`FIN`, in any case."""


class Http(NamedTuple):
    """A browser or a proxy that knocked at the wrong port."""


Command = Guess | NumberedGuess | Name | Say | Ping | SessionRequest | Code | Ask | Finish | Http

_NUMBER = re.compile(rf"[+-]?[0-9]{{1,{MAX_DIGITS}}}")
_SEQ = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}")
_BOUND = rf"(-?[0-9]{{1,{MAX_DIGITS}}})"
_ROUND = re.compile(rf"{Word.MANCHE} ([0-9]{{1,18}}) entre {_BOUND} et {_BOUND}")
_LIKE_NUMBER = re.compile(r"[+\-\d]")
_HTTP = re.compile(r"[A-Z]+ \S+ HTTP/\d(\.\d)?")


def _number(text: str) -> int:
    # int() alone would take 1_000, ٥٠ and ５０.
    if not _NUMBER.fullmatch(text):
        raise ProtocolError(
            ErrorCode.NOMBRE,
            f"envoie un nombre entier, {MAX_DIGITS} chiffres au plus, par exemple 50",
        )
    return int(text)


def _numbered_guess(text: str) -> NumberedGuess:
    seq, _, number = text.removeprefix("#").partition(" ")
    if not _SEQ.fullmatch(seq):
        raise ProtocolError(
            ErrorCode.SEQUENCE, "écris le numéro du coup puis ton nombre, comme : #7 50"
        )
    return NumberedGuess(int(seq), _number(number.strip()))


_WITH_TEXT: dict[str, Callable[[str], Command]] = {
    Word.NOM.value: Name,
    Word.DIRE.value: Say,
    Word.PING.value: Ping,
    Word.SESSION.value: SessionRequest,
    Word.CODE.value: Code,
}
_ALONE: dict[str, Command] = {
    Word.FIN.value: Finish(),
    **{
        word.value: Ask(word)
        for word in (Word.BORNES, Word.SCORES, Word.SCEAU, Word.PRET, Word.SUIVRE, Word.AIDE)
    },
}


@lru_cache(maxsize=4096)
def parse(line: bytes) -> Command:
    r"""Read one message, with or without its `\r`.

    Raises ProtocolError and nothing else, whatever the bytes.
    """
    if len(line) > MAX_LINE:
        raise ProtocolError(ErrorCode.LONGUEUR, f"message trop long : {MAX_LINE} octets au plus")
    try:
        text = line.decode().strip()
    except UnicodeDecodeError:
        raise ProtocolError(
            ErrorCode.UTF8, "octets illisibles : encode ton texte en UTF-8"
        ) from None
    if not text:
        raise ProtocolError(ErrorCode.VIDE, "ligne vide : envoie un nombre, ou aide")
    if text[0] == "#":
        return _numbered_guess(text)
    word, _, rest = text.partition(" ")
    word = word.lower()
    if rest == "" and word in _ALONE:
        return _ALONE[word]
    if word in _WITH_TEXT:
        return _WITH_TEXT[word](rest.strip())
    if _HTTP.fullmatch(text):
        return Http()
    if _LIKE_NUMBER.match(text):
        return Guess(_number(text))
    raise ProtocolError(ErrorCode.COMMANDE, "commande inconnue : envoie un nombre, ou aide")


def printable(text: str) -> str:
    """Return what somebody wrote, fit for one line of any screen: other signs are blanks."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def error_line(error: ProtocolError) -> str:
    """Return the line that tells its sender what was wrong."""
    return f"{Word.ERREUR} {error.code} {error}"


def greeting(bounds: Bounds) -> str:
    """Return the first line a player reads; its last and third-last words are the bounds."""
    return f"{Word.HELLO} entre {bounds.low} et {bounds.high}"


def round_line(number: int, bounds: Bounds) -> str:
    """Return the line that answers `pret`: a round, or in practice a secret, to play."""
    return f"{round_label(number)} entre {bounds.low} et {bounds.high}"


def round_label(number: int) -> str:
    """Return what the secret of a round is sealed for: the first words of its announcement."""
    return f"{Word.MANCHE} {number}"


def parse_round(line: str) -> tuple[int, Bounds] | None:
    """Read the number and the bounds of an announced round; None if the line announces none."""
    told = _ROUND.fullmatch(line)
    return told and (int(told[1]), Bounds(int(told[2]), int(told[3])))


def parse_greeting(line: str) -> Bounds:
    """Read the bounds from a greeting; raises ValueError if it is none of ours."""
    words = line.split()
    if not line.startswith(f"{Word.HELLO} ") or len(words) < 5:
        raise ValueError(line)
    bounds = Bounds(int(words[-3]), int(words[-1]))
    if bounds.low > bounds.high:
        raise ValueError(line)
    return bounds
