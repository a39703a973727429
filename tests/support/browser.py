"""A browser by hand: raw HTTP, raw WebSocket frames (RFC 6455), and a room that has a web port.

Nothing in here uses the library that the host uses, so an error of that library would be seen.
"""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
import struct
from functools import partial
from typing import NamedTuple, Self
from unittest.mock import patch

from justeprix.cli.host.orders import Desk, obey
from justeprix.web.site import Site
from tests.support import player
from tests.support.player import Talker
from tests.support.room import Room

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

KEY = base64.b64encode(b"seize caracteres").decode()
ACCEPT = base64.b64encode(
    hashlib.sha1(f"{KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()
).decode()
"""What a host that understood must answer to KEY (section 4.2.2)."""


# Frames.


class Frame(NamedTuple):
    opcode: int
    data: bytes
    fin: bool = True


def encode(
    opcode: int, data: bytes = b"", *, fin: bool = True, mask: bytes = b"\x37\xfa!="
) -> bytes:
    """Return a frame as a client sends it."""
    first, length = fin << 7 | opcode, len(data)
    if length < 126:
        head = struct.pack("!BB", first, 0x80 | length)
    elif length < 1 << 16:
        head = struct.pack("!BBH", first, 0x80 | 126, length)
    else:
        head = struct.pack("!BBQ", first, 0x80 | 127, length)
    return head + mask + bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))


def decode(data: bytes) -> tuple[Frame | None, bytes]:
    """Return the first frame of a server's bytes, None if it is not whole, and what is left."""
    if len(data) < 2:
        return None, data
    assert not data[0] & 0x70, "an extension that nobody asked for"
    start, length = 2, data[1]
    assert length < 128, "a server masks nothing"
    if length > 125:
        start = 4 if length == 126 else 10
        length = int.from_bytes(data[2:start], "big")
    if len(data) < start + length:
        return None, data
    body = data[start : start + length]
    return Frame(data[0] & 15, body, bool(data[0] & 128)), data[start + length :]


def decode_all(data: bytes) -> list[Frame]:
    """Return the frames of a server's bytes; the last one must be whole."""
    frames = []
    while data:
        frame, data = decode(data)
        assert frame, data
        frames.append(frame)
    return frames


# HTTP.


class Reply(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: object) -> str:  # type: ignore[override]
        """Return the one header of that name."""
        (value,) = [value for key, value in self.headers if key == str(name).lower()]
        return value

    @property
    def text(self) -> str:
        return self.body.decode()


