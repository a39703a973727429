"""TLS without a socket: sealed bytes in and out, and a codec that speaks through it. Pure.

The `ssl` module can encrypt between two memory buffers. So TLS is one more way to cut bytes into
messages, and the worker's loop need not know: no handshake that blocks, no half-read record.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from enum import Enum, auto

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.protocol.codec import LINE_TIME, Codec
from justeprix.protocol.replies import error_line

__all__ = ["CLIENT_HELLO", "Channel", "TlsCodec"]

CLIENT_HELLO = b"\x16"
"""What every TLS client sends first (RFC 8446, section 5.1): a record of the handshake."""

FIRST_BYTE_TIME = 1.5
"""Seconds for that first byte: TLS clients speak first, plain ones wait for our greeting."""

RECORD = 16384
"""Bytes that one record holds at most (RFC 8446, section 5.1)."""

IN_CLEAR = ProtocolError(
    ErrorCode.TLS,
    "cet hôte chiffre : joue avec justeprix play --tls, ou dans un navigateur en https",
)


class Channel:
    """One end of a TLS link, the server's."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self.open = False  # the handshake is done
        self.over = False  # the other side has said that nothing more will come

    def receive(self, data: bytes) -> bytes:
        """Take what came; return what it says. Raises ssl.SSLError if it is not TLS."""
        self._incoming.write(data)
        plain = b""
        try:
            if not self.open:
                self._tls.do_handshake()
                self.open = True
            while part := self._tls.read(RECORD):
                plain += part
            self.over = True
        except ssl.SSLZeroReturnError:
            self.over = True
        except ssl.SSLWantReadError:
            pass
        return plain

    def send(self, plain: bytes) -> bytes:
        """Return what to send so that the other side reads `plain`, and what else is owed."""
        if plain:
            self._tls.write(plain)
        return self._outgoing.read()

    def close(self) -> bytes:
        """Return the bytes that say goodbye; nothing can be sent after them."""
        with suppress(ssl.SSLError):  # the other side has not said its own, and may never
            self._tls.unwrap()
        return self._outgoing.read()


class Stage(Enum):
    """How far a link is."""

    SILENT = auto()  # nothing has come
    SHAKING = auto()  # hands: what we say must wait
    OPEN = auto()
    CLEAR = auto()  # it is no TLS: one last line that anybody can read
    OVER = auto()  # nothing more can be said


LAST = (Stage.CLEAR, Stage.OVER)


class TlsCodec:
    """A codec inside TLS: `inner` cuts what is decrypted into messages.

    `now` is when the link was made; the channel may be open already.
    """

    __slots__ = (
        "_channel",
        "_inner",
        "_owed",
        "_stage",
        "_unsent",
        "chunk",
        "deadline",
        "extra",
    )

    def __init__(self, inner: Codec, channel: Channel, now: float) -> None:
        self._inner = inner
        self.chunk = inner.chunk
        self._channel = channel
        self._stage = Stage.OPEN if channel.open else Stage.SILENT
        self._unsent = b""  # said before hands were shaken
        self.deadline = None if channel.open else now + FIRST_BYTE_TIME
        self.extra = 0
        self._owed = b""

    @property
    def ended(self) -> bool:
        """Whether nothing more can be said here."""
        return self._stage in LAST or self._inner.ended

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Take one segment (not empty); return the messages that it completes."""
        if self._stage is Stage.SILENT:
            if not data.startswith(CLIENT_HELLO):
                return self._end(Stage.CLEAR, f"{error_line(IN_CLEAR)}\n".encode())
            self._stage, self.deadline = Stage.SHAKING, now + LINE_TIME
        try:
            plain = self._channel.receive(data)
        except ssl.SSLError:  # the alert that tells why is on its way
            return self._end(Stage.OVER, self._channel.send(b""))
        if self._stage is Stage.SHAKING and self._channel.open:
            self._stage, self.deadline = Stage.OPEN, None
            self._owed += self._channel.send(self._unsent)
        messages = self._read(plain, now) if plain else []
        self._owed += self._channel.send(b"")
        if self._channel.over and not messages:  # who asks and leaves at once is still answered
            messages = self.end()
            if not messages:
                self._owed += self.farewell()
                self._stage = Stage.OVER
        self.extra = max(self._inner.extra if plain else 1, bool(self._owed))
        return messages

    def _read(self, plain: bytes, now: float) -> list[bytes]:
        inner = self._inner
        messages = inner.receive(plain, now)
        self.deadline = inner.deadline
        if inner.extra:
            self._owed += self._channel.send(inner.take_owed())
        return messages

    def _end(self, state: Stage, last: bytes) -> list[bytes]:
        self._stage, self.deadline = state, None
        self._owed, self.extra = last, 1
        return []

    def expire(self) -> list[bytes]:
        """Act on the passed deadline. Raises ProtocolError if the connection must end."""
        if self._stage is Stage.SILENT:
            self._stage = Stage.CLEAR
            raise IN_CLEAR
        if self._stage is Stage.SHAKING:
            raise ProtocolError(ErrorCode.DELAI, "la poignée de main TLS n'a pas fini à temps")
        messages = self._inner.expire()
        self.deadline = self._inner.deadline
        return messages

    def end(self) -> list[bytes]:
        """Nothing more will come; return the message that this completes, if it does."""
        self.deadline = None
        return self._inner.end()

    def pack(self, line: str) -> bytes:
        """Return the bytes of one reply; nothing yet while hands are shaken."""
        if self._stage is Stage.CLEAR:
            return f"{line}\n".encode()
        data = self._inner.pack(line)
        if self._stage is Stage.OPEN:
            return self._channel.send(data)
        self._unsent += data
        return b""

    def take_owed(self) -> bytes:
        """Return, once, what the handshake or the inner codec has to say."""
        owed, self._owed = self._owed, b""
        return owed

    def farewell(self) -> bytes:
        """Return the bytes that end the conversation, behind the last reply."""
        if self._stage is not Stage.OPEN:
            return b""
        self._stage = Stage.OVER
        return self._channel.send(self._inner.farewell()) + self._channel.close()
