"""The server: one acceptor, a few workers, one clock. Start it, read its address, close it.

    with Server(port=0, db=":memory:") as server:
        print(server.address)

Threads and what they share:
  acceptor   accepts, hands each connection to the worker with the fewest; never dies
  workers    a loop over its sockets each, see worker.py; share only the room, under its lock
  clock      twice a second, sends the state to those who follow, if it changed
A worker runs Python code most of its time: on CPython with a global lock a second one only
adds switching, so there is one; without that lock there is one a processor.
"""

from __future__ import annotations

import errno
import os
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self

from justeprix.errors import ProtocolError, ServerError
from justeprix.game import Bounds
from justeprix.limits import Limits
from justeprix.news import News, Recovered, Trouble
from justeprix.protocol import MAX_DIGITS, PORT, error_line
from justeprix.room import Room
from justeprix.store import SqliteStore
from justeprix.store.sqlite import MEMORY
from justeprix.worker import Worker

__all__ = ["Server"]

BACKLOG = 1024
SEND_BUFFER = 65536
SPARE_DESCRIPTORS = 64
"""Descriptors kept for the store, the console and the pipes."""

SELECT_LIMIT = 500
"""Sockets a worker may hold where the system has only select(): Windows stops at 512."""

RETRY_ACCEPT = 0.1
"""Seconds between two tries to accept while the system has no descriptors left."""

SNAPSHOTS = 0.5
"""Seconds between two snapshots at least."""

NAMES_SINCE = 12 * 3600
"""Seconds for which a restarted host looks back for names to keep."""

NO_DESCRIPTORS = (
    "plus de descripteurs : les nouveaux joueurs attendent, ceux qui jouent continuent (ulimit -n)"
)

