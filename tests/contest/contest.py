"""A competition in real processes: the stage that starts and ends them, and the host on it.

with Stage() as stage:
    host = Host(stage, tmp_path / "game.db", "--rounds", 5)
    host.start()
    host.type("depart")
    host.until(lambda state: state["phase"] == "manche")

Nothing outlives the stage: not a test that fails, and not a run that is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from tests.support.places import ROOT
from tests.support.player import Player
from tests.support.processes import free_port

PATIENCE = 60.0
"""Seconds for what must happen: thirty interpreters start on a slow machine."""

KEEPER = """
import os, signal, sys
alive = set()
for line in sys.stdin:
    alive ^= {int(line)}
for pid in alive:
    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
"""
"""Is told of each process at its start and at its end; kills the rest when we are gone."""


class Stage:
    """Starts processes, waits for what they say, ends them all."""

    def __init__(self) -> None:
        self.news = threading.Condition()  # a process said something, or ended
        self._children: list[Child] = []
        self._keeper = subprocess.Popen(
            [sys.executable, "-c", KEEPER], stdin=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for child in self._children:
            child.kill()
        for child in self._children:
            child.close()
        assert self._keeper.stdin
        self._keeper.stdin.close()
        self._keeper.wait(PATIENCE)

    def start(self, *command: object, heard: Callable[[str], None] | None = None) -> Child:
        child = Child(self, list(map(str, command)), heard)
        self._children.append(child)
        return child

    def until(self, done: Callable[[], Any]) -> None:
        """Wait until something holds that follows from what the processes say."""
        with self.news:
            if not self.news.wait_for(done, PATIENCE):
                said = "\n".join(f"{c.command[2:]}: {c.lines[-3:]}" for c in self._children)
                raise AssertionError(f"it never happened:\n{said}")

    def note(self, pid: int) -> None:
        assert self._keeper.stdin
        self._keeper.stdin.write(f"{pid}\n")
        self._keeper.stdin.flush()


class Child:
    """One process; `heard` is called with each line, in a thread of its own."""

    def __init__(
        self, stage: Stage, command: list[str], heard: Callable[[str], None] | None
    ) -> None:
        self.command = command
        self.lines: list[str] = []
        self.ended = False
        self._stage = stage
        self._heard = heard
        self._read_so_far = 0
        self._process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
        )
        self.pid = self._process.pid
        stage.note(self.pid)
        self._reader = threading.Thread(target=self._read, name=f"reads {command}")
        self._reader.start()

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def type(self, line: str) -> None:
        """Write a line; who has gone hears nothing."""
        assert self._process.stdin
        with suppress(OSError, ValueError):
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def wait_for(self, text: str) -> str:
        """Return the next line that contains the text."""
        found: list[str] = []

        def look() -> bool:
            while self._read_so_far < len(self.lines):
                line = self.lines[self._read_so_far]
                self._read_so_far += 1
                if text in line:
                    found.append(line)
                    return True
            return self.ended

        self._stage.until(look)
        assert found, f"{text!r} never came:\n{self.output}"
        return found[0]

    def kill(self) -> None:
        """Like a power cut."""
        self._process.kill()

    def end(self) -> int:
        """Wait for the end; return the exit code."""
        code = self._process.wait(PATIENCE)
        self.close()
        assert "Traceback" not in self.output, self.output
        return code

    def close(self) -> None:
        """Forget an ended process; a second call does nothing."""
        self._reader.join(PATIENCE)
        assert self._process.stdin
        assert self._process.stdout
        if self._process.stdout.closed:
            return
        self._process.wait(PATIENCE)
        self._stage.note(self.pid)
        with suppress(OSError):
            self._process.stdin.close()
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            line = line.rstrip("\n")
            if self._heard is not None:
                self._heard(line)
            with self._stage.news:
                self.lines.append(line)
                self._stage.news.notify_all()
        with self._stage.news:
            self.ended = True
            self._stage.news.notify_all()


class Host:
    """`justeprix host` on one port and one file, started again and again."""

    def __init__(
        self,
        stage: Stage,
        db: Path,
        *options: object,
        program: tuple[str, str] = ("-m", "justeprix"),
    ) -> None:
        self.db = db
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        self._stage = stage
        self._options = options
        self._program = program
        self.process: Child

    def start(self, *options: object) -> None:
        command = [
            *self._program,
            "host",
            "--bind",
            "127.0.0.1",
            "--port",
            self.port,
            "--web-port",
            0,
        ]
        options = options or self._options
        self.process = self._stage.start(*command, "--db", self.db, *options)
        self.process.wait_for(f"justeprix play --server 127.0.0.1:{self.port}")

    def resume(self) -> None:
        self.start("--resume")

    def type(self, line: str) -> None:
        self.process.type(line)

    def kill(self) -> None:
        self.process.kill()
        self.process.close()

    def state(self) -> dict[str, Any]:
        """Return the state as it is now; the screen that asks is no player."""
        with Player(self.address) as screen:
            return screen.follow()

    def until(self, done: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Follow until the state is the wanted one."""
        end = time.monotonic() + PATIENCE
        with Player(self.address) as screen:
            screen.socket.settimeout(PATIENCE)
            state = screen.follow()
            while not done(state):
                assert time.monotonic() < end, f"it stays like that: {state}"
                state = screen.state()
            return state
