"""A TCP proxy that harms the links it carries: real sockets, real resets.

    plan = faults(random.Random(seed))
    with FaultProxy(server.address, plan) as proxy:
        Client(port=proxy.port).propose(50)
        print(proxy.made)               # Counter({Fault.RESET_BEFORE: 1, ...})

What a client sends in one go is a request; the plan says for each request which fault, if any,
it meets. A plan is any iterator: `faults` draws one at random, `iter([None, Fault.SLICES])`
harms the second request only. A thread a link; `close` ends and joins them all. With `book` and
`who` each link is noted there, on the host's side: see recorder.py.
"""

from __future__ import annotations

import random
import select
import socket
import struct
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import Self

from tests.faults.recorder import Noted, Recorder

__all__ = ["BARE", "LINES", "LINGER_NONE", "Fault", "FaultProxy", "faults", "reset"]

PATIENCE = 5.0
"""Seconds to wait for the host; past it the link is cut, which a client must survive anyway."""

LINGER_NONE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""SO_LINGER on, zero seconds: close() sends a reset."""


class Fault(Enum):
    """What may happen to one request."""

    LATENCY = auto()  # request comes late, perhaps after its sender has given up
    SLICES = auto()  # request and reply come one byte at a time
    BLACK_HOLE = auto()  # nothing arrives any more, and no socket says so
    RESET_BEFORE = auto()  # reset; the host never sees the request
    RESET_AFTER = auto()  # the host has answered, and the reset eats the answer
    CUT_REQUEST = auto()  # the host gets all but the last sign and the newline, then the end
    HALF_REPLY = auto()  # half the answer, then the end of the link
    STALLED_REPLY = auto()  # half the answer, then nothing for a while, then the end
    HALF_CLOSE = auto()  # the host gets the request and the end; the other way stays open
    LATE_CLOSE = auto()  # the client sees the end at once, the host a while later


DELAYED = {Fault.LATENCY, Fault.STALLED_REPLY, Fault.LATE_CLOSE}
"""What takes the seconds that `latency` gives."""

LINES = tuple(Fault)
"""What a client that ends its lines may meet."""

PIECES = {Fault.SLICES, Fault.CUT_REQUEST, Fault.HALF_REPLY, Fault.STALLED_REPLY}
BARE = tuple(fault for fault in Fault if fault not in PIECES)
"""What a client without newlines may meet: to it, and to its host, a piece is a message."""

Plan = Iterator[Fault | None]
Socket = socket.socket | Noted


def faults(rng: random.Random, kinds: Sequence[Fault] = tuple(Fault)) -> Plan:
    """Yield one to three faults in a row, then two to eight requests in peace, for ever.

    A client that gives up after five tries has no excuse to: never more than three in a row.
    """
    while True:
        for _ in range(rng.randint(1, 3)):
            yield rng.choice(kinds)
        for _ in range(rng.randint(2, 8)):
            yield None


class FaultProxy:
    """Listens on a free port of 127.0.0.1 and carries each link to `target`.

    `latency` gives the seconds of each fault that takes time: past the client's timeout, a late
    request arrives after its sender has gone. What begins with one of `spares` meets
    no fault.
    """

    def __init__(
        self,
        target: tuple[str, int],
        plan: Plan,
        *,
        latency: Callable[[], float] = lambda: 0.0,
        spares: bytes | tuple[bytes, ...] = (),
        book: Recorder | None = None,
        who: str = "",
    ) -> None:
        self.target = target
        self._spares = spares
        self._book = book
        self._who = who
        self.made: Counter[Fault] = Counter()
        self._plan = plan
        self._latency = latency
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._sockets: set[Socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept_all, name="proxy")
        self._acceptor.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Cut every link and join every thread. A second call does nothing."""
        self._closing.set()
        with self._lock:
            for sock in (self._listener, *self._sockets):
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for it
        if sys.platform != "linux":  # there, shutting a listener down does not wake accept()
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
        self._acceptor.join()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def _accept_all(self) -> None:
        while not self._closing.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                continue  # closing, or the caller has hung up
            thread = threading.Thread(target=self._carry, args=(client,), name="proxy link")
            self._threads.append(thread)
            thread.start()

    def _carry(self, client: socket.socket) -> None:
        """Carry one link until either side, or a fault, ends it."""
        # A broken link is what we are here for.
        with (
            client,
            suppress(OSError),
            self._reach_host() as host,
            self._tracked(client, host),
        ):
            host.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self._carry_once(client, host):
                pass

    def _reach_host(self) -> Socket:
        host = socket.create_connection(self.target, PATIENCE)
        return host if self._book is None else Noted(host, self._book.open(self._who))

    @contextmanager
    def _tracked(self, *sockets: Socket) -> Iterator[None]:
        """Let `close` know these sockets for as long as the block lasts."""
        with self._lock:
            if self._closing.is_set():
                raise ConnectionAbortedError
            self._sockets.update(sockets)
        try:
            yield
        finally:
            with self._lock:
                self._sockets.difference_update(sockets)

    def _carry_once(self, client: socket.socket, host: Socket) -> bool:
        """Carry what comes next; return whether the link goes on."""
        ready = select.select([client, host], [], [])[0]
        if host in ready:
            data = host.recv(65536)
            client.sendall(data)
            return bool(data)
        request = client.recv(65536)
        if not request:
            return False
        spared = request.startswith(self._spares)
        with self._lock:
            fault = None if spared else next(self._plan, None)
            delay = self._latency() if fault in DELAYED else 0.0
            if fault is not None:
                self.made[fault] += 1
        if fault is None:
            host.sendall(request)
            return True
        return self._harm(fault, request, client, host, delay)

    def _harm(
        self, fault: Fault, request: bytes, client: socket.socket, host: Socket, delay: float
    ) -> bool:
        """Do what the fault says; return whether the link goes on."""
        if fault is Fault.LATENCY:
            self._closing.wait(delay)
            host.sendall(request)
            return True
        if fault is Fault.SLICES:
            _slice(request, host)
            _slice(_answer(host, request), client)
            return True
        if fault in (Fault.BLACK_HOLE, Fault.LATE_CLOSE):
            self._leave_host_alone(fault, client, host, delay)
        elif fault is Fault.CUT_REQUEST:
            host.sendall(request[:-2])
        elif fault is not Fault.RESET_BEFORE:
            host.sendall(request)
            if fault is Fault.HALF_CLOSE:
                host.shutdown(socket.SHUT_WR)
            self._break_answer(fault, _answer(host, request), client, delay)
        if fault in (Fault.RESET_BEFORE, Fault.RESET_AFTER):
            reset(client)
        return False

    def _leave_host_alone(
        self, fault: Fault, client: socket.socket, host: Socket, delay: float
    ) -> None:
        """Let the host believe in a link whose client is gone."""
        if fault is Fault.LATE_CLOSE:
            reset(client)
            self._closing.wait(delay)
            return
        while client.recv(65536):  # until the sender gives up
            pass
        while host.recv(65536):  # the host is not told: it ends the link by itself
            pass

    def _break_answer(
        self, fault: Fault, reply: bytes, client: socket.socket, delay: float
    ) -> None:
        """Give the client as much of an answer as the fault leaves."""
        if fault is Fault.HALF_CLOSE:
            client.sendall(reply)
        elif fault is not Fault.RESET_AFTER:
            client.sendall(reply[: len(reply) // 2])
        if fault is Fault.STALLED_REPLY:
            self._closing.wait(delay)


def _answer(host: Socket, request: bytes) -> bytes:
    """Receive the answer to a request: a line to a line, else what comes in one go."""
    host.settimeout(PATIENCE)
    answer = b""
    while not answer or (request.endswith(b"\n") and not answer.endswith(b"\n")):
        data = host.recv(65536)
        if not data:
            break
        answer += data
    return answer


def _slice(data: bytes, sock: Socket) -> None:
    for byte in data:
        sock.sendall(bytes([byte]))


def reset(sock: socket.socket) -> None:
    """Close a socket as a machine that crashes does."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
    sock.close()
