"""A link that can lose what the host says: pages connect to it instead of to the host.

with Deaf(host.web_port) as link:
    link.loses = True           # the host hears the page, the page hears nothing more
    link.cut()
"""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress
from typing import Self


class Deaf:
    """Carries each connection to a port of this machine, a thread each."""

    def __init__(self, port: int, scheme: str = "http") -> None:
        self.loses = False
        self._port = port
        self._lock = threading.Lock()
        self._links: list[tuple[socket.socket, socket.socket]] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.origin = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._closing = threading.Event()
        self._acceptor = threading.Thread(target=self._accept_all, name="deaf")

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._closing.set()
        self._acceptor.join()
        self.cut()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def cut(self) -> None:
        """End all connections there are; new ones may come."""
        with self._lock:
            for sock in (sock for link in self._links for sock in link):
                with suppress(OSError):  # it has ended by itself
                    sock.shutdown(socket.SHUT_RDWR)

    def _accept_all(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            host = socket.create_connection(("127.0.0.1", self._port))
            client.setblocking(True)
            with self._lock:
                self._links.append((client, host))
            thread = threading.Thread(target=self._carry, args=(client, host), name="deaf link")
            self._threads.append(thread)
            thread.start()

    def _carry(self, client: socket.socket, host: socket.socket) -> None:
        with client, host, suppress(OSError):
            while True:
                ready, _, _ = select.select([client, host], [], [])
                for sock in ready:
                    data = sock.recv(65536)
                    if not data:
                        return
                    if sock is client:
                        host.sendall(data)
                    elif not self.loses:
                        client.sendall(data)
