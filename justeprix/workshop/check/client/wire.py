"""What went between a client and the host during one run, as the relay saw it.

The relay's thread writes, the check's thread waits: both under `changed`.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from justeprix.errors import ProtocolError
from justeprix.french import decimal
from justeprix.protocol.commands import Finish, Guess, NumberedGuess, parse
from justeprix.protocol.replies import (
    Answered,
    Chat,
    Error,
    Goodbye,
    Greeting,
    Shutdown,
    State,
    read,
)
from justeprix.protocol.words import Word
from justeprix.workshop.check.client.played import PlayedGuess
from justeprix.workshop.check.finding import Transcript

__all__ = ["Wire"]

CLIENT, HOST = "ton client", "l'hôte"

NOTES = 1000
"""Exchanges written down at most: a client that floods must not fill the memory."""


Reader = Callable[[str, PlayedGuess | None], None]


class Wire:
    """All that happened.

    `on_line` is called, from the relay's thread, with each line that the client gets and the guess
    that it answers; with "" when the host ends a link.
    """

    def __init__(self, transcript: Transcript) -> None:
        self.on_line: Reader = lambda line, guess: None
        self.changed = threading.Condition()
        self.guesses: list[PlayedGuess] = []
        self.links = 0  # how often the client connected
        self.open = 0  # links it has not closed
        self.messages = 0  # whole ones that the client sent
        self.early = b""  # what it sent while the host was about to speak
        self.framed = True  # False: its messages have no line ending
        self.finished = False  # it said FIN
        self.refused: tuple[str, Error | None] = ("", None)  # its last message that was, and why
        self.over: set[int] = set()  # links on which the host has said its last word
        self.late: list[int] = []  # the guesses that came after that
        self.late_messages = 0
        self.moved_at = time.monotonic()
        self._transcript = transcript
        self._writing = True
        self._asked: defaultdict[int, deque[tuple[str, PlayedGuess | None]]] = defaultdict(deque)

    @property
    def answered(self) -> list[PlayedGuess]:
        """The guesses whose answer the client has."""
        return [guess for guess in self.guesses if guess.answer]

    @property
    def wins(self) -> list[int]:
        """Where in `answered` the secrets were found."""
        guesses = enumerate(self.answered)
        return [place for place, guess in guesses if guess.answer == Word.GAGNE]

    def show_until(self, guess: PlayedGuess) -> None:
        """Strike out what came after a guess: there it went wrong."""
        self.stop_writing()
        del self._transcript.exchanges[guess.written :]

    def stop_writing(self) -> None:
        """Write nothing more down: what comes now is our doing."""
        with self.changed:
            self._writing = False

    def waits_for(self, link: int) -> bool:
        """Whether the client has asked something on that link that nobody has answered."""
        return bool(self._asked[link])

    # For the relay.

    def connected(self) -> int:
        """Count a link; return its number, from 1."""
        with self._moved():
            self.links += 1
            self.open += 1
            self._note(CLIENT, "(se connecte)")
            return self.links

    def left(self, *, cut: bool) -> None:
        """Count a link that is over: the client has closed it, or it was `cut`."""
        with self._moved():
            self.open -= 1
            if not cut:
                self._note(CLIENT, "(ferme son lien)")

    def heard(self, data: bytes, *, early: bool) -> None:
        """Note some bytes of the client; `early`: it should have waited."""
        with self._moved():
            self._note(CLIENT, data)
            if early and len(self.early) < NOTES:
                self.early += data

    def asked(self, link: int, message: bytes, *, framed: bool) -> None:
        """Take one whole message of the client."""
        with self._moved():
            self.messages += 1
            self.framed = framed
            text = message.decode(errors="replace").strip()
            guess = self._guess(link, message)
            if link in self.over:
                self.late_messages += 1
                if guess is not None and len(self.late) < NOTES:
                    self.late.append(guess.number)
                return
            self._asked[link].append((text, guess))
            if guess is not None:
                self.guesses.append(guess)

    def _guess(self, link: int, message: bytes) -> PlayedGuess | None:
        try:
            command = parse(message)
        except ProtocolError:
            return None
        self.finished |= isinstance(command, Finish)
        if not isinstance(command, Guess | NumberedGuess):
            return None
        return PlayedGuess(command.number, link, len(self._transcript.exchanges))

    def sent(self, link: int, data: bytes, lines: Sequence[str]) -> None:
        """Note what goes to the client, which then has these lines whole."""
        with self._moved():
            self._note(HOST, data)
            for line in lines:
                self.on_line(line, self._told(link, line))

    def paused(self, seconds: float) -> None:
        """Note that the host is made to wait."""
        with self._moved():
            self._note(HOST, f"(attend {decimal(seconds, 1)} s)")

    def closed(self, link: int) -> None:
        """Note that the host ends a link."""
        with self._moved():
            self._note(HOST, "(ferme le lien)")
            self.over.add(link)
            self.on_line("", None)

    def _told(self, link: int, line: str) -> PlayedGuess | None:
        """Note what a line says; return the guess that it answers."""
        reply = read(line)
        if isinstance(reply, Greeting):
            return None
        if isinstance(reply, Goodbye | Shutdown):
            self.over.add(link)
            return None
        asked = self._asked[link]
        if not asked or (isinstance(reply, State | Chat) and not _follows(asked[0])):
            return None
        text, guess = asked.popleft()
        if isinstance(reply, Error):
            self.refused = (text, reply)
        if guess is not None:
            guess.answer = reply.answer if isinstance(reply, Answered) else line
        return guess

    def _note(self, who: str, what: str | bytes) -> None:
        if self._writing and len(self._transcript.exchanges) < NOTES:
            self._transcript.note(who, what)

    @contextmanager
    def _moved(self) -> Iterator[None]:
        """Something happens: hold the lock, then wake up who waits for it."""
        with self.changed:
            self.moved_at = time.monotonic()
            yield
            self.changed.notify_all()


def _follows(asked: tuple[str, PlayedGuess | None]) -> bool:
    return asked[0].lower() == Word.SUIVRE
