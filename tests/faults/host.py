"""`justeprix host` as a process that is harmed: limited, stopped, killed; all it writes is noted.

    with HostProcess(db, "--rounds", 3, book=book) as host:
        Client(host.port) ...
        host.wait_for("la salle est pleine")

`before` is Python that the process runs first, `through` a command that it is started by. With a
`code` the host asks for it; what it tells the teacher of the code is noted without it.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.faults.recorder import Recorder
from tests.support.places import ROOT

__all__ = ["LOGGING", "HostProcess"]

PATIENCE = 20.0
"""Seconds for what must happen; only a broken host makes a test wait that long."""

MAIN = "from justeprix.cli import main; main()"

LOGGING = "import logging; logging.basicConfig(level=logging.DEBUG)\n"
"""`before`: say all there is to say."""


FOR_TEACHER = ("Le code de la partie : ", "justeprix play --server ", "http://", "justeprix host ")
"""What the lines say in which a host tells its teacher the code."""


class HostProcess:
    """One host; entering starts it, leaving kills it if it still runs."""

    def __init__(
        self,
        db: Path,
        *options: object,
        before: str = "",
        through: Sequence[str] = (),
        bind: str = "127.0.0.1",
        port: int = 0,
        book: Recorder | None = None,
        code: str = "",
    ) -> None:
        words = ("host", "--bind", bind, "--port", port, "--web-port", 0, "--rate", 0, "--db", db)
        self._command = [*through, sys.executable, "-u", "-c", before + MAIN]
        self._command += map(str, (*words, *options, *(["--code", code] if code else [])))
        self.code = code
        self._bind = bind
        self.book = book or Recorder()
        self._news = threading.Condition()
        self.lines: list[str] = []
        self.errors: list[str] = []  # what it wrote to stderr
        self.port = port

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
        )
        self._readers = [
            threading.Thread(target=self._read, args=pair, name="reads the host")
            for pair in ((self._process.stdout, self.lines), (self._process.stderr, self.errors))
        ]
        for reader in self._readers:
            reader.start()
        try:
            ready = rf"--server {re.escape(self._bind)}(?::(\d+))?"
            self.port = int(self.wait_for(ready)[1] or 2300)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._process.kill()
        self._process.wait(PATIENCE)
        self._tidy_up()

    @property
    def address(self) -> tuple[str, int]:
        return self._bind, self.port

    @property
    def pid(self) -> int:
        return self._process.pid

    def type(self, line: str) -> None:
        """Write on the host's console."""
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until the host has printed a line in which the pattern is found."""
        with self._news:
            found = self._news.wait_for(lambda: self._find(pattern), PATIENCE)
        said = "\n".join(self.lines[-20:] + self.errors[-20:])
        assert found, f"never printed: {pattern}\n{said}"
        return found

    def count(self, words: str) -> int:
        """Return how many lines have these words."""
        with self._news:
            return sum(words in line for line in self.lines)

    def close(self) -> tuple[int, str]:
        """End the host politely; return its exit code and what it wrote to stderr."""
        self._process.terminate()
        code = self._process.wait(PATIENCE)
        self._tidy_up()
        return code, "\n".join(self.errors)

    def _find(self, pattern: str) -> re.Match[str] | None:
        found = (re.search(pattern, line) for line in self.lines)
        return next(filter(None, found), None)

    def _tidy_up(self) -> None:
        for reader in self._readers:
            reader.join(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert stream
            with suppress(OSError):  # what was typed and never read
                stream.close()

    def _read(self, stream: object, lines: list[str]) -> None:
        for line in stream:  # type: ignore[attr-defined]
            told = self.code and any(words in line for words in FOR_TEACHER)
            self.book.printed("host", line.replace(self.code, "") if told else line)
            with self._news:
                lines.append(line.rstrip("\n"))
                self._news.notify_all()
