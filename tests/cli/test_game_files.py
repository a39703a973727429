"""Every state that the file of `--db` can be in: one sentence and its exit code, at start."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from justeprix.errors import StoreError
from justeprix.store import open_store
from tests.cli.test_results import run
from tests.support.other_user import open_folder, ordinary
from tests.support.reports import SMALL, keep
from tests.support.rows import ADA, seated

posix = pytest.mark.skipif(sys.platform == "win32", reason="no such file there")


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


def a_folder(path: Path) -> None:
    path.mkdir()


def a_fifo(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_text(path: Path) -> None:
    path.write_text("les devoirs de mardi\n" * 200)


def of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipe (name TEXT)")


def newer(path: Path) -> None:
    open_store(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1000")


def cut_short(path: Path) -> None:
    keep(SMALL, path)
    os.truncate(path, 5000)


def linked_in_a_circle(path: Path) -> None:
    path.symlink_to(path)


STATES: list[tuple[Callable[[Path], None], str]] = [
    (a_folder, "est un dossier"),
    (a_text, "n'est pas un fichier de justeprix"),
    (of_another_program, "est un autre fichier SQLite"),
    (newer, "vient d'un justeprix plus récent"),
    (cut_short, "abîmé"),
]
if sys.platform != "win32":
    STATES += [
        (a_fifo, "n'est pas un fichier ordinaire"),
        (a_device, "n'est pas un fichier ordinaire"),
        (linked_in_a_circle, "impossible d'utiliser"),
    ]

COMMANDS = (
    ("host", "--no-web", "--port", "0"),
    ("host", "--no-web", "--port", "0", "--resume"),
    ("results",),
    ("results", "1"),
    ("replay", "1"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("make", "sentence"), STATES, ids=lambda case: getattr(case, "__name__", "")
)
def test_each_state_has_its_sentence(tmp_path, make, sentence, command) -> None:
    make(tmp_path / "game.db")
    complaint = run(*command, "--db", tmp_path / "game.db").complaint
    assert sentence in complaint
    assert "--db" in complaint


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", ["", "x" * 300, "~nobody-of-that-name/a.db"])
def test_each_name_that_cannot_be_has_its_sentence(command, name) -> None:
    assert "--db" in run(*command, "--db", name).complaint


def test_results_of_a_file_that_is_missing_make_none(tmp_path) -> None:
    file = tmp_path / "no" / "game.db"
    assert "aucune partie n'est gardée" in run("results", "--db", file).complaint
    assert not file.parent.exists()


def test_an_empty_file_has_no_competition_and_stays_empty(tmp_path) -> None:
    file = tmp_path / "game.db"
    file.touch()
    assert "Aucune compétition" in run("results", "--db", file).text
    assert file.stat().st_size == 0


@posix
def test_a_tilde_is_the_home_of_the_user(tmp_path) -> None:
    keep(SMALL, tmp_path / "game.db")
    assert "Ada" in run("results", "--db", "~/game.db", HOME=str(tmp_path)).text


# Only to be read.


@posix
@pytest.mark.parametrize("log", [False, True], ids=["closed", "with a left-over log"])
@pytest.mark.parametrize("closed", ["file", "folder", "both"])
def test_what_can_only_be_read_shows_its_results_and_nothing_is_left(folder, closed, log) -> None:
    file = folder / "game.db"
    keep(SMALL, folder / "made.db")
    if log:  # what `kill -9` leaves: the last commits are in the log alone
        with closing(open_store(folder / "made.db")) as store:
            seated(store, 1000, ADA, 50)
            for end in ("", "-wal"):
                shutil.copyfile(f"{folder / 'made.db'}{end}", f"{file}{end}")
        for end in ("-wal", "-shm"):
            Path(f"{folder / 'made.db'}{end}").unlink(missing_ok=True)
    else:
        shutil.copyfile(folder / "made.db", file)
    (folder / "made.db").unlink()
    for part in folder.iterdir():
        part.chmod(0o444 if closed != "folder" else 0o666)
    folder.chmod(0o777 if closed == "file" else 0o555)
    before = {part.name: part.read_bytes() for part in folder.iterdir()}
    with ordinary(), closing(open_store(file, reading=True)) as store:
        assert store.report(store.competitions()[0].id).players[0].name == "Ada"
        assert (store.recall(1000, 1) is not None) == log
    assert {part.name: part.read_bytes() for part in folder.iterdir()} == before


@posix
@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "sentence"),
    [
        (0o444, 0o777, "est en lecture seule"),
        (0o666, 0o555, "tu n'as pas le droit d'écrire dans le dossier"),
        (0o000, 0o777, "est en lecture seule"),
    ],
)
def test_a_host_refuses_at_start_what_it_cannot_write(
    folder, file_mode, folder_mode, sentence
) -> None:
    file = folder / "game.db"
    open_store(file).close()
    file.chmod(file_mode)
    folder.chmod(folder_mode)
    with ordinary(), pytest.raises(StoreError, match=sentence):
        open_store(file)


@posix
def test_who_may_not_read_it_is_told(folder) -> None:
    file = folder / "game.db"
    open_store(file).close()
    file.chmod(0)
    with ordinary(), pytest.raises(StoreError, match="le droit de lire"):
        open_store(file, reading=True)


# Two names of one file.


@posix
def test_a_competition_has_one_host_by_whatever_name(tmp_path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.db"
    link.symlink_to(tmp_path / "game.db")
    with closing(open_store(tmp_path / "game.db")) as first, closing(open_store(link)) as second:
        assert first.claim(1)
        assert not second.claim(1)
    assert [file.name for file in link.parent.iterdir()] == ["link.db"]


@posix
def test_a_file_of_two_names_is_refused(tmp_path) -> None:
    open_store(tmp_path / "game.db").close()
    os.link(tmp_path / "game.db", tmp_path / "again.db")
    with pytest.raises(StoreError, match="deux noms"):
        open_store(tmp_path / "again.db")
