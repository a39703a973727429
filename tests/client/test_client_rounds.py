"""`Client` in a competition: `pret`, iteration, following, a host that stays away."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from justeprix import Manche
from justeprix.client import Client
from justeprix.errors import ForeignServer, Refused, SessionOver, Unreachable
from justeprix.game.competition import Settings
from tests.support.foreign import Foreign, bounded, read_line
from tests.support.player import parse_state
from tests.support.processes import HOST, port_of, running, unused_port
from tests.support.room import Room, eventually


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(competition=Settings(rounds=2), low=5, high=9) as room:
        yield room


def ready(room: Room) -> list[bool]:
    with room.server.room.lock:
        return [player.ready for player in room.server.room.roster]


def search(client: Client, manche: Manche) -> int:
    """Play a round to its end; return the guesses."""
    low, high = manche.bas, manche.haut
    for guesses in range(1, 100):
        number = (low + high) // 2
        answer = client.propose(number)
        if answer == "gagné":
            return guesses
        low, high = (number + 1, high) if answer == "plus" else (low, number - 1)
    raise AssertionError("never found")


def test_iteration_goes_from_round_to_round_to_the_end(room, join) -> None:
    client, rounds = join(room.server), []

    def play() -> None:
        for manche in client:
            rounds.append((manche, search(client, manche)))

    thread = threading.Thread(target=play)
    thread.start()
    eventually(lambda: ready(room), [True])
    room.server.director.start()
    eventually(lambda: (room.server.room.phase, ready(room)), ("pause", [True]))
    room.server.director.next()
    bounded(thread.join)
    assert [manche for manche, _ in rounds] == [Manche(1, 5, 9), Manche(2, 5, 9)]
    (standing,) = room.server.room.standings()
    assert (standing.found, standing.guesses) == (2, sum(guesses for _, guesses in rounds))
    assert client.state == "shutdown"


def test_in_practice_there_is_always_another_secret(server, join) -> None:
    client = join(server(low=5, high=9))
    for number, manche in enumerate(client, start=1):
        assert manche == (number, 5, 9)
        search(client, manche)
        if number == 3:
            break
    assert client.pret() == (4, 5, 9)


def test_a_guess_out_of_time_is_refused_and_the_client_goes_on(room, join) -> None:
    client = join(room.server)
    with pytest.raises(Refused) as refused:
        client.propose(5)
    assert refused.value.code == "attente"
    room.server.director.start()
    assert client.pret() == (1, 5, 9)
    assert search(client, Manche(1, 5, 9))


def test_waiting_ends_when_somebody_stops_the_client(room, join) -> None:
    client, raised = join(room.server), []

    def wait() -> None:
        try:
            client.pret()
        except SessionOver as error:
            raised.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    eventually(lambda: ready(room), [True])
    bounded(client.arret)
    bounded(thread.join)
    assert raised


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL to send")
def test_waiting_outlives_a_host_and_many_tries(join, quick, tmp_path) -> None:
    db, answer, tried = ("--db", tmp_path / "game.db"), [], threading.Event()
    with running(*HOST, *db, "--rounds", 1) as first:
        port = port_of(first)
        client = join(port, on_state=lambda _, attempt: attempt == 12 and tried.set())
        thread = threading.Thread(target=lambda: answer.append(client.pret()))
        thread.start()
        first.wait_for("arrive")
        first.send(signal.SIGKILL)
        first.end()
    assert tried.wait(20)
    again = ("host", "--port", port, "--web-port", 0, "--bind", "127.0.0.1", *db, "--resume")
    with running(*again) as second:
        second.wait_for("est de retour")
        second.type("depart")
        bounded(thread.join)
    assert answer == [(1, 1, 100)]


@pytest.mark.parametrize("insist", [0.0, 0.2])
def test_a_guess_gives_up_after_five_tries_unless_it_insists(quick, insist) -> None:
    def cut(sock) -> None:
        sock.sendall(b"hello justeprix/1 entre 1 et 100\n")
        read_line(sock)
        sock.sendall(b"session abc 0 0\n")
        read_line(sock)

    attempts: list[int] = []
    with Foreign(cut) as host:
        client = Client(
            host.port, insist=insist, on_state=lambda _, number: attempts.append(number)
        )
        client.connect()
    with pytest.raises(Unreachable):
        client.propose(50)
    assert (max(attempts) > 5) == (insist > 0)


def test_following_brings_states_and_messages(room, join) -> None:
    heard: list[str] = []
    client = join(room.server, on_line=heard.append)
    client.recois()
    with room.player("Zoé") as zoe:
        assert zoe.ask("dire salut") == "ok"
        eventually(lambda: "message Zoé : salut" in heard, True)
    room.server.director.start()
    phases = lambda: {parse_state(s)["phase"] for s in heard if s.startswith("etat")}  # noqa: E731
    eventually(lambda: "manche" in phases(), True)


def test_a_new_link_follows_again(room, join) -> None:
    heard: list[str] = []
    client = join(room.server, on_line=heard.append)
    client.recois()
    eventually(lambda: len(heard) > 0, True)
    room.server.workers.expel(next(iter(room.server.room.roster)).session, "")
    room.server.director.start()
    eventually(lambda: any('"phase":"manche"' in line for line in heard), True)
    assert client.state == "running"


def test_a_strange_answer_to_pret_is_a_foreign_server() -> None:
    def strange(sock) -> None:
        sock.sendall(b"hello justeprix/1 entre 1 et 100\n")
        read_line(sock)
        sock.sendall(b"session abc 0 0\n")
        read_line(sock)
        sock.sendall(b"manche deux\n")
        read_line(sock)

    with Foreign(strange) as host:
        client = Client(host.port)
        client.connect()
        with pytest.raises(ForeignServer):
            client.pret()


def test_nobody_there_is_not_insisted_on(quick) -> None:
    client = Client(unused_port(), insist=100.0)
    with pytest.raises(Unreachable):
        bounded(client.connect)


def test_a_freed_name_comes_with_its_seat_and_its_guesses(room, join) -> None:
    lost, director = join(room.server), room.server.director
    assert lost.demande("nom Ada") == "nom Ada"
    director.start()
    told = lost.propose(5)
    lost._stopped.set()  # as a pupil does who pulls the plug: no goodbye, no coming back
    lost.client_socket.close()
    director.free("Ada")
    eventually(lambda: room.server.room.roster.present, [])
    again = join(room.server)
    assert again.demande("nom Ada") == "nom Ada"
    assert again.propose(5) == told
    assert again.demande("scores") == "scores 1. Ada 0/2"
