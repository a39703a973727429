"""A listening socket, or one sentence that says why there is none."""

from __future__ import annotations

import errno
import socket
import sys
from contextlib import suppress

from justeprix.errors import ProtocolError, ServerError
from justeprix.protocol.codec import Codec
from justeprix.protocol.replies import error_line
from justeprix.protocol.words import PORT

__all__ = ["EXHAUSTED", "listen", "turn_away"]

BACKLOG = 1024
SEND_BUFFER = 65536

# ENOBUFS and ENOMEM: the system, not the process, is short.
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
"""What accepting fails with while there are no descriptors left."""


def listen(host: str, port: int, option: str = "--port", usual: int = PORT) -> socket.socket:
    """Return a listening socket that does not block; raises ServerError with what to do.

    `option` is how another port is chosen, `usual` the one it has if none is.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":
            # SO_REUSEADDR would let another program take our port there.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # Without it a restarted host waits a minute for its old connections' ports.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        sock.close()
        raise ServerError(_why_not(error, host, port, option, usual)) from error
    sock.setblocking(False)
    return sock


def _why_not(error: Exception, host: str, port: int, option: str, usual: int) -> str:
    """Say in one sentence why that address can't be had."""
    other_port = port + 1 if port >= usual else usual
    other = f"choisis-en un autre, par exemple {option} {other_port}"
    number = getattr(error, "errno", None)
    if number == errno.EADDRINUSE:
        return f"le port {port} est déjà pris (un autre hôte tourne ?) : {other}"
    if number in (errno.EACCES, errno.EPERM):
        return f"le port {port} est interdit sur cette machine : {other}"
    if number == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"{host} n'est pas une adresse de cette machine : essaie --bind 0.0.0.0"
    if isinstance(error, OverflowError):
        return f"{port} n'est pas un port : choisis entre 1 et 65535"
    return f"impossible d'écouter sur {host}:{port} ({error}) : {other}"


def turn_away(sock: socket.socket, codec: Codec, why: ProtocolError) -> None:
    """Tell somebody who can't come in, in place of the greeting."""
    with sock, suppress(OSError):  # the caller has gone: nobody to tell
        sock.setblocking(False)
        sock.send(codec.pack(error_line(why)) + codec.farewell())
        sock.shutdown(socket.SHUT_WR)
