"""A bug of ours, planted: it costs who met it a link, and nobody else anything."""

from __future__ import annotations

import socket

import pytest

from justeprix.game.competition import Settings
from justeprix.protocol.commands import Ping
from justeprix.room.director import Director
from justeprix.server.acceptor import Acceptor
from justeprix.server.referee import Referee
from justeprix.session.events import Trouble
from justeprix.session.handlers import HANDLERS
from justeprix.session.session import Session
from justeprix.session.speaker import Handler
from tests.support.room import Newspaper, Room


def trip(*_: object) -> str:
    raise KeyError("secret 4821")


@pytest.fixture
def news() -> Newspaper:
    return Newspaper()


def test_who_meets_a_bug_is_cut_and_comes_back(news, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(HANDLERS, Ping, Handler(trip))
    with Room(on_news=news) as room:
        bystander, victim = room.player(), room.player()
        token = victim.open_session()
        assert victim.ask("#1 1") == "resultat 1 plus"
        for _ in range(2):
            victim.send(b"ping\n")
            assert victim.rest() == b""
            victim = room.player()
            assert victim.ask(f"session {token}") == f"session {token} 1 1"
        assert bystander.ask("1") == "plus"
        trouble = news.wait_for(Trouble)
        assert news.count[Trouble] == 1
        assert "KeyError, test_bug.py:" in trouble.sentence
        assert "4821" not in trouble.sentence


def test_a_bug_in_parting_ends_no_worker(news, monkeypatch: pytest.MonkeyPatch) -> None:
    with Room(on_news=news) as room:
        bystander, victim = room.player(), room.player()
        with monkeypatch.context() as patch:
            patch.setattr(Referee, "dismiss", trip)
            victim.send(b"FIN\n")
            assert victim.rest() == b"FIN\n"
            victim.close()
            news.wait_for(Trouble)
        assert bystander.ask("1") == "plus"


def test_a_bug_of_the_clock_stops_no_round(news, monkeypatch: pytest.MonkeyPatch) -> None:
    with Room(on_news=news, competition=Settings(rounds=1)) as room, room.player() as player:
        with monkeypatch.context() as patch:
            patch.setattr(Director, "tick", trip)
            news.wait_for(Trouble)
        room.server.director.start()
        player.win()
        assert player.ask("pret") == "FIN"


def test_a_bug_at_the_door_lets_the_next_one_in(news, monkeypatch: pytest.MonkeyPatch) -> None:
    with Room(on_news=news) as room:
        with monkeypatch.context() as patch:
            patch.setattr(Acceptor, "admit", trip)
            with socket.create_connection(room.server.address) as caller:
                news.wait_for(Trouble)
                assert caller.recv(1) == b""
        assert room.player().ask("1") == "plus"


def test_a_bug_in_a_guess_costs_those_who_played_with_it(
    news, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Room(low=1, high=1_000_000, on_news=news) as room:
        victim = room.player()
        assert victim.ask("1") == "plus"
        with monkeypatch.context() as patch:
            patch.setattr(Session, "play", trip)
            victim.send(b"2\n")
            assert victim.rest() == b""
        assert news.wait_for(Trouble)
        assert room.player().ask("1") == "plus"
