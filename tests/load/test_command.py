"""`justeprix bench` as a teacher starts it: real processes against real hosts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from justeprix.bench.scout import Sighting, look
from justeprix.errors import ForeignServer
from justeprix.game.competition import Phase
from justeprix.net.addresses import EVERYWHERE, addresses
from justeprix.room.limits import Limits
from tests.support.bench import StartServer, benching, links
from tests.support.foreign import GREETING, Foreign, read_line
from tests.support.processes import HOST, Process, port_of, running, unused_port
from tests.support.room import Class, eventually

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")


def figures(process: Process) -> dict[str, Any]:
    """Return what `--json` printed, with the lines of progress before it left out."""
    found: dict[str, Any] = json.loads(process.output[process.output.index("{\n") :])
    return found


@pytest.fixture
def room() -> Iterator[Class]:
    with Class() as room:
        yield room


# Practice.


def test_all_play_and_leave(server: StartServer) -> None:
    host = server()
    with benching(host.address[1], "--seconds", 0.2, "--json", players=20) as bench:
        assert bench.end() == 0
    found = figures(bench)
    assert (found["joueurs"], found["entres"], found["competition"]) == (20, 20, False)
    assert found["coups"] > 20
    assert found["trouves"] > 0
    assert (found["defauts"], found["erreurs"]) == ({}, {})
    assert 0 < found["attente_ms"]["p50"] <= found["attente_ms"]["p99"]
    assert 0.1 < found["secondes"] < 10
    assert found["coups_par_seconde"] == pytest.approx(found["coups"] / found["secondes"])
    eventually(lambda: links(host), 0)


def test_the_warm_up_is_not_counted(server: StartServer) -> None:
    host = server(limits=Limits(rate=100, burst=1))
    with benching(host.address[1], "--seconds", 0.5, "--json") as bench:
        assert bench.end() == 0
    found = figures(bench)
    assert found["coups"] < 10 * 100 * found["secondes"] * 1.3  # with it twice as many


def test_a_report_in_words(server: StartServer) -> None:
    with benching(server().address[1], "--seconds", 0.2) as bench:
        assert bench.end() == 0
    names = [line.partition("  ")[0] for line in bench.lines]
    for name in ("joueurs", "coups par seconde", "attente p50 (ms)", "attente p99,9 (ms)"):
        assert name in names
    assert "10 sur 10" in bench.output
    assert "se partagent" in bench.output
    assert "│" not in bench.output  # no drawing through a pipe


def test_progress_is_told_while_it_plays(server: StartServer) -> None:
    with benching(server().address[1], "--seconds", 1.5) as bench:
        bench.wait_for("10 joueurs, ")
        assert bench.end() == 0


def test_a_code_is_asked_for_and_said(server: StartServer) -> None:
    port = server(code="4821").address[1]
    for options, code, text in [
        ((), 1, "--code"),
        (("--code", "1234"), 1, "ce n'est pas le code"),
        (("--code", "4821"), 0, "10 sur 10"),
    ]:
        with benching(port, "--seconds", 0.1, *options) as bench:
            assert bench.end() == code
            assert text in bench.output


# A competition.


def test_a_competition_waits_for_its_start_and_ends_with_it(room: Class) -> None:
    with benching(room.server.address[1], "--json", "--seconds", 60) as bench:
        bench.wait_for("10 joueurs en attente : tape depart")
        room.await_ready(10)
        room.director.start()
        room.await_phase(Phase.PAUSE)
        room.await_ready(10)
        room.director.next()
        assert bench.end() == 0
    found = figures(bench)
    assert found["competition"]
    assert found["trouves"] == 20
    assert len(found["ecarts_ms"]) == 2
    assert min(found["ecarts_ms"]) >= 0  # all may have come before the load looked
    assert found["defauts"] == {}
    assert 0 < found["secondes"] < 60
    assert sum(guesses for *_, guesses in room.standings()) == found["coups"]


def test_the_seconds_of_a_competition_count_from_its_first_round(room: Class) -> None:
    with benching(room.server.address[1], "--seconds", 0.2) as bench:
        room.await_ready(10)
        room.director.start()
        assert bench.end() == 0
    assert "1 sur 1" in bench.output
    eventually(lambda: links(room.server), 0)


def test_a_round_that_was_open_counts_for_no_skew(room: Class) -> None:
    ada = room.player("Ada")
    room.director.start()
    with benching(room.server.address[1], "--json", "--seconds", 60) as bench:
        room.await_ready(10)
        ada.win()
        room.await_phase(Phase.PAUSE)
        ada.send(b"pret\n")
        room.await_ready(11)
        room.director.next()
        assert ada.recv_line() == "manche 2 entre 1 et 100"
        ada.win()
        assert bench.end() == 0
    found = figures(bench)
    assert found["trouves"] == 20
    assert len(found["ecarts_ms"]) == 1
    assert "1 manche à part" in found["reserves"][1]


def test_the_first_look_tells_what_is_played(room: Class, server: StartServer) -> None:
    assert look(*server().address, "") == Sighting(contest=False, round=0)
    assert look(*room.server.address, "") == Sighting(contest=True, round=0)
    room.player("Ada")
    room.director.start()
    assert look(*room.server.address, "") == Sighting(contest=True, round=1)
    room.director.stop()
    assert look(*room.server.address, "") == Sighting(contest=True, round=0)


def test_a_finished_competition_is_nothing_to_measure(room: Class) -> None:
    room.director.finish()
    with benching(room.server.address[1]) as bench:
        assert bench.end() == 1
    assert "la compétition de cet hôte est finie" in bench.output


# What goes wrong.


def test_a_full_room_is_told(server: StartServer) -> None:
    host = server(limits=Limits(max_players=5))
    with benching(host.address[1], "--seconds", 0.1, "--json", players=8) as bench:
        assert bench.end() == 1
    found = figures(bench)
    # The one that looked first may not have gone before the others came.
    assert found["defauts"] in ({"full": 3}, {"full": 4})
    assert found["erreurs"] == {"complet": found["defauts"]["full"]}
    assert found["entres"] == 8 - found["defauts"]["full"]
    assert "--max-players" in found["reserves"][-1]


def test_a_host_that_turns_callers_away_is_told(server: StartServer) -> None:
    host = server(limits=Limits(arrivals=5, max_players=5))
    with benching(host.address[1], "--seconds", 0.1, players=30) as bench:
        assert bench.end() == 1
    assert "Lien fermé avant l'accueil : " in bench.output


def test_nobody_there() -> None:
    with benching(unused_port()) as bench:
        assert bench.end() == 1
    (line,) = bench.lines
    assert "personne ne répond à 127.0.0.1:" in line


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("198.51.100.1", "--oui-c-est-le-mien"),
        ("3325256705", "--oui-c-est-le-mien"),  # the same, as a name that must be looked up
        ("0.0.0.0", "sert à écouter"),
        ("nulle.invalid", "machine inconnue"),
        ("127.0.0.1:porte", "n'est pas un port"),
    ],
)
def test_other_machines_and_nonsense_are_refused(address: str, sentence: str) -> None:
    with running("bench", "--server", address, COLUMNS="200") as bench:
        assert bench.end() == 2
    assert sentence in bench.output


def test_the_network_is_asked_for_even_to_reach_this_machine() -> None:
    ours = [address for address in addresses(EVERYWHERE) if not address.startswith("127.")]
    if not ours:
        pytest.skip("this machine is on no network")
    for address in ours:
        with running("bench", "--server", address, COLUMNS="200") as bench:
            assert bench.end() == 2
        assert "--oui-c-est-le-mien" in bench.output


def test_a_name_of_this_machine_is_no_other(server: StartServer) -> None:
    port = server().address[1]
    with running(
        *("bench", "--server", f"localhost:{port}", "--players", 2, "--seconds", 0.1)
    ) as bench:
        assert bench.end() == 0


def test_a_host_that_dies_is_told() -> None:
    with (
        running(*HOST, "--db", ":memory:") as host,
        benching(port_of(host), "--seconds", 60) as bench,
    ):
        bench.wait_for("10 joueurs, ")
        host.kill()
        assert bench.end() == 1
    assert "Lien coupé en pleine partie : 10 joueurs." in bench.output


def test_a_server_that_does_not_answer_is_told() -> None:
    def silent(sock: Any) -> None:
        sock.sendall(GREETING)
        while (line := read_line(sock)) and line != b"FIN\n":
            if line == b"suivre\n":
                sock.sendall(b"erreur commande je ne sais pas\n")
        sock.sendall(b"FIN\n")

    with Foreign(silent) as host, benching(host.port, "--seconds", 0.1) as bench:
        assert bench.end() == 1
    assert "Réponse toujours attendue à la fin : 10 joueurs." in bench.output
    assert "Aucun coup n'a reçu de réponse" in bench.output


@pytest.mark.parametrize("state", ["bon", "[]", "{}", '{"phase": "manche", "manche": "deux"}'])
def test_a_state_that_cannot_be_read_is_told(state: str) -> None:
    def boasting(sock: socket.socket) -> None:
        sock.sendall(GREETING + f"etat {state}\nFIN\n".encode())
        list(iter(lambda: read_line(sock), b""))

    with Foreign(boasting) as host, pytest.raises(ForeignServer, match="illisible"):
        look("127.0.0.1", host.port, "")


# On a terminal.


@posix
def test_on_a_terminal_there_is_a_table(server: StartServer) -> None:
    import pty

    master, slave = pty.openpty()
    command = ["bench", "--port", str(server().address[1]), "--players", "5", "--seconds", "0.2"]
    with subprocess.Popen(
        [sys.executable, "-m", "justeprix", *command], stdin=slave, stdout=slave, stderr=slave
    ) as process:
        os.close(slave)
        shown = _read_all(master)
        assert process.wait() == 0
    os.close(master)
    assert "│ joueurs" in shown
    assert "5 sur 5" in shown


def _read_all(master: int) -> str:
    data = b""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            part = os.read(master, 4096)
        except OSError:  # Linux: nobody holds the other end any more
            break
        if not part:
            break
        data += part
    return data.decode("utf-8", "replace")
