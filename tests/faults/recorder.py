"""The book of a run: every send and every reply of every client, in order, with its time.

    book = Recorder()
    with FaultProxy(host.address, plan, book=book, who="Ada") as proxy:
        Client(port=proxy.port) ...                # any client, in any process: noted on its way
    sock = Noted(socket.create_connection(host.address), book.open("Bob"))   # or its own socket
    book.told("Ada", 50, client.propose(50))       # what a Client's caller got back
    book.printed("host", line)                     # what a process wrote
    assert not check(book, db)                     # checker.py

`who` is one client over all its links: several links may have the same. One book is of one file,
in which one competition is played, or practice. A client that says things of which nobody can
know how they are answered (half lines, both dialects at once) opens its links with `rubbish=True`:
what it was told is searched for secrets, and not taken for answers.

Through a proxy the book is kept on the host's side of it: what the host was sent and what it said,
whether a fault let its answer through or not. A WebSocket client notes each message as a line:
`link.sent(b"50\n")`, `link.got(b"plus\n")`.

All methods may be called from any thread. Times are `time.monotonic()`.
"""

from __future__ import annotations

import socket
import threading
import time
from enum import Enum, auto
from typing import Any, NamedTuple

__all__ = ["Entry", "Kind", "Link", "Noted", "Printed", "Recorder", "Told"]


class Kind(Enum):
    """Which way some bytes went."""

    SENT = auto()  # to the host
    GOT = auto()  # from the host
    ENDED = auto()  # no more of either


class Entry(NamedTuple):
    """Some bytes of one link, as they were sent or received in one go."""

    at: float
    kind: Kind
    data: bytes


class Told(NamedTuple):
    """What a Client said to its caller: the answer to a number."""

    at: float
    who: str
    number: int
    answer: str


class Printed(NamedTuple):
    """Some text that a process wrote."""

    at: float
    who: str
    text: str


class Link:
    """One connection of one client. `entries` is its page of the book."""

    def __init__(self, book: Recorder, who: str, number: int, rubbish: bool) -> None:
        self.who = who
        self.number = number  # in the whole book, from 1
        self.rubbish = rubbish
        self.entries: list[Entry] = []
        self._book = book

    def __repr__(self) -> str:
        return f"{self.who} (link {self.number})"

    def sent(self, data: bytes) -> None:
        """Note what goes to the host. Call it before the bytes leave: the answer may be quick."""
        self._note(Kind.SENT, data)

    def got(self, data: bytes) -> None:
        """Note what came from the host; nothing, and the link has ended."""
        self._note(Kind.GOT if data else Kind.ENDED, data)

    def ended(self) -> None:
        """Note that the link has ended; a second time does nothing."""
        self._note(Kind.ENDED, b"")

    def _note(self, kind: Kind, data: bytes) -> None:
        with self._book.lock:  # the time and the place in the list belong together
            if not (kind is Kind.ENDED and self.entries and self.entries[-1].kind is kind):
                self.entries.append(Entry(time.monotonic(), kind, data))


class Recorder:
    """All links of a run. Read `links`, `said` and `output` when the clients have ended."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.links: list[Link] = []
        self.said: list[Told] = []
        self.output: list[Printed] = []

    def open(self, who: str, *, rubbish: bool = False) -> Link:
        """Begin the page of a new connection."""
        with self.lock:
            link = Link(self, who, len(self.links) + 1, rubbish)
            self.links.append(link)
            return link

    def told(self, who: str, number: int, answer: str) -> None:
        """Note what `propose(number)` returned to the caller of a Client."""
        with self.lock:
            self.said.append(Told(time.monotonic(), who, number, answer))

    def printed(self, who: str, text: str) -> None:
        """Note what a process wrote."""
        with self.lock:
            self.output.append(Printed(time.monotonic(), who, text))


class Noted:
    """A socket of which every byte is noted; all else is the socket's own."""

    def __init__(self, sock: socket.socket, link: Link) -> None:
        self.link = link
        self._socket = sock

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def __enter__(self) -> Noted:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def sendall(self, data: bytes) -> None:
        self.link.sent(data)
        self._socket.sendall(data)

    def send(self, data: bytes) -> int:
        self.link.sent(data)
        sent = self._socket.send(data)
        assert sent == len(data), "a socket with a full buffer cannot be noted: use sendall"
        return sent

    def recv(self, size: int, flags: int = 0) -> bytes:
        data: bytes = self._socket.recv(size, flags)
        self.link.got(data)
        return data

    def close(self) -> None:
        self.link.ended()
        self._socket.close()
