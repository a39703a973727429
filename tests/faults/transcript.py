"""A page of the book, read: which line answers which, and the guesses that lie in them.

A link is cut into *stints*, the time it speaks for one session: `session <another's token>` begins
the next. In a stint the sequence number of every guess is known, of a plain one too: the host
answers in order, and a session begins at 1. Only after `nom`, which may come with a seat and its
guesses, it is not, until `session` tells it.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.faults.recorder import Kind, Link

__all__ = ["Exchange", "Guess", "Page", "Resumption", "Stint", "read", "state_of"]

ANSWERS = ("plus", "moins", "gagné")
UNASKED = ("hello", "message", "shutdown")

_NUMBERED = re.compile(r"#([0-9]{1,12}) +([+-]?[0-9]{1,12})")
_PLAIN = re.compile(r"[+-]?[0-9]{1,12}")
_RESULT = re.compile(rf"resultat ([0-9]+) ({'|'.join(ANSWERS)})")
_SESSION = re.compile(r"session ([0-9a-f]{32,}) ([0-9]+) ([0-9]+)")


class Line(NamedTuple):
    """One message or one reply, when it was whole."""

    at: float
    text: str


class Exchange(NamedTuple):
    """A message and its reply; None if none came."""

    sent_at: float
    message: str
    got_at: float | None
    reply: str | None


@dataclass
class Guess:
    """One number that was sent, and what came back. `seq` is None where nobody can know it."""

    who: str
    link: int
    sent_at: float
    seq: int | None
    number: int
    got_at: float | None = None
    answer: str | None = None

    def __str__(self) -> str:
        seq = "" if self.seq is None else f"#{self.seq} "
        return f"{self.who} (link {self.link}): {seq}{self.number} -> {self.answer}"


class Resumption(NamedTuple):
    """`session <token> <last> <count>`; `again`: the token was in the question."""

    sent_at: float
    got_at: float
    token: str
    last: int
    count: int
    again: bool


@dataclass
class Stint:
    """What one link said for one session."""

    page: Page
    token: str = ""
    name: str = ""
    exchanges: list[Exchange] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)
    resumptions: list[Resumption] = field(default_factory=list)

    @property
    def who(self) -> str:
        return self.page.link.who

    @property
    def answered(self) -> list[Guess]:
        return [guess for guess in self.guesses if guess.answer is not None]

    def __str__(self) -> str:
        return f"{self.page.link}"


class Page:
    """What a link said and heard. `strange` are lines that answer nothing."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.bare = not any(b"\n" in e.data for e in link.entries if e.kind is Kind.SENT)
        self.messages = list(_lines(link, Kind.SENT, self.bare))
        self.heard = list(_lines(link, Kind.GOT, self.bare))
        self.unasked: list[Line] = []
        self.strange: list[Line] = []
        self.exchanges: list[Exchange] = [] if link.rubbish else self._pair()
        self.stints: list[Stint] = list(_stints(self))

    def _pair(self) -> list[Exchange]:
        """Find the reply to each message; the host speaks first, and answers in order."""
        replies: dict[int, Line] = {}
        waiting: deque[int] = deque()
        coming = deque(enumerate(self.messages))
        for heard in self.heard:
            while coming and coming[0][1].at <= heard.at:
                waiting.append(coming.popleft()[0])
            asked = self.messages[waiting[0]].text.strip().lower() if waiting else ""
            if _is_unasked(heard.text, asked):
                self.unasked.append(heard)
            elif waiting:
                replies[waiting.popleft()] = heard
            else:
                self.strange.append(heard)
        return [
            Exchange(message.at, message.text, *(replies.get(n) or (None, None)))
            for n, message in enumerate(self.messages)
        ]


def _is_unasked(text: str, asked: str) -> bool:
    """Whether the host says this of its own accord, while that message waits for its reply."""
    word = text.partition(" ")[0]
    if word == "etat":
        return asked != "suivre"
    if text == "FIN":
        return asked not in ("fin", "pret")
    return word in UNASKED or text.startswith(("erreur delai", "erreur complet"))


def read(link: Link) -> Page:
    """Read one page of the book."""
    return Page(link)


def state_of(text: str) -> dict[str, Any] | None:
    """Return what an `etat` line says; None for any other line."""
    word, _, rest = text.partition(" ")
    return json.loads(rest) if word == "etat" else None


def _lines(link: Link, kind: Kind, bare: bool) -> Iterator[Line]:
    """Yield whole lines; without newlines each segment is a message, but the greeting has one."""
    rest = b""
    for entry in link.entries:
        if entry.kind is not kind:
            continue
        *lines, rest = (rest + entry.data).split(b"\n")
        if bare:
            lines, rest = [line for line in (*lines, rest) if line], b""
        for line in lines:
            yield Line(entry.at, line.decode("utf-8", "replace").rstrip("\r"))


def _stints(page: Page) -> Iterator[Stint]:
    stint, last = Stint(page), 0
    for exchange in page.exchanges:
        message, reply = exchange.message.strip(), exchange.reply or ""
        session = _SESSION.fullmatch(reply)
        if session and message.lower().startswith("session"):
            token, seq, count = session[1], int(session[2]), int(session[3])
            again = len(message.split()) > 1
            if again and token != stint.token:
                yield stint
                stint = Stint(page)
            assert exchange.got_at is not None
            stint.token = token
            stint.resumptions.append(
                Resumption(exchange.sent_at, exchange.got_at, token, seq, count, again)
            )
            _number_backwards(stint, seq)
            last = seq
        elif message.lower().startswith("nom ") and reply.startswith("nom "):
            stint.name = reply.removeprefix("nom ")
            if not stint.answered:
                last = None  # a seat may have come with it
        else:
            last = _note_guess(stint, exchange, last)
        stint.exchanges.append(exchange)
    yield stint


def _number_backwards(stint: Stint, last: int) -> None:
    """Number the answered guesses of which the seq was not known, from the last one down."""
    unknown = [guess for guess in stint.answered if guess.seq is None]
    for seq, guess in zip(range(last, 0, -1), reversed(unknown), strict=False):
        guess.seq = seq


def _note_guess(stint: Stint, exchange: Exchange, last: int | None) -> int | None:
    """Keep a guess that was answered, or that may have been counted; return the last seq."""
    message, reply = exchange.message.strip(), exchange.reply
    numbered = _NUMBERED.fullmatch(message)
    if numbered is None and not _PLAIN.fullmatch(message):
        return last
    number = int(numbered[2] if numbered else message)
    seq = int(numbered[1]) if numbered else None
    link = stint.page.link
    guess = Guess(link.who, link.number, exchange.sent_at, seq, number)
    if reply is not None:
        result = _RESULT.fullmatch(reply)
        answer = result[2] if result else reply
        if answer not in ANSWERS:
            return last  # refused: nothing was counted
        guess.got_at, guess.answer = exchange.got_at, answer
        if result:
            guess.seq = int(result[1])
            last = max(last or 0, guess.seq)
        elif last is not None:
            guess.seq = last = last + 1
    stint.guesses.append(guess)
    return last
