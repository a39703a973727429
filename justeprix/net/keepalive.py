"""Have the system notice a peer that vanished, on either side of a link."""

from __future__ import annotations

import socket

__all__ = ["keep_alive"]


OPTIONS = {
    "TCP_KEEPIDLE": 15,
    "TCP_KEEPALIVE": 15,  # what macOS calls it
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 30_000,  # ms; what was sent and is not acknowledged stops the probes
}


def keep_alive(sock: socket.socket) -> None:
    """Probe a silent peer after 15 s, then every 5 s; give up after 3, or 30 s without an answer.

    May raise OSError.
    """
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in OPTIONS.items():
        option = getattr(socket, name, None)  # not every system has each
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
