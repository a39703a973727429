"""The Client against servers that are not ours: a clear error, never a wait without limit."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from justeprix.client import Client
from justeprix.client.client import TRIES
from justeprix.errors import ClientError, ForeignServer, Refused, SessionOver, Unreachable
from justeprix.room.limits import Limits
from tests.support.foreign import GREETING, Foreign, after_session, bounded, read_line
from tests.support.player import PATIENCE
from tests.support.processes import unused_port

TIMEOUT = 0.2
"""Seconds that a Client waits for an answer here."""


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every server here fails every try: the true pauses would add a minute and show no more."""
    monkeypatch.setattr(
        "justeprix.client.conversation.waits", lambda first, factor: itertools.repeat(0.01)
    )
    monkeypatch.setattr("justeprix.client.conversation.GREETING_TIME", TIMEOUT)


@pytest.fixture
def guest() -> Iterator[Callable[..., Client]]:
    """`guest(port)` makes a Client that waits little; all are stopped at the end."""
    with ExitStack() as stack:

        def make(port: int, host: str = "127.0.0.1") -> Client:
            client = Client(port, host, timeout=TIMEOUT)
            stack.callback(bounded, client.arret)
            return client

        yield make


def assert_one_sentence(error: ClientError) -> None:
    sentence = str(error)
    assert 10 < len(sentence) < 250, sentence
    assert "\n" not in sentence


# Manners: what a server does with a connection.


def mute(sock: socket.socket) -> None:
    while sock.recv(65536):
        pass


def echo(sock: socket.socket) -> None:
    while data := sock.recv(65536):
        sock.sendall(data)


def closes(sock: socket.socket) -> None:
    pass


