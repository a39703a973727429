"""Who is heard first: the calm before those who flood, and of these who has sent least."""

from __future__ import annotations

import time
from math import inf
from types import SimpleNamespace

import pytest

from justeprix.protocol.lines import LONE_BYTE_SILENCE
from justeprix.room.limits import Limits
from justeprix.server.fairness import AT_ONCE, FLOOD, shares
from tests.support.room import Room


def sender(paced: float) -> SimpleNamespace:
    return SimpleNamespace(paced=paced)


def test_the_calm_come_together() -> None:
    ready = [sender(0.0), None, sender(9.9)]
    assert list(shares(ready, 10.0)) == [(ready, inf)]


def test_time_passes_where_nobody_speaks() -> None:
    assert list(shares([], 10.0)) == [([], inf)]


def test_a_crowd_is_served_in_parts() -> None:
    ready = [sender(0.0) for _ in range(2 * AT_ONCE + 1)]
    steps = list(shares(ready, 10.0))
    assert [len(step) for step, _ in steps] == [AT_ONCE, AT_ONCE, 1]
    assert [one for step, _ in steps for one in step] == ready


def test_floods_come_last_and_the_least_of_them_first() -> None:
    worst, calm, bad = sender(12.0), sender(1.0), sender(10.1)
    assert list(shares([worst, None, calm, bad], 10.0)) == [
        ([None, calm], inf),
        ([bad, worst], FLOOD),
    ]


def test_a_flood_among_floods_is_answered_whole_and_in_order() -> None:
    with Room(limits=Limits(burst=10, rate=5000)) as room:
        players = [room.player() for _ in range(5)]
        for player in players:
            player.send(b"".join(b"ping %d\n" % n for n in range(1000)))
        for player in players:
            assert [player.recv_line() for _ in range(1000)] == [f"pong {n}" for n in range(1000)]


def test_what_came_in_time_is_not_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of a line waits in its socket while others are read, until silence would end it."""
    monkeypatch.setattr("justeprix.server.fairness.AT_ONCE", 1)
    with Room(low=50, high=50) as room:
        slow, loud, other = room.player(), room.player(), room.player()
        slow.send(b"5")
        loud.sync()  # so the first half is heard
        with room.server.room.lock:
            loud.send(b"ping\n")  # the worker waits for us to judge that
            time.sleep(1.5 * LONE_BYTE_SILENCE)
            other.send(b"ping\n")
            slow.send(b"0\n")
        assert slow.recv_line() == "gagné"
        assert loud.recv_line() == other.recv_line() == "pong"
