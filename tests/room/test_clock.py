"""The room's clock: it counts what the host ran, whatever stopped it."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from justeprix.room import clock as module
from justeprix.room.clock import FROZEN, LOOK, Clock


class Time:
    """What the clock takes for `time`: here it passes when we say so."""

    CLOCK_BOOTTIME = 7

    def __init__(self) -> None:
        self.awake = 1000.0
        self.asleep = 0.0

    def monotonic(self) -> float:
        return self.awake

    def clock_gettime(self, _: int) -> float:
        return self.awake + self.asleep


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Time:
    passing = Time()
    monkeypatch.setattr(module, "time", passing)
    return passing


def test_it_counts_while_somebody_looks(passing: Time) -> None:
    clock = Clock(5.0)
    for _ in range(10):
        passing.awake += 1.0
        clock.running()
    assert clock.now() == 15_000
    assert clock.stood() == 0


def test_what_nobody_saw_is_not_counted(passing: Time) -> None:
    clock = Clock(5.0)
    passing.awake += 7.0
    assert clock.now() == 5_000 + LOOK * 1000
    assert clock.stood() == pytest.approx(7.0 - LOOK)
    assert clock.stood() == 0
    passing.awake += 1.0
    assert clock.now() == 6_000 + LOOK * 1000


def test_a_busy_moment_is_counted(passing: Time) -> None:
    clock = Clock(5.0)
    passing.awake += FROZEN
    assert clock.now() == 5_000 + FROZEN * 1000
    assert clock.stood() == 0


def test_a_look_of_a_moment_ago_is_no_step_back(passing: Time) -> None:
    """A thread that was interrupted between reading the time and noting it."""
    clock = Clock(5.0)
    passing.awake += 3.0
    after = clock.running()
    assert clock._look(passing.awake - 2.9) == after


@given(st.lists(st.floats(0.0, 10.0), max_size=30))
def test_it_never_steps_back_and_never_runs_ahead(steps: list[float]) -> None:
    passing = Time()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "time", passing)
        clock, shown, ran = Clock(0.0), 0.0, 0.0
        for step in steps:
            passing.awake += step
            before, shown = shown, clock.running()
            ran += step
            assert before <= shown or before == 0.0
            assert shown - 1000.0 <= ran + 1e-6


def test_the_sleep_of_the_system_is_told_where_a_clock_tells_it(passing: Time) -> None:
    clock = Clock(5.0)
    passing.asleep += 60.0
    assert clock.now() == 5_000
    assert clock.stood() == pytest.approx(60.0)


def test_without_such_a_clock_nothing_is_told_of_it(
    passing: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Time, "CLOCK_BOOTTIME")
    clock = Clock(5.0)
    passing.asleep += 60.0
    assert clock.stood() == 0


def test_many_threads_see_one_time() -> None:
    clock, wrong = Clock(time.time()), []

    def look() -> None:
        shown = clock.running()
        for _ in range(5000):
            before, shown = shown, clock.running()
            if shown < before:
                wrong.append((before, shown))

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
