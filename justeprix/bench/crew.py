"""The processes of a load: started together, told when to play, heard until they have said all.

    with Crew(orders) as crew:
        for reports in crew.until_ready(): ...
        crew.play(begin, end)
        for reports in crew.until_done(): ...
        crew.results

Whatever happens to us, they end: their standard input does, and that is what they watch.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from queue import Empty, SimpleQueue
from typing import Any, Self

from justeprix.bench.load import Order
from justeprix.bench.tally import Tally
from justeprix.errors import ClientError
from justeprix.programs import kill, start

__all__ = ["Crew", "CrewReport", "ProcessResult"]

PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from justeprix.bench.process import main; main()"
)
"""What a process runs: its modules come from where ours do, and not from the folder it is in."""

REPORTS = 1.0
"""Seconds between two sums of what the processes report."""

LEAVE_TIME = 4.0
"""Seconds for a process to take its players out of the game; then it is killed."""


@dataclass(frozen=True, slots=True)
class CrewReport:
    """How far all processes are."""

    greeted: int = 0
    waiting: int = 0
    guesses: int = 0


@dataclass(frozen=True, slots=True)
class ProcessResult:
    """What one process has found."""

    tally: Tally
    seconds: float  # of play
    share: float  # of these, in which it was at work


class Crew:
    """One process for each order. Raises ClientError if one of them fails us."""

    def __init__(self, orders: Sequence[Order]) -> None:
        self.results: dict[int, ProcessResult] = {}
        self._reports = [CrewReport()] * len(orders)
        self._ready: set[int] = set()
        self._coming: SimpleQueue[tuple[int, dict[str, Any] | None]] = SimpleQueue()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._readers: list[threading.Thread] = []
        try:
            for number, order in enumerate(orders):
                self._start(number)
                self._say(number, asdict(order))
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._end()

    def until_ready(self) -> Iterator[CrewReport]:
        """Yield a report a second until all players are in, or will never be."""
        return self._until(self._ready)

    def play(self, begin: int, end: int) -> None:
        """Have all play from now on, and measure between two times (perf_counter_ns)."""
        for number in range(len(self._processes)):
            self._say(number, {"begin": begin, "end": end})

    def until_done(self) -> Iterator[CrewReport]:
        """Yield a report a second until all have their result."""
        return self._until(self.results)

    def _until(self, arrived: set[int] | dict[int, ProcessResult]) -> Iterator[CrewReport]:
        next_report = time.monotonic() + REPORTS
        while len(arrived) < len(self._processes):
            left = next_report - time.monotonic()
            if left <= 0:
                next_report += REPORTS
                yield self._sum()
                continue
            with suppress(Empty):
                self._hear(*self._coming.get(timeout=left))

    def _hear(self, number: int, message: dict[str, Any] | None) -> None:
        if message is None or "bug" in message:
            if message is None and number in self.results:
                return
            why = "il s'est arrêté" if message is None else message["bug"]
            raise ClientError(f"un processus de la charge a échoué ({why}) : relance la mesure")
        if "ready" in message:
            self._ready.add(number)
        elif "tally" in message:
            tally = Tally.from_json(message.pop("tally"))
            self._ready.add(number)
            self.results[number] = ProcessResult(tally, **message)
        else:
            self._reports[number] = CrewReport(**message)

    def _sum(self) -> CrewReport:
        return CrewReport(
            sum(report.greeted for report in self._reports),
            sum(report.waiting for report in self._reports),
            sum(report.guesses for report in self._reports),
        )

    # The processes.

    def _start(self, number: int) -> None:
        command = [sys.executable, "-P", "-X", "utf8", "-c", PROGRAM, json.dumps(sys.path)]
        process = start(command, stderr=subprocess.DEVNULL, environment={}, buffer=-1)
        self._processes.append(process)
        reader = threading.Thread(target=self._read, args=(number, process), daemon=True)
        self._readers.append(reader)
        reader.start()

    def _read(self, number: int, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is not None:
            with suppress(ValueError):  # killed in the middle of a line
                for line in process.stdout:
                    self._coming.put((number, json.loads(line)))
        self._coming.put((number, None))

    def _say(self, number: int, message: dict[str, Any]) -> None:
        pipe = self._processes[number].stdin
        with suppress(OSError):  # it has ended: its reader tells
            if pipe is not None:
                pipe.write(json.dumps(message).encode() + b"\n")
                pipe.flush()

    def _end(self) -> None:
        """Have all leave the game, and see that they have ended."""
        for process in self._processes:
            if process.stdin is not None:
                with suppress(OSError):
                    process.stdin.close()
        deadline = time.monotonic() + LEAVE_TIME
        for process, reader in zip(self._processes, self._readers, strict=True):
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                kill(process)
                process.wait()
            reader.join()
            if process.stdout is not None:
                process.stdout.close()
