"""The checker finds nothing in a sound run, and names what is wrong in every other."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.faults import sound_runs
from tests.faults.checker import CHECKS, check, report
from tests.faults.recorder import Recorder
from tests.faults.sabotage import CODE, SABOTAGES, copied

RUNS = {"practice": sound_runs.practice, "competition": sound_runs.competition}


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, tuple[Recorder, Path]]:
    """Each kind of run, with its book and its file."""
    files = {kind: tmp_path_factory.mktemp(kind) / "game.db" for kind in RUNS}
    return {kind: (RUNS[kind](db), db) for kind, db in files.items()}


@pytest.mark.parametrize("kind", RUNS)
def test_nothing_is_wrong_in_a_sound_run(runs, kind) -> None:
    book, db = runs[kind]
    found = check(book, db, codes=[CODE])
    assert not found, report(found)


@pytest.mark.parametrize(
    ("name", "kind", "spoil"),
    [
        pytest.param(name, kind, spoil, id=f"{kind}: {what}")
        for what, (name, kinds, spoil) in SABOTAGES.items()
        for kind in kinds
    ],
)
def test_each_wrong_is_named(runs, name, kind, spoil, tmp_path) -> None:
    book, db = copied(runs[kind][0]), tmp_path / "game.db"
    shutil.copy(runs[kind][1], db)
    spoil(book, db)
    found = check(book, db, codes=[CODE])
    assert name in found, report(found)


def test_each_check_has_its_sabotage() -> None:
    assert {name for name, _, _ in SABOTAGES.values()} == CHECKS.keys()
