"""`Client` against a real host: every attribute and method that its users know."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

import pytest

import justeprix
from justeprix.client import Client
from justeprix.errors import ClientError, Refused, Unreachable
from justeprix.room.limits import Limits
from tests.faults.ledger import audit
from tests.support.client import session_of, stored
from tests.support.foreign import bounded
from tests.support.processes import unused_port
from tests.support.room import eventually

PATIENCE = 10.0


# What it is.


def test_it_has_two_names_and_the_defaults_of_the_design() -> None:
    assert justeprix.Client is Client
    client = Client()
    assert (client.port, client.host) == ("2300", "127.0.0.1")
    assert (client.client_socket, client.state, client.resultat) == (None, "shutdown", None)
    for name in ("reconnexion", "envoi_message", "recois_message"):
        assert callable(getattr(client, f"_Client__{name}"))


@pytest.mark.parametrize("kind", [str, int])
def test_the_port_is_text_or_a_number_and_stays_as_given(server, join, kind) -> None:
    port = kind(server().address[1])
    client = join(port)
    assert (client.port, client.state) == (port, "running")


def test_port_and_host_may_be_set_before_connecting(server, join) -> None:
    client = join(unused_port(), connect=False, host="127.0.0.2")
    client.host, client.port = server().address
    client.connect()
    assert client.propose(50)


@pytest.mark.parametrize("port", ["", "abc", 0, "65536", -1])
def test_what_is_no_port_is_refused(port) -> None:
    with pytest.raises(ClientError, match="entre 1 et 65535"):
        Client(port)


def test_bornes_are_known_once_connected(server, join) -> None:
    client = join(server(low=-5, high=12), connect=False)
    with pytest.raises(ClientError, match="connect"):
        _ = client.bornes
    client.connect()
    assert client.bornes == (-5, 12)


def test_states_in_order(server, join) -> None:
    client = join(server())
    assert client.states == ["shutdown", "in progress", "running"]
    client.client_socket.shutdown(socket.SHUT_RDWR)
    client.propose(50)
    assert client.states[2:] == ["running", "in progress", "running"]
    client.arret()
    client.arret()
    assert client.states[4:] == ["running", "shutdown"]
    assert client.client_socket is None


def test_connecting_twice_is_connecting_once(server, join) -> None:
    client = join(server())
    sock = client.client_socket
    client.connect()
    assert client.client_socket is sock


def test_a_context_manager_stops_whatever_happens(server) -> None:
    client = Client(server().address[1])
    with pytest.raises(ZeroDivisionError), client:
        _ = 1 / (client.state != "running")
    assert (client.state, client.client_socket) == ("shutdown", None)


def test_nobody_there_is_said_after_five_tries(join, quick) -> None:
    heard = []
    port = unused_port()
    client = join(port, connect=False, on_state=lambda *args: heard.append(args))
    with pytest.raises(Unreachable, match=rf"127\.0\.0\.1:{port} .*refusée"):
        client.connect()
    assert heard == [("in progress", attempt) for attempt in (2, 3, 4, 5)]
    assert client.states == ["shutdown", "in progress", "shutdown"]
    heard.clear()
    with pytest.raises(Unreachable):
        client.propose(50)
    assert heard == [("in progress", attempt) for attempt in (1, 2, 3, 4, 5)]


# What it plays.


def test_propose_finds_the_secret_and_resultat_is_the_last_answer(server, join, tmp_path) -> None:
    running = server()
    client, told = join(running), []
    token = session_of(client)[0]
    for number in range(1, 101):
        told.append((number, client.propose(str(number) if number % 2 else number)))
        assert client.resultat == told[-1][1]
        if client.resultat == "gagné":
            break
    assert session_of(client) == (token, len(told), len(told))
    running.close()
    assert not audit(tmp_path / "game.db", {token: told}).faults


@pytest.mark.parametrize(
    ("number", "code"), [(0, "bornes"), (101, "bornes"), ("12e", "nombre"), (1.5, "nombre")]
)
def test_a_refused_number_counts_nothing(server, join, number, code) -> None:
    client = join(server())
    before = (client.propose(50), session_of(client))
    with pytest.raises(Refused) as refused:
        client.propose(number)
    assert refused.value.code == code
    assert str(refused.value)
    assert (client.resultat, session_of(client), client.state) == (*before, "running")
    client.propose(51)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\n\n"])
def test_a_line_ending_is_no_second_message(server, join, ending) -> None:
    """`for line in file: client.propose(line)`: every answer is that of its own question."""
    client = join(server(low=7, high=7))
    for seq in (1, 2):
        assert client.propose(f"7{ending}") == "gagné"
        assert session_of(client)[1] == seq
        assert client.demande(f"ping {seq}{ending}") == f"pong {seq}"


def test_two_lines_at_once_do_not_mix_up_the_answers(server, join) -> None:
    client = join(server())
    with suppress(ClientError):  # refused, or taken for one line: both are clear
        client.demande("ping un\nping deux")
    assert client.demande("ping trois") == "pong trois"


def test_a_plain_guess_does_not_jam_the_numbered_ones(server, join) -> None:
    """`demande` sends any line: a number, too."""
    client = join(server(low=7, high=7))
    assert client.demande("7") == "gagné"
    assert client.propose(7) == "gagné"
    assert session_of(client)[1] == 2


def test_suivre_is_answered_with_the_state(server, join) -> None:
    client = join(server(), timeout=0.3)
    assert bounded(lambda: client.demande("suivre")).startswith("etat {")
    assert client.demande("ping") == "pong"


@pytest.mark.parametrize("listening", [False, True], ids=["alone", "with recois"])
@pytest.mark.parametrize(
    ("message", "result"),
    [
        ("7", "gagné"),
        (b"7", "gagné"),
        ("7\n", "gagné"),
        (b" 7\r\n", "gagné"),
        ("8", "erreur bornes joue entre"),
        ("ping é", "pong é"),
        ("ping é".encode(), "pong é"),
        (b"\xff\xfe", "erreur commande"),
        ("\udc80", "erreur"),  # what Python makes of a byte that is no UTF-8, in sys.argv
        ("", "erreur vide"),
    ],
)
def test_envoi_tells_the_result(server, join, message, result, listening) -> None:
    client = join(server(low=7, high=7))
    if listening:
        client.recois()
    client.envoi(message)
    eventually(lambda: (client.resultat or "").startswith(result), True)
    assert client.state == "running"


@pytest.mark.parametrize("listening", [False, True], ids=["alone", "with recois"])
def test_many_envoi_keep_their_order_and_count_once(server, join, listening, tmp_path) -> None:
    running = server(high=1000)
    client = join(running)
    if listening:
        client.recois()
    for number in range(1, 151):
        client.envoi(str(number).encode() if number % 2 else str(number))
        if number == 75:
            client.client_socket.shutdown(socket.SHUT_RDWR)
    eventually(lambda: session_of(client)[1], 150)
    running.close()
    assert [number for number, _ in stored(tmp_path / "game.db")] == list(range(1, 151))


def test_propose_from_several_threads_at_once(server, join, tmp_path) -> None:
    running = server(high=1000, limits=Limits(rate=0))
    client, told = join(running), {}

    def play(first: int) -> None:
        for number in range(first, first + 25):
            told[number] = client.propose(number)

    threads = [threading.Thread(target=play, args=(1 + 25 * n,), daemon=True) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert session_of(client)[1] == len(told) == 200
    running.close()
    kept = stored(tmp_path / "game.db")
    assert len(kept) == 200
    for number, secret in kept:
        truth = "plus" if secret > number else "moins" if secret < number else "gagné"
        assert told[number] == truth


def test_a_stopped_client_can_start_a_new_game(server, join) -> None:
    client = join(server(low=7, high=7))
    client.propose(7)
    first = client._token
    client.arret()
    client.connect()
    assert client.propose(7) == "gagné"
    assert client._token != first
    assert client.demande("session").endswith(" 1 1")
