"""The experiment of `python -m tests.faults --only fuzzing`, in the size of CI."""

import pytest

from justeprix.game.secret import Answer
from justeprix.protocol.replies import ANSWERS
from justeprix.protocol.words import Word
from tests.faults.fuzzing import fuzzing
from tests.fuzz.house import House
from tests.fuzz.mix import run
from tests.fuzz.storm import storm
from tests.fuzz.targets import TARGETS
from tests.support.room import eventually


@pytest.mark.long
def test_nothing_raises_leaks_or_disturbs_the_neighbour(seed, full):
    figures = fuzzing(seed, full=full)
    assert [figure.what for figure in figures][:2] == ["inputs by target", "inputs fuzzed"]


def test_a_broken_promise_is_told_with_its_input(monkeypatch):
    def broken(data):
        assert b"5" not in data, "no fives"

    monkeypatch.setitem(TARGETS, "message", TARGETS["message"]._replace(run=broken))
    with pytest.raises(AssertionError, match=r"message, seed 7, input \d+: b'.*5.*\n.*no fives"):
        run("message", 7, 1000)


def test_a_wrong_answer_to_the_neighbour_is_seen(tmp_path, monkeypatch):
    monkeypatch.setitem(ANSWERS, Answer.HIGHER, Word.MOINS.value)
    with pytest.raises(AssertionError, match="fit"):
        storm(1, tmp_path, messages=20_000)


def test_a_bug_that_the_host_survives_is_seen_too(tmp_path):
    with House(tmp_path) as house:
        next(iter(house.server.workers))._mailbox.post(lambda: 1 / 0)
        eventually(lambda: bool(house.faults), True)
        with pytest.raises(AssertionError, match="ZeroDivisionError"):
            house.check_alive()
