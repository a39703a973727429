"""The acceptor: one thread that lets callers in, or tells them why not. It never dies.

Out of descriptors it waits, and says so: those who play go on, those who call wait with it.
"""

from __future__ import annotations

import selectors
import socket
import threading
from typing import TYPE_CHECKING

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.net.listener import EXHAUSTED, turn_away
from justeprix.net.mailbox import Mailbox
from justeprix.protocol.codec import Codec
from justeprix.protocol.lines import LineCodec
from justeprix.room.admission import Arrivals
from justeprix.room.room import Room
from justeprix.server.workers import Workers
from justeprix.session.events import News, Recovered, Trouble

if TYPE_CHECKING:
    import ssl

__all__ = ["Acceptor"]

RETRY = 0.1
"""Seconds between two tries to accept while the system has no descriptors left."""

PULSE = 0.5
"""Seconds between two looks at the clock while nobody calls."""

FULL = ProtocolError(ErrorCode.COMPLET, "la salle est pleine : réessaie plus tard")

NO_DESCRIPTORS = (
    "plus de descripteurs : les nouveaux joueurs attendent, ceux qui jouent continuent (ulimit -n)"
)


class Acceptor:
    """The door of one room; the listening socket is its own from now on."""

    def __init__(
        self,
        listener: socket.socket,
        room: Room,
        workers: Workers,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._listener = listener
        self._room = room
        self._workers = workers
        self._tls = tls
        self._arrivals = self.new_arrivals()
        self._exhausted = False  # no descriptors were left, and the host has been told
        self._full = False  # the room is, and the host has been told
        self._closing = threading.Event()
        self._mailbox = Mailbox()
        self._thread = threading.Thread(target=self._run, name="acceptor")

    def start(self) -> None:
        """Begin to accept."""
        self._thread.start()

    def close(self) -> None:
        """Let nobody in any more, and free the sockets."""
        self._closing.set()
        self._mailbox.wake()
        if self._thread.is_alive():
            self._thread.join()
        self._mailbox.close()
        self._listener.close()

    def new_arrivals(self, each: int = 1) -> Arrivals:
        """Return what limits the callers of a port, if each player makes so many connections."""
        limits = self._room.limits
        at_once = each * max(limits.arrivals, limits.max_players)
        return Arrivals(at_once, at_once / 10)

    def admit(self, sock: socket.socket, address: str, codec: Codec) -> None:
        """Hand a newcomer to a worker, or turn them away.

        Callable from any thread.
        """
        players = self._workers.load
        full, self._full = self._full, players >= self._room.limits.max_players
        if not self._full:
            self._workers.adopt(sock, address, codec)
            return
        if not full:
            self._tell(
                Trouble(f"la salle est pleine ({players} joueurs) : les suivants sont refusés")
            )
        turn_away(sock, codec, FULL)

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for sock in (self._listener, self._mailbox.socket):
                selector.register(sock, selectors.EVENT_READ)
            while not self._closing.is_set():
                waiting = selector.select(0 if self._exhausted else PULSE)
                self._room.clock.running()  # whoever else waits for a lock or a disk: we run
                try:
                    self._step(bool(waiting))
                except Exception as bug:  # whoever called then costs nobody else anything
                    self._room.confess(bug)

    def _step(self, waiting: bool) -> None:
        if self._closing.is_set():
            return
        if waiting:
            self._accept()
        elif self._exhausted:
            self._exhausted = False
            self._tell(Recovered("tous ceux qui attendaient sont entrés"))

    def _accept(self) -> None:
        """Accept one who waits at the door."""
        try:
            sock, (address, _) = self._listener.accept()
        except OSError as error:
            if error.errno in EXHAUSTED:
                self._wait_for_descriptors()
            return  # else the caller has hung up already
        now = self._room.clock.running()
        if not self._arrivals.allows(address, now):
            sock.close()
            return
        try:
            self.admit(sock, address, self._new_codec(now))
        except BaseException:
            sock.close()
            raise

    def _wait_for_descriptors(self) -> None:
        if not self._exhausted:
            self._exhausted = True
            self._tell(Trouble(NO_DESCRIPTORS))
        self._closing.wait(RETRY)

    def _new_codec(self, now: float) -> Codec:
        if self._tls is None:
            return LineCodec()
        from justeprix.protocol.tls import Channel, TlsCodec

        return TlsCodec(LineCodec(), Channel(self._tls), now)

    def _tell(self, item: News) -> None:
        with self._room.lock:
            self._room.tell(item)
