"""kill -9 of the host, again and again, under thirty bots: nothing acknowledged is lost.

The host is a process. It is killed once so many more guesses, drawn from the seed, are
acknowledged: by progress, not by the clock, so that it always dies in the middle of work.
Competitions are killed in kills_contest.py.
"""

from __future__ import annotations

import random
import tempfile
import threading
from contextlib import closing
from pathlib import Path

from justeprix.client import Client
from tests.faults.figure import Figure
from tests.faults.kills_contest import PLAYERS, flights
from tests.faults.ledger import Audit, audit
from tests.support.processes import Process, free_port

__all__ = ["Ended", "Host", "kills"]

BOTS = 30
KILLS, KILLS_FULL = 4, 50
BETWEEN = (50, 3000)
"""Acknowledged guesses between two kills."""

STALL = 60.0
"""Seconds without progress after which the experiment gives up."""


def kills(seed: int, *, full: bool) -> list[Figure]:
    """Promise 6: started again, the same game goes on; practice, then a competition."""
    count, found = practice(seed, full=full)
    flown, guesses = flights(seed, full=full)
    value = (
        f"{count} of {count} in practice, {flown} of {flown} in a round; of"
        f" {found.guesses + guesses:,} guesses {len(found.lost)} lost, {len(found.doubled)} doubled"
    )
    raids = (
        f"{flown * PLAYERS} seats of finished competitions asked for, 0 got, podiums as they were"
    )
    return [Figure("kills survived", value), Figure("takeover after the end", raids)]


def practice(seed: int, *, full: bool) -> tuple[int, Audit]:
    """Kill the host under thirty bots; return how many times, and what the file says then."""
    rng, count = random.Random(seed), KILLS_FULL if full else KILLS
    with tempfile.TemporaryDirectory(prefix="justeprix-kills-") as folder:
        db = Path(folder, "game.db")
        with closing(Host(db, "--rate", 0)) as host:
            host.start()
            host.wait_until_open()
            with Bots(host.port) as bots:
                for _ in range(count):
                    bots.wait_for(rng.randint(*BETWEEN))
                    host.kill()
                    host.start()
                    host.wait_until_open()
                bots.wait_for(BOTS)
            host.kill()
        assert not host.warnings, host.warnings
        found = audit(db, bots.told)
    assert not bots.errors, bots.errors
    assert not found.faults, f"{found}: {found.faults[:5]}"
    assert len(bots.told) == BOTS
    return count, found


class Ended(Process):
    """A process of which nothing is left once it is closed, even if it has failed by itself."""

    def close(self) -> None:
        """Kill it if it still runs, and judge nothing; a second time does nothing."""
        self._process.kill()
        self._process.wait(STALL)
        self._reader.join(STALL)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


class Host:
    """`justeprix host` as a process on one port and one file, started again and again."""

    def __init__(self, db: Path, *options: object) -> None:
        self.port = free_port()
        self._options = ("--bind", "127.0.0.1", "--port", self.port, "--db", db, *options)
        self.process: Ended | None = None
        self.warnings: list[str] = []  # of all the processes that were killed

    def start(self, *more: object) -> None:
        """Start it; it is not open yet."""
        self.process = Ended("host", "--web-port", 0, *self._options, *more)

    def wait_until_open(self) -> None:
        assert self.process
        self.process.wait_for("justeprix play --server")

    def type(self, line: str, shown: str) -> None:
        """Give the console an order, and wait until it shows what follows."""
        assert self.process
        self.process.type(line)
        self.process.wait_for(shown)

    def kill(self) -> None:
        """Like a power cut."""
        if self.process is not None:
            self.process.kill()
            self.warnings += [line for line in self.process.lines if "Attention" in line]

    def close(self) -> None:
        if self.process is not None:
            self.process.close()


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
