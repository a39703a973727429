"""When the disk is full: the host says so once, lives on, and loses nothing it acknowledged.

A real failure: a host whose system lets its files grow no more.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from ledger import audit, play_on

from justeprix.client import Client

PATIENCE = 20.0
"""Seconds for what must happen; only a broken host makes a test wait that long."""

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
def test_a_full_disk_costs_no_acknowledged_guess(tmp_path) -> None:
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
