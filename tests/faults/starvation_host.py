"""The host that is starved: a real `justeprix host`, alone on its processor, and what it holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.faults.holdings import descriptors, limited, resident, threads
from tests.support.places import ROOT
from tests.support.player import Player
from tests.support.processes import HOST, Process

__all__ = ["OTHERS_CORES", "Held", "Host", "Program", "hosting", "running_on"]

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
HOSTS_CORES, OTHERS_CORES = ({CORES[0]}, set(CORES[1:])) if CORES[1:] else ({CORES[0]},) * 2
"""What is tested is the host, not the processor that it would share with its attackers."""

SPARE = 4 << 20
"""Bytes of memory that a host without threads may still ask for: half a stack."""


class Held(NamedTuple):
    """What a host holds at one moment."""

    players: int
    threads: int
    descriptors: int
    memory: float  # MB


class Program(Process):
    """A module of ours as a process, found from wherever the tests were started."""

    def __init__(self, module: str, *arguments: object, **environment: str) -> None:
        self.program = ("-m", module)
        super().__init__(*arguments, PYTHONPATH=str(ROOT), **environment)


class Host(Program):
    """`justeprix host`, its ports, and what the system knows of it."""

    def __init__(self, db: Path, *options: object) -> None:
        with running_on(HOSTS_CORES):
            super().__init__("justeprix", *HOST, "--db", db, "--quiet", *options)
        self.port = self._port_in("justeprix play --server 127.0.0.1:")
        self.web_port = self._port_in("http://127.0.0.1:")
        self.wait_for("télécommande")

    def _port_in(self, text: str) -> int:
        return int(self.wait_for(text).rpartition(":")[2].rstrip("/"))

    def held(self) -> Held:
        """Return what it holds now; a screen comes to ask how many players there are."""
        with Player(("127.0.0.1", self.port)) as screen:
            return Held(
                players=screen.follow()["presents"],
                threads=threads(self.pid),
                descriptors=descriptors(self.pid),
                memory=resident(self.pid) * 1024 / 1e6,
            )

    def no_descriptors(self) -> AbstractContextManager[None]:
        """Let it open nothing more: `accept` fails with EMFILE."""
        import resource

        numbers = map(int, os.listdir(f"/proc/{self.pid}/fd"))
        return limited(self.pid, resource.RLIMIT_NOFILE, max(numbers) + 1)

    def no_threads(self) -> AbstractContextManager[None]:
        """Leave it no memory for the stack of a thread (8 MB), but some to go on with.

        RLIMIT_NPROC would not bind root, and a class's host may be root's.
        """
        import resource

        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[0])
        room = pages * resource.getpagesize() + SPARE
        return limited(self.pid, resource.RLIMIT_AS, room)

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running_on(cores: set[int]) -> Iterator[None]:
    """Start processes on these processors."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def hosting(db: Path, *options: object) -> Iterator[Host]:
    host = Host(db, *options)
    try:
        yield host
        host.type("fin")
        assert host.end() == 0, host.output
    finally:
        host.kill()
