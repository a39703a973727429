"""When the file cannot be written: cut, say so once, live on, and tell the truth afterwards.

Real failures only: a second program that locks the file, and a system that lets it grow no more.
"""

from __future__ import annotations

import queue
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from justeprix.client import Client
from justeprix.news import News, Recovered, Resumed, Trouble

PATIENCE = 20.0
"""Seconds for what must happen; only a broken host makes a test wait that long."""


class Newspaper:
    """What the host is told. `wait_for` blocks until a kind of news has come."""

    def __init__(self) -> None:
        self.count: Counter[type] = Counter()
        self._incoming: queue.Queue[News] = queue.Queue()

    def __call__(self, item: News) -> None:
        self.count[type(item)] += 1
        self._incoming.put(item)

    def wait_for(self, kind: type) -> News:
        end = time.monotonic() + PATIENCE
        while True:
            item = self._incoming.get(timeout=max(0.01, end - time.monotonic()))
            if isinstance(item, kind):
                return item


@contextmanager
def locked(db: Path) -> Iterator[None]:
    """Hold the file as another program would."""
    with closing(sqlite3.connect(db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def plain_players(address: tuple[str, int], count: int) -> Iterator[list[socket.socket]]:
    """Connections that have read their greeting, each with one stored guess."""
    players = []
    try:
        for _ in range(count):
            players.append(socket.create_connection(address, PATIENCE))
            assert players[-1].recv(1024).startswith(b"hello")
            assert ask(players[-1], "50") in ("plus", "moins", "gagné")
        yield players
    finally:
        for player in players:
            player.close()


def ask(player: socket.socket, line: str) -> str:
    player.sendall(f"{line}\n".encode())
    return player.recv(1024).decode().strip()


def last_words(player: socket.socket) -> bytes:
    """What comes before the end of the link, however it ends."""
    with suppress(ConnectionResetError):
        return player.recv(1024)
    return b""


def play_on(
    client: Client, numbers: Iterable[int], told: list[tuple[int, str]]
) -> threading.Thread:
    """Propose these numbers in a thread of their own."""

    def play() -> None:
        for number in numbers:
            told.append((number, client.propose(number)))

    thread = threading.Thread(target=play)
    thread.start()
    return thread


# Another program holds the file.


def test_unstored_guesses_are_cut_unanswered(server, tmp_path) -> None:
    """No answer leaves before its guess is stored: the connections of that step are cut."""
    news = Newspaper()
    running = server(on_news=news)
    with plain_players(running.address, 5) as players:
        with locked(tmp_path / "game.db"):
            for player in players:
                player.sendall(b"60\n")
            assert [last_words(player) for player in players] == [b""] * 5
            told = news.wait_for(Trouble)
        assert "game.db" in told.sentence
        assert "\n" not in told.sentence
        assert news.count[Trouble] == 1


def test_the_host_lives_on_while_it_cannot_store(server, tmp_path) -> None:
    """Those who ask for nothing that must be stored notice nothing but a pause."""
    news = Newspaper()
    running = server(on_news=news)
    with plain_players(running.address, 2) as (bystander, victim):
        with locked(tmp_path / "game.db"):
            victim.sendall(b"60\n")
            assert last_words(victim) == b""
            assert ask(bystander, "ping toujours") == "pong toujours"
            with socket.create_connection(running.address, PATIENCE) as newcomer:
                assert newcomer.recv(1024).startswith(b"hello justeprix/1")
        assert ask(bystander, "70") in ("plus", "moins", "gagné")
        assert news.count[Recovered] == 1


def test_clients_get_the_truth_afterwards(server, audit, tmp_path) -> None:
    """A Client asks again under the same number; the host hears of it twice: bad, then good."""
    news, told = Newspaper(), []
    running = server(on_news=news)
    with Client(running.address[1]) as client:
        token = client.demande("session").split()[1]
        told.append((50, client.propose(50)))
        with locked(tmp_path / "game.db"):
            playing = play_on(client, [10, 20, 30], told)
            news.wait_for(Trouble)
        playing.join(PATIENCE)
        assert not playing.is_alive()
        assert client.demande("session").split()[1:3] == [token, "4"]
    running.close()
    assert [number for number, _ in told] == [50, 10, 20, 30]
    assert (news.count[Trouble], news.count[Recovered]) == (1, 1)
    assert not audit(tmp_path / "game.db", {token: told}).faults


def test_a_second_failure_is_told_again(server, tmp_path) -> None:
    """Once until it is over; then it is news again."""
    news = Newspaper()
    running = server(on_news=news)
    with plain_players(running.address, 4) as [one, two, three, bystander]:
        for troubles, victims in ((1, [one, two]), (2, [three])):
            with locked(tmp_path / "game.db"):
                for victim in victims:  # one after the other: two failures, told once
                    victim.sendall(b"60\n")
                    assert last_words(victim) == b""
            assert news.count[Trouble] == troubles
            assert ask(bystander, "70") in ("plus", "moins", "gagné")
            assert news.count[Recovered] == troubles


def test_a_resume_that_cannot_be_stored_is_told_too(server, tmp_path) -> None:
    """A class that comes back to a locked file finds no way in: the host must know why."""
    news = Newspaper()
    running = server(on_news=news)
    with Client(running.address[1]) as client:
        token = client.demande("session").split()[1]
        with plain_players(running.address, 1) as [player], locked(tmp_path / "game.db"):
            player.sendall(f"session {token}\n".encode())
            assert last_words(player) == b""
            assert news.count[Trouble] == 1
        assert news.count[Resumed] == 0
        assert client.propose(50) in ("plus", "moins", "gagné")  # nobody took its place


# The disk is full.

FAILS, WORKS = "l'enregistrement échoue", "l'enregistrement marche de nouveau"
"""What the host prints, once each."""

LIMIT = 200_000
"""Bytes that a file may have: some dozens of guesses, each a page of the log."""

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
from justeprix.cli import main
main()
"""
"""`justeprix`, whose files may not grow past the first argument."""


class FullDisk:
    """A host whose files may not grow past some bytes, until `free` is called."""

    def __init__(self, db: Path, *options: str, limit: int = LIMIT) -> None:
        words = f"{limit} host --bind 127.0.0.1 --port 0 --rate 0".split()
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", LIMITED, *words, "--db", str(db), *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.port = int(self.wait_for(r"--server 127\.0\.0\.1:(\d+)")[1])

    def free(self) -> None:
        """Make room on the disk."""
        import resource

        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, unlimited)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the host prints a line in which the pattern is found."""
        with self._news:
            matches = self._news.wait_for(
                lambda: [m for m in (re.search(pattern, line) for line in self.lines) if m],
                PATIENCE,
            )
        assert matches, f"never printed: {pattern}\n{''.join(self.lines[-20:])}"
        return matches[0]

    def count(self, words: str) -> int:
        with self._news:
            return sum(words in line for line in self.lines)

    def close(self) -> tuple[int, str]:
        """End the host politely; return its exit code and what it wrote to stderr.

        A second call does nothing.
        """
        if self.process.stdout.closed:
            return 0, ""
        self.process.terminate()
        errors = self.process.stderr.read()
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()
        return code, errors

    def _read(self) -> None:
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()


@contextmanager
def full_disk(db: Path, *options: str, limit: int = LIMIT) -> Iterator[FullDisk]:
    host = FullDisk(db, *options, limit=limit)
    try:
        yield host
    finally:
        host.close()


needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="prlimit makes room on Linux only")


@needs_linux
def test_a_full_disk_costs_no_acknowledged_guess(audit, tmp_path) -> None:
    """The host says it once and lives; when there is room again it says so, and all play on."""
    told: list[tuple[int, str]] = []
    with full_disk(tmp_path / "game.db") as host, Client(host.port) as client:
        token = client.demande("session").split()[1]
        room_again = threading.Event()
        playing = play_on(client, iter(lambda: 2 if room_again.is_set() else 1, 2), told)
        host.wait_for(FAILS)
        host.free()
        host.wait_for(WORKS)
        room_again.set()
        playing.join(PATIENCE)
        assert not playing.is_alive()
        assert client.demande("session").split()[1:3] == [token, str(len(told))]
        client.arret()
        assert host.close() == (0, "")
        assert (host.count(FAILS), host.count(WORKS)) == (1, 1)
    assert not audit(tmp_path / "game.db", {token: told}).faults


@needs_linux
def test_a_busy_console_does_not_hide_the_trouble(tmp_path) -> None:
    """Wins that come faster than they are printed do not bury what the host must know."""
    options = ("--min", "1", "--max", "1")
    with full_disk(tmp_path / "game.db", *options, limit=20 * LIMIT) as host:
        with socket.create_connection(("127.0.0.1", host.port), PATIENCE) as player:
            flood_until_cut(player)
        host.wait_for(FAILS)
        host.process.kill()  # a polite end would print what still waits, for minutes


def flood_until_cut(player: socket.socket) -> None:
    """Win ten times in one go, again and again, until the host cuts the link."""
    with suppress(ConnectionError):
        while True:
            player.sendall(b"1\n" * 10)
            won = 0
            while won < 10:
                data = player.recv(65536)
                if not data:
                    return
                won += data.count(b"\n")
