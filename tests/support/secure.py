"""TLS by hand: a certificate of ours, what trusts it, and a player who does."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import NamedTuple

from wire import Player

from justeprix.certificate import own_certificate, server_context


class Certified(NamedTuple):
    """A certificate of ours, and what trusts it."""

    file: Path
    context: ssl.SSLContext  # the host's

    def trust(self, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
        """Return what a client starts from that speaks this version at most."""
        context = ssl.create_default_context(cafile=self.file)
        context.maximum_version = version
        return context


def certified(folder: Path) -> Certified:
    file = own_certificate(folder / "tls.pem", ["127.0.0.1"])
    return Certified(file, server_context(file, file))


def secured(sock: socket.socket, trust: ssl.SSLContext, *, strict: bool = False) -> ssl.SSLSocket:
    """Shake hands; `strict`: the end of what comes must be said, and not only happen."""
    try:
        return trust.wrap_socket(sock, server_hostname="127.0.0.1", suppress_ragged_eofs=not strict)
    except BaseException:
        sock.close()
        raise


class Secure(Player):
    """A player over TLS."""

    def __init__(self, address: tuple[str, int], trust: ssl.SSLContext) -> None:
        super().__init__(address, greet=False)
        self.socket = secured(self.socket, trust, strict=True)
        self.greeting = self.recv_line()
