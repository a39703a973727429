"""`justeprix host`, started as a teacher starts it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.player import Player, error
from tests.support.processes import HOST, port_of, running

MEMORY = ("--db", ":memory:")


def connect(port: int) -> Player:
    return Player(("127.0.0.1", port))


def test_the_host_prints_what_pupils_type_and_what_happens() -> None:
    with running(*HOST, *MEMORY, "--min", 7, "--max", 7) as host, connect(port_of(host)) as player:
        assert player.ask("nom Ada") == "nom Ada"
        assert player.ask("7") == "gagné"
        host.wait_for("Joueur 1 arrive (127.0.0.1)")
        host.wait_for("Joueur 1 s'appelle Ada")
        host.wait_for("Ada gagne en 1 coup")
        host.type("joueurs")
        assert host.wait_for("joueur") == "1 joueur : Ada"
        host.type("scores")
        host.wait_for("1. Ada")
        host.type("scroes")
        host.wait_for("tu voulais dire scores ?")
        host.type("aide")
        host.wait_for("Commandes :")
        host.wait_for("suivante")
        host.type("fin")
        assert host.end() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to send")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_without_input_it_serves_until_a_signal_then_says_goodbye(name: str) -> None:
    with (
        running(*HOST, *MEMORY, stdin=subprocess.DEVNULL) as host,
        connect(port := port_of(host)) as plain,
        connect(port) as numbered,
        connect(port) as bare,
    ):
        assert plain.ask("ping 1") == "pong 1"
        assert numbered.ask("session").startswith("session ")
        assert bare.ask_bare("ping 2") == b"pong 2"
        host.send(signal.Signals[name])
        assert plain.rest() == b"FIN\n"
        assert numbered.recv_line().startswith("shutdown ")
        assert bare.rest() == b"FIN"
        assert host.end() == 0


def test_the_host_says_where_the_game_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "game.db"
    for db, kept in ((":memory:", "n'est pas gardée"), (file, f"est gardée dans {file}")):
        with running(*HOST, "--db", db) as host:
            host.wait_for(f"La partie {kept}. Commandes : ")
            host.type("fin")
            assert host.end() == 0


def test_a_players_silence_does_not_delay_the_end() -> None:
    with running(*HOST, *MEMORY) as host, connect(port_of(host)):
        host.type("fin")
        assert host.end() == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--min", 10, "--max", 5), "le minimum ne doit pas dépasser"),
        (("--bind", "192.0.2.77"), "n'est pas une adresse de cette machine"),
        (("--bind", "nulle.part.invalid"), "n'est pas une adresse de cette machine"),
        (("--db", "/dev/null/partie.db"), "impossible d'utiliser"),
        (("--db", __file__), "n'est pas un fichier de justeprix"),
    ],
)
def test_what_cannot_start_is_told_in_one_sentence(arguments: tuple[object], sentence: str) -> None:
    options = {"--bind": "127.0.0.1", "--db": ":memory:", "--port": 0, "--web-port": 0}
    options |= dict(zip(arguments[::2], arguments[1::2], strict=True))
    with running("host", *(part for option in options.items() for part in option)) as host:
        assert host.end() == 1
        assert len(host.lines) == 1
        assert sentence in host.output


def test_a_busy_port_is_told_with_another_to_try() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as busy,
        running(
            "host", "--bind", "127.0.0.1", "--port", busy.getsockname()[1], "--web-port", 0, *MEMORY
        ) as host,
    ):
        assert host.end() == 1
        assert "déjà pris" in host.output
        assert "--port" in host.output


def test_a_word_for_a_number_is_a_usage_error() -> None:
    with running("host", "--port", "abc") as host:
        assert host.end() == 2


def test_the_same_seed_gives_the_same_secret() -> None:
    def first_secret() -> str:
        with (
            running(*HOST, *MEMORY, "--seed", 7) as host,
            connect(port_of(host)) as player,
        ):
            return next(str(n) for n in range(1, 101) if player.ask(str(n)) == "gagné")

    assert first_secret() == first_secret()


@pytest.mark.skipif(sys.platform == "win32", reason="needs os.closerange on a pipe of ours")
def test_a_closed_pipe_ends_quietly_or_not_at_all() -> None:
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "justeprix", *map(str, HOST), *MEMORY],
        stdin=subprocess.PIPE,
        stdout=writer,
        stderr=subprocess.PIPE,
    )
    os.close(writer)
    os.read(reader, 1)  # it has begun to print
    os.close(reader)
    _, errors = process.communicate(b"joueurs\nscores\nfin\n", timeout=20)
    assert b"Traceback" not in errors
    assert b"Exception" not in errors


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the input here")
def test_a_service_without_any_input_serves_too() -> None:
    words = " ".join(map(str, (*HOST, *MEMORY)))
    command = f"exec {sys.executable} -m justeprix {words} <&-"
    with subprocess.Popen(command, shell=True, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout
        port = int(next(line for line in host.stdout if "--server" in line).rpartition(":")[2])
        with connect(port) as player:
            assert player.ask("ping") == "pong"
        host.terminate()
        assert host.wait(20) == 0


def test_a_full_room_is_told_once_to_the_host_and_to_each_at_the_door() -> None:
    with running(*HOST, *MEMORY, "--max-players", 1) as host, connect(port := port_of(host)) as one:
        for _ in range(2):
            with connect(port) as late:
                assert error(late.greeting) == "complet"
        assert one.ask("ping") == "pong"
        host.type("fin")
        assert host.end() == 0
        assert host.output.count("la salle est pleine") == 1
