"""One line a message over WebSocket: the handshake and the codec, on websockets' sans-I/O core.

A browser is a connection like any other once it has a codec of this kind: the same worker, the
same lines, the same limits. RFC 6455 section numbers stand where a rule comes from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.exceptions import InvalidHeader
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import OPEN
from websockets.server import ServerProtocol
from websockets.typing import Origin

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.protocol.codec import LINE_TIME

__all__ = ["MAX_MESSAGE", "WebSocketCodec", "shake_hands"]

MAX_MESSAGE = 1024
"""Bytes of a message, in all its fragments: twice what a line may have, to refuse it politely."""

CONTROL = (Opcode.PING, Opcode.PONG, Opcode.CLOSE)

MAX_FRAGMENTS = 16
"""Fragments of one message; a browser sends a line in one."""


def shake_hands(
    path: str, fields: Iterable[tuple[str, str]], origins: Iterable[str]
) -> tuple[bool, bytes]:
    """Return whether a request may become a WebSocket, and the HTTP response to send either way.

    `fields` are its header's names and values. Who tells no origin is no page in a browser, and
    may come in; a page has to come from one of the `origins`.
    """
    allowed = [None, *map(Origin, origins)]
    protocol = ServerProtocol(origins=allowed)
    headers = Headers()
    try:
        for name, value in fields:
            headers[name] = value
        response = protocol.accept(Request(path, headers))
    except InvalidHeader:
        response = protocol.reject(HTTPStatus.BAD_REQUEST, "En-tête illisible.\n")
    protocol.send_response(response)
    return response.status_code == 101, b"".join(protocol.data_to_send())


class WebSocketCodec:
    """The messages of one WebSocket whose handshake is done. Pure, as a `Codec` is."""

    chunk = 256  # a frame costs several times what a line does
    __slots__ = ("_owed", "_parts", "_protocol", "_unread", "deadline", "extra")

    def __init__(self) -> None:
        self.deadline: float | None = None
        self.extra = 0
        self._owed = b""
        self._parts: list[bytes] = []  # of a message that came in fragments, so far
        self._unread = 0  # bytes of a frame that is not whole yet
        self._protocol = ServerProtocol(state=OPEN, max_size=MAX_MESSAGE)

    @property
    def ended(self) -> bool:
        """Whether goodbye is said (section 5.5.1)."""
        return self._protocol.close_expected()

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Take one segment (not empty); return the messages that it completes."""
        self._protocol.receive_data(data)
        frames = [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        messages = self._messages(frames)
        self._unread += len(data) - sum(map(_size, frames))
        self._owed += b"".join(self._protocol.data_to_send())
        self.extra = max(len(frames) - len(messages), bool(self._owed))
        if not self._unread and not self._parts:
            self.deadline = None
        elif self.deadline is None or messages:  # a frame or a message has begun
            self.deadline = now + LINE_TIME
        return messages

    def expire(self) -> list[bytes]:
        """Give up on a frame that took too long."""
        raise ProtocolError(ErrorCode.DELAI, "message jamais fini : envoie-le d'un coup")

    def end(self) -> list[bytes]:
        """Drop what is not whole."""
        self.deadline = None
        return []

    def pack(self, line: str) -> bytes:
        """Return a reply as one text frame; nothing once goodbye is said (section 5.5.1)."""
        if self._protocol.state is not OPEN:
            return b""
        self._protocol.send_text(line.encode())
        return b"".join(self._protocol.data_to_send())

    def take_owed(self) -> bytes:
        """Return, once, the answers to pings and to a goodbye."""
        owed, self._owed = self._owed, b""
        return owed

    def farewell(self) -> bytes:
        """Return the closing frame."""
        if self._protocol.state is not OPEN:
            return b""
        self._protocol.send_close(CloseCode.NORMAL_CLOSURE)
        return b"".join(self._protocol.data_to_send())

    def _messages(self, frames: list[Frame]) -> list[bytes]:
        """Return the messages that frames complete; nothing behind an offence counts."""
        messages = []
        for frame in frames:
            if frame.opcode in CONTROL:
                continue  # answered already
            if frame.opcode is Opcode.BINARY:
                self._protocol.fail(CloseCode.UNSUPPORTED_DATA, "du texte, une ligne par message")
                break
            self._parts.append(bytes(frame.data))
            if frame.fin:
                messages.append(b"".join(self._parts))
                self._parts = []
            elif len(self._parts) >= MAX_FRAGMENTS:
                self._protocol.fail(CloseCode.POLICY_VIOLATION, "trop de fragments")
                break
        return messages


def _size(frame: Frame) -> int:
    """Return how many bytes a masked frame took on the wire (section 5.2)."""
    length = len(frame.data)
    return length + (6 if length < 126 else 8)
