"""One host a competition: who holds it, and when it is let go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from justeprix.errors import ServerError
from justeprix.game.competition import Settings
from justeprix.server.server import Server
from justeprix.store import open_store

HOLD = """
import sys
from justeprix.store import open_store
print(open_store(sys.argv[1]).claim(5), flush=True)
sys.stdin.read()
"""


def test_a_competition_has_one_host_until_that_closes(tmp_path: Path) -> None:
    first, second = open_store(tmp_path / "game.db"), open_store(tmp_path / "game.db")
    assert first.claim(1)
    assert not second.claim(1)
    assert second.claim(2)  # another competition of the same file
    first.close()
    assert second.claim(1)
    second.close()
    assert [file.name for file in tmp_path.iterdir()] == ["game.db"]


def test_a_killed_host_lets_go(tmp_path: Path) -> None:
    file = tmp_path / "game.db"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout.readline() == b"True\n"
        store = open_store(file)
        assert not store.claim(5)
        holder.kill()
        holder.wait()
        assert store.claim(5)
        store.close()


def test_a_server_refuses_what_another_runs(tmp_path: Path) -> None:
    with Server(port=0, db=tmp_path / "game.db", competition=Settings(rounds=1)) as first:
        number = first.room.competition.row.id
        with pytest.raises(ServerError, match="un autre hôte"):
            Server(port=0, db=tmp_path / "game.db", competition=number)
