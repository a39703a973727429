"""Who hears what unasked: a slow follower misses states, but never the newest one."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from justeprix.protocol.lines import LineCodec
from justeprix.room.snapshot import Snapshot
from justeprix.server.connection import Connection
from justeprix.server.followers import Followers, Letters
from tests.support.player import PATIENCE
from tests.support.pure_host import PureHost
from tests.support.room import Room

STATES = [Snapshot(f'{{"version":{n}', {}) for n in range(3)]


@pytest.fixture
def follower() -> Iterator[Connection]:
    here, there = socket.socketpair()
    lines = LineCodec()
    lines.receive(b"suivre\n", 0.0)
    with here, there:
        connection = Connection(here, "127.0.0.1", lines, PureHost().arrive(), 0.0)
        connection.session.follows = True
        yield connection


def told(letters) -> list[bytes]:
    return [data for _, data in letters]


def test_a_busy_follower_gets_the_newest_state_once_it_has_read(follower) -> None:
    followers = Followers()
    followers.note(follower)
    assert told(followers.show(STATES[0])) == [b'etat {"version":0}\n']
    follower.outbox = b"not read yet"
    assert told(followers.show(STATES[1])) == []
    assert told(followers.show(STATES[2])) == []
    assert told(followers.catch_up()) == []
    follower.outbox = b""
    assert told(followers.catch_up()) == [b'etat {"version":2}\n']
    assert told(followers.catch_up()) == []


def test_who_ends_is_told_nothing(follower) -> None:
    followers = Followers()
    followers.note(follower)
    follower.closing = True
    assert told(followers.letters("message Ada : salut")) == []
    assert told(followers.show(STATES[0])) == []
    follower.closing = False
    followers.forget(follower)
    assert not followers.follows
    assert told(followers.show(STATES[1])) == []


def test_a_chat_message_waits_for_nobody(follower) -> None:
    followers = Followers()
    followers.note(follower)
    follower.outbox = b"not read yet"
    assert told(followers.letters("message Ada : salut")) == [b"message Ada : salut\n"]


def test_who_is_gone_before_they_are_answered_disturbs_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A worker hears somebody, then finds the link broken as it sends a state: still one step."""
    catch_up, heard = Followers.catch_up, threading.Event()
    with Room() as room:
        rude, other = room.player(), room.player()
        rude.follow()
        (worker,) = room.server.workers
        (gone,) = worker._followers._followers

        def too_late(self: Followers) -> Letters:
            if gone.heard_at > since and not heard.is_set():
                heard.set()
                rude.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                rude.close()
                yield gone, b"etat {}\n"
            yield from catch_up(self)

        monkeypatch.setattr(Followers, "catch_up", too_late)
        since, worker._next_check = gone.heard_at, 0.0  # the next step looks at the time
        rude.send(b"ping\n")
        assert heard.wait(PATIENCE)
        other.sync()
        assert gone not in worker._connections
