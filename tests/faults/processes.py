"""Processes that are stopped or killed: the host under its players, and clients under the host.

SIGSTOP is a lid that is closed: the kernel still takes connections and bytes, nobody answers.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import SkipTest

from tests.faults.checker import check, report
from tests.faults.figure import Figure
from tests.faults.group import Group
from tests.faults.host import LOGGING, HostProcess
from tests.faults.network import BOUNDS, KINDS
from tests.faults.onlookers import Screen, ask_at_the_end
from tests.faults.proxy import FaultProxy
from tests.faults.recorder import Recorder
from tests.faults.transcript import read
from tests.support.player import Player

__all__ = [
    "clients_killed",
    "follower_stopped",
    "frozen",
    "host_frozen",
    "host_stopped",
    "processes",
]

WHY_NOT = "" if hasattr(signal, "SIGSTOP") else "this system has no SIGSTOP"

STOPS, STOPS_FULL = 2, 10
KILLS, KILLS_FULL = 4, 30
FREEZES, FREEZES_FULL = 1, 5

ROUND = 2
"""Seconds of a round in which the host freezes."""

FROZEN = 3.5
"""Seconds after its beginning for which it does."""

TIMEOUT = 0.5
"""Seconds for which the players of a stopped host wait before they try another link."""

PATIENCE = 20.0

CUT = 15.0
"""Seconds in which a host cuts who reads nothing; it says 5, TCP alone would take 30."""

BEHIND = 2000
"""States a follower asks for and never reads: some 800 KB, past all buffers."""

FOLLOWER = f"""
import os, signal, socket, sys
sock = socket.socket()
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
sock.connect(("127.0.0.1", int(sys.argv[1])))
sock.recv(1024)
sock.sendall(b"nom Dort\\n")
sock.recv(1024)
sock.sendall(b"suivre\\n" * {BEHIND})
os.kill(os.getpid(), signal.SIGSTOP)
heard = 0
try:
    while data := sock.recv(65536):
        heard += data.count(b"\\n")
except ConnectionResetError:
    pass
print(heard)
"""

HURRIED = """
import socket, sys
port, *token = sys.argv[1:]
sock = socket.create_connection(("127.0.0.1", int(port)))
lines = sock.makefile()
def ask(line):
    sock.sendall((line + "\\n").encode())
    return lines.readline().split()
lines.readline()
_, token, last, _ = ask(" ".join(["session", *token]))
print(token, flush=True)
seq = int(last)
while True:
    seq += 1
    ask(f"#{seq} {10**9 + seq}")
