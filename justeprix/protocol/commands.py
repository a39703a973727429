"""What a player says: lines into commands. Pure.

`rules.md` is the reference: what a line means to its sender stands there. A command is a small
immutable tuple, so the same line always parses to the same command and can be remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.protocol.words import MAX_DIGITS, MAX_LINE, Word

__all__ = [
    "Ask",
    "Code",
    "Command",
    "Finish",
    "Guess",
    "Http",
    "Name",
    "NumberedGuess",
    "Ping",
    "Resume",
    "Say",
    "SessionRequest",
    "parse",
]


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
    """`session`: asks for a token."""


class Resume(NamedTuple):
    """`session <token>`."""

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


Command = (
    Guess | NumberedGuess | Name | Say | Ping | SessionRequest | Resume | Code | Ask | Finish | Http
)

_NUMBER = re.compile(rf"[+-]?[0-9]{{1,{MAX_DIGITS}}}")
_SEQ = re.compile(rf"[0-9]{{1,{MAX_DIGITS}}}")
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
    Word.SESSION.value: Resume,
    Word.CODE.value: Code,
}
_ALONE: dict[str, Command] = {
    Word.FIN.value: Finish(),
    Word.SESSION.value: SessionRequest(),
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
