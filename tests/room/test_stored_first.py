"""Nothing is true before it is stored: every saying and every order, with a commit that fails.

A real failure: a second program holds the file. Then the room must be what a host would be that
starts on that file, and what failed must be possible again.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from justeprix.errors import CommitError
from justeprix.game.roster import Roster
from justeprix.room.director import Director
from justeprix.session.events import Arrived, Gone, Named, Resumed
from justeprix.store import sqlite as engine
from tests.support.player import Player
from tests.support.room import Class, Room, eventually, locked

SEAT = ("name", "returns", "excluded", "kept", "freed", "scored")


def known(roster: Roster) -> dict[int, tuple[object, ...]]:
    """What a room knows of all whom it would know again after a restart."""
    return {p.session: tuple(getattr(p, field) for field in SEAT) for p in roster if not p.present}


def expected(room: Room) -> dict[int, tuple[object, ...]]:
    """What a host would know that started on the file now."""
    contest, store = room.server.room.competition, room.server.room.books.store
    roster = Roster(lasting=contest is not None)
    for player in store.load(contest.row.id).players if contest else store.names(0):
        roster.expect(player, 0.0)
    return known(roster)


def await_nobody(room: Room) -> None:
    """Return when all links are gone."""

    def present() -> list[str]:
        with room.server.room.lock:
            return [player.name for player in room.server.room.roster if player.present]

    eventually(present, [])


def check_alike(room: Room) -> None:
    """Compare room and file, once all links are gone."""
    await_nobody(room)
    with room.server.room.lock:
        assert known(room.server.room.roster) == expected(room)


SAYINGS = (
    "nom Zoe",
    "nom Bea",  # a vacant seat
    "session",
    "FIN",
    "pret\nFIN",
    "{right}",
    "{wrong}",
    "suivre\nnom Zoe",
    "nom Zoe\n{right}",
    "nom Zoe\nnom Ada",
    "session\n#1 {wrong}",
    "session\nFIN",
    "dire salut\nsession",
)


NOTHING_TO_STORE = {
    ("nom Bea", "plain"),
    ("nom Bea", "resumable"),
    ("session", "resumable"),
    ("FIN", "newcomer"),
    ("FIN", "named"),
    ("FIN", "plain"),
    ("pret\nFIN", "newcomer"),
    ("pret\nFIN", "named"),
    ("pret\nFIN", "plain"),
    ("session\n#1 {wrong}", "resumable"),
    ("dire salut\nsession", "resumable"),
}
"""What by whom is answered whether the file can be written or not."""


def newcomer(room: Class) -> Player:
    return room.player()


def named(room: Class) -> Player:
    return room.player("Ada")


def plain(room: Class) -> Player:
    ada = room.player("Ada")
    assert ada.ask(str(room.wrong())) in ("plus", "moins")
    return ada


def resumable(room: Class) -> Player:
    ada = room.player("Ada")
    ada.open_session()
    assert ada.ask(f"#1 {room.wrong()}").startswith("resultat 1 ")
    return ada


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a file that is held for a moment only."""
    monkeypatch.setattr(engine, "BUSY_TIMEOUT", 0.01)


@pytest.mark.parametrize("who", [newcomer, named, plain, resumable], ids=lambda f: f.__name__)
@pytest.mark.parametrize("saying", SAYINGS)
def test_what_is_said_is_stored_first(
    tmp_path: Path, saying: str, who: Callable[[Class], Player]
) -> None:
    file = tmp_path / "x.db"
    with Class(db=file) as room:
        room.director.start()
        bea = room.player("Bea")
        assert bea.ask(str(room.wrong())) in ("plus", "moins")
        bea.end()
        await_nobody(room)
        player = who(room)
        before = {p.name for p in room.seats()}
        told = dict(room.news.count)
        words = saying.format(right=room.secret(), wrong=room.wrong())
        with locked(file):
            player.send(f"{words}\n".encode())
            if (saying, who.__name__) in NOTHING_TO_STORE:
                assert player.recv_line()
                player.end()
            else:
                assert heard(player) == b""
        await_nobody(room)
        check_alike(room)
        assert {p.name for p in room.seats()} <= before | {"Bea"}
        for kind in (Named, Resumed):
            assert room.news.count[kind] == told.get(kind, 0)
        assert room.news.count[Arrived] == room.news.count[Gone]  # who never came never left
        ended = room.standings()
        with room.player() as late:
            assert late.ask("nom Zoe") == "nom Zoe"  # nobody has it
        room.director.finish()
        assert room.standings() == ended


