"""`justeprix play` in a competition, through pipes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from justeprix.game.competition import Settings
from tests.support.processes import Process, running
from tests.support.room import Room, eventually


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(competition=Settings(rounds=2), low=1, high=3) as room:
        yield room


def playing(room: Room, *options: object) -> Process:
    return running("play", "--port", room.server.address[1], *options)  # type: ignore[return-value]


def found(player: Process, number: int) -> None:
    for guess in range(1, number + 1):
        player.type(str(guess))
    player.wait_for(f"{number} : gagné")


def test_numbers_in_a_pipe_wait_for_their_round(room: Room) -> None:
    director, rounds = room.server.director, room.server.room.competition.rounds
    with playing(room, "--nom", "Ada") as ada:
        ada.type("1")
        ada.wait_for("La compétition va commencer")
        eventually(lambda: [p.ready for p in room.server.room.roster], [True])
        director.start()
        ada.wait_for("── Manche 1 : trouve le nombre entre 1 et 3.")
        ada.wait_for("1 : ")
        if rounds[0].secret > 1:
            ada.type("2")
        if rounds[0].secret > 2:
            ada.type("3")
        eventually(lambda: room.server.room.phase, "pause")
        ada.wait_for(f"── Manche 1 finie : le secret était {rounds[0].secret}. Tu es 1er.")
        director.next()
        ada.wait_for("── Manche 2")
        found(ada, rounds[1].secret)
        ada.wait_for("La compétition est finie !")
        ada.wait_for("1. Ada : 2 en ")
        assert ada.end() == 0  # though its input is still open


def test_a_number_after_the_end_of_a_round_waits_for_the_next(room: Room) -> None:
    with playing(room) as player:
        player.wait_for("La compétition va commencer")
        room.server.director.start()
        player.wait_for("── Manche 1")
        room.server.director.stop()
        player.type("2")
        eventually(lambda: [p.ready for p in room.server.room.roster], [True])
        room.server.director.next()
        player.wait_for("1 coup")
        assert room.server.room.standings()[0].guesses == 1


def test_chat_between_rounds_is_shown(room: Room) -> None:
    with playing(room) as player, room.player("Zoé") as zoe:
        player.wait_for("La compétition va commencer")
        assert zoe.ask("dire salut") == "ok"
        player.wait_for("Zoé : salut")
        player.type("dire coucou")
        player.wait_for("ok")


def test_who_is_excluded_is_told_why(room: Room) -> None:
    with playing(room, "--nom", "Ada") as player:
        player.wait_for("La compétition va commencer")
        room.server.director.exclude("Ada")
        player.wait_for("Terminé : l'animateur t'a exclu.")
        assert player.end() == 0


def test_who_comes_when_all_is_over_sees_the_podium(room: Room) -> None:
    room.server.director.finish()
    with playing(room) as player:
        player.wait_for("La compétition est finie !")
        assert player.end() == 0
