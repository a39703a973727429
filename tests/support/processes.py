"""Programs as a person starts them: real processes, their output read line by line.

The commands (`running("play", "--port", port)`), and the examples for pupils.
"""

from __future__ import annotations

import itertools
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.places import EXAMPLES, ROOT
from tests.support.player import PATIENCE

__all__ = [
    "ASKED",
    "BOT",
    "CLIENT",
    "CLIENTS",
    "HOST",
    "LINES",
    "NO_SIGNALS",
    "SERVER",
    "THREADS",
    "UNFRAMED",
    "Example",
    "Process",
    "example",
    "free_port",
    "port_of",
    "running",
    "unused_port",
]


class Process:
    """`python -m justeprix …`, or another program, with its three streams as pipes."""

    program: tuple[str, ...] = ("-m", "justeprix")

    def __init__(
        self, *arguments: object, stdin: int = subprocess.PIPE, **environment: str
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *self.program, *map(str, arguments)],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "PYTHONUTF8": "1", **environment},
        )
        self.lines: list[str] = []
        self._coming: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def type(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def end_input(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()

    def wait_for(self, text: str) -> str:
        """Return the next line that contains the text."""
        while True:
            line = self._coming.get(timeout=PATIENCE)
            if line is None:
                self._coming.put(None)  # `end` waits for it too
                raise AssertionError(f"{text!r} never came:\n{self.output}")
            self.lines.append(line)
            if text in line:
                return line

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> int:
        """Wait for the end; return the exit code."""
        code = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        while (line := self._coming.get(timeout=PATIENCE)) is not None:
            self.lines.append(line)
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        assert self._process.stdout
        self._process.stdout.close()
        assert "Traceback" not in self.output, self.output
        return code

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self.end()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._coming.put(line.rstrip("\n"))
        self._coming.put(None)


@contextmanager
def running(
    *arguments: object, stdin: int = subprocess.PIPE, **environment: str
) -> Iterator[Process]:
    """Start a command; kill it at the end if it still runs."""
    process = Process(*arguments, stdin=stdin, **environment)
    try:
        yield process
    finally:
        process.kill()


def port_of(host: Process) -> int:
    """Return the port of a host started with `--port 0 --bind 127.0.0.1`."""
    return int(host.wait_for("justeprix play --server 127.0.0.1:").rpartition(":")[2])


HOST = ("host", "--port", 0, "--web-port", 0, "--bind", "127.0.0.1")


def unused_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


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
    raise AssertionError("no free port")


# The examples for pupils.

UNFRAMED, LINES, THREADS, CLIENT, BOT, SERVER = sorted(path.stem for path in EXAMPLES.glob("*.py"))
CLIENTS = [UNFRAMED, LINES, THREADS, CLIENT, BOT]

ASKED = "Ton nombre : "

NO_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")


class Example(Process):
    """One of the examples, its streams as pipes: a person at the keyboard, or a file."""

    def __init__(self, name: str, *arguments: object) -> None:
        self.program = (str(EXAMPLES / f"{name}.py"),)
        super().__init__(*arguments, PYTHONPATH=str(ROOT))

    def said(self) -> list[str]:
        """Return what it printed, without what it asked."""
        return [line for text in self.lines if (line := text.removeprefix(ASKED))]


@contextmanager
def example(name: str, address: tuple[str, int], *more: object) -> Iterator[Example]:
    program = Example(name, *address, *more)
    try:
        yield program
    finally:
        program.kill()
