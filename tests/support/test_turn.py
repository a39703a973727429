"""Tests that measure run alone, and soon, however many others come meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from tests.support.room import eventually
from tests.support.turn import Turn

fcntl = pytest.importorskip("fcntl", reason="without it there is one test at a time")

GIVEN_IN = 0.2
"""Seconds in which somebody whom nothing holds back is through."""


def test_one_alone_waits_for_those_inside_and_newcomers_wait_for_it(tmp_path) -> None:
    turn, told = Turn(tmp_path), []

    def comes(name: str, way: Callable[[], AbstractContextManager[None]]) -> threading.Thread:
        def run() -> None:
            with way():
                told.append(name)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    with turn.together(), turn.together():
        alone = comes("alone", turn.alone)
        eventually(lambda: taken(tmp_path / "gate.lock"), True)
        later = comes("together", turn.together)
        later.join(GIVEN_IN)
        assert told == []
    alone.join(10)
    later.join(10)
    assert told == ["alone", "together"]


def test_nobody_comes_in_beside_one_alone(tmp_path) -> None:
    turn, told = Turn(tmp_path), []

    def comes() -> None:
        with turn.together():
            told.append("together")

    with turn.alone():
        newcomer = threading.Thread(target=comes)
        newcomer.start()
        newcomer.join(GIVEN_IN)
        assert told == []
    newcomer.join(10)
    assert told == ["together"]


def taken(file) -> bool:
    """Whether somebody else holds a lock."""
    with file.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
