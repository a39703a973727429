"""The web port: who may come in, for how long, and the door to the game for browsers.

The standard library's threading server, a thread a visit (see visit.py). A visit is short: it
ends after one answer, after VISIT seconds at the latest, sooner where others wait for its thread.
A visitor who asks for `/ws` stays: their socket goes to a worker of the game.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from justeprix.net.listener import EXHAUSTED, listen
from justeprix.server.server import Server
from justeprix.web.contents import Contents
from justeprix.web.invitation import WEB_PORT
from justeprix.web.visit import Visit

if TYPE_CHECKING:
    from justeprix.protocol.codec import Codec
    from justeprix.protocol.tls import Channel

__all__ = ["Site"]

VISITS = 64
"""Visits at one time; who comes then waits in the system's queue."""

VISIT = 10.0
"""Seconds that a visit may take in all."""

PAGE = 10
"""Connections that one who looks at a page makes where a player makes one."""

HURRIED = 1.0
"""Seconds after which a visit is ended if others wait for its place."""

LAST_INPUT = 1 << 20
"""Bytes still read, and thrown away, so that a refusal reaches who sends too much."""

PAUSE = 0.002
"""Seconds between two visits: whatever is asked of the pages, the game goes first."""

POLL = 0.1
"""Seconds within which the server notices that it is to end."""


class Site(ThreadingHTTPServer):
    """The web port of a server; `obey` is what the remote's orders are given to.

    Raises ServerError if the port can't be had. Starts with `start`, ends with `close`.
    """

    block_on_close = False  # `close` waits for the visits; the library even for those not begun

    def __init__(
        self, server: Server, bind: str, port: int, obey: Callable[[str], str | None]
    ) -> None:
        self.game = server
        self.tls = server.tls
        super().__init__((bind, port), Visit, bind_and_activate=False)
        self.socket.close()  # ours has the options that a host's needs
        self.socket = listen(bind, port, option="--web-port", usual=WEB_PORT)
        self.port: int = self.socket.getsockname()[1]
        self.contents = Contents(server, bind, self.port, obey)
        self._arrivals = server.acceptor.new_arrivals(PAGE)
        self._closing = threading.Event()
        self._slots = threading.Semaphore(VISITS)
        self._visits: dict[socket.socket, float] = {}  # and when they began
        self._running: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=[POLL], name="web")

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def close(self) -> None:
        """End all visits and join their threads; WebSockets belong to the game's server."""
        self._closing.set()
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self._end_visits(0.0)
        for visit in self._running:
            visit.join()
        self.server_close()

    def __enter__(self) -> Site:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # Visits.

    def upgrade(self, sock: socket.socket, address: str, channel: Channel | None) -> None:
        """Hand a visitor's socket to the game: from now on it speaks the game's lines."""
        from justeprix.protocol.websocket import WebSocketCodec

        with self._lock:
            self._visits.pop(sock, None)
            ours = socket.socket(fileno=sock.detach())
        self.game.acceptor.admit(ours, address, _inside(channel, WebSocketCodec()))

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a visitor; where the system has no room, wait a little before the next try."""
        try:
            return super().get_request()
        except OSError as error:
            if error.errno in EXHAUSTED:
                self._closing.wait(POLL)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a visitor in a thread, once there is one for them; not who comes too often."""
        if not self._arrivals.allows(client_address[0], time.monotonic()):
            request.close()
            return
        visit = threading.Thread(
            target=self.process_request_thread, args=(request, client_address), name="visit"
        )
        while not self._begins(visit, request):
            if self._closing.is_set():
                request.close()
                return
            self._end_visits(HURRIED)
        self._running = [visit, *filter(threading.Thread.is_alive, self._running)]
        self._closing.wait(PAUSE)

    def _begins(self, visit: threading.Thread, request: Any) -> bool:
        """Begin a visit if there is a place for it; after a short wait, return whether it has."""
        if not self._slots.acquire(timeout=POLL):
            return False
        with self._lock:
            self._visits[request] = time.monotonic()
        try:
            visit.start()
        except RuntimeError:  # the system has no thread left: the visitor waits for one
            with self._lock:
                del self._visits[request]
            self._slots.release()
            self._closing.wait(POLL)
            return False
        return True

    def service_actions(self) -> None:
        """End the visits that take too long."""
        self._end_visits(VISIT)

    def _end_visits(self, age: float) -> None:
        now = time.monotonic()
        with self._lock:
            late = [sock for sock, began in self._visits.items() if now >= began + age]
            for sock in late:
                with suppress(OSError):  # it has just ended
                    sock.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        """End a visit so that our answer arrives: closing with unread input would reset it."""
        with suppress(OSError):
            request.shutdown(socket.SHUT_WR)
            request.settimeout(HURRIED)
            unread = LAST_INPUT
            while unread > 0 and (data := request.recv(65536)):
                unread -= len(data)
        with self._lock:
            self._visits.pop(request, None)
        request.close()
        self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a visitor go who hung up; anything else is a bug, to be seen."""
        if not isinstance(sys.exception(), OSError):
            raise


def _inside(channel: Channel | None, codec: Codec) -> Codec:
    if channel is None:
        return codec
    from justeprix.protocol.tls import TlsCodec

    return TlsCodec(codec, channel, time.monotonic())
