"""`justeprix play`, started as a pupil starts it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from justeprix import Server
from justeprix.session.events import Gone, Won
from tests.support.processes import HOST, port_of, running, unused_port


def test_a_pipe_plays_a_whole_game_and_leaves_with_fin() -> None:
    news = []
    with (
        Server(port=0, low=1, high=3, on_news=news.append) as server,
        running("play", "--port", server.address[1], "--nom", "Léa") as player,
    ):
        for number in ("1", "2", "3"):
            player.type(number)
        player.end_input()
        assert player.end() == 0
    assert "Bienvenue, Léa !" in player.output
    assert "gagné en" in player.output
    assert "La dichotomie en demande 2 au pire" in player.output
    assert any(isinstance(item, Won) for item in news)
    # FIN was sent: the session can't be resumed.
    assert Gone("Léa", may_return=False) in news


def test_the_interval_narrows_and_the_guesses_are_counted() -> None:
    with (
        Server(port=0, low=1, high=100, seed=7) as server,
        running("play", "--server", f"127.0.0.1:{server.address[1]}") as player,
    ):
        player.type("1")
        assert "entre 2 et 100 (1 coup)" in player.wait_for("1 : plus")
        player.type("100")
        assert "entre 2 et 99 (2 coups)" in player.wait_for("100 : moins")
        player.type("FIN")
        assert player.end() == 0


@pytest.mark.parametrize("rubbish", ["abc", "٥٠", "５０", "1_000", "--5", "1e3", "9" * 40, "0"])
def test_rubbish_is_refused_here_and_costs_no_guess(rubbish: str) -> None:
    with (
        Server(port=0, low=1, high=100, seed=7) as server,
        running("play", "--port", server.address[1]) as player,
    ):
        player.type(rubbish)
        player.type("1")
        assert "(1 coup)" in player.wait_for("1 : plus")
        assert len(player.lines[-2]) > 20  # a hint came before


def test_without_server_it_says_that_it_tries_this_machine() -> None:
    with Server(port=0) as server, running("play", "--port", server.address[1]) as player:
        assert "127.0.0.1" in player.wait_for("Sans --server")


def test_nobody_there_is_one_sentence_after_five_tries() -> None:
    with running("play", "--server", f"127.0.0.1:{unused_port()}") as player:
        assert player.end() == 1
    assert [line for line in player.lines if line.startswith("connexion ")] == [
        f"connexion {attempt}/5…" for attempt in (2, 3, 4, 5)
    ]
    assert "personne ne répond" in player.lines[-1]


def test_a_screen_that_cannot_show_accents_is_fine() -> None:
    with (
        Server(port=0, low=5, high=5) as server,
        running(
            "play", "--port", server.address[1], PYTHONUTF8="0", PYTHONIOENCODING="ascii"
        ) as player,
    ):
        player.type("5")
        player.wait_for("gagn?")
        player.end_input()
        assert player.end() == 0


def test_a_name_taken_is_told_and_the_game_goes_on() -> None:
    with (
        Server(port=0, low=5, high=5) as server,
        running("play", "--port", server.address[1], "--nom", "Ada") as first,
    ):
        first.wait_for("Bienvenue, Ada")
        with running("play", "--port", server.address[1], "--nom", "ADA") as second:
            second.wait_for("déjà pris")
            second.type("5")
            second.wait_for("gagné")


def test_the_host_that_closes_ends_the_game_politely() -> None:
    with Server(port=0) as server, running("play", "--port", server.address[1]) as player:
        player.wait_for("Un nombre entre")
        server.close()
        player.end_input()
        assert player.end() == 0
        assert "l'hôte a fermé la partie" in player.output


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL to send")
def test_after_a_killed_host_the_game_goes_on_where_it_was(tmp_path: Path) -> None:
    db = ("--db", tmp_path / "partie.db", "--seed", 7)
    with running(*HOST, *db, stdin=subprocess.DEVNULL) as host:
        port = port_of(host)
        with running("play", "--port", port) as player:
            player.type("1")
            player.wait_for("(1 coup)")
            host.send(signal.SIGKILL)
            assert host.end() == -signal.SIGKILL
            player.wait_for("reconnexion 1/5")
            again = ("host", "--port", port, "--web-port", 0, "--bind", "127.0.0.1", *db)
            with running(*again, stdin=subprocess.DEVNULL) as second:
                second.wait_for("Joueur 1 est de retour")
                player.wait_for("reconnecté")
                player.type("100")
                assert "entre 2 et 99 (2 coups)" in player.wait_for("100 : moins")
