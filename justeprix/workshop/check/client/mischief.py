"""What the host of a check does out of the ordinary, message by message. Pure.

All strike in mid-game, at the second answer, unless they say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from justeprix.errors import ErrorCode
from justeprix.replies import Answered, Error, Goodbye, Greeting, read
from justeprix.words import Word

__all__ = [
    "LATE",
    "Mischief",
    "Reply",
    "Step",
    "close_link",
    "faithful",
    "glue_end",
    "halve",
    "hold_answer",
    "hold_greeting",
    "refuse",
    "say_end",
]

HOLD = 0.5
"""Seconds for which the greeting is held: a client that does not wait for it speaks up."""

BETWEEN = 0.2
"""Seconds between two halves: far more than a client needs to take the first for all."""

LATE = 2.5
"""Seconds by which an answer is late: more than the 1 or 2 of a hasty settimeout()."""

OPEN = 4.0
"""Seconds for which the link stays open behind a glued FIN: what it says must be enough."""

HALVED = 6
"""Answers that are cut in two, the first ones; a hundred of them would take too long."""

END = str(Goodbye())
REFUSAL = str(Error(ErrorCode.ATTENTE, "trop vite : propose encore"))


class Step(NamedTuple):
    """Send `data`, `after` seconds after the step before; then `close` the link, or not.

    `lines`: what the client has whole once that is sent.
    """

    data: bytes = b""
    lines: tuple[str, ...] = ()
    after: float = 0.0
    close: bool = False


class Reply(NamedTuple):
    """One message of the host, with its newline if the client knows newlines.

    `answers` counts those to guesses that came before, on whatever connection.
    """

    data: bytes
    answers: int

    @property
    def line(self) -> str:
        """The message as text, without its newline."""
        return self.data.decode().rstrip("\n")

    @property
    def answer(self) -> str:
        """`plus`, `moins`, `gagné`, or nothing if it answers no guess."""
        told = read(self.line)
        return told.answer if isinstance(told, Answered) else ""

    @property
    def whole(self) -> Step:
        """The step that sends it as it is."""
        return Step(self.data, (self.line,))


Mischief = Callable[[Reply], Sequence[Step]]


def faithful(reply: Reply) -> Sequence[Step]:
    """No mischief: pass the message on."""
    return [reply.whole]


def hold_greeting(reply: Reply) -> Sequence[Step]:
    """Greet late."""
    return [reply.whole._replace(after=HOLD if _greets(reply) else 0.0)]


def halve(reply: Reply) -> Sequence[Step]:
    """Cut the greeting, the first answers and `gagné` in two: inside the é, where there is one."""
    if not (
        reply.answer == Word.GAGNE or _greets(reply) or (reply.answer and reply.answers < HALVED)
    ):
        return [reply.whole]
    accent = reply.data.find("é".encode())
    cut = accent + 1 if accent >= 0 else len(reply.data) // 2
    first, second = reply.data[:cut], reply.data[cut:]
    return [Step(first), Step(second, (reply.line,), after=BETWEEN)]


def _at_second_answer(steps: Callable[[Reply], Sequence[Step]]) -> Mischief:
    def mischief(reply: Reply) -> Sequence[Step]:
        return steps(reply) if reply.answer and reply.answers == 1 else [reply.whole]

    return mischief


def _greets(reply: Reply) -> bool:
    return isinstance(read(reply.line), Greeting)


def _packed(line: str, reply: Reply) -> bytes:
    """Return a line in the dialect of the client, which is that of the reply."""
    return (line + "\n" * reply.data.endswith(b"\n")).encode()


hold_answer = _at_second_answer(lambda reply: [reply.whole._replace(after=LATE)])
"""Answer late."""

say_end = _at_second_answer(lambda reply: [Step(_packed(END, reply), (END,), close=True)])
"""Say FIN instead of the answer, and close."""

close_link = _at_second_answer(lambda reply: [Step(close=True)])
"""Close instead of answering."""

glue_end = _at_second_answer(
    lambda reply: [
        Step(reply.data + _packed(END, reply), (reply.line, END)),
        Step(after=OPEN, close=True),
    ]
)
"""Send the answer and FIN in one go, and close only later."""

refuse = _at_second_answer(lambda reply: [Step(_packed(REFUSAL, reply), (REFUSAL,))])
"""Refuse the guess."""
