"""Who hears what unasked: a slow follower misses states, but never the newest one."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from pure_host import PureHost

from justeprix.audience import Audience
from justeprix.connection import Connection
from justeprix.framing import LineCodec
from justeprix.state import Snapshot

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
    audience = Audience()
    audience.note(follower)
    assert told(audience.show(STATES[0])) == [b'etat {"version":0}\n']
    follower.outbox = b"not read yet"
    assert told(audience.show(STATES[1])) == []
    assert told(audience.show(STATES[2])) == []
    assert told(audience.catch_up()) == []
    follower.outbox = b""
    assert told(audience.catch_up()) == [b'etat {"version":2}\n']
    assert told(audience.catch_up()) == []


def test_who_ends_is_told_nothing(follower) -> None:
    audience = Audience()
    audience.note(follower)
    follower.closing = True
    assert told(audience.letters("message Ada : salut")) == []
    assert told(audience.show(STATES[0])) == []
    follower.closing = False
    audience.forget(follower)
    assert not audience.follows
    assert told(audience.show(STATES[1])) == []


def test_a_chat_message_waits_for_nobody(follower) -> None:
    audience = Audience()
    audience.note(follower)
    follower.outbox = b"not read yet"
    assert told(audience.letters("message Ada : salut")) == [b"message Ada : salut\n"]
