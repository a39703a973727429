"""A host that stops and is started again: who plays waits for it, and goes on. Real processes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from justeprix.workshop.arena.starts import start
from tests.support.player import Player
from tests.support.processes import NO_SIGNALS, Process, free_port, running

if sys.platform != "win32":
    from tests.support.terminal import at_a_terminal

pytestmark = NO_SIGNALS

CONTEST = ("--rounds", 2, "--min", 1, "--max", 1000)


class Place:
    """Where the host is, each time it is started."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.db = folder / "game.db"

    @contextmanager
    def host(self, *options: object) -> Iterator[Process]:
        where = ("--port", self.port, "--no-web", "--bind", "127.0.0.1", "--db", self.db)
        with running("host", *where, *options) as host:
            host.wait_for("Commandes : ")
            yield host

    def play(self, *options: object):
        return running("play", "--port", self.port, *options)


def pause(host: Process) -> None:
    host.send(signal.SIGINT)
    assert host.end() == 0


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("options", [CONTEST, ("--max", 1000)], ids=["competition", "practice"])
def test_who_plays_goes_on_when_the_host_is_back(place: Place, options: tuple[object, ...]) -> None:
    with place.host(*options) as first, place.play("--nom", "Ada") as ada:
        ada.wait_for("Bienvenue, Ada !")
        if options is CONTEST:
            first.type("depart")
            ada.wait_for("── Manche 1")
        ada.type("1")
        ada.wait_for("(1 coup)")
        pause(first)
        ada.wait_for("Pause : l'hôte s'arrête, la partie reprend quand il revient.")
        with place.host(*(["--resume"] if options is CONTEST else options)) as second:
            ada.wait_for("reconnecté.")
            second.wait_for("Ada est de retour")
            ada.type("1000")
            ada.wait_for("(2 coups)")
            second.type("fin")
            ada.wait_for("La compétition est finie !" if options is CONTEST else "Terminé : ")
            assert ada.end() == 0
            assert second.end() == 0


def test_who_did_not_wait_is_told_how_to_get_the_seat_back(place: Place) -> None:
    """Another program has no token: the teacher says that it is the same person."""
    with place.host(*CONTEST) as first, place.play("--nom", "Ada") as ada:
        ada.wait_for("Bienvenue, Ada !")
        first.type("depart")
        ada.wait_for("── Manche 1")
        ada.type("1")
        ada.wait_for("(1 coup)")
        pause(first)
        ada.wait_for("Pause : ")
        ada.kill()
    with place.host("--resume") as second, place.play("--nom", "Ada") as ada:
        ada.wait_for("Si c'est ta place d'avant, l'animateur peut te la rendre : libere Ada")
        second.type("libere Ada")
        second.wait_for("Ada est libre")
        ada.type("nom Ada")
        ada.wait_for("nom Ada")
        ada.type("1000")
        ada.wait_for("(2 coups)")


def test_who_waits_for_the_host_may_leave(place: Place) -> None:
    with place.host(*CONTEST) as host, place.play("--nom", "Ada") as ada:
        ada.wait_for("La compétition va commencer")
        pause(host)
        ada.wait_for("pour quitter, Ctrl-C")
        ada.send(signal.SIGINT)
        ada.wait_for("Au revoir !")
        assert ada.end() == 0


def test_a_bot_goes_on_with_its_rounds(place: Place, tmp_path: Path) -> None:
    robot = tmp_path / "robot.py"
    robot.write_text(start("dichotomie"), encoding="utf-8")
    with (
        place.host(*CONTEST) as first,
        running("bot", robot, "--port", place.port, "--nom", "HAL") as hal,
    ):
        hal.wait_for("Le robot attend les manches.")
        first.type("depart")
        hal.wait_for("Manche 1, entre 1 et 1000 : 500")
        pause(first)
        hal.wait_for("Pause : ")
        with place.host("--resume") as second:
            second.wait_for("HAL est de retour")
            second.type("suivante")
            hal.wait_for("Manche 2, entre 1 et 1000 : 500")
            hal.wait_for("La compétition est finie.")
            assert hal.end() == 0


def test_who_waits_at_a_terminal_may_leave_with_fin_too(place: Place) -> None:
    with place.host(*CONTEST) as host, at_a_terminal("play", "--port", place.port) as ada:
        ada.wait_for("en attente >")
        pause(host)
        ada.wait_for("pour quitter, Ctrl-C")
        ada.type("FIN")
        ada.wait_for("Au revoir !")
        assert ada.end() == 0


def test_a_seat_that_was_freed_and_taken_again_has_its_count(place: Place) -> None:
    """What the prompt says is what the host counts, whatever the player has seen of it."""
    with place.host(*CONTEST) as host, Player(("127.0.0.1", place.port)) as ada:
        assert ada.ask("nom Ada") == "nom Ada"
        ada.open_session()
        host.type("depart")
        host.wait_for("C'est parti !")
        for number in ("1", "2", "3"):
            ada.ask(number)
        with at_a_terminal("play", "--port", place.port) as heir:
            heir.wait_for("manche 1, coup 1, entre 1 et 1000 >")
            host.type("libere Ada")
            ada.rest()
            heir.type("nom Ada")
            heir.wait_for("manche 1, coup 4, entre 1 et 1000 >")
            heir.type("4")
            heir.wait_for("(4 coups)")