"""


def processes(seed: int, *, full: bool) -> list[Figure]:
    """Stop and kill what can be."""
    if WHY_NOT:
        raise SkipTest(WHY_NOT)
    stops, kills = (STOPS_FULL, KILLS_FULL) if full else (STOPS, KILLS)
    freezes = FREEZES_FULL if full else FREEZES
    return [
        Figure("host stopped (SIGSTOP)", host_stopped(seed, stops=stops)),
        Figure("host frozen in a round (SIGSTOP)", host_frozen(freezes)),
        Figure("follower stopped (SIGSTOP)", follower_stopped(seed)),
        Figure("clients killed (SIGKILL)", clients_killed(seed, kills=kills)),
    ]


def host_stopped(seed: int, *, stops: int) -> str:
    """Stop the host until every player has given up a link and tries another; then let it go on."""
    book = Recorder()
    with _game(book) as (host, db):
        with (
            Screen(host.address, book),
            Group(host, seed, KINDS, timeout=TIMEOUT) as group,
        ):
            for _ in range(stops):
                group.wait_for(answers=20)
                host.send(signal.SIGSTOP)
                try:
                    before = {name: group.links(name) for _, name in KINDS}
                    group.until(lambda seen=before: _all_tried(group, seen))  # type: ignore[misc]
                finally:
                    host.send(signal.SIGCONT)
            group.wait_for(answers=20)
            group.finish()
        _sound(host, book, db)
    return f"{stops} times, {len(book.said)} guesses acknowledged, 0 lost, 0 counted twice"


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Suspend a child of ours, all its threads, as a closed lid does."""
    os.kill(pid, signal.SIGSTOP)
    try:
        os.waitid(os.P_PID, pid, os.WSTOPPED)  # its threads stop when it is their turn
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def host_frozen(freezes: int) -> str:
    """Close the lid for longer than the round has; the guess that was sent meanwhile counts."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("--rounds", freezes + 1, "--time-limit", ROUND, "--min", 1, "--max", 1000)
        with HostProcess(Path(folder) / "game.db", *options) as host, Player(host.address) as ada:
            assert ada.ask("nom Ada") == "nom Ada"
            for number in range(1, freezes + 1):
                host.type("depart" if number == 1 else "suivante")
                assert ada.ask("pret") == f"manche {number} entre 1 et 1000"
                over = time.monotonic() + FROZEN
                with frozen(host.pid):
                    ada.send(b"500\n")
                    assert ada.is_silent(over - time.monotonic())
                assert ada.recv_line() in ("plus", "moins", "gagné"), "late, though sent in time"
                host.type("stop")
                host.wait_for(f"Manche {number} finie")
            host.wait_for("l'hôte n'a pas tourné pendant")
            assert host.count("l'hôte n'a pas tourné pendant") == freezes
    return f"{freezes} rounds of {ROUND} s, frozen for {FROZEN} s: no guess late"


def _all_tried(group: Group, before: dict[str, int]) -> bool:
    """Who waits for the answer to `pret` has no reason to."""
    return all(group.links(name) > links or group.waits(name) for name, links in before.items())


def follower_stopped(seed: int) -> str:
    """Stop a client that has asked for more than buffers hold: it is cut, the others play on."""
    book = Recorder()
    with _game(book) as (host, db), Group(host, seed, KINDS[2:4]) as group:
        follower = subprocess.Popen(
            [sys.executable, "-c", FOLLOWER, str(host.port)], stdout=subprocess.PIPE, text=True
        )
        try:
            os.waitid(os.P_PID, follower.pid, os.WSTOPPED)
            stopped = time.monotonic()
            with socket.create_connection(host.address, PATIENCE) as screen:
                group.until(lambda: "Dort" not in _state(screen))
            behind = time.monotonic() - stopped
            assert behind < CUT, f"the host waited {behind:.1f} s for a reader that never reads"
            group.wait_for(answers=20)
            follower.send_signal(signal.SIGCONT)
            heard = int(follower.communicate(timeout=PATIENCE)[0])
        finally:
            follower.kill()
            follower.communicate()
        assert heard < BEHIND, "it was never cut"
        group.finish()
        _sound(host, book, db)
    return f"cut after {heard} of {BEHIND} states, the others played on"


def _state(screen: socket.socket) -> str:
    """Return the state as it is now."""
    screen.sendall(b"suivre\n")
    heard = b""
    while not (heard.endswith(b"\n") and b"etat" in heard):
        heard += screen.recv(65536)
    return heard.splitlines()[-1].decode()


def clients_killed(seed: int, *, kills: int) -> str:
    """Kill a client in full flight, again and again; another process goes on with its session."""
    rng = random.Random(seed)
    book = Recorder()
    with (
        _game(book) as (host, db),
        Group(host, seed, KINDS[2:4]) as group,
        FaultProxy(host.address, iter(()), book=book, who="Hedy") as proxy,
    ):
        token: list[str] = []
        for _ in range(kills):
            goal = group.answers("Hedy") + rng.randint(20, 300)
            with _hurried(proxy.port, token) as client:
                assert client.stdout
                token = [client.stdout.readline().strip()]
                group.until(lambda goal=goal: group.answers("Hedy") >= goal)  # type: ignore[misc]
        _takes_up(proxy.port, token[0], book)
        group.finish()
        _sound(host, book, db)
    guesses = [
        g for link in book.links if link.who == "Hedy" for s in read(link).stints for g in s.guesses
    ]
    return f"{kills} kills, {len(guesses)} guesses of theirs sent, 0 lost, 0 counted twice"


@contextmanager
def _hurried(port: int, token: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A client that plays as fast as it is answered, until it is killed."""
    command = [sys.executable, "-c", HURRIED, str(port), *token]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        try:
            yield client
        finally:
            client.kill()


def _takes_up(port: int, token: str, book: Recorder) -> None:
    """Come back once more, in peace: the next guess has the next number."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock, sock.makefile() as lines:
        lines.readline()
        sock.sendall(f"session {token}\n".encode())
        last = int(lines.readline().split()[2])
        sock.sendall(f"#{last + 1} {10**9}\n".encode())
        assert lines.readline() == f"resultat {last + 1} plus\n"


@contextmanager
def _game(book: Recorder) -> Iterator[tuple[HostProcess, Path]]:
    with ExitStack() as stack:
        db = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "game.db"
        host = HostProcess(db, *BOUNDS, before=LOGGING, book=book)
        yield stack.enter_context(host), db


def _sound(host: HostProcess, book: Recorder, db: Path) -> None:
    """End the host; compare what was said with what is stored."""
    ask_at_the_end(host.address, book)
    code, _ = host.close()
    assert code == 0, f"the host ended with {code}"
    found = check(book, db)
    assert not found, report(found)