def resets(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def web(sock: socket.socket) -> None:
    """Waits for a request, as HTTP servers do; whatever comes is a bad one."""
    read_line(sock)
    sock.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def says(data: bytes):
    """Say it, then nothing more."""

    def serve(sock: socket.socket) -> None:
        sock.sendall(data)
        mute(sock)

    return serve


def repeats(data: bytes):
    """Say it for ever."""

    def serve(sock: socket.socket) -> None:
        while True:
            sock.sendall(data)

    return serve


def drips(sock: socket.socket) -> None:
    """A byte before each patience ends, and never a newline."""
    sock.settimeout(TIMEOUT / 4)
    while True:
        sock.sendall(b"x")
        try:
            if not sock.recv(1):
                return
        except TimeoutError:
            continue


BYTES, LINES = b"\xff\x00\x80garbage" * 1000, b"\xffgarbage\r\n\n\x00\n" * 1000

HUGE = b"9" * 5000
"""More digits than int() takes."""

STRANGERS = {
    "echo": (echo, Unreachable),
    "mute": (mute, Unreachable),
    "closes": (closes, Unreachable),
    "resets": (resets, Unreachable),
    "drips": (drips, Unreachable),
    "web": (web, Unreachable),
    "endless bytes": (repeats(BYTES), ForeignServer),
    "endless lines": (repeats(LINES), ForeignServer),
    "empty lines": (repeats(b"\n" * 1000), ForeignServer),
    "ssh": (says(b"SSH-2.0-OpenSSH_9.6\r\n"), ForeignServer),
    "smtp": (says(b"220 mail ESMTP\r\n"), ForeignServer),
    "old hello": (says(b"hello\n"), ForeignServer),
    "no bounds": (says(b"hello justeprix/1 entre a et b\n"), ForeignServer),
    "huge bounds": (says(b"hello justeprix/1 entre 1 et " + HUGE + b"\n"), ForeignServer),
    "bounds upside down": (says(b"hello justeprix/1 entre 100 et 1\n"), ForeignServer),
    "complet": (says(b"erreur complet la salle est pleine\n"), Refused),
    "bare erreur": (says(b"erreur\n"), ClientError),
    "shutdown": (says(b"shutdown\n"), SessionOver),
    "FIN": (says(b"FIN\n"), SessionOver),
    "greets, mute": (says(GREETING), Unreachable),
    "greets, closes": (lambda sock: sock.sendall(GREETING), Unreachable),
    "greets, nonsense": (says(GREETING + b"bonjour\n"), ForeignServer),
    "greets, echo": (lambda sock: (sock.sendall(GREETING), echo(sock)), ForeignServer),
    "greets, endless line": (
        lambda sock: (sock.sendall(GREETING), repeats(BYTES)(sock)),
        ForeignServer,
    ),
    "greets, chats for ever": (
        lambda sock: (sock.sendall(GREETING), repeats(b"message a : b\n" * 1000)(sock)),
        Unreachable,
    ),
    "greets, huge seq": (says(GREETING + b"session abc " + HUGE + b" 0\n"), ForeignServer),
    "greets, refuses": (says(GREETING + b"erreur commande inconnue\n"), ForeignServer),
}


@pytest.mark.parametrize(("manners", "error"), STRANGERS.values(), ids=STRANGERS)
def test_connect_gives_a_clear_error(guest, manners, error) -> None:
    with Foreign(manners) as server:
        client = guest(server.port)
        with pytest.raises(error) as raised:
            bounded(client.connect)
    assert_one_sentence(raised.value)
    assert (client.state, client.client_socket) == ("shutdown", None)


@pytest.mark.parametrize("manners", [closes, mute], ids=["closes", "mute"])
def test_connect_tries_five_times_and_no_more(guest, manners) -> None:
    with Foreign(manners) as server:
        with pytest.raises(Unreachable, match=rf"127\.0\.0\.1:{server.port}"):
            bounded(guest(server.port).connect)
        assert server.calls == TRIES == 5


def test_who_is_no_host_is_not_asked_twice(guest) -> None:
    with Foreign(says(b"SSH-2.0-OpenSSH_9.6\r\n")) as server:
        with pytest.raises(ForeignServer, match="SSH-2"):
            bounded(guest(server.port).connect)
        assert server.calls == 1


LATER = {
    "mute": (mute, Unreachable),
    "closes": (closes, Unreachable),
    "resets": (resets, Unreachable),
    "drips": (drips, Unreachable),
    "echo": (echo, ForeignServer),
    "web": (web, ForeignServer),
    "nonsense": (says(b"bonjour\n"), ForeignServer),
    "another seq": (says(b"resultat 7 plus\n"), ForeignServer),
    "no answer of ours": (says(b"resultat 1 froid\n"), ForeignServer),
    "endless line": (repeats(BYTES), ForeignServer),
    "chats for ever": (repeats(b"message a : b\n" * 1000), Unreachable),
    "FIN": (says(b"FIN\n"), SessionOver),
    "bare erreur": (says(b"erreur\n"), ClientError),
}


@pytest.mark.parametrize(("manners", "error"), LATER.values(), ids=LATER)
def test_propose_gives_a_clear_error(guest, manners, error) -> None:
    with Foreign(after_session(manners)) as server:
        client = guest(server.port)
        client.connect()
        with pytest.raises(error) as raised:
            bounded(lambda: client.propose(50), 10)
    assert_one_sentence(raised.value)
    assert client.resultat is None


def test_what_a_stranger_says_later_is_no_answer(guest) -> None:
    """After a line that nobody asked for, every later answer would be that of another guess."""
    with Foreign(after_session(says(b"bonjour\nresultat 1 plus\n"))) as server:
        client = guest(server.port)
        client.connect()
        with pytest.raises(ForeignServer):
            bounded(lambda: client.propose(50))
        assert (client.state, client.client_socket) == ("shutdown", None)
        with pytest.raises(ForeignServer):
            bounded(lambda: client.propose(60))


@pytest.mark.parametrize("data", [BYTES, LINES, b"\n" * 1000], ids=["bytes", "lines", "empty"])
def test_recois_can_be_stopped_while_a_stranger_talks_for_ever(guest, data) -> None:
    with Foreign(after_session(repeats(data))) as server:
        client = guest(server.port)
        client.connect()
        receiver = client.recois()
        bounded(client.arret)
        assert not receiver.is_alive()


def test_recois_does_not_keep_a_line_without_an_end(guest) -> None:
    """Else the memory of the machine fills up behind a program that only listens."""
    with Foreign(after_session(repeats(BYTES))) as server:
        client = guest(server.port)
        client.connect()
        receiver = client.recois()
        receiver.join(PATIENCE)
        assert not receiver.is_alive()
        assert client.state == "shutdown"


# Our own host, when it cannot take us, and addresses where nobody can be.


@pytest.mark.parametrize("said", ["message", "message salut", "message Ada :", "message A:b : c"])
def test_what_is_said_to_all_is_no_answer(guest, said) -> None:
    """However a host words it: the answer is what comes next."""
    heard: list[str] = []

    def chats(sock: socket.socket) -> None:
        while line := read_line(sock):
            sock.sendall(f"{said}\n".encode())
            sock.sendall(b"etat {}\n" if line == b"suivre\n" else b"resultat 1 plus\n")

    with Foreign(after_session(chats)) as host:
        client = guest(host.port)
        client.on_line = heard.append
        bounded(client.connect)
        assert bounded(lambda: client.propose(50)) == "plus"
        client.arret()
    assert said in heard


def test_a_full_room_says_so(guest, server) -> None:
    running = server(limits=Limits(max_players=1))
    with Client(running.address[1]):
        client = guest(running.address[1])
        with pytest.raises(Refused) as refused:
            bounded(client.connect)
    assert refused.value.code == "complet"
    assert_one_sentence(refused.value)
    assert client.state == "shutdown"


@pytest.mark.parametrize("host", ["127.0..1", ".127.0.0.1", "127.0.0.1\0", "x" * 64])
def test_an_address_that_cannot_be_is_unreachable(guest, host) -> None:
    """A slip of the finger in the address: no name server is asked."""
    client = guest(unused_port(), host)  # a C library may take what it can read of it
    with pytest.raises(ClientError) as raised:
        bounded(client.connect)
    assert_one_sentence(raised.value)
    assert client.state == "shutdown"


def test_many_clients_of_strangers_leave_nothing_open(guest) -> None:
    """The leak watch of conftest.py looks."""
    with Foreign(closes) as server:
        clients = [guest(server.port) for _ in range(10)]
        threads = [threading.Thread(target=_expect_nobody, args=(each,)) for each in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
    assert [client.state for client in clients] == ["shutdown"] * 10


def _expect_nobody(client: Client) -> None:
    with pytest.raises(Unreachable):
        client.connect()


def test_a_greeting_that_makes_no_sense_is_foreign_on_a_later_link_too(guest, server) -> None:
    """What an earlier host said of its bounds does not vouch for the next one."""
    client = guest(server().address[1])
    client.connect()
    with Foreign(says(b"hello justeprix/1 entre 100 et 1\n")) as stranger:
        client.port = stranger.port
        client.client_socket.shutdown(socket.SHUT_RDWR)
        with pytest.raises(ForeignServer):
            bounded(lambda: client.propose(50))
    assert client.bornes == (1, 100)
