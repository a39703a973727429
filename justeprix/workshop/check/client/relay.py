"""What stands between a client under test and the true host, and plays tricks with its messages.

The client's bytes pass through untouched. The host's messages are handed to the check's mischief,
one by one: it says in which pieces, when, and whether at all they go on. One thread, one selector;
a held message holds nothing up, so that what the client says meanwhile is seen.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Self

from justeprix.errors import ProtocolError
from justeprix.net.mailbox import Mailbox
from justeprix.protocol.lines import Dialect, LineCodec
from justeprix.room.limits import Limits
from justeprix.workshop.check.client.mischief import Delivery, HostMessage, Mischief
from justeprix.workshop.check.client.wire import Wire

__all__ = ["Relay"]

SOCKET_TIME = 2.0
"""Seconds in which a socket takes a few bytes; past it the link is cut."""

LINGER = Limits().linger
"""Seconds between the host's end and the cut, as the rules have it."""

MOST = 1 << 16
"""Bytes that a client may send on one link; whatever a flood brings beyond is not read."""

MOST_LINKS = 100
"""Connections that a client may make in one run; those beyond wait at the door."""


class Relay:
    """Carries every link of one run from `listener` (which stays open) to the host."""

    def __init__(
        self, listener: socket.socket, host: tuple[str, int], wire: Wire, mischief: Mischief
    ) -> None:
        self._listener = listener
        self._host = host
        self._wire = wire
        self._mischief = mischief
        self._answers = 0
        self._links: list[_RelayedLink] = []
        self._selector = selectors.DefaultSelector()
        self._mailbox = Mailbox()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="relay")

    def __enter__(self) -> Self:
        return self

    def start(self) -> None:
        """Begin to let the client in: until now it waited at the door."""
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._mailbox.socket, selectors.EVENT_READ, self._mailbox.wake_up)
        self._thread.start()

    def __exit__(self, *exc_info: object) -> None:
        """Cut every link; join the thread."""
        self._mailbox.post(self._stop)
        if self._thread.is_alive():
            self._thread.join()
        for link in self._links:
            link.cut()
        self._selector.close()
        self._mailbox.close()

    def _stop(self) -> None:
        self._closing = True

    def _run(self) -> None:
        while not self._closing:
            due = min((link.due for link in self._links), default=float("inf"))
            timeout = None if due == float("inf") else max(0.0, due - time.monotonic())
            for key, _ in self._selector.select(timeout):
                key.data()
            self._mailbox.make_calls()
            for link in self._links:
                link.work(time.monotonic())
            self._links = [link for link in self._links if link.alive]

    def _accept(self) -> None:
        try:
            client, _ = self._listener.accept()
        except OSError:  # the caller has hung up already
            return
        try:
            host = socket.create_connection(self._host, SOCKET_TIME)
        except OSError:
            client.close()
            return
        self._links.append(
            _RelayedLink(client, host, self._wire, self._deliveries_of, self._selector)
        )
        if self._wire.links >= MOST_LINKS:
            self._selector.unregister(self._listener)

    def _deliveries_of(self, data: bytes) -> Sequence[Delivery]:
        message = HostMessage(data, self._answers)
        self._answers += bool(message.answer)
        return self._mischief(message)


