"""kill -9 of the host, again and again, under thirty bots: nothing acknowledged is lost.

The host is a process. It is killed once so many more guesses, drawn from the seed, are
acknowledged: by progress, not by the clock, so that it always dies in the middle of work.
"""

from __future__ import annotations

import itertools
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger import audit

from justeprix.client import Client

BOTS = 30
KILLS, KILLS_FULL = 4, 50
BETWEEN = (50, 3000)
"""Acknowledged guesses between two kills."""

START = 20.0
"""Seconds a host has to greet: a cold interpreter on a busy machine."""

STALL = 60.0
"""Seconds without progress after which the test gives up."""


class Host:
    """`justeprix host` as a process on one port and one file, started again and again."""

    def __init__(self, folder: Path) -> None:
        self.db = folder / "game.db"
        self.port = free_port()
        self._errors = folder / "stderr.txt"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def said_wrong(self) -> str:
        return self._errors.read_text()

    def start(self) -> None:
        """Start, and wait for the greeting."""
        words = f"-m justeprix host --bind 127.0.0.1 --rate 0 --port {self.port}".split()
        with self._errors.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, *words, "--db", str(self.db)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        end = time.monotonic() + START
        while not self._greets():
            assert time.monotonic() < end, "the host does not greet"
            try:  # a pause that ends at once if the host does
                code = self._process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            pytest.fail(f"the host ended with {code}: {self.said_wrong}")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(START)

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1.0) as sock:
                return sock.recv(1024).startswith(b"hello justeprix/1")
        except OSError:
            return False


class Bots:
    """Thirty players, a thread each, who play game after game until they are told to stop."""

    def __init__(self, port: int) -> None:
        self.told: dict[str, list[tuple[int, str]]] = {}
        self.errors: list[BaseException] = []
        self._port = port
        self._acknowledged = 0
        self._progress = threading.Condition()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"bot {n}") for n in range(1, BOTS + 1)
        ]

    def __enter__(self) -> Bots:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(STALL)
        assert not any(thread.is_alive() for thread in self._threads), "a bot hangs"

    def wait_for(self, more: int) -> None:
        """Wait until so many more guesses are acknowledged, or a bot has failed."""
        with self._progress:
            goal = self._acknowledged + more
            done = self._progress.wait_for(
                lambda: self.errors or self._acknowledged >= goal, timeout=STALL
            )
        assert done, "no bot gets on"

    def _run(self) -> None:
        try:
            # A link dies with its host, at once: the timeout is only for a host that hangs.
            with Client(self._port, insist=60.0) as client:
                self._play(client)
        except BaseException as error:  # told to the test, which fails with it
            with self._progress:
                self.errors.append(error)
                self._progress.notify_all()

    def _play(self, client: Client) -> None:
        token = client.demande("session").split()[1]
        told = self.told[token] = []
        low, high = client.bornes
        while not self._stop.is_set():
            guess = (low + high) // 2
            answer = client.propose(guess)
            told.append((guess, answer))
            low, high = narrowed(client.bornes, low, high, guess, answer)
            with self._progress:
                self._acknowledged += 1
                self._progress.notify_all()
        _, after, seq, _ = client.demande("session").split()
        assert (after, int(seq)) == (token, len(told)), "the session has changed"


def narrowed(
    bounds: tuple[int, int], low: int, high: int, guess: int, answer: str
) -> tuple[int, int]:
    """Where the secret still may be; everywhere once it is found."""
    if answer == "gagné":
        return bounds
    low, high = (guess + 1, high) if answer == "plus" else (low, guess - 1)
    assert low <= high, "no secret fits these answers"
    return low, high


def free_port() -> int:
    """A port that clients don't get as their own: below those the system hands out.

    With the host dead, a client's `connect` to a port of that range may meet itself there.
    """
    for port in itertools.islice(iter(lambda: random.randint(15000, 30000), None), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    pytest.fail("no free port")


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    host = Host(tmp_path)
    yield host
    host.kill()


def test_nothing_acknowledged_is_lost(host, seed, full) -> None:
    """Promise 6: started again, the same competition goes on."""
    rng, kills, began = random.Random(seed), KILLS_FULL if full else KILLS, time.monotonic()
    host.start()
    with Bots(host.port) as bots:
        for _ in range(kills):
            bots.wait_for(rng.randint(*BETWEEN))
            host.kill()
            host.start()
        bots.wait_for(BOTS)
    host.kill()
    found = audit(host.db, bots.told)
    print(f"{kills} kills in {time.monotonic() - began:.1f} s: {found}")
    assert not bots.errors
    assert not found.faults
    assert len(bots.told) == BOTS
    assert host.said_wrong == ""
