"""Servers that are not ours, and a limit for calls that might never come back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

__all__ = ["GREETING", "Foreign", "Manners", "after_session", "bounded", "read_line"]

GREETING = b"hello justeprix/1 entre 1 et 100\n"

Manners = Callable[[socket.socket], object]
"""What a server does with one connection; the connection is closed when it returns."""


class Foreign:
    """A TCP server on a free port of 127.0.0.1; `arrived` is set when the first caller is in."""

    def __init__(self, manners: Manners) -> None:
        self.calls = 0
        self.arrived = threading.Event()
        self._manners = manners
        self._lock = threading.Lock()
        self._closing = False
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept_all, name="foreign")
        self._acceptor.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        with self._lock:
            self._closing = True
            for sock in self._sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for it
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), 5.0).close()  # wakes accept()
        for thread in (self._acceptor, *self._threads):
            thread.join()
        self._listener.close()

    def _accept_all(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            with self._lock:
                if self._closing:
                    sock.close()
                    return
                self.calls += 1
                self._sockets.append(sock)
            self.arrived.set()
            thread = threading.Thread(target=self._serve, args=(sock,), name="foreign link")
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, suppress(OSError):
            self._manners(sock)


def read_line(sock: socket.socket) -> bytes:
    """Return one line with its LF, b"" at the end."""
    line = b""
    while not line.endswith(b"\n") and (byte := sock.recv(1)):
        line += byte
    return line


def after_session(manners: Manners) -> Manners:
    """Greet and open a session as our host does; its manners show from the first guess on."""

    def serve(sock: socket.socket) -> None:
        sock.sendall(GREETING)
        if read_line(sock):
            sock.sendall(b"session 0123456789abcdef 0 0\n")
            manners(sock)

    return serve


def bounded(call: Callable[[], Any], seconds: float = 5.0) -> Any:
    """Return what the call returns, or raise what it raises; fail if it takes longer."""
    outcome: list[Any] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(call())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), f"still busy after {seconds} s"
    if failure:
        raise failure[0]
    return outcome[0]
