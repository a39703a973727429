"""The server example: a real process, played by plain sockets, other examples and `Client`."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from justeprix import Client
from justeprix.errors import ForeignServer
from justeprix.workshop.check.finding import Outcome
from justeprix.workshop.check.inspection import inspect
from justeprix.workshop.check.server.checks import SERVER_CHECKS
from justeprix.workshop.check.server.visitor import Visitors
from tests.faults.proxy import LINGER_NONE
from tests.support.player import Player, error
from tests.support.processes import (
    ASKED,
    BOT,
    LINES,
    NO_SIGNALS,
    SERVER,
    Example,
    example,
    unused_port,
)

Served = tuple[Example, tuple[str, int]]


@pytest.fixture
def pupils_server() -> Iterator[Served]:
    address = ("127.0.0.1", unused_port())
    with example(SERVER, address) as program:
        program.wait_for(f"J'attends les joueurs sur 127.0.0.1:{address[1]}.")
        yield program, address


def test_the_server_plays_a_new_secret_after_each_win(pupils_server: Served) -> None:
    _, address = pupils_server
    with Player(address) as player:
        assert player.greeting == "hello justeprix/1 entre 1 et 100"
        secrets = [find(player) for _ in range(30)]
        assert player.ask("fin") == "FIN"
        assert player.rest() == b""
    assert len(set(secrets)) > 10  # 30 of 100 at random: 10 or fewer once in 10**14 or so


def find(player: Player) -> int:
    """Ask for every number, as one segment; return the one that is right, once."""
    player.send("".join(f"{number}\n" for number in range(1, 101)).encode())
    answers = [player.recv_line() for _ in range(100)]
    secret = answers.index("gagné") + 1
    assert answers[:secret] == ["plus"] * (secret - 1) + ["gagné"]
    return secret


def test_the_server_answers_rubbish_and_goes_on(pupils_server: Served) -> None:
    _, address = pupils_server
    with Player(address) as player:
        for rubbish in ("", "vingt", "1e1", "4,5", "x" * 5000, "9" * 5000, "GET / HTTP/1.1"):
            assert error(player.ask(rubbish)) == "commande"
        for number in ("0", "101", "-5"):
            assert error(player.ask(number)) == "bornes"
        player.send(b"\xff\xfe\n")
        assert error(player.recv_line()) == "utf8"
        find(player)


def test_the_server_awaits_the_end_of_a_line_and_takes_them_apart(pupils_server: Served) -> None:
    _, address = pupils_server
    with Player(address) as player, Player(address) as other:
        for half in (b"10", b"1\r"):
            player.send(half)
            assert other.ask("FIN?").startswith("erreur ")  # meanwhile
        player.send(b"\n0\n")
        assert [error(player.recv_line()) for _ in range(2)] == ["bornes", "bornes"]
        player.send(b"FIN\n50\n")
        assert player.recv_line() == "FIN"


def test_the_server_outlives_who_leaves_in_mid_game(pupils_server: Served) -> None:
    program, address = pupils_server
    with Player(address) as player:
        player.ask("50")
        player.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
    program.wait_for("Un joueur est parti au milieu.")
    with Player(address) as player:
        find(player)


def test_the_server_gives_thirty_at_once_a_secret_each(pupils_server: Served) -> None:
    _, address = pupils_server
    with ExitStack() as stack:
        players = [stack.enter_context(Player(address)) for _ in range(30)]
        assert len({find(player) for player in players}) > 10
        for player in players:
            assert player.ask("FIN") == "FIN"


def test_the_examples_play_with_each_other(pupils_server: Served) -> None:
    _, address = pupils_server
    with example(LINES, address) as program:
        for number in range(1, 101):
            program.type(str(number))
            if program.wait_for(ASKED).endswith("gagné"):
                break
        assert program.end() == 0
    with example(BOT, address) as program:
        assert program.end() == 0
    assert [error(line) for line in program.lines[1:]] == ["commande", "commande"]


def test_the_class_client_tells_what_such_a_server_lacks(pupils_server: Served) -> None:
    _, address = pupils_server
    host, port = address
    with pytest.raises(ForeignServer, match="ne connaît pas les sessions"):
        Client(port, host).connect()


def test_it_passes_every_check(pupils_server: Served) -> None:
    _, address = pupils_server
    findings = list(inspect(SERVER_CHECKS, Visitors(address)))
    assert {finding.outcome for finding in findings} == {Outcome.PASSED}


@NO_SIGNALS
def test_ctrl_c_ends_the_server(pupils_server: Served) -> None:
    program, address = pupils_server
    with Player(address) as player:
        program.send(signal.SIGINT)
        assert program.end() == 0
        assert player.rest() == b""
    assert program.lines[-1] == "Au revoir !"


def test_a_port_that_is_taken_is_told_in_one_sentence(pupils_server: Served) -> None:
    _, address = pupils_server
    with example(SERVER, address) as second:
        assert second.end() == 1
    (sentence,) = second.lines
    assert sentence.startswith(f"Impossible d'écouter sur 127.0.0.1:{address[1]} : ")
