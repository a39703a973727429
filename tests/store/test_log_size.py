"""How long the log gets: it follows the room on the disk, which others fill too.

A disk that is really small is in tests/faults/limits.py; root only may make one.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest

from justeprix.game.records import Rows
from justeprix.store.log_size import INTERVAL, LONGEST, PAGE, SHARE
from justeprix.store.sqlite import SqliteStore

MB = 1 << 20


@pytest.fixture
def room(monkeypatch):
    """The room that is left on every disk."""
    room = SimpleNamespace(free=1 << 40)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: room)
    return room


def play(store: SqliteStore, bytes: int, at: int) -> None:
    """Write so much to the log."""
    row = [1] * (PAGE // 8)  # a page or two of the file
    for _ in range(bytes // PAGE):
        store.commit(Rows(logged=row), at)


def size(path: Path) -> int:
    return path.with_name(f"{path.name}-wal").stat().st_size


def longest(store: SqliteStore) -> int:
    return store._db.execute("PRAGMA wal_autocheckpoint").fetchone()[0]


def test_with_room_the_log_is_long_and_its_waits_are_few(tmp_path, room) -> None:
    with closing(SqliteStore(tmp_path / "game.db")) as store:
        assert longest(store) == LONGEST
        play(store, 4 * MB, 1000)
        assert size(tmp_path / "game.db") > 4 * MB


def test_a_small_disk_has_a_short_log_from_the_start(tmp_path, room) -> None:
    room.free = 4 * MB
    with closing(SqliteStore(tmp_path / "game.db")) as store:
        play(store, 4 * MB, 0)
        assert size(tmp_path / "game.db") < 1.2 * MB


def test_what_others_fill_is_given_back(tmp_path, room) -> None:
    """A second later the log gets shorter, and the file that held it too."""
    with closing(SqliteStore(tmp_path / "game.db")) as store:
        play(store, 4 * MB, 1000)
        room.free = 2 * MB
        play(store, MB, 1000 + INTERVAL)
        assert longest(store) * PAGE == 2 * MB // SHARE
        assert size(tmp_path / "game.db") < MB
        room.free = 1 << 40
        play(store, PAGE, 1000 + 2 * INTERVAL)
        assert longest(store) == LONGEST


def test_the_log_never_gets_endless(tmp_path, room) -> None:
    """No room at all must not become SQLite's zero, which means: never empty it."""
    room.free = 0
    with closing(SqliteStore(tmp_path / "game.db")) as store:
        assert longest(store) == 1


def test_a_folder_that_is_gone_changes_nothing(tmp_path) -> None:
    folder = tmp_path / "folder"
    with closing(SqliteStore(folder / "game.db")) as store:
        play(store, PAGE, 0)
        shutil.rmtree(folder)
        before = longest(store)
        play(store, PAGE, 10**9)
        assert longest(store) == before