# ENOBUFS and ENOMEM: the system, not the process, is short.
_EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Server:
    """One game room on one port.

    Port 0 takes a free one; `address` tells it once started. `on_news` is called from the
    server's threads, with its lock held: it must return at once and not call back.
    Starting raises ServerError (port, bounds) or StoreError (file).
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = PORT,
        *,
        low: int = 1,
        high: int = 100,
        db: str | Path = MEMORY,
        durable: bool = False,
        seed: int | None = None,
        workers: int | None = None,
        limits: Limits | None = None,
        on_news: Callable[[News], None] | None = None,
    ) -> None:
        if not -(10**MAX_DIGITS) < low <= high < 10**MAX_DIGITS:
            raise ServerError(
                f"impossible de choisir entre {low} et {high} : le minimum ne doit pas dépasser"
                f" le maximum, et {MAX_DIGITS} chiffres suffisent"
            )
        limits = limits or Limits()
        spare = max(1, _descriptors() - SPARE_DESCRIPTORS)
        self._limits = replace(limits, max_players=min(limits.max_players, spare))
        self._listener = _listen(host, port)
        self.address: tuple[str, int] = self._listener.getsockname()[:2]
        try:
            store = SqliteStore(db, durable=durable)
        except BaseException:
            self._listener.close()
            raise
        self.room = Room(Bounds(low, high), store, self._limits, seed=seed, on_news=on_news)
        count = workers or _default_workers(self._limits.max_players)
        self._workers = [Worker(self.room, f"worker-{n}") for n in range(1, count + 1)]
        self.room.publishers = [worker.publish for worker in self._workers]
        self._full = False  # and the host has been told
        self._closing = threading.Event()
        self._closed = threading.Lock()
        self._wake_in, self._wake_out = socket.socketpair()
        self._acceptor = threading.Thread(target=self._accept_all, name="acceptor")
        self._clock = threading.Thread(target=self._publish_snapshots, name="clock")

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def start(self) -> None:
        """Begin to serve. Raises StoreError if the file fails at once."""
        since = (time.time_ns() // 1_000_000) - NAMES_SINCE * 1000
        with self.room.lock:
            for session, name in self.room.store.names(since):
                self.room.roster.expect(session, name, time.monotonic())
        for worker in self._workers:
            worker.start()
        self._clock.start()
        self._acceptor.start()

    def close(self, reason: str = "l'hôte a fermé la partie") -> None:
        """Say goodbye to everybody, join all threads, close the store. May be called again."""
        with self._closed:
            if self._closing.is_set():
                return
            self._closing.set()
            self._wake_out.send(b"\0")
            for thread in (self._acceptor, self._clock):
                if thread.is_alive():
                    thread.join()
            for worker in self._workers:
                worker.stop(reason)
            for worker in self._workers:
                worker.join()
            for sock in (self._listener, self._wake_in, self._wake_out):
                sock.close()
            self.room.store.close()

    # The acceptor.

    def _accept_all(self) -> None:
        exhausted = False
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._wake_in, selectors.EVENT_READ)
            while True:
                waiting = selector.select(0 if exhausted else None)
                if self._closing.is_set():
                    return
                if waiting:
                    exhausted = self._accept(exhausted)
                else:
                    exhausted = False
                    self._tell(Recovered("tous ceux qui attendaient sont entrés"))

    def _accept(self, exhausted: bool) -> bool:
        """Accept one who waits at the door; return whether the system has (or had) no room."""
        try:
            sock, address = self._listener.accept()
        except OSError as error:
            if error.errno not in _EXHAUSTED:
                return exhausted  # the caller has hung up already
            if not exhausted:
                self._tell(Trouble(NO_DESCRIPTORS))
            self._closing.wait(RETRY_ACCEPT)
            return True
        self._seat(sock, address[0])
        return exhausted

    def _seat(self, sock: socket.socket, address: str) -> None:
        """Hand a newcomer to the worker with the fewest connections."""
        players = sum(worker.load for worker in self._workers)
        if players >= self._limits.max_players:
            if not self._full:
                self._tell(
                    Trouble(f"la salle est pleine ({players} joueurs) : les suivants sont refusés")
                )
            self._full = True
            _turn_away(sock)
            return
        self._full = False
        min(self._workers, key=lambda worker: worker.load).adopt(sock, address)

    # The clock.

    def _publish_snapshots(self) -> None:
        published = -1
        while not self._closing.wait(SNAPSHOTS):
            if not any(worker.has_followers for worker in self._workers):
                continue
            with self.room.lock:
                version = self.room.roster.version
                line = self.room.roster.snapshot() if version != published else ""
            if line:
                published = version
                self.room.publish(line)

    def _tell(self, item: News) -> None:
        with self.room.lock:
            self.room.tell(item)


def _listen(host: str, port: int) -> socket.socket:
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
        raise ServerError(_why_not(error, host, port)) from error
    sock.setblocking(False)
    return sock


def _why_not(error: Exception, host: str, port: int) -> str:
    """Say in one sentence why that address can't be had."""
    other_port = port + 1 if port >= PORT else PORT
    other = f"choisis-en un autre, par exemple --port {other_port}"
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


def _turn_away(sock: socket.socket) -> None:
    """Tell somebody at a full room's door, in place of the greeting."""
    full = ProtocolError("complet", "la salle est pleine : réessaie plus tard")
    with sock, suppress(OSError):  # the caller has gone: nobody to tell
        sock.setblocking(False)
        sock.send(f"{error_line(full)}\n".encode())
        sock.shutdown(socket.SHUT_WR)


def _descriptors() -> int:
    """Return how many descriptors this process may have, after asking for all it can get."""
    try:
        import resource
    except ImportError:  # Windows counts handles instead, and has millions
        return sys.maxsize
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # macOS refuses "unlimited": the soft limit stays
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def _default_workers(max_players: int) -> int:
    """Return how many workers serve that many players best on this machine."""
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    count = 1 if gil else min(8, os.cpu_count() or 1)
    if issubclass(selectors.DefaultSelector, selectors.SelectSelector):
        count = max(count, -(-max_players // SELECT_LIMIT))
    return count
