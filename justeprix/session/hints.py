r"""What the teacher may like to hear of a client that a pupil wrote. Pure: it only looks.

Nothing in here changes what the client gets: it is understood as well as can be, and the hint says
what its author could do better. Only plain sockets are looked at; a browser's page is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from justeprix.errors import ErrorCode
from justeprix.game.secret import Bounds
from justeprix.protocol.codec import Codec
from justeprix.protocol.lines import Dialect, LineCodec
from justeprix.protocol.words import MAX_DIGITS, MAX_LINE, Word
from justeprix.session.events import Hint
from justeprix.session.session import Rejected

__all__ = ["glued", "hints"]

_SUSPECT = frozenset({ErrorCode.BORNES, ErrorCode.NOMBRE, ErrorCode.COMMANDE})
"""What a session says to two messages that came as one."""

_LONE_WORDS = "|".join(
    word.value
    for word in (Word.FIN, Word.PRET, Word.BORNES, Word.SCORES, Word.SCEAU, Word.SUIVRE, Word.AIDE)
)
_DIGITS = rf"[+-]?[0-9]{{1,{MAX_DIGITS}}}"
_WITH_A_WORD = re.compile(
    rf"(?:{_DIGITS}|{_LONE_WORDS})\s{{0,2}}(?:{_LONE_WORDS})|(?:{_LONE_WORDS})\s{{0,2}}{_DIGITS}",
    re.ASCII | re.IGNORECASE,
)
_NUMBER = re.compile(rf"[+-]?(?:0|[1-9][0-9]{{0,{MAX_DIGITS - 1}}})")  # as programs write one

_LONGEST = 2 * (MAX_DIGITS + 1) + 2
"""Characters of two messages that came as one; a longer one is not looked at."""


def hints(
    codec: Codec, first: bytes, rejected: Rejected | None, bounds: Bounds
) -> Iterator[tuple[Hint, str]]:
    """Yield each hint that a connection gives rise to, with what it sent, fit for a terminal.

    `first` is the first message of those just heard, `rejected` the last that got an `erreur`.
    """
    if not isinstance(codec, LineCodec):
        return
    if rejected and rejected.code == ErrorCode.HTTP:
        yield Hint.HTTP, ""
    elif codec.dialect is not Dialect.LINES:
        # An overlong start is handed out before anybody knows how it ends.
        if codec.dialect is Dialect.UNFRAMED or len(first) <= MAX_LINE:
            yield Hint.UNFRAMED, ""
        if rejected and rejected.code in _SUSPECT and (sent := glued(rejected.message, bounds)):
            yield Hint.GLUED, sent


def glued(message: bytes, bounds: Bounds) -> str:
    """Return a message that looks like two in one, in printable signs; empty if it does not.

    Two numbers, or a number and a word, or two words. Only what is made
    of these is ever returned, so never a token.
    """
    if len(message) > _LONGEST:
        return ""
    text = message.decode("ascii", "replace").strip()
    if _WITH_A_WORD.fullmatch(text) or _two_numbers(text, bounds):
        return " ".join(text.split())
    return ""


def _two_numbers(text: str, bounds: Bounds) -> bool:
    """Whether it can be cut into two that can be played: `5075`, but not `150` between 1 and 100.

    With no more signs than a bound has, it is rather one number that is out of bounds.
    """
    longest = max(len(str(bounds.low)), len(str(bounds.high)))
    return len(text) > longest and any(
        _playable(text[:cut], bounds) and _playable(text[cut:], bounds)
        for cut in range(1, len(text))
    )


def _playable(text: str, bounds: Bounds) -> bool:
    number = text.strip()
    return bool(_NUMBER.fullmatch(number)) and bounds.low <= int(number) <= bounds.high