REFUSE = """CREATE TRIGGER refuse BEFORE UPDATE OF seen_at ON session
    BEGIN SELECT RAISE(ABORT, 'the disk says no'); END"""


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has 127.0.0.1 alone")
@pytest.mark.parametrize("saying", ["nom Bea", "session {token}"])
def test_who_takes_a_seat_and_gets_no_further_holds_it_as_the_file_says(
    tmp_path: Path, saying: str
) -> None:
    """Taking it is stored at once, the rest of the step is not."""
    file = tmp_path / "x.db"
    with Class(db=file) as room:
        room.director.start()
        bea = room.player("Bea")
        token = bea.open_session()
        assert bea.ask(str(room.wrong())) in ("plus", "moins")
        bea.end()
        await_nobody(room)
        room.director.free("Bea")
        heir = room.player(source="127.0.0.2")
        with closing(sqlite3.connect(file)) as other, other:
            other.execute(REFUSE)
        heir.say(saying.format(token=token))
        assert heard(heir) == b""
        with closing(sqlite3.connect(file)) as other, other:
            other.execute("DROP TRIGGER refuse")
        check_alike(room)
        (stored,) = room.server.room.books.store.load(room.contest.row.id).players
        assert [seat.address for seat in room.seats()] == [stored.address] == ["127.0.0.2"]
        assert room.news.count[Resumed] == 0
        assert room.news.count[Arrived] == room.news.count[Gone]


def heard(player: Player) -> bytes:
    """What comes before the end of the link, however it ends."""
    with suppress(ConnectionResetError):
        return player.rest()
    return b""


@pytest.mark.parametrize("saying", ["nom Zoe", "session", "FIN", "{right}", "session\n#1 {wrong}"])
@pytest.mark.parametrize("token", [False, True])
def test_what_is_said_in_practice_is_stored_first(tmp_path: Path, saying: str, token: bool) -> None:
    file = tmp_path / "x.db"
    with Room(db=file) as room:
        ada = room.player("Ada")
        again = f"session {ada.open_session()} 0 0" if token else ""
        with locked(file):
            ada.send(f"{saying.format(right=50, wrong=50)}\n".encode())
            if (saying, token) in (("nom Zoe", False), ("session", True)):
                assert ada.recv_line() in ("nom Zoe", again)
                ada.end()
            elif (saying, token) == ("FIN", False):
                assert heard(ada) == b"FIN\n"
            else:
                assert heard(ada) == b""
        await_nobody(room)
        if token or "session" in saying:
            check_alike(room)


ORDERS: dict[str, Callable[[Director], Any]] = {
    "depart": lambda director: director.start(),
    "stop": lambda director: director.stop(),
    "prolonge": lambda director: director.extend(30),
    "suivante": lambda director: director.next(),
    "fin": lambda director: director.finish(),
    "exclure": lambda director: director.exclude("Ada"),
    "renomme": lambda director: director.rename("Ada", "Zoe"),
    "libere": lambda director: director.free("Ada"),
    "muet": lambda director: director.quiet(True),
}

BEFORE = {"stop": ("depart",), "prolonge": ("depart",), "suivante": ("depart", "stop")}


@pytest.mark.parametrize("order", ORDERS)
def test_what_the_teacher_does_is_stored_first(tmp_path: Path, order: str) -> None:
    file = tmp_path / "x.db"
    with Class(db=file, time_limit=600) as room:
        ada = room.player("Ada")
        ada.open_session()
        for earlier in BEFORE.get(order, ()):
            ORDERS[earlier](room.director)
        before = room.contest.phase, room.contest.current, room.server.room.quiet
        with locked(file), pytest.raises(CommitError):
            ORDERS[order](room.director)
        assert (room.contest.phase, room.contest.current, room.server.room.quiet) == before
        assert ada.ask("nom Ada") == "nom Ada"  # her link lives, and her name is hers
        ORDERS[order](room.director)  # now it can be done
        with suppress(OSError):
            ada.close()
        check_alike(room)
