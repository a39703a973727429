"""One player: what it says to each line it hears. Pure: lines and times in, lines out.

What a line is to the player depends on what it has asked, so `hear` is one method after another:

    _greeting -> _door (a code) -> _round (`pret`, in a competition) <-> _answer -> _goodbye

Its game is binary search in lockstep: one guess, one answer. Answers are compared as the bytes
that they are, since there may be a hundred thousand a second; every other line is read.
"""

from __future__ import annotations

from collections.abc import Callable

from justeprix.bench.histogram import bucket
from justeprix.bench.tally import PlayerFault, Tally
from justeprix.errors import ErrorCode
from justeprix.game.secret import Bounds
from justeprix.protocol.replies import (
    Error,
    Goodbye,
    Greeting,
    Ok,
    Reply,
    RoundAnnounced,
    Shutdown,
    read,
)
from justeprix.protocol.words import Word

__all__ = ["ANSWERS", "LoadPlayer"]

HIGHER, LOWER, FOUND = (f"{word}\n".encode() for word in (Word.PLUS, Word.MOINS, Word.GAGNE))
ANSWERS = frozenset((HIGHER, LOWER, FOUND))

READY, GOODBYE = (f"{word}\n".encode() for word in (Word.PRET, Word.GOODBYE))

TOO_LATE = (ErrorCode.ATTENTE, ErrorCode.FINIE)
"""What a guess gets when its round is over: the second after the last one."""

Hear = Callable[[bytes, int], bytes]


class LoadPlayer:
    """One connection's game.

    `hear` takes a line with its end, and when it came in nanoseconds; it returns what to send,
    empty to wait. Whoever sends that notes `sent_at`.
    """

    __slots__ = (
        "_bounds",
        "_code",
        "_contest",
        "_guess",
        "_high",
        "_low",
        "_number",
        "_tally",
        "hear",
        "over",
        "sent_at",
    )

    def __init__(self, tally: Tally, *, code: str, contest: bool) -> None:
        self.hear: Hear = self._greeting
        self.over = False  # nothing more to say or to hear
        self.sent_at = 0
        self._tally = tally
        self._code = code
        self._contest = contest
        self._bounds = Bounds(0, 0)
        self._low = self._high = self._guess = 0
        self._number = 0  # of the round

    @property
    def greeted(self) -> bool:
        """Whether it came in."""
        return self.hear not in (self._greeting, self._door)

    @property
    def playing(self) -> bool:
        """Whether it has guessed and awaits the answer."""
        return self.hear == self._answer

    @property
    def waiting(self) -> bool:
        """Whether it awaits a round."""
        return self.hear == self._round and not self.over

    # What others have it do.

    def begin(self) -> bytes:
        """Start a game between the bounds of the greeting; return the first guess."""
        self.hear = self._answer
        return self._start(self._bounds)

    def leave(self) -> bytes:
        """Return the last line to send."""
        self.hear = self._goodbye
        return GOODBYE

    def lose(self) -> None:
        """Note that the link has ended."""
        if not self.over and self.hear != self._goodbye:
            self._tally.faults[PlayerFault.CUT if self.greeted else PlayerFault.UNHEARD] += 1
        self.over = True

    # What it hears.

    def _greeting(self, line: bytes, now: int) -> bytes:
        hello = _read(line)
        if not isinstance(hello, Greeting):
            return self._refused(hello)
        self._bounds = hello.bounds
        if self._code:
            self.hear = self._door
            return f"{Word.CODE} {self._code}\n".encode()
        return self._enter()

    def _door(self, line: bytes, now: int) -> bytes:
        told = _read(line)
        return self._enter() if isinstance(told, Ok) else self._refused(told)

    def _round(self, line: bytes, now: int) -> bytes:
        told = _read(line)
        if not isinstance(told, RoundAnnounced):
            # All is played, as it should be.
            self.over = self._contest and isinstance(told, Goodbye)
            return b"" if self.over else self._refused(told)
        self._number, bounds = told
        self._tally.announce(self._number, self.sent_at, now)
        self.hear = self._answer
        return self._start(bounds)

    def _answer(self, line: bytes, now: int) -> bytes:
        tally = self._tally
        if line == HIGHER:
            self._low = self._guess + 1
        elif line == LOWER:
            self._high = self._guess - 1
        elif line != FOUND:
            return self._no_answer(_read(line))
        tally.waits[bucket(now - self.sent_at)] += 1
        if self._contest:
            tally.rounds[self._number].ended = now
        if line == FOUND:
            tally.found += 1
            return self._ask() if self._contest else self._start(self._bounds)
        if self._low > self._high:
            tally.faults[PlayerFault.MISFIT] += 1
            return self.leave()
        return self._next()

    def _goodbye(self, line: bytes, now: int) -> bytes:
        self.over = isinstance(_read(line), Goodbye)  # else what was asked before is answered
        return b""

    # What it says.

    def _enter(self) -> bytes:
        self._tally.came += 1
        if self._contest:
            return self._ask()
        self.hear = self._round  # until it is told to begin
        return b""

    def _ask(self) -> bytes:
        self.hear = self._round
        return READY

    def _start(self, bounds: Bounds) -> bytes:
        self._low, self._high = bounds.low, bounds.high
        return self._next()

    def _next(self) -> bytes:
        self._guess = (self._low + self._high) // 2
        return b"%d\n" % self._guess

    # What it did not expect.

    def _no_answer(self, told: Reply) -> bytes:
        if self._contest and isinstance(told, Error) and told.code in TOO_LATE:
            self._tally.late += 1
            return self._ask()
        return self._refused(told)

    def _refused(self, told: Reply) -> bytes:
        """Note what ends the game, and leave."""
        if isinstance(told, Goodbye | Shutdown):
            self._tally.faults[PlayerFault.CLOSED] += 1
            self.over = True
            return b""
        if not isinstance(told, Error):
            fault = PlayerFault.FOREIGN
        else:
            fault = PlayerFault.FULL if told.code == ErrorCode.COMPLET else PlayerFault.REFUSED
            self._tally.errors[told.code] += 1
        self._tally.faults[fault] += 1
        self.over = not self.greeted  # the host closes; its words have been heard
        return b"" if self.over else self.leave()


def _read(line: bytes) -> Reply:
    return read(line.decode("utf-8", "replace").strip())
