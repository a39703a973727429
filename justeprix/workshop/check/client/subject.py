"""A pupil's client, and one run of it against a host that is put to the test's needs.

with Subject(["python", "mon_client.py"], 2300, []) as subject:
    with subject.run(transcript) as trial:
        trial.wait(lambda: bool(trial.wire.wins), 5.0)
"""

from __future__ import annotations

import errno
import itertools
import shutil
import socket
import time
from collections import deque
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Self

from justeprix.errors import CheckError, ServerError
from justeprix.game.secret import Bounds
from justeprix.net.listener import listen
from justeprix.protocol.words import PORT
from justeprix.room.dealer import Dealer
from justeprix.server.server import Server
from justeprix.workshop.check.client.mischief import Mischief, faithful
from justeprix.workshop.check.client.played import PlayedGuess
from justeprix.workshop.check.client.program import Program
from justeprix.workshop.check.client.relay import Relay
from justeprix.workshop.check.client.typist import Typist
from justeprix.workshop.check.client.wire import Wire
from justeprix.workshop.check.finding import Transcript

__all__ = ["Subject", "Trial"]

HERE = "127.0.0.1"

GLANCE = 0.05
"""Seconds between two looks at whether the program still runs."""

USUAL = Bounds(1, 100)


class Trial:
    """One run: what went over the wire, the program, and who types for it."""

    def __init__(self, wire: Wire, program: Program) -> None:
        self.wire = wire
        self.program = program
        self.typist = Typist()
        self._to_type: deque[tuple[float, str]] = deque()  # when (monotonic), and what
        wire.on_line = self._read

    def _read(self, line: str, guess: PlayedGuess | None) -> None:
        typed = self.typist.read(line, guess)
        if typed is not None:
            self._to_type.append((time.monotonic() + typed.after, typed.text))

    def _type(self) -> float:
        """Type what is due; return the seconds until there is something to do again."""
        while self._to_type:
            left = self._to_type[0][0] - time.monotonic()
            if left > 0:
                return min(left, GLANCE)
            self.program.type(self._to_type.popleft()[1])
        return GLANCE

    @property
    def ended(self) -> bool:
        """Whether the program has ended, and all that it sent has been seen."""
        return self.program.code is not None and not self.wire.open

    def wait(self, done: Callable[[], bool], seconds: float) -> bool:
        """Wait until `done()`; return False if the program ends first, or the time is up.

        `done` is called with the wire standing still. Meanwhile a person types.
        """
        deadline = time.monotonic() + seconds
        ended = False
        with self.wire.changed:
            while not done():
                left = deadline - time.monotonic()
                if left <= 0 or (ended and self.ended):
                    return False
                ended = self.ended  # look twice: the relay may not have seen its last words
                self.wire.changed.wait(min(left, self._type()))
            return True

    def ends(self, seconds: float) -> bool:
        """Wait for the end of the program; return whether it came."""
        self.wait(lambda: False, seconds)
        return self.ended


class Subject:
    """A command to try out, and the port on which its host seems to be.

    In the command, `{port}` and `{hote}` stand for the host's address. `typed`: lines to type
    first. Entering it raises CheckError if the port is taken or there is no such command.
    """

    def __init__(self, command: Sequence[str], port: int, typed: Sequence[str]) -> None:
        self._command = list(command)
        self._wanted = port
        self._typed = list(typed)
        self._listener: socket.socket

    def __enter__(self) -> Self:
        if shutil.which(self._command[0]) is None:
            raise CheckError(
                f"pas de commande « {self._command[0]} » ici : vérifie son nom (python s'appelle"
                " python3 ou py sur certaines machines)"
            )
        try:
            self._listener = listen(HERE, self._wanted)
        except ServerError as error:
            raise CheckError(_busy(self._wanted, error)) from error
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._listener.close()

    @property
    def address(self) -> str:
        """Where the client has to connect."""
        return f"{HERE}, port {self._port}"

    @property
    def _port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    def lost(self) -> str:
        """Return nothing: each check starts the command anew."""
        return ""

    @contextmanager
    def run(
        self,
        transcript: Transcript,
        mischief: Mischief = faithful,
        *,
        bounds: Bounds = USUAL,
        secrets: Sequence[Container[int]] = (),
    ) -> Iterator[Trial]:
        """Start a host whose first secrets are each one of `secrets`, and the program.

        At the end nothing of them is left.
        """
        self._clear_the_door()
        wire = Wire(transcript)
        with (
            Server(HERE, 0, low=bounds.low, high=bounds.high, seed=_seed(bounds, secrets)) as host,
            Relay(self._listener, host.address, wire, mischief) as relay,
            Program(self._filled_in(), **self._environment()) as program,
        ):
            for line in self._typed:
                program.type(line)
            trial = Trial(wire, program)
            relay.start()
            try:
                yield trial
            finally:
                wire.stop_writing()

    def _clear_the_door(self) -> None:
        """Turn away who still waits there since the run before: it is none of the next one's."""
        with suppress(OSError):  # nobody any more, or one who has hung up
            while True:
                self._listener.accept()[0].close()

    def _filled_in(self) -> list[str]:
        return [
            argument.replace("{port}", str(self._port)).replace("{hote}", HERE)
            for argument in self._command
        ]

    def _environment(self) -> dict[str, str]:
        return {
            "JUSTEPRIX_HOST": HERE,
            "JUSTEPRIX_PORT": str(self._port),
            "PYTHONUNBUFFERED": "1",
            "PYTHONIOENCODING": "utf-8",  # what it prints; how it reads the wire is its own affair
        }


def _busy(port: int, error: ServerError) -> str:
    other = port + 1 if port >= PORT else PORT
    if getattr(error.__cause__, "errno", None) != errno.EADDRINUSE:
        return str(error)
    return (
        f"le port {port} est pris, un hôte y tourne sans doute : ferme-le, ou choisis un autre port"
        f" des deux côtés : --port {other} -- python mon_client.py {{port}}"
    )


def _seed(bounds: Bounds, secrets: Sequence[Container[int]]) -> int:
    """Return a seed with which those secrets are drawn."""
    return next(
        seed
        for seed in itertools.count()
        for dealer in [Dealer(bounds, seed)]
        if all(dealer.draw()[0] in wanted for wanted in secrets)
    )
