"""`Client` when links break, hosts close, and somebody stops it: nothing is lost, all ends soon."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress

import pytest

from justeprix.client import Client
from justeprix.errors import ClientError, SessionOver, Unreachable
from justeprix.room.limits import Limits
from tests.faults.ledger import audit
from tests.support.client import session_of
from tests.support.foreign import GREETING, Foreign, after_session, bounded, read_line
from tests.support.processes import unused_port
from tests.support.room import eventually

PATIENCE = 10.0


# Links that break.


# Each holds the client's turn, so that recois does not change the socket meanwhile.


def cut(client: Client) -> None:
    with client._turn, suppress(OSError):  # cut before, and not mended yet
        client.client_socket.shutdown(socket.SHUT_RDWR)


def close(client: Client) -> None:
    with client._turn:
        client.client_socket.close()


def reconnect(client: Client) -> None:
    with client._turn:
        before = client.client_socket
        client._Client__reconnexion()
        assert before.fileno() == -1
        assert client.client_socket is not before


@pytest.mark.parametrize("listening", [False, True], ids=["alone", "with recois"])
@pytest.mark.parametrize("drop", [cut, close, reconnect])
def test_a_dropped_link_does_not_show(server, join, drop, listening, tmp_path) -> None:
    running = server()
    client, told = join(running), []
    token, sealed = session_of(client)[0], client.demande("sceau")
    if listening:
        client.recois()
    for number in (101, 50, 50, 1, 100):  # the first has no turn
        drop(client)
        if number <= 100:
            told.append((number, client.propose(number)))
    assert session_of(client)[:2] == (token, 4)
    assert any(answer == "gagné" for _, answer in told) or client.demande("sceau") == sealed
    running.close()
    assert not audit(tmp_path / "game.db", {token: told}).faults


@pytest.mark.parametrize("listening", [False, True], ids=["alone", "with recois"])
def test_a_session_goes_on_with_the_next_host(server, join, quick, listening, tmp_path) -> None:
    """The same file on the same port: the host says `shutdown`, and later it is back."""
    running = server()
    client, told = join(running), []
    token = session_of(client)[0]
    told.append((50, client.propose(50)))
    receiver = client.recois() if listening else None
    running.for_good = True
    running.close("à demain")
    if receiver is None:
        with pytest.raises(SessionOver, match="à demain"):
            client.propose(51)
    else:
        receiver.join(PATIENCE)
    assert (client.state, client.client_socket) == ("shutdown", None)
    with pytest.raises(Unreachable):
        client.connect()
    running = server(port=running.address[1])
    if listening:
        client.connect()
    told.append((60, client.propose(60)))
    assert client.state == "running"
    assert session_of(client)[:2] == (token, 2)
    running.close()
    assert not audit(tmp_path / "game.db", {token: told}).faults


def test_a_host_that_does_not_know_the_session_says_so(server, join, tmp_path) -> None:
    running = server()
    client = join(running)
    running.for_good = True
    running.close()
    server(port=running.address[1], db=tmp_path / "another.db")
    with pytest.raises(SessionOver):  # the old host's goodbye
        client.propose(50)
    with pytest.raises(SessionOver, match="ne peut pas reprendre"):
        client.connect()
    assert client.state == "shutdown"


# A host that pauses.


@pytest.mark.parametrize("listening", [False, True], ids=["alone", "with recois"])
def test_a_host_that_pauses_is_waited_for(server, join, quick, listening, tmp_path) -> None:
    """However many tries it takes; what is asked meanwhile is answered when it is back."""
    running, answer, tried, paused = server(), [], threading.Event(), []
    client = join(
        running,
        on_pause=paused.append,
        on_state=lambda _, attempt: attempt == 12 and tried.set(),
    )
    token = session_of(client)[0]
    told = [(50, client.propose(50))]
    if listening:
        client.recois()
    running.close("c'est la récréation")
    asking = threading.Thread(target=lambda: answer.append(client.propose(60)))
    asking.start()
    assert tried.wait(PATIENCE)
    assert client.state == "in progress"
    assert paused == ["c'est la récréation"]
    running = server(port=running.address[1])
    bounded(asking.join)
    told.append((60, answer[0]))
    assert session_of(client)[:2] == (token, 2)
    running.for_good = True
    running.close()
    assert not audit(tmp_path / "game.db", {token: told}).faults


@pytest.mark.parametrize("listening", [False, True], ids=["alone", "with recois"])
def test_arret_ends_the_wait_for_a_host_that_pauses(server, join, listening) -> None:
    paused = threading.Event()
    running = server()
    client = join(running, on_pause=lambda _: paused.set())
    if listening:
        client.recois()
    running.close()
    busy = in_thread(lambda: client.propose(50))
    assert paused.wait(PATIENCE)
    stop_soon(client, busy)


def test_who_comes_back_as_the_host_leaves_comes_again(join, quick) -> None:
    """The host does not know yet who that is, and says the plain word: it means nothing."""
    links = itertools.count(1)

    def host(sock: socket.socket) -> None:
        sock.sendall(GREETING)
        read_line(sock)
        number = next(links)
        if number == 2:
            sock.sendall(b"FIN\n")
            return
        sock.sendall(b"session abc 0 0\n")
        if read_line(sock) and number == 3:
            sock.sendall(b"resultat 1 plus\n")
            read_line(sock)

    with Foreign(host) as foreign:
        client = join(foreign.port)
        assert client.propose(50) == "plus"
        assert foreign.calls == 3


def test_a_program_that_stands_still_says_why(server, join, caplog) -> None:
    running, said = server(), threading.Event()
    client = join(running, on_state=lambda state, _: said.set())
    client.recois()
    running.close("c'est la récréation")
    assert said.wait(PATIENCE)
    assert "c'est la récréation. Je l'attends 5 minutes" in caplog.text


def test_a_host_that_does_not_come_back_is_given_up(server, join, quick, monkeypatch) -> None:
    monkeypatch.setattr("justeprix.client.conversation.HOST_AWAY", 0.3)
    running = server()
    client = join(running)
    running.close()
    with pytest.raises(Unreachable, match="n'est pas revenu"):
        client.propose(50)
    assert client.state == "shutdown"


# recois.


def test_recois_sees_the_host_close(server, join) -> None:
    running = server()
    client = join(running)
    receiver = client.recois()
    assert client.recois() is receiver
    running.for_good = True
    running.close()
    receiver.join(PATIENCE)
    assert not receiver.is_alive()
    assert client.states[-2:] == ["running", "shutdown"]


def test_recois_before_connect_ends_at_once(join) -> None:
    client = join(unused_port(), connect=False)
    receiver = client.recois()
    receiver.join(PATIENCE)
    assert not receiver.is_alive()


@pytest.mark.parametrize("drop", [cut, close])
def test_recois_mends_a_broken_link_by_itself(server, join, drop) -> None:
    client = join(server())
    token = session_of(client)[0]
    client.recois()
    drop(client)
    eventually(lambda: client.states[-2:], ["in progress", "running"])
    assert session_of(client)[0] == token


def test_recois_keeps_resultat_of_what_is_sent_by_hand(server, join) -> None:
    """`client_socket` is public: who writes to it reads the answer in `resultat`."""
    client = join(server(low=7, high=7))
    client.recois()
    client.client_socket.sendall(b"#1 7\n")
    eventually(lambda: client.resultat, "gagné")
    assert client.propose(7) == "gagné"
    assert session_of(client)[1] == 2


def test_recois_rests_while_there_is_no_link(join, monkeypatch) -> None:
    """Else it eats a processor, in a room full of old PCs, as long as the host is away."""
    pausing = threading.Event()

    def waits(first: float, factor: float) -> Iterator[float]:
        pausing.set()
        yield from itertools.repeat(0.3)

    monkeypatch.setattr("justeprix.client.conversation.waits", waits)
    client = join(unused_port(), connect=False)
    busy = in_thread(client.connect)
    assert pausing.wait(PATIENCE)
    began, used = time.monotonic(), time.process_time()
    client.recois()
    busy.join(PATIENCE)
    assert time.process_time() - used < 0.3 * (time.monotonic() - began)


# Stopping.


def stop_soon(client: Client, busy: threading.Thread) -> None:
    began = time.monotonic()
    bounded(client.arret)
    busy.join(PATIENCE)
    assert not busy.is_alive()
    assert time.monotonic() - began < 2
    assert client.state == "shutdown"


def in_thread(call: Callable[[], object]) -> threading.Thread:
    """Start a call that must end in a ClientError."""

    def run() -> None:
        with pytest.raises(ClientError):
            call()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def test_arret_interrupts_the_pause_between_two_tries(join, monkeypatch) -> None:
    pausing = threading.Event()

    def waits(first: float, factor: float) -> Iterator[float]:
        pausing.set()
        yield 60.0

    monkeypatch.setattr("justeprix.client.conversation.waits", waits)
    client = join(unused_port(), connect=False)
    busy = in_thread(client.connect)
    assert pausing.wait(PATIENCE)
    stop_soon(client, busy)


def test_arret_interrupts_the_wait_for_a_greeting(join, monkeypatch) -> None:
    monkeypatch.setattr("justeprix.client.conversation.GREETING_TIME", 60.0)
    with Foreign(lambda sock: sock.recv(1)) as mute:
        client = join(mute.port, connect=False)
        busy = in_thread(client.connect)
        assert mute.arrived.wait(PATIENCE)
        stop_soon(client, busy)


def test_arret_does_not_wait_for_a_link_under_way(join) -> None:
    """A machine that is off says nothing at all: no refusal, no link."""
    with closing(socket.socket()) as listener, ExitStack() as crowd:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):  # a full queue: Linux lets further callers wait
            caller = crowd.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        client = join(listener.getsockname()[1], connect=False, timeout=4.0)
        busy = in_thread(client.connect)
        eventually(lambda: client.state, "in progress")
        bounded(client.arret)  # does not wait for the system to give up
        assert busy.is_alive()
        busy.join(PATIENCE)
        assert not busy.is_alive()
        assert client.state == "shutdown"


@pytest.mark.parametrize("listening", [False, True], ids=["alone", "with recois"])
def test_arret_interrupts_a_propose(join, listening) -> None:
    asked = threading.Event()

    def hears_only(sock: socket.socket) -> None:
        while sock.recv(100):
            asked.set()

    with Foreign(after_session(hears_only)) as host:
        client = join(host.port, timeout=60.0)
        if listening:
            client.recois()
        busy = in_thread(lambda: client.propose(50))
        assert asked.wait(PATIENCE)
        client.envoi("51")  # waits for its turn, and must end too
        stop_soon(client, busy)


@pytest.mark.parametrize("listening", [False, True], ids=["alone", "with recois"])
def test_on_state_may_stop_the_client(join, server, quick, listening) -> None:
    """« Stop when the link is lost » is what a program may want."""
    client = join(server())
    if listening:
        client.recois()
    client.on_state = lambda state, attempt: client.arret()
    with client._turn:
        cut(client)
        client.envoi("51")
    busy = in_thread(lambda: client.propose(50))
    busy.join(5)
    assert not busy.is_alive()
    assert client.state == "shutdown"


def test_the_session_is_over_after_arret(server, join) -> None:
    client = join(server())
    client.arret()
    with pytest.raises(SessionOver):
        client.propose(50)


STOP_IN_MAIN = "client.quitter()"
STOP_IN_THREAD = "threading.Thread(target=client.quitter).start(); threading.Event().wait()"
STOP_WITHOUT_CONSOLE = f"sys.stdout = None; {STOP_IN_THREAD}"  # as pythonw does on Windows


@pytest.mark.parametrize("listening", ["", "client.recois();"], ids=["alone", "with recois"])
@pytest.mark.parametrize("stop", [STOP_IN_MAIN, STOP_IN_THREAD, STOP_WITHOUT_CONSOLE])
def test_quitter_ends_the_program(server, stop, listening) -> None:
    port = server().address[1]
    code = (
        "import sys, threading; from justeprix import Client;"
        f"client = Client({port}); client.connect(); {listening} client.envoi('50');"
        f"print('avant', client.state); {stop}; print('après')"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code],
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    printed = "" if stop is STOP_WITHOUT_CONSOLE else "avant running\n"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout in (printed, "avant running\n")


def test_a_room_that_our_own_old_link_fills(server, join, quick) -> None:
    """The host sees late that a link is dead; whoever comes back with a token comes again."""
    running = server(limits=Limits(max_players=1))
    client = join(running)
    token = session_of(client)[0]
    with client._turn:
        forgotten, client._link = client._link, None

    def when_tried(state: str, attempt: int) -> None:
        if attempt == 3:
            forgotten.close()

    client.on_state = when_tried
    assert client.propose(50) in ("plus", "moins", "gagné")
    assert session_of(client)[0] == token
