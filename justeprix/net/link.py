"""One TCP link to a host: lines out, lines in, never waiting without a limit."""

from __future__ import annotations

import errno
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from justeprix.errors import ClientError, ForeignServer
from justeprix.net.keepalive import keep_alive
from justeprix.net.trust import Trust
from justeprix.protocol.words import printable

if TYPE_CHECKING:
    import ssl

__all__ = ["Link", "LinkLost", "check_port", "waits", "why"]

POLL = 0.2
"""Seconds between two looks at whether somebody stopped us."""

MAX_REPLY = 1 << 16
"""Bytes without a newline after which whoever talks is no justeprix host."""

NO_END = "des octets sans fin de ligne : ce n'est pas un hôte justeprix"

_REASONS = {
    errno.ECONNREFUSED: "connexion refusée",
    errno.ECONNRESET: "lien coupé",
    errno.EPIPE: "lien coupé",
    errno.EHOSTUNREACH: "machine introuvable",
    errno.ENETUNREACH: "pas de réseau",
    errno.ENETDOWN: "pas de réseau",
}


class LinkLost(Exception):
    """The link broke, or fell silent: worth another try."""


class Link:
    """A connected socket and the start of the line that is coming in.

    Connecting raises OSError, or ClientError if the host fails `trust` (None: no TLS); afterwards a
    broken link raises LinkLost or OSError.
    """

    def __init__(self, host: str, port: int, timeout: float, trust: Trust | None) -> None:
        context = None if trust is None else trust.context()
        try:
            self.socket = socket.create_connection((host, port), timeout=timeout)
        except UnicodeError:  # no name of a machine looks like that
            raise LinkLost("adresse impossible") from None
        with suppress(OSError):  # cut already: the first read will say so
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            keep_alive(self.socket)  # who waits for a round hears of a dead host
        self._nothing_yet: tuple[type[OSError], ...] = (TimeoutError, BlockingIOError)
        if trust is not None and context is not None:
            self._hide(trust, context, host)
        self._timeout = timeout
        self._buffer = b""

    def _hide(self, trust: Trust, context: ssl.SSLContext, host: str) -> None:
        """Go on in TLS."""
        from ssl import SSLWantReadError

        self._nothing_yet = (*self._nothing_yet, SSLWantReadError)
        try:
            self.socket = trust.wrap(self.socket, host, context)
        except BaseException:
            self.socket.close()
            raise

    def close(self) -> None:
        """Close the socket; a second call does nothing."""
        self.socket.close()

    def send(self, line: str) -> None:
        """Send one line, within `timeout` seconds."""
        self.socket.settimeout(self._timeout)
        self.socket.sendall(f"{line}\n".encode("utf-8", "replace"))

    def next_line(self, deadline: float, stopped: threading.Event) -> str | None:
        """Wait for one line until the deadline (monotonic); None if somebody stopped us.

        Raises ForeignServer if a line has no end.
        """
        while b"\n" not in self._buffer:
            if len(self._buffer) > MAX_REPLY:
                raise ForeignServer(NO_END)
            if stopped.is_set():
                return None
            left = deadline - time.monotonic()
            if left <= 0:
                raise LinkLost("aucune réponse à temps")
            self._receive(min(left, POLL))
        line, _, self._buffer = self._buffer.partition(b"\n")
        return _text(line)

    @property
    def has_line(self) -> bool:
        """Whether a whole line has come that nobody has taken."""
        return b"\n" in self._buffer

    def lines_so_far(self) -> list[str]:
        """Return the whole lines that have come, without waiting."""
        if len(self._buffer) > MAX_REPLY:
            raise ForeignServer(NO_END)
        if not self.has_line:  # else the end of the link would hide what came before it
            self._receive(0.0)
        *lines, self._buffer = self._buffer.split(b"\n")
        return [_text(line) for line in lines]

    def _receive(self, patience: float) -> None:
        self.socket.settimeout(patience)
        try:
            data = self.socket.recv(65536)
        except self._nothing_yet:
            return
        if not data:
            raise LinkLost("lien coupé")
        self._buffer += data


def _text(line: bytes) -> str:
    # Whoever talks there may be no host of ours, and what they say is shown on a terminal.
    return printable(line.decode("utf-8", "replace").rstrip("\r"))


def why(error: Exception) -> str:
    """Say in French what the system said in its own words."""
    if isinstance(error, TimeoutError):
        return "aucune réponse à temps"
    if isinstance(error, socket.gaierror):
        return "adresse inconnue"
    if isinstance(error, OSError) and error.errno in _REASONS:
        return _REASONS[error.errno]
    return str(error) or type(error).__name__


def check_port(port: str | int) -> int:
    """Return the number of a port; raises ClientError if it is none."""
    try:
        number = int(port)
    except ValueError:
        number = 0
    if not 0 < number < 65536:
        raise ClientError(f"{port} n'est pas un port : choisis entre 1 et 65535")
    return number


def waits(first: float, factor: float) -> Iterator[float]:
    """Yield growing waits in seconds, ±25 %, so that a class does not come back all at once."""
    while True:
        yield first * random.uniform(0.75, 1.25)  # noqa: S311 (jitter, not a secret)
        first *= factor
