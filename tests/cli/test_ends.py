"""How a game ends for those who look: whatever ends it, they see what they must see last."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from justeprix.cli.console import Console
from justeprix.cli.host.linger import LINGER, linger
from tests.support.player import PATIENCE, Player, parse_state
from tests.support.processes import HOST, NO_SIGNALS, Process, port_of, running
from tests.support.room import Class

if sys.platform != "win32":
    from tests.support.terminal import Terminal, at_a_terminal

NEEDS_TERMINAL = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")

CONTEST = ("--rounds", 1, "--min", 5, "--max", 5)


def last_state(screen: Player) -> dict:
    """Return the last state before the goodbye."""
    *_, state, last = screen.rest().decode().splitlines()
    assert last == "FIN"
    return parse_state(state)


def opened(host: Process) -> int:
    port = port_of(host)
    host.wait_for("depart.")
    host.type("depart")
    host.wait_for("C'est parti !")
    return port


@pytest.mark.parametrize("orders", [["fin"], ["stop", "fin"]], ids=" ".join)
def test_the_ranking_is_on_every_screen_before_the_host_is_gone(
    orders: list[str], tmp_path: Path
) -> None:
    with (
        running(*HOST, "--db", tmp_path / "game.db", *CONTEST) as host,
        Player(("127.0.0.1", port := opened(host))) as screen,
        Player(("127.0.0.1", port)) as zoe,
        running("play", "--port", port, "--nom", "Ada") as ada,
    ):
        screen.follow()
        assert zoe.ask("nom Zoé") == "nom Zoé"
        ada.wait_for("── Manche 1")
        ada.type("5")
        ada.wait_for("gagné en 1 coup")
        for order in orders:
            host.type(order)
        state = last_state(screen)
        assert (state["phase"], state["classement"][0]["nom"]) == ("finie", "Ada")
        ada.wait_for("La compétition est finie !")
        ada.wait_for("1. Ada : 1 en 1 coups")
        assert ada.end() == 0
        assert ada.output.count("La compétition est finie") == 1
        assert host.end() == 0


def test_numbers_in_a_pipe_that_wait_for_a_round_see_the_ranking(tmp_path: Path) -> None:
    with (
        running(*HOST, "--db", tmp_path / "game.db", *CONTEST) as host,
        running("play", "--port", opened(host), "--nom", "Ada") as ada,
    ):
        ada.wait_for("── Manche 1")
        ada.type("5")
        ada.wait_for("gagné en 1 coup")
        ada.wait_for("1. Ada : 1 en 1 coups")  # the round is over: she was alone
        assert ada.end() == 0


@NO_SIGNALS
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_shows_the_state_of_that_moment(name: str, tmp_path: Path) -> None:
    with (
        running(*HOST, "--db", tmp_path / "game.db", *CONTEST) as host,
        Player(("127.0.0.1", port := opened(host))) as screen,
        Player(("127.0.0.1", port)) as zoe,
        Player(("127.0.0.1", port)) as ada,
    ):
        screen.follow()
        assert zoe.ask("nom Zoé") == "nom Zoé"
        assert ada.ask("nom Ada") == "nom Ada"
        assert ada.ask("5") == "gagné"
        host.send(signal.Signals[name])
        state = last_state(screen)
        assert (state["phase"], state["classement"][0]["nom"]) == ("manche", "Ada")
        assert state["retour"] is True
        assert host.end() == 0


# At a terminal the room stays open for a moment.


AT_TERMINAL = ("host", "--port", 0, "--no-web", "--bind", "127.0.0.1", *CONTEST)

STAYS = "Le podium est sur les écrans : fermeture dans"


@contextmanager
def finished(db: Path) -> Iterator[tuple[Terminal, Player]]:
    """A host at a terminal whose competition has just been ended by `fin`, and a screen."""
    with at_a_terminal(*AT_TERMINAL, "--db", db) as host:
        host.wait_for("justeprix play --server 127.0.0.1:")
        port = int(host.wait_for("La partie est gardée").split()[0])
        host.wait_for("hôte>")
        with Player(("127.0.0.1", port)) as screen:
            screen.follow()
            host.type("fin")
            screen.until(lambda state: state["phase"] == "finie")
            host.wait_for(STAYS)
            yield host, screen


@NEEDS_TERMINAL
@pytest.mark.parametrize("typed", ["", "fin", "\x03"], ids=["Entrée", "fin", "Ctrl-C"])
def test_the_room_stays_open_until_somebody_has_seen_enough(typed: str, tmp_path: Path) -> None:
    with finished(tmp_path / "game.db") as (host, screen):
        screen.sync()  # still open
        host.wait_for("fermeture dans")
        host.type(typed)
        assert screen.rest().endswith(b"FIN\n")
        host.wait_for("Partie fermée.")
        assert host.end() == 0


@NEEDS_TERMINAL
def test_the_room_closes_when_nobody_looks_any_more(tmp_path: Path) -> None:
    with finished(tmp_path / "game.db") as (host, screen):
        began = time.monotonic()
        screen.close()
        host.wait_for("Partie fermée.")
        assert time.monotonic() - began < LINGER / 2
        assert host.end() == 0


def test_the_room_closes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """With less time to wait for, and a keyboard that nobody touches."""
    console = Console()
    console.terminal = True

    def nothing_typed(prompt: Callable[[], str]) -> Iterator[str]:
        assert prompt() in ("fermeture dans 1 s > ", "fermeture dans 2 s > ")
        assert console.ended.wait(PATIENCE)
        yield from ()

    monkeypatch.setattr(console, "lines", nothing_typed)
    monkeypatch.setattr(sys.modules[linger.__module__], "LINGER", 2)
    with Class() as room:
        room.player().follow()
        room.director.finish()
        linger(room.server, console)
        assert console.ended.is_set()
