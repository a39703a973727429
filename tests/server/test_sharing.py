"""Several workers on one room: who waits for whom, and that nothing is lost or counted in between.

What two threads do to each other is made to happen where it can be, by a gate in the middle of a
step; the rest is a storm, and the book of it against the file.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing

import pytest

from justeprix.game.secret import Bounds
from justeprix.room.room import Room as SharedRoom
from justeprix.server.referee import Referee
from justeprix.session.events import Gone, Trouble, Won
from justeprix.session.session import Session
from justeprix.store import open_store
from tests.support.player import PATIENCE
from tests.support.room import Class, Newspaper, Room, eventually
from tests.support.sharing import (
    BUSY,
    FREE,
    SETTINGS,
    TEN_DIGITS,
    Gate,
    beside,
    restless,
    sessions,
    stored,
)


def slow(monkeypatch: pytest.MonkeyPatch, number: bytes, *, after: bool = False) -> Gate:
    """Hold up the step in which somebody plays that number in an open game."""
    return Gate(monkeypatch, Session, "play", lambda message: message == number, after=after)


# Who waits for whom. Newcomers go to the worker with the fewest: the first to the first worker, the
# second to the second.


def test_a_step_holds_up_nobody_on_another_worker(monkeypatch) -> None:
    with Room(workers=2, limits=FREE, **TEN_DIGITS) as room:
        one, two, _, other = (room.player() for _ in range(4))
        assert [player.ask("1000000000") for player in (one, two)] == ["plus", "plus"]
        with slow(monkeypatch, b"1000000013") as gate:
            one.send(b"1000000013\n")
            gate.await_step()
            assert [two.ask("1000000000") for _ in range(200)] == ["plus"] * 200
            assert two.ask("nom Zoe") == "nom Zoe"
            token = two.open_session()
            assert two.ask("#202 1000000000") == "resultat 202 plus"
            assert other.ask(f"session {token}") == f"session {token} 202 202"
            assert one.is_silent(BUSY)
        assert one.recv_line() == "plus"


def test_guesses_are_decided_without_the_lock_and_told_only_with_it(tmp_path) -> None:
    with Room(workers=2, limits=FREE, db=tmp_path / "game.db", **TEN_DIGITS) as room:
        one, two = players = room.player(), room.player()
        assert [player.ask("1000000000") for player in players] == ["plus"] * 2
        with room.server.room.lock:
            for player in players:
                player.send(b"1000000001\n")
            eventually(lambda: [s.identity.seq for (s,) in sessions(room.server)], [2, 2])
            assert one.is_silent(BUSY)
            assert two.is_silent(BUSY)
            assert stored(tmp_path / "game.db") == [1000000000] * 2
        assert [player.recv_line() for player in players] == ["plus"] * 2
        assert stored(tmp_path / "game.db") == [1000000000] * 2 + [1000000001] * 2


@pytest.mark.parametrize("contest", [False, True], ids=["practice", "competition"])
def test_a_win_decided_before_its_session_went_on_elsewhere_counts_nothing(
    monkeypatch, tmp_path, contest: bool
) -> None:
    options = {"low": 50, "high": 60, "competition": SETTINGS if contest else None}
    news = Newspaper()
    with Room(workers=2, db=tmp_path / "game.db", on_news=news, **options) as room:
        if contest:
            room.server.director.start()
        old, new = room.player("Ada"), room.player()
        token = old.open_session()
        round = room.server.room.competition.current if contest else None
        secret = round.secret if round else sessions(room.server)[0][0].plays.game.secret
        wrong = 50 if secret > 50 else 60
        assert old.ask(str(wrong)) in ("plus", "moins")
        with slow(monkeypatch, b"%d" % secret, after=True) as gate:
            old.send(b"%d\n" % secret)
            gate.await_step()
            assert new.ask(f"session {token}") == f"session {token} 1 1"
        assert old.rest() == b""
        assert not news.count[Won]
        assert new.ask("scores") == ("scores 1. Ada 0/1" if contest else "scores")
        assert new.ask(f"#2 {secret}") == "resultat 2 gagné"
        assert new.ask("scores") == "scores 1. Ada 1/2"
        assert stored(tmp_path / "game.db") == sorted([wrong, secret])


def test_a_win_in_a_session_that_ended_elsewhere_is_no_fault_of_ours(monkeypatch) -> None:
    news = Newspaper()
    with Room(workers=2, low=50, high=60, on_news=news) as room:
        old, new = room.player("Ada"), room.player()
        token = old.open_session()
        secret = sessions(room.server)[0][0].plays.game.secret
        old.ask(str(50 if secret > 50 else 60))
        with slow(monkeypatch, b"%d" % secret) as gate:
            old.send(b"%d\n" % secret)
            gate.await_step()
            new.ask(f"session {token}")
            assert new.ask("FIN") == "FIN"
            new.end()
            news.wait_for(Gone)  # and nobody knows its name any more
        assert old.rest() == b""
    assert not news.count[Trouble]


# Who holds everything.

ACTS = {
    "stop": lambda room: room.director.stop(),
    "finish": lambda room: room.director.finish(),
    "extend": lambda room: room.director.extend(5),
    "exclude": lambda room: room.director.exclude("Ada"),
}


@pytest.mark.parametrize("act", ACTS)
def test_the_teacher_waits_for_a_step(monkeypatch, tmp_path, act: str) -> None:
    """What is decided in an open round is stored in it, and only then the round may change."""
    with Class(db=tmp_path / "game.db", time_limit=600) as room:
        ada = room.player("Ada")
        room.director.start()
        wrong = room.wrong()
        told = ada.ask(str(wrong))
        with slow(monkeypatch, b"%d" % wrong, after=True) as gate:
            ada.send(b"%d\n" % wrong)
            gate.await_step()
            with beside(lambda: ACTS[act](room)) as done:
                assert not done.wait(BUSY)
                gate.leave()
        assert ada.recv_line() == told
        assert stored(tmp_path / "game.db") == [wrong, wrong]


@pytest.mark.parametrize("resumable", [False, True], ids=["plain", "resumable"])
@pytest.mark.parametrize("begun", [False, True], ids=["first guess", "in its game"])
def test_who_is_thrown_out_in_mid_sentence_hears_only_so(
    monkeypatch, tmp_path, begun: bool, resumable: bool
) -> None:
    """R48 — « L'animateur peut exclure un joueur. Sa dernière ligne est `shutdown <raison>` ou
    `FIN`, comme quand l'hôte ferme ; ensuite son jeton et son nom reçoivent `erreur exclu …`,
    même quand l'hôte est relancé (à l'entraînement, pendant 12 heures), et il n'est plus au
    classement. Quand la compétition est finie, son classement garde tous ses joueurs,
    même qui est exclu depuis : son lien est coupé, et son jeton reçoit `erreur finie …`. »"""
    with Class(db=tmp_path / "game.db") as room:
        ada = room.player("Ada")
        if resumable:
            ada.open_session()
        room.director.start()
        wrong = room.wrong()
        if begun:
            ada.ask(str(wrong))
        with Gate(monkeypatch, Referee, "judge", lambda heard: heard[0][1] == [b"1"]) as gate:
            ada.send(b"1\n")
            gate.await_step()
            room.director.exclude("Ada")
        assert ada.rest() == ("shutdown l'animateur t'a exclu\n" if resumable else "FIN\n").encode()
    assert stored(tmp_path / "game.db") == [wrong] * begun
    with closing(sqlite3.connect(tmp_path / "game.db")) as file:
        assert file.execute("PRAGMA foreign_key_check").fetchall() == []


def test_the_clock_waits_for_no_step_while_nothing_is_due(monkeypatch) -> None:
    with Class() as room:
        ada = room.player("Ada")
        room.director.start()
        wrong = room.wrong()
        ada.ask(str(wrong))
        with slow(monkeypatch, b"%d" % wrong) as gate:
            ada.send(b"%d\n" % wrong)
            gate.await_step()
            with beside(room.director.tick) as done:
                assert done.wait(PATIENCE)


def test_no_step_runs_while_somebody_holds_everything(tmp_path) -> None:
    with Room(workers=2, db=tmp_path / "game.db", **TEN_DIGITS) as room:
        players = room.player(), room.player()
        assert [player.ask("1000000000") for player in players] == ["plus"] * 2
        with room.server.room.everything():
            for player in players:
                player.send(b"1000000001\n")
            assert all(player.is_silent(BUSY) for player in players)
            assert [s.identity.seq for (s,) in sessions(room.server)] == [1, 1]
        assert [player.recv_line() for player in players] == ["plus"] * 2


class Guarded(SharedRoom):
    """A room that notes who is in a step while somebody holds everything."""

    held = False
    broken = 0

    def time_at(self, now: float) -> int:
        self.broken += self.held
        return super().time_at(now)


def test_steps_and_those_who_hold_everything_never_wait_for_each_other_in_vain() -> None:
    store = open_store(":memory:")
    room = Guarded(Bounds(1, 100), store, FREE)

    def work(referee: Referee) -> None:
        for _ in range(10_000):
            referee.judge([], time.monotonic())

    def direct() -> None:
        for _ in range(1000):
            with room.everything():
                room.held = True
                store.reserve(1)
                room.held = False

    threads = [
        threading.Thread(target=work, args=(Referee(room, str),), daemon=True) for _ in range(4)
    ]
    threads += [threading.Thread(target=direct, daemon=True) for _ in range(4)]
    with restless():
        for thread in threads:
            thread.start()
        end = time.monotonic() + PATIENCE
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
    assert not any(thread.is_alive() for thread in threads)
    assert not room.broken
    store.close()
