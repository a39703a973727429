"""A room to test in, and a player who speaks the wire as `rules.md` writes it: plain sockets."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, NoReturn, Self

from justeprix.limits import Limits
from justeprix.server import Server

PATIENCE = 10.0
"""Seconds to wait for what must come: only a broken server makes a test wait that long."""


class Player:
    """One connection. Reads its greeting unless told otherwise."""

    def __init__(
        self,
        address: tuple[str, int],
        *,
        greet: bool = True,
        receive_buffer: int | None = None,
        source: str = "",
    ) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:  # another address of this machine
            self.socket.bind((source, 0))
        self.socket.settimeout(PATIENCE)
        self.socket.connect(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self.greeting = self.recv_line() if greet else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def recv_raw(self) -> bytes:
        """Return what one `recv` gives; b"" at the end."""
        if self._buffer:
            data, self._buffer = self._buffer, b""
            return data
        return self.socket.recv(65536)

    def recv_line(self) -> str:
        """Return the next line without its LF. Raises EOFError at the end."""
        while b"\n" not in self._buffer:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError(f"ended after {self._buffer!r}")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode()

    def ask(self, line: str) -> str:
        self.send(f"{line}\n".encode())
        return self.recv_line()

    def ask_bare(self, message: str) -> bytes:
        """Send without a newline; return the segment that comes back."""
        self.send(message.encode())
        return self.recv_raw()

    def sync(self) -> None:
        """Have the host answer: all that was sent before is settled."""
        assert self.ask("ping synchro") == "pong synchro"

    def is_silent(self, seconds: float) -> bool:
        """Whether nothing comes for that long, not even the end."""
        self.socket.settimeout(seconds)
        try:
            self._buffer += self.socket.recv(65536) or b"<end>"
        except TimeoutError:
            return not self._buffer
        finally:
            self.socket.settimeout(PATIENCE)
        return False

    def rest(self) -> bytes:
        """Return all that still comes until the host ends the connection."""
        data, self._buffer = self._buffer, b""
        while more := self.socket.recv(65536):
            data += more
        return data

    def end(self) -> None:
        """Close our side, and wait until the host has closed its own."""
        self.socket.shutdown(socket.SHUT_WR)
        self.rest()
        self.close()

    def win(self) -> tuple[int, int]:
        """Play until `gagné`; return (secret, guesses)."""
        low, high = map(int, self.ask("bornes").split()[1:])
        for guesses in range(1, 100):
            guess = (low + high) // 2
            answer = self.ask(str(guess))
            if answer == "gagné":
                return guess, guesses
            if answer == "plus":
                low = guess + 1
            else:
                assert answer == "moins"
                high = guess - 1
            assert low <= high, "the answers fit no secret"
        raise AssertionError("never found")

    def open_session(self) -> str:
        """Ask for a session; return its token."""
        word, token, _, _ = self.ask("session").split(" ")
        assert word == "session"
        return token

    def state(self) -> dict[str, Any]:
        """Read the next line, which must be `etat`."""
        return parse_state(self.recv_line())


class Room:
    """A real host on a free port, with its players; the players leave first."""

    def __init__(self, *, limits: Limits | None = None, **options: Any) -> None:
        options = {"port": 0, "db": ":memory:", "seed": 7, **options}
        self.server = Server(limits=limits or Limits(), **options)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self.server)
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def player(self, name: str = "", **options: Any) -> Player:
        player = self._stack.enter_context(Player(self.server.address, **options))
        if name:
            assert player.ask(f"nom {name}") == f"nom {name}"
        return player


def parse_state(line: str) -> dict[str, Any]:
    word, _, text = line.partition(" ")
    assert word == "etat"
    state: dict[str, Any] = json.loads(text)
    return state


def error(line: str) -> str:
    """Return the code of an `erreur` line, which must have a sentence too."""
    match = re.fullmatch(r"erreur ([a-z0-9]+) \S.*", line)
    assert match, line
    return match[1]


def eventually(ask: Callable[[], Any], wanted: Any) -> None:
    """Ask again until the answer is the wanted one."""
    deadline = time.monotonic() + PATIENCE
    while (answer := ask()) != wanted:
        if time.monotonic() > deadline:
            _fail(f"still {answer!r}, never {wanted!r}")


def _fail(why: str) -> NoReturn:
    raise AssertionError(why)
