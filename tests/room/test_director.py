"""What the teacher may do: the room changes when the file has, and nobody else holds its lock."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import justeprix
from justeprix.errors import CommitError
from justeprix.room.director import Director
from justeprix.server.server import Server
from tests.support.room import Class, locked

PACKAGE = Path(justeprix.__file__).parent


# When the file cannot be written.


def known(server: Server) -> tuple[Any, ...]:
    """All that the teacher's orders change, as the host has it in mind."""
    contest, director = server.room.competition, server.director
    assert contest is not None
    return contest.phase, contest.rounds, director.players(), director.rounds(), director.scores()


def kept(server: Server) -> tuple[Any, ...]:
    """The same as the file has it; of its clock, which goes on by itself, nothing."""
    contest = server.room.competition
    assert contest is not None
    with server.room.lock:
        saved = server.room.books.store.load(contest.row.id)
    return saved.row._replace(clock=0), saved.rounds, saved.players


ORDERS: dict[str, Callable[[Director], object]] = {
    "start": Director.start,
    "stop": Director.stop,
    "extend": lambda director: director.extend(30),
    "finish": Director.finish,
    "exclude": lambda director: director.exclude("Ada"),
    "rename": lambda director: director.rename("Ada", "Bea"),
}


@pytest.mark.parametrize("order", ORDERS)
def test_what_cannot_be_stored_changes_neither_the_room_nor_the_file(
    tmp_path: Path, order: str
) -> None:
    db = tmp_path / "game.db"
    with Class(time_limit=600, db=db) as room:
        ada = room.player("Ada")
        ada.open_session()
        if order in ("stop", "extend"):
            room.director.start()
            ada.ask(f"#1 {room.wrong()}")
        before = known(room.server), kept(room.server)
        with locked(db), pytest.raises(CommitError):
            ORDERS[order](room.director)
        assert (known(room.server), kept(room.server)) == before
        ORDERS[order](room.director)
        assert known(room.server) != before[0]
        assert kept(room.server) != before[1]


# What is read.


def test_who_asks_for_the_players_gets_them_as_they_were() -> None:
    with Class() as room:
        room.player("Ada")
        (then,) = room.director.players()
        room.director.rename("Ada", "Bea")
        assert (then.name, room.director.players()[0].name) == ("Ada", "Bea")


def test_each_round_is_told_with_its_finders() -> None:
    with Class() as room:
        ada, bea = room.player("Ada"), room.player("Bea")
        room.director.start()
        ada.ask(str(room.secret()))
        bea.ask(str(room.wrong()))
        played, planned = room.director.rounds()
        assert (played.round.number, played.found, played.players) == (1, 1, 2)
        assert (planned.round.opened_at, planned.found, planned.players) == (None, 0, 0)
        assert [standing.name for standing in room.director.scores()] == ["Ada", "Bea"]


# The lock.


def locks(source: str) -> list[int]:
    """The lines that touch a `lock` of somebody."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr == "lock"
    ]


@pytest.mark.parametrize("folder", ["cli", "web"])
def test_the_lock_of_the_room_stays_below_the_server(folder: str) -> None:
    sources = sorted((PACKAGE / folder).rglob("*.py"))
    assert sources
    assert {path.name: lines for path in sources if (lines := locks(path.read_text("utf-8")))} == {}


def test_a_lock_that_is_taken_is_seen() -> None:
    assert locks("with server.room.lock:\n    pass") == [1]