def parse_head(head: bytes) -> tuple[int, list[tuple[str, str]]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    protocol, status, _ = first.split(" ", 2)
    assert protocol == "HTTP/1.1"
    fields = [line.partition(": ") for line in lines]
    assert all(separator for _, separator, _ in fields), head
    return int(status), [(name.lower(), value) for name, _, value in fields]


def connect(
    port: int, trust: ssl.SSLContext | None = None, source: str = "127.0.0.1"
) -> socket.socket:
    """Connect, from an address of this machine; with TLS if there is somebody to trust."""
    return player.connect(("127.0.0.1", port), trust=trust, source=source)


def read_all(sock: socket.socket) -> bytes:
    """Return all that comes until the other side ends."""
    data = b""
    while more := sock.recv(65536):
        data += more
    return data


def exchange(
    port: int, request: bytes, trust: ssl.SSLContext | None = None, source: str = "127.0.0.1"
) -> bytes:
    """Send bytes, return all that comes back."""
    with connect(port, trust, source) as sock:
        sock.sendall(request)
        return read_all(sock)


def write_request(
    port: int, method: str, path: str, fields: dict[str, str | None], body: bytes = b""
) -> bytes:
    """Return a request. None takes a header away."""
    length = {"Content-Length": str(len(body))} if body else {}
    merged = {"Host": f"127.0.0.1:{port}", **length, **fields}
    lines = [f"{name}: {value}\r\n" for name, value in merged.items() if value is not None]
    return f"{method} {path} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("latin-1") + body


def read_reply(answer: bytes) -> Reply:
    """Read the one answer of a connection; its length must be the told one."""
    head, separator, body = answer.partition(b"\r\n\r\n")
    assert separator, answer
    reply = Reply(*parse_head(head), body)
    assert reply["Content-Length"] == str(len(body))
    return reply


def request(
    port: int,
    method: str,
    path: str,
    body: bytes = b"",
    *,
    trust: ssl.SSLContext | None = None,
    source: str = "127.0.0.1",
    **fields: str | None,
) -> Reply:
    """Ask for a page; `Accept_Language` stands for `Accept-Language`."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    asked = write_request(port, method, path, named, body)
    return read_reply(exchange(port, asked, trust, source))


# A browser that plays.

HANDSHAKE = {
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}


class Browser(Talker):
    """One WebSocket. Reads its greeting unless told otherwise."""

    def __init__(
        self,
        port: int,
        *,
        greet: bool = True,
        path: str = "/ws",
        trust: ssl.SSLContext | None = None,
        **fields: str | None,
    ) -> None:
        self.socket = connect(port, trust)
        self._buffer = b""
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        try:
            self.send_raw(write_request(port, "GET", path, HANDSHAKE | named))
            while b"\r\n\r\n" not in self._buffer:
                self._receive()
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            self.reply = Reply(*parse_head(head), b"")
            assert self.reply.status == 101, self.reply
            self.greeting = self.recv_line() if greet else ""
        except BaseException:
            self.socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def send_raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def send(self, line: str) -> None:
        self.say(line)

    def say(self, *lines: str) -> None:
        self.send_raw(b"".join(encode(TEXT, line.encode()) for line in lines))

    def recv(self) -> Frame:
        """Return the next frame. Raises EOFError at the end."""
        while True:
            frame, self._buffer = decode(self._buffer)
            if frame:
                return frame
            self._receive()

    def recv_line(self) -> str:
        """Return the next message, which must be one text in one frame."""
        frame = self.recv()
        assert (frame.opcode, frame.fin) == (TEXT, True), frame
        line = frame.data.decode()
        assert "\n" not in line
        return line

    def ended(self) -> int:
        """Read the closing frame and then the end of the connection; return the code."""
        frame = self.recv()
        assert (frame.opcode, frame.fin) == (CLOSE, True), frame
        frame.data[2:].decode()
        assert self._buffer == b""
        assert self.socket.recv(65536) == b""
        return int.from_bytes(frame.data[:2], "big")

    def rest(self) -> list[Frame]:
        """Return the frames that still come until the connection ends."""
        data, self._buffer = self._buffer, b""
        return decode_all(data + read_all(self.socket))

    def _receive(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise EOFError(f"ended after {self._buffer!r}")
        self._buffer += data


class Web(Room):
    """A room with a web port, and its browsers; the browsers leave first, then the port closes."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        try:
            desk = Desk(self.server, None)
            with patch("justeprix.web.site.POLL", 0.01):  # ends sooner: many tests do nothing else
                self.site = Site(self.server, "127.0.0.1", 0, partial(obey, desk))
        except BaseException:
            self.server.close()
            raise

    def __enter__(self) -> Self:
        super().__enter__()
        self._stack.enter_context(self.site)
        return self

    @property
    def port(self) -> int:
        return self.site.port

    def browser(self, name: str = "", **options: object) -> Browser:
        browser = self._stack.enter_context(Browser(self.port, **options))
        if name:
            assert browser.ask(f"nom {name}") == f"nom {name}"
        return browser

    def visit(self, data: bytes = b"") -> socket.socket:
        """Open a connection, send something, and leave it open."""
        sock = self._stack.enter_context(connect(self.port))
        sock.sendall(data)
        return sock

    def get(self, path: str, **fields: str | None) -> Reply:
        return request(self.port, "GET", path, **fields)