class _RelayedLink:
    """One connection of the client, and ours to the host in its name."""

    def __init__(
        self,
        client: socket.socket,
        host: socket.socket,
        wire: Wire,
        handle: Callable[[bytes], Sequence[Delivery]],
        selector: selectors.BaseSelector,
    ) -> None:
        self._client: socket.socket | None = client  # None: its side is over
        self._host: socket.socket | None = host
        self._to_client = client
        self._wire = wire
        self._handle = handle
        self._selector = selector
        self._codec = LineCodec()  # cuts messages as the host does
        self._buffer = b""  # the start of a message of the host
        self._greeted = False
        self._taken = 0
        self._deliveries: deque[tuple[float, Delivery]] = deque()  # from when on each may be taken
        self._free_at = 0.0  # when the last one was taken
        self._cut_at: float | None = None
        for sock, ready in ((client, self._from_client), (host, self._from_host)):
            sock.settimeout(SOCKET_TIME)
            with suppress(OSError):  # cut already: the first read will say so
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a piece, a segment
            selector.register(sock, selectors.EVENT_READ, ready)
        self._number = wire.connected()

    @property
    def alive(self) -> bool:
        """Whether it is not cut yet."""
        return self._to_client.fileno() != -1

    @property
    def due(self) -> float:
        """When something is to be done next (monotonic); infinite if nothing is."""
        times = [self._codec.deadline, self._cut_at, self._next_at]
        return min((at for at in times if at is not None), default=float("inf"))

    @property
    def _next_at(self) -> float | None:
        if not self._deliveries:
            return None
        since, delivery = self._deliveries[0]
        return max(since, self._free_at) + delivery.after

    def work(self, now: float) -> None:
        """Do what is due."""
        if self._codec.deadline is not None and now >= self._codec.deadline:
            self._expire()
        while (at := self._next_at) is not None and now >= at:
            self._free_at = now
            self._take(self._deliveries.popleft()[1], now)
        over = self._client is None and self._host is None
        if over or (self._cut_at is not None and now >= self._cut_at):
            self.cut()

    def cut(self) -> None:
        """Close both sides at once."""
        self._deliveries.clear()
        self._cut_at = self._codec.deadline = None
        self._drop_host()
        self._drop_client(cut=True)
        self._to_client.close()

    # From the client.

    def _from_client(self) -> None:
        if self._client is None:
            return
        data = _received(self._client)
        self._taken += len(data)
        if not data or self._taken > MOST:
            self._client_left()
            return
        self._wire.heard(data, early=bool(self._deliveries) or not self._greeted)
        self._ask(self._codec.receive(data, time.monotonic()))
        if self._host is not None and not _sent(self._host, data):
            self._drop_host()

    def _client_left(self) -> None:
        self._ask(self._codec.end())
        self._drop_client()
        if self._host is not None:
            with suppress(OSError):  # the host was faster
                self._host.shutdown(socket.SHUT_WR)

    def _expire(self) -> None:
        try:
            messages = self._codec.expire()
        except ProtocolError:  # a line that never ends: the host says so, and closes
            self._codec.deadline = None
        else:
            self._ask(messages)

    def _ask(self, messages: list[bytes]) -> None:
        for message in messages:
            framed = self._codec.dialect is Dialect.LINES
            self._wire.asked(self._number, message, framed=framed)

    # From the host.

    def _from_host(self) -> None:
        if self._host is None:
            return
        data = _received(self._host)
        now = time.monotonic()
        if self._codec.deadline is not None and not self._wire.waits_for(self._number):
            self._expire()  # it answers what we still thought half a message
        if data:
            for message in self._messages(data):
                self._plan(self._handle(message), now)
        else:
            self._drop_host()
            self._plan([Delivery(close=True)], now)
        self.work(now)

    def _plan(self, deliveries: Sequence[Delivery], now: float) -> None:
        idle = not self._deliveries
        self._deliveries.extend((now, delivery) for delivery in deliveries)
        if idle:
            self._announce()

    def _announce(self) -> None:
        if self._deliveries and (pause := self._deliveries[0][1].after):
            self._wire.paused(pause)

    def _messages(self, data: bytes) -> list[bytes]:
        """Cut messages: lines, or to a client that knows no lines, segments."""
        if self._codec.dialect is Dialect.UNFRAMED and b"\n" not in data:
            return [data]
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        return [line + b"\n" for line in lines]

    def _take(self, delivery: Delivery, now: float) -> None:
        if delivery.data:
            self._greeted = True
            self._wire.sent(self._number, delivery.data, delivery.lines)
            _sent(self._to_client, delivery.data)  # one that has gone has seen to that itself
        self._announce()
        if delivery.close:
            if self._client is not None:
                self._wire.closed(self._number)
            with suppress(OSError):  # the client was faster
                self._to_client.shutdown(socket.SHUT_WR)
            self._deliveries.clear()
            self._drop_host()
            self._cut_at = now + LINGER

    def _drop_host(self) -> None:
        if self._host is not None:
            self._selector.unregister(self._host)
            self._host.close()
            self._host = None

    def _drop_client(self, *, cut: bool = False) -> None:
        if self._client is not None:
            self._selector.unregister(self._client)
            self._client = None
            self._wire.left(cut=cut)


def _received(sock: socket.socket) -> bytes:
    """Return what has come; nothing if nothing will come any more."""
    try:
        return sock.recv(4096)
    except OSError:
        return b""


def _sent(sock: socket.socket, data: bytes) -> bool:
    try:
        sock.sendall(data)
    except OSError:
        return False
    return True
