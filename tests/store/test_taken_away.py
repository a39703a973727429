"""A file that is deleted or replaced while its host runs: the game goes on beside it."""

from __future__ import annotations

import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from justeprix.client import Client
from justeprix.errors import CommitError
from justeprix.store import open_store
from tests.support.rows import ADA, guess, put, seated

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="nobody can take an open file away there"
)


def deleted(file: Path) -> None:
    for part in file.parent.glob("game.db*"):
        part.unlink()


def replaced(file: Path) -> None:
    file.rename(file.with_name("stolen.db"))
    file.write_text("something else")


def without_its_log(file: Path) -> None:
    for end in ("-wal", "-shm"):
        Path(f"{file}{end}").unlink()


@pytest.mark.parametrize("take", [deleted, replaced, without_its_log])
def test_all_that_was_acknowledged_is_in_the_new_file(tmp_path, take) -> None:
    file = tmp_path / "game.db"
    with closing(open_store(file)) as store:
        seated(store, 1, ADA, 50)
        assert store.claim(1)
        assert store.moved() is None
        take(file)
        assert not put(store, guess(10, 2, 60, 1))  # before anybody noticed
        assert store.moved() == store.place == str(tmp_path / "game-suite-1.db")
        assert store.moved() is None
        assert not put(store, guess(10, 3, 70, 1))
        with closing(open_store(store.place)) as other:
            assert not other.claim(1)
            assert [other.recall(1, seq) for seq in (1, 2, 3)] == [(50, 42), (60, 42), (70, 42)]


def test_a_name_that_is_taken_is_left_alone(tmp_path) -> None:
    (tmp_path / "game-suite-1.db").write_text("kept")
    with closing(open_store(tmp_path / "game.db")) as store:
        deleted(tmp_path / "game.db")
        assert store.moved() == str(tmp_path / "game-suite-2.db")
    assert (tmp_path / "game-suite-1.db").read_text() == "kept"


def test_where_it_can_go_on_nowhere_it_says_so_and_keeps_what_it_has(tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no room")

    with closing(open_store(tmp_path / "game.db")) as store:
        seated(store, 1, ADA, 50)
        deleted(tmp_path / "game.db")
        with monkeypatch.context() as patch:
            patch.setattr("justeprix.store.sqlite_rescue.create", full)
            with pytest.raises(CommitError):
                store.moved()
        assert store.recall(1, 1) == (50, 42)
        assert store.moved()
        assert store.recall(1, 1) == (50, 42)


def test_a_running_host_notices_tells_and_loses_nothing(server, tmp_path) -> None:
    running = server()
    place = Path(running.room.books.store.place)
    with Client(running.address[1]) as player:
        player.demande("session")
        player.propose(50)
        deleted(place)
        told = threading.Event()
        tell = running.room.tell

        def heard(news):
            tell(news)
            if "suite-1" in getattr(news, "sentence", str(news)):
                told.set()

        running.room.tell = heard
        assert told.wait(20)
        player.propose(51)
    assert running.room.books.store.place.endswith("-suite-1.db")


def test_a_look_at_the_file_does_not_say_that_writing_works_again(server) -> None:
    running = server()
    told: list[object] = []
    looked = threading.Event()
    books = running.room.books
    with running.room.lock:
        books._fails, books._tell = True, told.append
        moved, looks = books.store.moved, []

        def look() -> str | None:
            looks.append(1)
            if len(looks) == 2:
                looked.set()
            return moved()

        books.store.moved = look
    assert looked.wait(20)
    assert not told
