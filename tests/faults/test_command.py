"""`python -m tests.faults`: what it makes of an experiment that fails, is missing or cannot run."""

from __future__ import annotations

import sys
import threading
from types import ModuleType
from unittest import SkipTest

import pytest

from tests.faults import __main__ as command
from tests.faults.figure import Figure


def broken(seed, *, full):
    raise AssertionError(f"a guess is lost\nwith seed {seed}")


def dies(seed, *, full):
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    return [Figure("faults tried", "1")]


def skipped(seed, *, full):
    raise SkipTest("no namespaces here")


def sound(seed, *, full):
    return [Figure("seed", f"{seed}"), Figure("size", "full" if full else "default")]


CASES = {
    "broken": (broken, [], "a guess is lost"),
    "dies": (dies, [Figure("faults tried", "1")], "a thread died: ZeroDivisionError"),
    "skipped": (skipped, [Figure("skipped", "not tried here: no namespaces here")], ""),
    "sound": (sound, [Figure("seed", "7"), Figure("size", "full")], ""),
}


@pytest.fixture
def laboratory(monkeypatch):
    """One module for each case, and the list that names them."""
    for name, (experiment, _, _) in CASES.items():
        module = ModuleType(f"tests.faults.{name}")
        setattr(module, name, experiment)
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(command, "EXPERIMENTS", (*CASES, "absent"))


@pytest.mark.parametrize("name", CASES)
def test_an_experiment_is_run_and_judged(laboratory, name) -> None:
    _, figures, why = CASES[name]
    assert command.run(name, 7, full=True) == (figures, why)


def test_a_missing_experiment_says_so(laboratory) -> None:
    outcome = command.run("absent", 7, full=False)
    assert outcome.figures == []
    assert outcome.broken.startswith("the experiment is missing: ")


@pytest.mark.parametrize(("names", "code"), [(["sound", "skipped"], 0), (["sound", "broken"], 1)])
def test_the_exit_code_tells_whether_all_held(laboratory, monkeypatch, capsys, names, code) -> None:
    monkeypatch.setattr(sys, "argv", ["tests.faults", "--seed", "7", "--only", *names])
    monkeypatch.setattr(sys, "path", list(sys.path))
    with pytest.raises(SystemExit) as end:
        command.main()
    said = capsys.readouterr().out
    assert end.value.code == code
    assert said.startswith("python -m tests.faults --seed 7\n")
    assert "default" in said
    assert ("BROKEN broken: a guess is lost" in said) == bool(code)
