"""The client examples, from the first one to the bot, each a real process with a real host."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Iterator

import pytest

from justeprix.game.competition import Phase, Settings
from justeprix.room.limits import Limits
from tests.faults.proxy import LINGER_NONE, Fault, FaultProxy
from tests.support.foreign import GREETING, Foreign, Manners
from tests.support.places import RULES_MD
from tests.support.player import error
from tests.support.processes import (
    BOT,
    CLIENT,
    CLIENTS,
    LINES,
    NO_SIGNALS,
    SERVER,
    THREADS,
    UNFRAMED,
    Example,
    example,
    unused_port,
)
from tests.support.room import Class, Room, eventually


@pytest.fixture
def room() -> Iterator[Room]:
    with Room(low=1, high=8, seed=3) as room:
        yield room


def type_numbers(program: Example, *first: str) -> None:
    """Type every number of the room, after some lines of rubbish."""
    for line in (*first, *map(str, range(1, 9))):
        program.type(line)


# Hosts that end it: scripted ones for the plain sockets, a real one for the class `Client`.


def host(*answers: bytes, reset: bool = False) -> Manners:
    """Answer so many guesses; after one more leave without a word, after FIN when they do."""

    def manners(sock: socket.socket) -> None:
        sock.sendall(GREETING)
        coming = iter(answers)
        answer = b""
        while not answer.endswith(b"FIN\n") and (message := sock.recv(100)):
            if message.startswith(b"nom "):
                answer = message
            elif message.startswith(b"pret"):
                answer = b"manche 1 entre 1 et 100\n"
            elif not (answer := next(coming, b"")):
                break
            sock.sendall(answer)
        while answer and sock.recv(100):
            pass
        if reset:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)

    return manners


def last_words(name: str, manners: Manners) -> list[str]:
    """Have it play 50, and 75 after `plus`; return what it says after the greeting."""
    with Foreign(manners) as server, example(name, ("127.0.0.1", server.port)) as program:
        program.wait_for("hello justeprix/1 entre 1 et 100")
        if name in (LINES, THREADS):
            program.type("50")
            program.wait_for("plus")
            program.type("75")
        assert program.end() == 0
    _hello, *said = program.said()
    return said


@pytest.mark.parametrize("name", CLIENTS)
def test_where_nobody_listens_one_sentence_says_so(name: str) -> None:
    with example(name, ("127.0.0.1", unused_port())) as program:
        assert program.end() == 1
    (sentence,) = program.lines
    assert "ersonne ne répond à 127.0.0.1:" in sentence
    assert "vérifie l'adresse" in sentence


ROUND = "manche 1 entre 1 et 100"

CLOSED = {
    UNFRAMED: ["50 : plus", "75 : "],
    LINES: ["plus", "L'hôte a fermé."],
    THREADS: ["plus", "C'est fini."],
    BOT: ["nom Robo", ROUND, "FIN"],
}


@pytest.mark.parametrize("name", CLOSED)
def test_a_host_that_closes_in_mid_game_ends_it(name: str) -> None:
    assert last_words(name, host(b"plus\n")) == CLOSED[name]


RESET = {
    UNFRAMED: ["50 : plus", "Le lien est coupé."],
    LINES: ["plus", "Le lien est coupé."],
    THREADS: ["plus", "Le lien est coupé.", "C'est fini."],
    BOT: ["nom Robo", ROUND, "Le lien est coupé."],
}


@pytest.mark.parametrize("name", RESET)
def test_a_link_that_breaks_in_mid_game_ends_it(name: str) -> None:
    assert last_words(name, host(b"plus\n", reset=True)) == RESET[name]


GOODBYE = {
    UNFRAMED: ["50 : plus", "75 : FIN"],
    LINES: ["plus", "FIN"],
    THREADS: ["plus", "FIN", "C'est fini."],
    BOT: ["nom Robo", ROUND, "FIN"],
}


@pytest.mark.parametrize("name", GOODBYE)
def test_fin_in_mid_game_ends_it(name: str) -> None:
    assert last_words(name, host(b"plus\n", b"FIN\n")) == GOODBYE[name]


@pytest.mark.parametrize("greeting", [b"", b"erreur complet la salle est pleine\n"])
def test_without_a_greeting_the_first_client_gives_up(greeting: bytes) -> None:
    with (
        Foreign(lambda sock: sock.sendall(greeting)) as server,
        example(UNFRAMED, ("127.0.0.1", server.port)) as program,
    ):
        assert program.end() == 0
    assert program.said()[-1] == "Je ne comprends pas l'hôte."


def test_half_an_answer_is_awaited() -> None:
    early = []

    def manners(sock: socket.socket) -> None:
        sock.sendall(GREETING)
        sock.recv(100)
        sock.sendall("gagné".encode()[:-1])
        sock.settimeout(0.3)
        try:
            early.append(sock.recv(100))
        except TimeoutError:  # it waits, as it should
            sock.sendall("gagné\n".encode()[-2:])

    with Foreign(manners) as server, example(LINES, ("127.0.0.1", server.port)) as program:
        program.type("50")
        program.type("75")
        assert program.end() == 0
    assert (early, program.said()[1:]) == ([], ["gagné"])


# In practice.


def test_the_unframed_client_finds_the_secret(room: Room) -> None:
    with example(UNFRAMED, room.server.address) as program:
        assert program.end() == 0
    greeting, *guesses = program.lines
    assert greeting == "hello justeprix/1 entre 1 et 8"
    assert [line.split(" : ")[1] for line in guesses].index("gagné") == len(guesses) - 1


def test_the_client_with_lines_plays_what_is_typed_until_found(room: Room) -> None:
    with example(LINES, room.server.address) as program:
        type_numbers(program, "huit")
        assert program.end() == 0
    greeting, refused, *answers = program.said()
    assert greeting == "hello justeprix/1 entre 1 et 8"
    assert error(refused) == "commande"
    assert answers == ["plus"] * (len(answers) - 1) + ["gagné"]


def test_the_class_client_plays_what_is_typed_until_found(room: Room) -> None:
    with example(CLIENT, room.server.address) as program:
        type_numbers(program, "9")
        assert program.end() == 0
    bounds, refused, *answers, count = program.said()
    assert bounds == "Un nombre entre 1 et 8."
    assert refused == "joue entre 1 et 8 : ce coup ne compte pas"
    assert answers == ["plus"] * (len(answers) - 1) + ["gagné"]
    assert count == f"Coups : {len(answers)}"


def test_the_class_client_does_not_show_a_broken_link(room: Room) -> None:
    with FaultProxy(room.server.address, iter([None, Fault.RESET_AFTER, *[None] * 9])) as proxy:
        with example(CLIENT, ("127.0.0.1", proxy.port)) as program:
            type_numbers(program)
            assert program.end() == 0
        assert proxy.made[Fault.RESET_AFTER] == 1
    _bounds, *answers, count = program.said()
    assert answers == ["plus"] * (len(answers) - 1) + ["gagné"]
    assert count == f"Coups : {len(answers)}"


def test_the_class_client_says_why_the_host_ends_it(room: Room) -> None:
    with example(CLIENT, room.server.address) as program:
        program.wait_for("Un nombre entre 1 et 8.")
        room.server.close()
        program.type("4")
        assert program.end() == 0
    assert program.said()[1:] == ["C'est fini : l'hôte a fermé la partie."]


@pytest.mark.parametrize("name", [LINES, CLIENT])
def test_the_end_of_the_input_ends_it(name: str, room: Room) -> None:
    with example(name, room.server.address) as program:
        program.end_input()
        assert program.end() == 0
    assert program.said()[1:] == ["Au revoir !"]


@NO_SIGNALS
@pytest.mark.parametrize(
    ("name", "goodbye"),
    [
        (LINES, ["Au revoir !"]),
        (THREADS, ["pong", "FIN", "C'est fini."]),
        (CLIENT, ["Au revoir !"]),
        (BOT, ["nom Robo", "Au revoir !"]),
    ],
)
def test_ctrl_c_ends_it(name: str, goodbye: list[str]) -> None:
    with Class() as room, example(name, room.server.address) as program:
        program.wait_for("entre 1 et 100")
        if name == BOT:
            room.await_ready(1)
        if name == THREADS:  # the other thread may hear before this one reads what is typed
            program.type("ping")
            program.wait_for("pong")
        program.send(signal.SIGINT)
        assert program.end() == 0
    assert program.said()[1:] == goodbye


# Two threads.


def test_the_threads_show_what_comes_while_nothing_is_typed(room: Room) -> None:
    with example(THREADS, room.server.address) as program:
        for line in ("suivre", "ping moi"):
            program.type(line)
        program.wait_for("pong moi")
        assert room.player("Zoé").ask("dire salut à toi") == "ok"
        program.wait_for("message Zoé : salut à toi")
        room.server.close()
        assert program.end() == 0
    assert program.lines[-2:] == ["FIN", "C'est fini."]
    assert not any(line.startswith("etat") for line in program.lines)


def test_the_threads_lose_no_answer_when_the_input_ends(room: Room) -> None:
    with example(THREADS, room.server.address) as program:
        type_numbers(program)
        program.end_input()
        assert program.end() == 0
    _hello, *answers, fin, end = program.lines
    assert (len(answers), fin, end) == (8, "FIN", "C'est fini.")
    assert "gagné" in answers


# The bot.


def test_the_bot_plays_a_whole_competition() -> None:
    with Class() as room, example(BOT, room.server.address, "Ada") as program:
        for phase, move in (
            (Phase.LOBBY, room.director.start),
            (Phase.PAUSE, room.director.next),
        ):
            room.await_phase(phase)
            room.await_ready(1)
            move()
        assert program.end() == 0
        ((_rank, name, found, _guesses),) = room.standings()
    assert (name, found) == ("Ada", 2)
    _hello, *said = program.lines
    first, second = "manche 1 entre 1 et 100", "manche 2 entre 1 et 100"
    assert said == ["nom Ada", first, "gagné", second, "gagné", "FIN"]


def test_the_bot_survives_refusals() -> None:
    """Its name is taken, and the first round is closed under it."""
    # Some 40 guesses in 0.4 s: slow enough to be stopped after the first.
    room = Room(competition=Settings(rounds=2), high=10**12 - 1, limits=Limits(burst=1, rate=100))
    with room, room.player("Ada"), example(BOT, room.server.address, "Ada") as program:
        director = room.server.director
        eventually(lambda: bot_waits(room), True)
        director.start()
        eventually(lambda: bot_has_guessed(room), True)
        director.stop()
        eventually(lambda: bot_waits(room), True)
        director.next()
        program.wait_for("gagné")
        director.stop()
        assert program.end() == 0
    _hello, name, _first, late, _second, _found, over = program.lines
    assert (error(name), error(late), over) == ("pris", "attente", "FIN")


def bot_waits(room: Room) -> bool:
    with room.server.room.lock:
        return any(seat.ready for seat in room.server.room.roster)


def bot_has_guessed(room: Room) -> bool:
    contest = room.server.room.competition
    assert contest is not None
    with room.server.room.lock:
        return any(1 in results for results in contest.results.values())


def test_the_rules_lead_to_each_example_in_their_order() -> None:
    rules = RULES_MD.read_text(encoding="utf-8")
    linked = re.findall(r"\]\(tests/programs/examples/(\w+)\.py\)", rules)
    assert linked == [*CLIENTS, SERVER]
