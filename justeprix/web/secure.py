"""A TLS stream for a visit: what the library's request handler reads and writes through."""

from __future__ import annotations

import io
import socket
from typing import TYPE_CHECKING

from justeprix.protocol.tls import CLIENT_HELLO, Channel

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

__all__ = ["SecureStream", "speaks_tls"]

CHUNK = 16384


def speaks_tls(sock: socket.socket) -> bool:
    """Whether a visitor begins as TLS begins; waits for their first byte, and leaves it there."""
    return sock.recv(1, socket.MSG_PEEK) == CLIENT_HELLO


class SecureStream(io.RawIOBase):
    """The socket of a visitor, seen through a channel. A broken link raises OSError."""

    def __init__(self, sock: socket.socket, channel: Channel) -> None:
        self._socket = sock
        self.channel = channel
        self._plain = b""

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read some bytes; 0 at the end."""
        view = memoryview(buffer)
        while not self._plain:
            data = self._socket.recv(CHUNK)
            if not data:
                return 0
            try:
                self._plain = self.channel.receive(data)
            finally:  # an alert, if it went wrong
                self._socket.sendall(self.channel.send(b""))
        count = min(len(view), len(self._plain))
        view[:count], self._plain = self._plain[:count], self._plain[count:]
        return count

    def write(self, data: ReadableBuffer) -> int:
        """Send all."""
        plain = bytes(data)
        self._socket.sendall(self.channel.send(plain))
        return len(plain)
