"""Someone at the door of a real host who does whatever comes to mind; what they hear is checked.

An intruder waits for the host only to `listen` or to end well, and never sends more than the socket
takes: a flood that the host does not read ends in the middle of a message, as floods do.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

from justeprix.protocol.replies import ANSWERS
from justeprix.protocol.words import Word, printable
from tests.faults.proxy import reset
from tests.support.browser import (
    BINARY,
    CLOSE,
    CONT,
    HANDSHAKE,
    PING,
    TEXT,
    decode,
    encode,
    write_request,
)

__all__ = ["ENDINGS", "KINDS", "Intruder"]

PATIENCE = 20.0

REPLIES = {
    *(word.value for word in (Word.NOM, Word.BORNES, Word.SCORES, Word.PONG, Word.OK, Word.FIN)),
    *(word.value for word in (Word.SCEAU, Word.SECRET, Word.AIDE, Word.SESSION, Word.MANCHE)),
    *(word.value for word in (Word.RESULTAT, Word.ERREUR, Word.ETAT, Word.MESSAGE)),
    *(Word.SHUTDOWN.value, Word.GOODBYE.value, "hello", *ANSWERS.values()),
}

TOKEN = re.compile(rb"session ([0-9a-f]{32}) ")


class Intruder:
    """One connection to the game's port."""

    def __init__(self, port: int) -> None:
        self.sent = 0  # messages, as well as one can count them
        self.heard = b""
        self.ended = False
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._greet()
        self.socket.setblocking(False)

    def _greet(self) -> None:
        """Say what must be said before the host listens."""

    # What they do.

    def say(self, messages: Sequence[bytes]) -> None:
        """Send messages in one piece, as this kind of connection frames them."""
        self.sent += len(messages)
        self.push(b"".join(message + b"\n" for message in messages))

    def push(self, data: bytes) -> None:
        """Send raw bytes, as many as the socket takes now."""
        with suppress(OSError):
            self.socket.send(data)

    def drain(self) -> None:
        """Hear what has come, without waiting."""
        with suppress(BlockingIOError, InterruptedError):
            while not self.ended:
                self._hear()

    def _hear(self) -> None:
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            data = b""
        self.ended = not data
        self.heard += data

    def listen(self, wanted: bytes) -> None:
        """Wait until that has been heard, or the end of the connection."""
        self.socket.settimeout(PATIENCE)
        while not self.ended and wanted not in self.heard:
            self._hear()
        self.socket.setblocking(False)

    def half_close(self) -> None:
        """Say that nothing more will come."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.drain()
        self.socket.close()
        self.check()

    def reset(self) -> None:
        """Leave like a crashed machine: unread answers, and a reset."""
        reset(self.socket)
        self.check()

    def wait_for_end(self) -> None:
        """Close our side and read to the end: the host must come to it."""
        self.half_close()
        self.socket.settimeout(PATIENCE)
        while not self.ended:
            self._hear()
        self.close()

    # What they heard.

    @property
    def tokens(self) -> list[bytes]:
        """Every token that this connection was told."""
        return TOKEN.findall(self.heard)

    def check(self) -> None:
        """All that was heard is what a host says: whole words of ours, nothing that steers."""
        text = self.heard.decode("utf-8", "ignore" if self.heard[-1:] >= b"\x80" else "strict")
        lines = text.split("\n")
        assert all(printable(line) == line for line in lines), f"control characters: {lines!r}"
        for line in lines[:-1]:
            word = line.partition(" ")[0]
            # Before the first newline, replies to one who sends none follow each other directly.
            assert word in REPLIES or line is lines[1], f"no word of ours: {line!r}"


class Browser(Intruder):
    """The same over a WebSocket, at the web port."""

    def _greet(self) -> None:
        self.socket.sendall(write_request(self.socket.getpeername()[1], "GET", "/ws", HANDSHAKE))
        head = b""
        while not head.endswith(b"\r\n\r\n") and (byte := self.socket.recv(1)):
            head += byte
        assert head.startswith((b"HTTP/1.1 101 ", b"HTTP/1.1 503 ")) or not head, head

    def say(self, messages: Sequence[bytes]) -> None:
        self.sent += len(messages)
        self.push(b"".join(self._frames(message) for message in messages))

    def _frames(self, message: bytes) -> bytes:
        """One message in a frame or two, now and then behind something else."""
        kind = sum(message) % 40
        if kind == 1:
            return encode(PING, message[:125]) + encode(TEXT, message)
        if kind == 2:
            return encode(TEXT, message[:1], fin=False) + encode(CONT, message[1:])
        if kind == 3 and len(message) > 30:
            return encode(BINARY, message) if len(message) % 2 else encode(CLOSE, b"\x03\xe8")
        return encode(TEXT, message)

    def check(self) -> None:
        rest, frame = self.heard, None
        while True:
            frame, rest = decode(rest)
            if frame is None:
                return
            if frame.opcode == TEXT:
                line = frame.data.decode()
                assert printable(line) == line
                assert line.partition(" ")[0] in REPLIES, line


class Visitor(Intruder):
    """Bytes at the web port that open no WebSocket."""

    def say(self, messages: Sequence[bytes]) -> None:
        self.sent += 1
        self.push(
            b"GET /%s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n" % (messages[0], b": ".join(messages))
        )

    def check(self) -> None:
        # HTTP/0.9 has no header to tell the host's name in, and so gets only this.
        good = (b"HTTP/1.1 ", b"Adresse illisible.\n")
        assert not self.heard or self.heard.startswith(good), self.heard
        assert b"Traceback" not in self.heard


KINDS: dict[str, type[Intruder]] = {"line": Intruder, "browser": Browser, "visitor": Visitor}

ENDINGS: tuple[Callable[[Intruder], None], ...] = (
    Intruder.close,
    Intruder.reset,
    Intruder.wait_for_end,
)
