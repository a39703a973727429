"""A player who speaks the wire as `rules.md` writes it: a plain socket, read line by line.

with Player(room.server.address) as ada:
    assert ada.ask("nom Ada") == "nom Ada"
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections import deque
from collections.abc import Callable
from typing import Any, Self

__all__ = [
    "PATIENCE",
    "Lines",
    "Player",
    "Talker",
    "connect",
    "error",
    "parse_state",
    "secured",
]

PATIENCE = 20.0
"""Seconds to wait for what must come: only a broken host makes a test wait that long."""

UNASKED = ("etat ", "message ")
"""What comes to who follows, whatever they have asked."""


def connect(
    address: tuple[str, int],
    *,
    trust: ssl.SSLContext | None = None,
    source: str = "",
    receive_buffer: int | None = None,
) -> socket.socket:
    """Connect, with TLS if there is somebody to trust, from an address of this machine."""
    sock = socket.socket()
    try:
        if receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            sock.bind((source, 0))
        sock.settimeout(PATIENCE)
        sock.connect(address)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        sock.close()
        raise
    return sock if trust is None else secured(sock, trust)


def secured(sock: socket.socket, trust: ssl.SSLContext, *, strict: bool = False) -> ssl.SSLSocket:
    """Shake hands; `strict`: the end of what comes must be said, and not only happen."""
    try:
        return trust.wrap_socket(sock, server_hostname="127.0.0.1", suppress_ragged_eofs=not strict)
    except BaseException:
        sock.close()
        raise


class Lines:
    """A connected socket, or what stands for one, that says and hears lines; it closes it."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._lines: deque[bytes] = deque()  # heard and not read
        self._rest = b""  # the line that has begun

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def say(self, *lines: str) -> None:
        """Send lines, all at once."""
        self.send("".join(f"{line}\n" for line in lines).encode())

    def recv_line(self) -> str:
        """Return the next line without its LF. Raises EOFError at the end."""
        while not self._lines:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError(f"ended after {self._rest!r}")
            self._keep(data)
        return self._lines.popleft().decode()

    def recv_raw(self) -> bytes:
        """Return what one `recv` gives; b"" at the end."""
        return self.unread() or self.socket.recv(65536)

    def rest(self) -> bytes:
        """Return all that still comes until the host ends the connection."""
        data = self.unread()
        while more := self.socket.recv(65536):
            data += more
        return data

    def end(self) -> None:
        """Close our side, and wait until the host has closed its own."""
        self.socket.shutdown(socket.SHUT_WR)
        self.rest()
        self.close()

    def unread(self) -> bytes:
        """Take what has been heard and not read."""
        data = b"".join(line + b"\n" for line in self._lines) + self._rest
        self._lines.clear()
        self._rest = b""
        return data

    def _keep(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._lines.extend(lines)


class Talker:
    """Somebody who plays, on whatever carries lines (`say`, `recv_line`).

    Once they follow (`follow`, or `ask("suivre")`), states and messages come unasked: `ask` passes
    over them. What such a one reads of the state is the next one (`state`) or a new one
    (`state_now`).
    """

    follows = False

    def say(self, *lines: str) -> None:
        raise NotImplementedError

    def recv_line(self) -> str:
        raise NotImplementedError

    def ask(self, line: str) -> str:
        """Say a line; return the answer."""
        self.say(line)
        if line == "suivre":
            self.follows = True
            return self.recv_line()
        return self.hear()

    def hear(self) -> str:
        """Return the next answer."""
        while (line := self.recv_line()).startswith(UNASKED) and self.follows:
            pass
        return line

    def heard(self) -> str:
        """Return the next line but states, which come when they come."""
        while (line := self.recv_line()).startswith("etat "):
            pass
        return line

    def sync(self) -> None:
        """Have the host answer: all that was sent before is settled."""
        assert self.ask("ping synchro") == "pong synchro"

    def follow(self) -> dict[str, Any]:
        """Follow from now on; return the state that comes first."""
        return parse_state(self.ask("suivre"))

    def state(self) -> dict[str, Any]:
        """Return the next state that comes; nothing else may come before it."""
        return parse_state(self.recv_line())

    def state_now(self) -> dict[str, Any]:
        """Follow; return a state no older than this call, whatever was on its way before."""
        self.follows = True
        self.say("suivre", "ping synchro")
        last = ""
        while (line := self.recv_line()) != "pong synchro":
            last = line if line.startswith("etat ") else last
        return parse_state(last)

    def until(self, done: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Return the next state that is as wanted."""
        while not done(state := self.state()):
            pass
        return state

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


class Player(Lines, Talker):
    """One connection to a host. Reads its greeting unless told otherwise."""

    def __init__(
        self,
        address: tuple[str, int],
        *,
        greet: bool = True,
        trust: ssl.SSLContext | None = None,
        source: str = "",
        receive_buffer: int | None = None,
    ) -> None:
        sock = connect(address, source=source, receive_buffer=receive_buffer)
        super().__init__(sock if trust is None else secured(sock, trust, strict=True))
        self.greeting = self.recv_line() if greet else ""

    def ask_bare(self, message: str) -> bytes:
        """Send without a newline; return the segment that comes back."""
        self.send(message.encode())
        return self.recv_raw()

    def is_silent(self, seconds: float) -> bool:
        """Whether nothing comes for that long, not even the end."""
        self.socket.settimeout(seconds)
        try:
            self._keep(self.socket.recv(65536) or b"<end>")
        except TimeoutError:
            return not (self._lines or self._rest)
        finally:
            self.socket.settimeout(PATIENCE)
        return False


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
