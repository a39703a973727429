"""What the teacher did outlives the host: `muet` here, names and seats with their clauses."""

from __future__ import annotations

from pathlib import Path

import pytest

from justeprix.room.director import Director
from tests.support.player import error
from tests.support.room import Class, Room


def quiet(director: Director, *orders: bool) -> None:
    for order in orders:
        director.quiet(order)


@pytest.mark.parametrize(("orders", "muted"), [((True,), True), ((True, False), False)])
def test_silence_lasts_in_practice(tmp_path: Path, orders: tuple[bool, ...], muted: bool) -> None:
    with Room(db=tmp_path / "x.db") as room:
        quiet(room.server.director, *orders)
    with Room(db=tmp_path / "x.db") as again:
        answer = again.player().ask("dire bonjour")
        assert answer.startswith("erreur muet ") if muted else answer == "ok"


def test_silence_lasts_in_a_competition(tmp_path: Path) -> None:
    with Class(db=tmp_path / "x.db") as room:
        quiet(room.director, True)
        room.player("Ada")
        id = room.contest.row.id
    with Room(competition=id, db=tmp_path / "x.db") as again:
        assert error(again.player().ask("dire bonjour")) == "muet"


def test_an_old_silence_is_over(tmp_path: Path) -> None:
    with Room(db=tmp_path / "x.db") as room:
        yesterday = room.server.room.clock.now() - 24 * 3600 * 1000
        room.server.room.books.store.mute(yesterday)
    with Room(db=tmp_path / "x.db") as again:
        assert again.player().ask("dire bonjour") == "ok"


@pytest.mark.parametrize("kind", [Room, Class])
def test_a_freed_name_is_free_after_a_restart(tmp_path: Path, kind: type[Room]) -> None:
    with kind(db=tmp_path / "x.db") as room:
        id = room.contest.row.id if isinstance(room, Class) else None
        ada = room.player("Ada")
        ada.open_session()
        ada.close()
        room.server.director.free("Ada")
    with Room(competition=id, db=tmp_path / "x.db") as again:
        assert again.player().ask("nom Ada") == "nom Ada"
