"""What the host of a check does out of the ordinary, message by message. Pure.

All strike in mid-game, at the second answer, unless they say otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from justeprix.errors import ErrorCode
from justeprix.protocol.replies import Answered, Error, Goodbye, Greeting, read
from justeprix.protocol.words import Word

__all__ = [
    "LATE",
    "Delivery",
    "HostMessage",
    "Mischief",
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


class Delivery(NamedTuple):
    """Send `data`, `after` seconds after the delivery before; then `close` the link, or not.

    `lines`: what the client has whole once that is sent.
    """

    data: bytes = b""
    lines: tuple[str, ...] = ()
    after: float = 0.0
    close: bool = False


class HostMessage(NamedTuple):
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
    def whole(self) -> Delivery:
        """The delivery that sends it as it is."""
        return Delivery(self.data, (self.line,))


Mischief = Callable[[HostMessage], Sequence[Delivery]]


def faithful(message: HostMessage) -> Sequence[Delivery]:
    """No mischief: pass the message on."""
    return [message.whole]


def hold_greeting(message: HostMessage) -> Sequence[Delivery]:
    """Greet late."""
    return [message.whole._replace(after=HOLD if _greets(message) else 0.0)]


def halve(message: HostMessage) -> Sequence[Delivery]:
    """Cut the greeting, the first answers and `gagné` in two: inside the é, where there is one."""
    early = message.answer and message.answers < HALVED
    if not (early or message.answer == Word.GAGNE or _greets(message)):
        return [message.whole]
    accent = message.data.find("é".encode())
    cut = accent + 1 if accent >= 0 else len(message.data) // 2
    first, second = message.data[:cut], message.data[cut:]
    return [Delivery(first), Delivery(second, (message.line,), after=BETWEEN)]


def _at_second_answer(deliveries: Callable[[HostMessage], Sequence[Delivery]]) -> Mischief:
    def mischief(message: HostMessage) -> Sequence[Delivery]:
        return deliveries(message) if message.answer and message.answers == 1 else [message.whole]

    return mischief


def _greets(message: HostMessage) -> bool:
    return isinstance(read(message.line), Greeting)


def _packed(line: str, message: HostMessage) -> bytes:
    """Return a line in the dialect of the client, which is that of the message."""
    return (line + "\n" * message.data.endswith(b"\n")).encode()


hold_answer = _at_second_answer(lambda message: [message.whole._replace(after=LATE)])
"""Answer late."""

say_end = _at_second_answer(lambda message: [Delivery(_packed(END, message), (END,), close=True)])
"""Say FIN instead of the answer, and close."""

close_link = _at_second_answer(lambda message: [Delivery(close=True)])
"""Close instead of answering."""

glue_end = _at_second_answer(
    lambda message: [
        Delivery(message.data + _packed(END, message), (message.line, END)),
        Delivery(after=OPEN, close=True),
    ]
)
"""Send the answer and FIN in one go, and close only later."""

refuse = _at_second_answer(lambda message: [Delivery(_packed(REFUSAL, message), (REFUSAL,))])
"""Refuse the guess."""
