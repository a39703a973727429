"""Nobody else reads the secrets of the rounds to come, whatever the umask."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from justeprix import private
from justeprix.cli import files
from justeprix.cli.results import export
from justeprix.store import open_store
from tests.support.reports import SMALL
from tests.support.rows import ADA, seated

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="modes say nothing there")


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def test_file_log_and_claim_are_the_users_own_and_so_is_a_folder_made_for_them(
    tmp_path, umask
) -> None:
    folder = tmp_path / "new" / "deep"
    with closing(open_store(folder / "game.db")) as store:
        seated(store, 1, ADA, 50)
        assert store.claim(1)
        found = modes(folder)
    assert set(found) == {
        "game.db",
        "game.db-wal",
        "game.db-shm",
        *(f"game.db-competition-1{end}" for end in ("", "-journal")),
    }
    assert set(found.values()) == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


def test_what_an_older_version_left_open_is_closed(tmp_path) -> None:
    file, log = tmp_path / "game.db", tmp_path / "game.db-wal"
    open_store(file).close()
    log.touch()
    for left in (file, log):
        left.chmod(0o664)
    with closing(open_store(file)) as store:
        seated(store, 1, ADA, 50)
        assert set(modes(tmp_path).values()) == {0o600}


def test_a_folder_that_is_not_ours_to_close_stays_as_it_is(tmp_path) -> None:
    tmp_path.chmod(0o755)
    open_store(tmp_path / "game.db").close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_the_default_folder_is_closed_too(tmp_path, monkeypatch) -> None:
    folder = tmp_path / "justeprix"
    folder.mkdir(0o755)
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: folder)
    assert files.default_file().parent == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("there", [False, True])
def test_an_export_of_a_competition_that_runs_is_private(tmp_path, umask, there) -> None:
    file = tmp_path / "export.json"
    if there:
        file.touch(0o666)
    assert not SMALL.ended
    export(SMALL, None, file)
    assert modes(tmp_path) == {"export.json": 0o600}


def test_where_there_are_no_users_modes_are_left_alone(tmp_path, monkeypatch) -> None:
    file = tmp_path / "game.db"
    file.touch()
    file.chmod(0o644)
    monkeypatch.delattr(os, "geteuid")  # Windows
    private.close_to_others(file)
    assert modes(tmp_path) == {"game.db": 0o644}
    open_store(tmp_path / "other.db").close()
