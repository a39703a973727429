"""One measurement: start a server, let the load play, read what both took, end both."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "Failed",
    "Measure",
    "Process",
    "compile_load",
    "compiler",
    "cpu_seconds",
    "measure",
    "memory",
    "played",
    "read_line",
    "running",
    "serving",
]

HERE = Path(__file__).parent
PYTHON_LOAD = [sys.executable, "-m", "tests.bench.load"]

PATIENCE = 45.0
"""Seconds to wait for any line; the load takes 30 at most before it measures."""


class Failed(Exception):
    """A measurement that gave no numbers, and why."""


class Process(subprocess.Popen[str]):
    """A process whose lines are taken as they come, so that it never waits for us to read."""

    def __init__(self, command: list[str]) -> None:
        super().__init__(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=HERE.parent.parent,
        )
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.stdout is not None
        for line in self.stdout:
            self.lines.put(line)
        self.lines.put("")


@dataclass(frozen=True, slots=True)
class Measure:
    """What one server did for one number of players in one round. Latencies in microseconds."""

    rate: float  # guesses a second
    p50: float
    p99: float
    p999: float
    cpu: float  # the server's microseconds of processor time per guess
    rss: float  # the server's memory in MB, all players connected
    load_cpu: float  # how busy the load's one processor was: near 1, it was the limit
    starved: int  # players who got no answer at all


def compiler() -> str | None:
    """Return the C compiler of this machine, if it has one."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def compile_load(folder: Path, name: str = "load") -> list[str] | None:
    """Return the command that runs a program of ours written in C, or None without a compiler."""
    command = compiler()
    if command is None:
        return None
    program, source = str(folder / name), str(HERE / f"{name}.c")
    subprocess.run([command, "-O2", "-o", program, source], check=True, timeout=60)
    return [program]


def measure(server: str, load: list[str], players: int, seconds: float) -> Measure:
    """Let that many players play on a fresh server. Raises Failed."""
    with serving(server) as (process, port):
        return played(process, port, load, players, seconds)


def played(server: Process, port: int, load: list[str], players: int, seconds: float) -> Measure:
    """Let that many players play on a server that runs. Raises Failed."""
    command = [*load, str(port), str(players), str(seconds)]
    with running(command) as player:
        read_line(player, "start of the load")
        before = cpu_seconds(server.pid)
        result = json.loads(read_line(player, "result of the load", seconds + PATIENCE))
        cpu = cpu_seconds(server.pid) - before
        rss = memory(server.pid)
    guesses = result["guesses"]
    if not guesses:
        raise Failed("no guess was answered")
    return Measure(
        rate=guesses / result["seconds"],
        p50=result["p50"],
        p99=result["p99"],
        p999=result["p999"],
        cpu=cpu / guesses * 1e6,
        rss=rss,
        load_cpu=result["load_cpu"],
        starved=result["starved"],
    )


@contextmanager
def serving(server: str) -> Iterator[tuple[Process, int]]:
    """Run one of the servers on a free port, with a folder for its file; end it afterwards."""
    with tempfile.TemporaryDirectory(prefix="justeprix-bench-") as folder:
        command = [sys.executable, "-m", "tests.bench.servers", server, f"{folder}/bench.db"]
        with running(command) as process:
            yield process, int(read_line(process, "port of the server"))


@contextmanager
def running(command: list[str]) -> Iterator[Process]:
    """Run a process that writes lines; it has ended when this ends."""
    with Process(command) as process:
        try:
            yield process
        finally:
            process.kill()
            process.reader.join()


def read_line(process: Process, what: str, patience: float = PATIENCE) -> str:
    """Read one line. Raises Failed if none comes."""
    try:
        line = process.lines.get(timeout=patience)
    except queue.Empty:
        line = ""
    if not line:
        raise Failed(f"no {what}")
    return line


# What the system knows of a process.


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used, all threads, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
