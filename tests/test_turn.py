"""Tests that measure run alone, and soon, however many others come meanwhile."""

from __future__ import annotations

import threading

import pytest
from turn import Turn

pytest.importorskip("fcntl", reason="without it there is one test at a time")


def test_one_alone_waits_for_those_inside_and_newcomers_wait_for_it(tmp_path) -> None:
    turn, told = Turn(tmp_path), []
    at_the_gate, may_leave = threading.Event(), threading.Event()

    def measures() -> None:
        with turn.alone():
            told.append("alone")
            at_the_gate.set()
            may_leave.wait(10)
            told.append("done")

    def comes_later() -> None:
        with turn.together():
            told.append("together")

    with turn.together(), turn.together():
        alone = threading.Thread(target=measures)
        alone.start()
        assert told == []
    assert at_the_gate.wait(10)
    later = threading.Thread(target=comes_later)
    later.start()
    may_leave.set()
    alone.join(10)
    later.join(10)
    assert told == ["alone", "done", "together"]
