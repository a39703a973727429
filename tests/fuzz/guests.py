"""Whoever is at the other end of a link, fuzzed: a browser at the web port, a host at the client's.

Both ends are a pair of sockets: what the other side would say is sent, then that end is closed.
"""

from __future__ import annotations

import contextlib
import io
import re
import socket
import threading
import time
from functools import cache
from types import SimpleNamespace
from typing import Any

from justeprix.cli.play.screen import PlayerScreen
from justeprix.client import Client
from justeprix.errors import ClientError, ForeignServer
from justeprix.game.secret import Bounds
from justeprix.net.link import MAX_REPLY, Link, LinkLost, _text
from justeprix.protocol.replies import read
from justeprix.protocol.websocket import shake_hands
from justeprix.protocol.words import printable
from justeprix.room.limits import Limits
from justeprix.room.room import Room
from justeprix.web.contents import Contents
from justeprix.web.visit import Visit
from tests.fuzz.choices import Choices
from tests.support.browser import parse_head

__all__ = ["handshake", "host", "screen", "visit"]

HERE = "http://127.0.0.1:8000"


def handshake(data: bytes) -> None:
    """Any header: it becomes a WebSocket, or is refused; the host is never at fault (5xx)."""
    path, *lines = data.decode("latin-1").split("\n")
    fields = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    accepted, response = shake_hands(path, fields, [HERE])
    status, _ = parse_head(response.partition(b"\r\n\r\n")[0])
    assert accepted == (status == 101)
    assert status == 101 or 400 <= status < 500, response
    origins = [value for name, value in fields if name.lower() == "origin"]
    assert not accepted or origins in ([], [HERE])


# The web port.


class QuietVisit(Visit):
    disable_nagle_algorithm = False  # of TCP only


class House:
    """The least that a visit asks of its server; nobody here knows the teacher's cookie."""

    tls = None

    def __init__(self, contents: Any) -> None:
        self.contents = contents
        self.upgraded = False

    def upgrade(self, *_: object) -> None:
        self.upgraded = True


@cache
def _contents() -> Contents:
    def obey(line: str) -> str:
        raise AssertionError(f"a stranger gave an order: {line!r}")

    room = Room(Bounds(1, 100), None, Limits())  # type: ignore[arg-type]
    server: Any = SimpleNamespace(tls=None, address=("127.0.0.1", 2300), room=room)
    return Contents(server, "127.0.0.1", 8000, obey)


def visit(data: bytes) -> None:
    """Any bytes at the web port: one answer that is guarded by its headers, or none."""
    ours, theirs = socket.socketpair()
    house = House(_contents())
    with ours, theirs:
        theirs.settimeout(5.0)
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        QuietVisit(ours, ("127.0.0.1", 1), house)  # type: ignore[arg-type]
        ours.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: theirs.recv(65536), b""))
    if house.upgraded:
        assert answer.startswith(b"HTTP/1.1 101 ")
    elif answer.startswith(b"HTTP/"):
        _check_answer(answer.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n"))


def _check_answer(answer: bytes) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, fields = parse_head(head)
    assert status < 500 or status in (501, 505), answer  # no method, no version of ours
    known = {name.lower(): value for name, value in fields}
    assert body == b"" or int(known["content-length"]) == len(body)
    if "content-security-policy" in known:  # else a handshake that was refused
        assert known["x-content-type-options"] == "nosniff"
    else:
        assert known["content-type"] == "text/plain; charset=utf-8"


# A host that is none of ours.


def host(data: bytes) -> None:
    """Any lines from a host: each question ends in an answer or in an error of ours."""
    choices = Choices(data)
    questions = [choices.below(4) for _ in range(choices.below(6))]
    link, told = _link(data[1 + len(questions) :])
    with contextlib.closing(link):
        client = _client(link)
        for question in questions:
            with contextlib.suppress(ClientError, LinkLost):
                _ask(client, link, question)
            if client._link is None:
                return  # it has given the host up
        _check_lines(link, told)


def _ask(client: Client, link: Link, question: int) -> None:
    if question == 0:
        client._ask("#1 50", 1.0)
        assert client.resultat in (None, "plus", "moins", "gagné")
    elif question == 1:
        client._open_session()
    elif question == 2:
        for line in link.lines_so_far():
            client._answers(read(line))
    else:
        client._ask_fully("nom Ada", 1.0)


def _check_lines(link: Link, told: bytes) -> None:
    """What is still to come, comes line by line, as it was cut by its newlines."""
    heard = []
    with contextlib.suppress(LinkLost, ForeignServer):
        while True:
            heard.append(link.next_line(time.monotonic() + 1.0, threading.Event()))
    wanted = [_text(line) for line in told.split(b"\n")[:-1]]
    assert not heard or heard == wanted[-len(heard) :]
    assert len(link._buffer) <= 2 * MAX_REPLY


def _link(data: bytes) -> tuple[Link, bytes]:
    """A link whose other end has said something and closed; and what it said."""
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.setblocking(False)
        sent = theirs.send(data) if data else 0
    link = Link.__new__(Link)
    link.socket, link._timeout, link._buffer = ours, 1.0, b""
    link.send = lambda line: None  # type: ignore[method-assign]  # nobody listens
    return link, data[:sent]


def _client(link: Link) -> Client:
    client = Client(timeout=1.0, on_line=_deaf)
    client._link = link
    return client


def _deaf(line: str) -> None:
    assert re.match(r"message|etat", line)


def screen(data: bytes) -> None:
    """Any `etat` or `message` of a host: the player's screen shows it, or the client gives up.

    Nothing of it reaches the terminal but printable text.
    """
    shown = io.StringIO()
    player = PlayerScreen(patient=False)
    player._bounds = Bounds(1, 100)
    player._reset()
    with contextlib.redirect_stdout(shown), contextlib.suppress(ClientError):
        for line in data.split(b"\n"):
            player.heard(_text(line))
            print(player.prompt())
    text = shown.getvalue().replace("\n", " ")
    assert printable(text) == text, "signs that steer a terminal"
