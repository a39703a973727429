"""A competition on a real host, over real sockets, led as the teacher would lead it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from justeprix.errors import CommitError, CompetitionError
from justeprix.game.competition import Phase
from justeprix.room.limits import Limits
from justeprix.session.events import Arrived, Finished, Gone, RoundClosed, RoundOpened, Trouble
from tests.support.player import PATIENCE, Player, error
from tests.support.room import Class, Room, eventually, locked


@pytest.fixture
def room() -> Iterator[Class]:
    """Two rounds without a time limit; the teacher starts them."""
    with Class() as room:
        yield room


def test_a_competition_from_lobby_to_podium(room: Class) -> None:
    ada, bea = room.player("Ada"), room.player("Bea")
    assert error(ada.ask("50")) == "attente"
    for number in (1, 2):
        for player in (ada, bea):
            player.send(b"pret\n")
        room.await_ready(2)
        room.director.start() if number == 1 else room.director.next()
        for player in (ada, bea):
            assert player.recv_line() == f"manche {number} entre 1 et 100"
        sealed = ada.ask("sceau")
        assert ada.ask(str(room.secret(number))) == "gagné"
        assert bea.ask(str(room.wrong(number))) in ("plus", "moins")
        assert bea.ask(str(room.secret(number))) == "gagné"
        room.await_phase(Phase.PAUSE if number == 1 else Phase.FINISHED)
        round = room.contest.rounds[number - 1]
        assert sealed == f"sceau {round.seal}"
        assert ada.ask("sceau") == f"secret {round.secret} {round.nonce}"
    assert ada.ask("scores") == "scores 1. Ada 2/2, 2. Bea 2/4"
    assert error(bea.ask("50")) == "finie"
    assert (ada.ask("pret"), ada.rest()) == ("FIN", b"")
    counts = [room.news.count[kind] for kind in (RoundOpened, RoundClosed, Finished)]
    assert counts == [2, 2, 1]
    report = room.server.room.books.store.report(room.contest.row.id)
    assert report is not None
    assert [standing[:4] for standing in report.standings] == room.standings()


def test_an_unframed_client_plays_it_all_with_send_and_recv(room: Class) -> None:
    """Each `pret` is answered by exactly one bare message."""
    pupil = room.player()
    assert pupil.ask_bare("nom Ada") == b"nom Ada"
    for number in (1, 2):
        pupil.send(b"pret")
        room.await_ready(1)
        room.director.start() if number == 1 else room.director.next()
        assert pupil.recv_raw() == f"manche {number} entre 1 et 100".encode()
        assert pupil.ask_bare(str(room.secret(number))) == "gagné".encode()
        if number == 1:
            room.await_phase(Phase.PAUSE)
    assert (pupil.ask_bare("pret"), pupil.rest()) == (b"FIN", b"")


def test_the_end_answers_who_waits_with_fin(room: Class) -> None:
    lines, bare = room.player(), room.player()
    lines.send(b"pret\nping 1\n")
    bare.send(b"pret")
    room.await_ready(2)
    room.director.finish()
    assert (lines.rest(), bare.rest()) == (b"FIN\n", b"FIN")


def test_fifty_who_wait_all_get_the_round(room: Class) -> None:
    players = [room.player() for _ in range(50)]
    for player in players:
        player.send(b"pret\nping 1\n50\n")
    room.await_ready(50)
    room.director.start()
    for player in players:
        assert player.recv_line() == "manche 1 entre 1 et 100"
        assert player.recv_line() == "pong 1"  # what was held, in its order
        assert player.recv_line() in ("plus", "moins", "gagné")
    assert len(room.standings()) == 50


def test_it_starts_by_itself_when_enough_are_there() -> None:
    with Class(players=3) as room:
        first = [room.player(), room.player()]
        for player in first:
            player.send(b"pret\n")
        room.await_ready(2)
        assert room.contest.phase is Phase.LOBBY
        room.player("Cid")
        for player in first:
            assert player.recv_line() == "manche 1 entre 1 et 100"


def test_who_was_ready_for_one_round_is_not_yet_for_the_next() -> None:
    with Class(players=1, pause=600) as room:
        ada = room.player("Ada")
        for number in (1, 2):
            assert ada.ask("pret").startswith(f"manche {number} ")
            assert [seat.ready for seat in room.seats()] == [False]
            assert ada.ask(str(room.secret(number))) == "gagné"
            room.await_phase(Phase.PAUSE if number == 1 else Phase.FINISHED)


def test_who_waits_is_not_sent_away_for_being_silent() -> None:
    with Class(limits=Limits(idle_lobby=0.1)) as room:
        waiting, idle = room.player("Ada"), room.player("Bea")
        waiting.send(b"pret\n")
        assert idle.rest() == b"FIN\n"
        room.director.start()
        assert waiting.recv_line() == "manche 1 entre 1 et 100"


def test_who_has_left_does_not_start_it() -> None:
    with Class(players=2) as room:
        ada = room.player("Ada")
        ada.open_session()
        ada.end()
        eventually(lambda: [seat.present for seat in room.seats()], [False])
        bea = room.player("Bea")
        room.director.tick()  # whatever is due happens now
        assert error(bea.ask("50")) == "attente"
        assert room.contest.phase is Phase.LOBBY


def test_a_round_ends_when_its_time_is_over_and_the_next_follows() -> None:
    with Class(players=2, time_limit=1, pause=0) as room:
        ada, bea = room.player("Ada"), room.player("Bea")
        assert ada.ask("pret").startswith("manche 1 ")
        assert ada.ask(str(room.secret())) == "gagné"
        assert bea.ask(str(room.wrong())) in ("plus", "moins")
        assert ada.ask("pret") == "manche 2 entre 1 et 100"
        opened, closed = room.contest.rounds[0].opened_at, room.contest.rounds[0].closed_at
        assert opened is not None
        assert closed is not None
        assert 1000 <= closed - opened < 2000
        assert room.standings() == [(1, "Ada", 1, 1), (2, "Bea", 0, 1)]


def test_the_teacher_may_end_a_round_and_give_more_time() -> None:
    with Class(time_limit=60) as room:
        ada = room.player("Ada")
        room.director.start()
        assert room.director.extend(30) in (89, 90)
        room.director.stop()
        assert error(ada.ask("50")) == "attente"
        with pytest.raises(CompetitionError):
            room.director.extend(30)


@pytest.mark.parametrize(
    ("wish", "phase"),
    [("next", Phase.LOBBY), ("stop", Phase.LOBBY), ("start", Phase.ROUND), ("next", Phase.ROUND)],
)
def test_what_the_phase_does_not_allow_is_refused(room: Class, wish: str, phase: Phase) -> None:
    if phase is Phase.ROUND:
        room.director.start()
    with pytest.raises(CompetitionError):
        getattr(room.director, wish)()
    assert room.contest.phase is phase


def test_the_first_round_is_started_and_the_others_follow(room: Class) -> None:
    room.director.start()
    room.director.stop()
    with pytest.raises(CompetitionError, match="suivante"):
        room.director.start()
    room.director.next()
    room.director.stop()
    assert room.contest.phase is Phase.FINISHED
    for wish in (room.director.start, room.director.next, room.director.stop, room.director.finish):
        with pytest.raises(CompetitionError, match="finie"):
            wish()


def test_a_room_without_competition_says_how_to_get_one() -> None:
    with Room() as room, pytest.raises(CompetitionError, match="--rounds"):
        room.server.director.start()


# What followers see.


def test_a_screen_is_no_player_for_anybody(room: Class) -> None:
    ada, screen = room.player("Ada"), room.player()
    assert ada.follow()["presents"] == 1
    state = screen.follow()
    assert (state["presents"], "moi" in state) == (1, False)


def test_followers_are_told_what_happens_and_no_secret(room: Class) -> None:
    ada, screen = room.player("Ada"), room.player()
    state = screen.follow()
    versions = [state["version"]]
    room.director.start()

    def follow(phase: str) -> dict[str, object]:
        state = screen.state()
        while state["phase"] != phase:
            versions.append(state["version"])
            state = screen.state()
        return state

    state = follow("manche")
    assert (state["secret"], state["nonce"]) == (None, None)
    assert ada.ask(str(room.secret())) == "gagné"
    state = follow("pause")
    round = room.contest.rounds[0]
    assert (state["secret"], state["nonce"], state["sceau"]) == (*round[3:5], round.seal)
    assert versions == sorted(versions)  # the same state may be shown twice


def test_a_round_is_on_the_screens_before_the_clock_looks_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("justeprix.server.timekeeper.TICK", 2 * PATIENCE)
    with Class() as room:
        screen = room.player()
        screen.ask("suivre")
        room.director.start()
        assert screen.state()["phase"] == "manche"


# When the file cannot be written.


def test_a_start_that_cannot_be_stored_changes_nothing_and_may_be_tried_again(
    tmp_path: Path,
) -> None:
    with Class(db=tmp_path / "game.db") as room:
        ada = room.player("Ada")
        ada.send(b"pret\n")
        room.await_ready(1)
        with locked(tmp_path / "game.db"), pytest.raises(CommitError):
            room.director.start()
        assert room.contest.phase is Phase.LOBBY
        assert room.contest.rounds[0].opened_at is None
        assert room.news.count[RoundOpened] == 0
        assert [seat.ready for seat in room.seats()] == [True]
        room.director.start()
        assert ada.recv_line() == "manche 1 entre 1 et 100"
        assert room.news.count[RoundOpened] == 1


def test_the_clock_goes_on_when_what_it_wanted_could_not_be_stored(tmp_path: Path) -> None:
    with Class(players=1, db=tmp_path / "game.db") as room:
        with locked(tmp_path / "game.db"):
            room.news.wait_for(Trouble)  # the clock notes the time
        assert room.player().ask("pret") == "manche 1 entre 1 et 100"


@pytest.mark.parametrize("wish", ["exclude", "rename"])
def test_what_cannot_be_stored_of_a_player_changes_nothing(tmp_path: Path, wish: str) -> None:
    with Class(db=tmp_path / "game.db") as room:
        ada = room.player("Ada")
        with locked(tmp_path / "game.db"), pytest.raises(CommitError):
            getattr(room.director, wish)("Ada", *(["Bea"] if wish == "rename" else []))
        ada.sync()
        assert [(seat.name, seat.excluded) for seat in room.seats()] == [("Ada", False)]


def test_the_host_is_told_of_players_and_not_of_screens(room: Class) -> None:
    with Player(room.server.address) as screen:
        screen.follow()
        screen.sync()
    room.player("Ada")
    assert room.news.wait_for(Arrived).name == "Joueur 2"
    other = room.player()
    other.follow()
    assert error(other.ask("50")) == "attente"  # so it plays
    assert other.ask("nom Bea") == "nom Bea"
    assert room.news.wait_for(Arrived).name == "Joueur 3"
    other.close()
    assert room.news.wait_for(Gone).name == "Bea"
    assert (room.news.count[Arrived], room.news.count[Gone]) == (2, 1)


@pytest.mark.parametrize("kind", [Class, Room])
def test_who_only_follows_is_nobody_in_practice_too(kind: type[Room]) -> None:
    with kind() as room, Player(room.server.address) as screen:
        assert "moi" not in screen.follow()
        ada = room.player("Ada")
        assert screen.until(lambda state: state["ici"] == ["Ada"])["presents"] == 1
        ada.ask("nom Bea")
        screen.until(lambda state: state["ici"] == ["Bea"])
        assert screen.ask("nom Cid") == "nom Cid"
        assert "moi" in screen.until(lambda state: state["presents"] == 2)
