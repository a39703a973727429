"""Those who compete, on a real host: what the teacher does to them, and links that break."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from justeprix.errors import CompetitionError
from justeprix.game.competition import Phase
from justeprix.room.director import Freed
from justeprix.room.room import hash_token
from tests.support.player import error
from tests.support.room import Class, Room, eventually


@pytest.fixture
def room() -> Iterator[Class]:
    """Two rounds without a time limit; the teacher starts them."""
    with Class() as room:
        yield room


def test_who_is_excluded_is_cut_listed_nowhere_and_cannot_return(room: Class) -> None:
    ada, bea = room.player("Ada"), room.player("Bea")
    token = ada.open_session()
    room.director.start()
    assert ada.ask(str(room.secret())) == "gagné"
    assert bea.ask(str(room.wrong())) in ("plus", "moins")
    assert room.director.exclude("ada") == "Ada"
    assert ada.rest().startswith(b"shutdown ")
    assert bea.ask("scores") == "scores 1. Bea 0/1"
    again = room.player()
    assert error(again.ask(f"session {token}")) == "exclu"
    assert error(again.ask("nom Ada")) == "exclu"
    report = room.server.room.books.store.load(room.contest.row.id)
    assert [(p.name, p.excluded) for p in report.players] == [("Ada", True), ("Bea", False)]


def test_a_plain_player_who_is_excluded_gets_fin_and_no_round(room: Class) -> None:
    ada = room.player("Ada")
    ada.send(b"pret\n")
    room.await_ready(1)
    room.director.exclude("Ada")
    room.director.start()
    assert ada.rest() == b"FIN\n"
    assert error(room.player().ask("nom Ada")) == "exclu"
    assert error(room.player().ask("nom Ada")) == "exclu"


def test_a_round_does_not_wait_for_who_is_excluded(room: Class) -> None:
    ada = room.player("Ada")
    room.player("Bea")
    room.director.start()
    assert ada.ask(str(room.secret())) == "gagné"
    room.director.exclude("Bea")
    room.await_phase(Phase.PAUSE)


def test_the_teacher_renames_a_player(room: Class) -> None:
    ada = room.player("Ada")
    token = ada.open_session()
    assert room.director.rename("ADA", " Ada  L ") == "Ada L"
    for before, after in (("Ada", "Bea"), ("Ada L", "!")):
        with pytest.raises(CompetitionError):
            room.director.rename(before, after)
    again = room.player()
    again.ask(f"session {token}")
    room.director.start()
    again.ask(str(room.secret()))
    assert again.ask("scores") == "scores 1. Ada L 1/1"


def test_the_teacher_gives_a_seat_to_who_lost_the_token(room: Class) -> None:
    ada = room.player("Ada")
    ada.open_session()
    room.director.start()
    ada.ask(f"#1 {room.wrong()}")
    newcomer = room.player()
    assert error(newcomer.ask("nom Ada")) == "pris"
    assert room.director.free("ada") == Freed("Ada")
    assert ada.rest() == b""
    assert newcomer.ask("nom Ada") == "nom Ada"
    assert newcomer.ask(str(room.secret())) == "gagné"
    assert room.standings() == [(1, "Ada", 1, 2)]


def test_the_name_of_who_is_excluded_is_not_freed(room: Class) -> None:
    room.player("Ada")
    room.director.exclude("Ada")
    with pytest.raises(CompetitionError, match="exclu"):
        room.director.free("Ada")


@pytest.mark.parametrize("wish", ["exclude", "free"])
def test_a_wrong_name_suggests_the_nearest(room: Class, wish: str) -> None:
    room.player("Ada")
    with pytest.raises(CompetitionError, match="Ada \\?"):
        getattr(room.director, wish)("Adaa")


def test_nobody_chats_while_a_round_runs_or_the_teacher_wants_quiet(room: Class) -> None:
    ada, screen = room.player("Ada"), room.player()
    assert screen.follow()["parole"]
    room.director.quiet(True)
    assert error(ada.ask("dire un")) == "muet"
    room.director.quiet(False)
    room.director.start()
    assert error(ada.ask("dire deux")) == "muet"
    room.director.stop()
    assert ada.ask("dire trois") == "ok"
    assert screen.heard() == "message Ada : trois"


# Links.


def test_a_player_comes_back_while_the_old_link_still_lives(room: Class) -> None:
    old = room.player("Ada")
    token = old.open_session()
    room.director.start()
    assert old.ask(f"#1 {room.wrong()}") in ("resultat 1 plus", "resultat 1 moins")
    new = room.player()
    assert new.ask(f"session {token}") == f"session {token} 1 1"
    assert old.rest() == b""  # cut, and counts nothing more
    assert new.ask(f"#2 {room.secret()}") == "resultat 2 gagné"
    assert room.standings() == [(1, "Ada", 1, 2)]
    assert [seat.name for seat in room.seats() if seat.present] == ["Ada"]


def test_a_link_that_is_fenced_off_counts_nothing(room: Class) -> None:
    """As when another host has taken the session over."""
    ada = room.player("Ada")
    token = ada.open_session()
    room.director.start()
    with room.server.room.lock:
        assert room.server.room.books.store.resume(hash_token(token), room.contest.row.id)
    ada.send(f"#1 {room.secret()}\n".encode())
    assert ada.rest() == b""
    assert room.standings() == []
    assert room.contest.results == {}


def test_who_waited_on_a_lost_link_waits_again_on_the_new_one(room: Class) -> None:
    old = room.player("Ada")
    token = old.open_session()
    old.send(b"pret\n")
    room.await_ready(1)
    new = room.player()
    new.ask(f"session {token}")
    assert [seat.ready for seat in room.seats()] == [False]
    new.send(b"pret\n")
    room.await_ready(1)
    room.director.start()
    assert (old.rest(), new.recv_line()) == (b"", "manche 1 entre 1 et 100")


def test_a_round_waits_for_who_just_lost_the_link(room: Class) -> None:
    ada, bea = room.player("Ada"), room.player("Bea")
    token = bea.open_session()
    room.director.start()
    bea.end()
    eventually(lambda: [seat.present for seat in room.seats()], [True, False])
    assert ada.ask(str(room.secret())) == "gagné"
    again = room.player()
    again.ask(f"session {token}")
    assert again.ask(str(room.secret())) == "gagné"
    room.await_phase(Phase.PAUSE)


def test_a_guess_is_in_the_books_when_its_link_then_goes_on_as_another(room: Class) -> None:
    """The standings are those of what is stored, whatever came in one step."""
    ada = room.player("Ada")
    token = ada.open_session()
    room.director.start()
    ada.end()
    other = room.player()
    other.send(f"{room.wrong()}\nsession {token}\n".encode())
    assert other.recv_line() in ("plus", "moins")
    assert other.recv_line() == f"session {token} 0 0"
    assert room.standings() == [(1, "Joueur 2", 0, 1)]


def test_a_plain_player_has_the_seat_again_by_its_name(room: Class) -> None:
    ada = room.player("Ada")
    room.director.start()
    ada.ask(str(room.wrong()))
    ada.end()
    again = room.player("Ada")
    assert again.ask(str(room.secret())) == "gagné"
    assert room.standings() == [(1, "Ada", 1, 2)]


def test_a_seat_of_an_older_file_whose_name_is_taken_by_now_keeps_its_score(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    with Class(db=file) as room:
        room.director.start()
        id = room.contest.row.id
        for name in ("Ada", "Bea"):
            assert room.player(name).ask(str(room.wrong())) in ("plus", "moins")
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE session SET name = 'ADA' WHERE name = 'Bea'")
    with Room(competition=id, db=file) as again:
        with again.server.room.lock:
            after = {(s.name, s.guesses) for s in again.server.room.standings()}
        assert after == {("Ada", 1), ("ADA", 1)}
        assert again.player().ask("nom ada") == "nom Ada"
