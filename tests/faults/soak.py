"""A soak: all kinds of clients under faults for minutes, and a host that must not grow.

One host process for practice, then one for a competition. Its memory, descriptors and threads are
read from /proc once a second. In the end everything that was said is compared with the file, by
all checks of checker.py, and descriptors and threads must be back where they were.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression
from typing import NamedTuple
from unittest import SkipTest

from tests.faults.checker import check, report
from tests.faults.figure import Figure
from tests.faults.holdings import descriptors, resident, threads, until
from tests.faults.host import HostProcess
from tests.faults.onlookers import ask_at_the_end
from tests.faults.recorder import Kind, Recorder
from tests.faults.soak_guests import GUESTS
from tests.faults.soak_party import Party

__all__ = ["Sample", "slope", "soak"]

SECONDS, SECONDS_FULL = 20.0, 600.0
"""Half of it practice, half a competition."""

WARM_UP = 1 / 2
"""Share of a run that the slope leaves out: the caches of lines and pages fill."""

STEEPEST = 150.0
"""KB a minute that the host may grow by in the full run, past the warm-up.

Some 1,000 links and 7,000 messages come in a minute: who keeps 150 bytes of each link, or 22 of
each message, is above. The least that can be forgotten of a link is its socket, 5 times as much.
Sound hosts were seen to grow by 10 to 40: what is cached of lines and pages changes in size.
"""

LEAVING = 60.0
"""Seconds for a guest to end."""

BOUNDS = ("--min", 10**11, "--max", 10**12 - 1)  # a secret of twelve digits cannot be mistaken
ROUNDS = ("--rounds", 100, "--time-limit", 4, "--start", "auto", "--players", 3, "--pause", 0)
HOSTS: dict[str, tuple[object, ...]] = {"practice": (), "competition": ROUNDS}


class Sample(NamedTuple):
    """The host at one moment."""

    at: float  # seconds
    kilobytes: int  # of resident memory
    descriptors: int
    threads: int


def sample(pid: int) -> Sample:
    """Read what the system knows of a process."""
    return Sample(time.monotonic(), resident(pid), descriptors(pid), threads(pid))


def soak(seed: int, *, full: bool) -> list[Figure]:
    """Hold both parties. The slope is a promise in the full run only: a short one is all start."""
    if not sys.platform.startswith("linux"):
        raise SkipTest("reads the host's memory and descriptors from /proc")
    seconds = (SECONDS_FULL if full else SECONDS) / len(HOSTS)
    figures = []
    for kind, options in HOSTS.items():
        found = hold(options, seed, seconds)
        figures.append(Figure(f"soak of {seconds:g} s, {kind}", str(found)))
        if full:
            assert found.slope <= STEEPEST, f"the host grows: {found}"
    return figures


def hold(options: Sequence[object], seed: int, seconds: float) -> Outcome:
    """Hold one party; return what became of the host."""
    with tempfile.TemporaryDirectory(prefix="justeprix-soak-") as folder:
        db, book = Path(folder, "game.db"), Recorder()
        with HostProcess(db, *BOUNDS, *options, book=book) as host:
            web_port = int(host.wait_for(r"  http://127.0.0.1:(\d+)/$")[1])
            party = Party(host.address, web_port, bool(options), book)
            host.type("joueurs")  # its answer is that of a host whose threads have all begun
            host.wait_for("Personne pour l'instant")
            before = sample(host.pid)
            samples = entertain(party, host.pid, seed, seconds)
            after = wait_until_back(host.pid, before)
            ask_at_the_end(host.address, book)
            assert presents(book) == 0, "sessions are left"
            ended = host.close()
            assert ended == (0, ""), ended
        assert not party.errors, party.errors
        found = check(book, db, restarted=True)
        assert not found, report(found)
    return Outcome(party, samples, before, after)


def entertain(party: Party, pid: int, seed: int, seconds: float) -> list[Sample]:
    """Let all guests come and go for so long; look at the host once a second."""
    guests = [kind(party, f"{kind.__name__} {n}", seed) for n, kind in enumerate(GUESTS, 1)]
    samples, end = [sample(pid)], time.monotonic() + seconds
    try:
        while time.monotonic() < end and not party.errors:
            party.over.wait(1.0)
            samples.append(sample(pid))
    finally:
        party.over.set()
        for guest in guests:
            guest.thread.join(LEAVING)
    left = [guest.name for guest in guests if guest.thread.is_alive()]
    assert not left, f"these do not leave: {left}"
    return samples


def wait_until_back(pid: int, before: Sample) -> Sample:
    """Wait until no descriptor and no thread is left of the guests; a half line may take 5 s."""
    return until(
        lambda: sample(pid), lambda now: now[2:] == before[2:], f"something is left, was {before}"
    )


def presents(book: Recorder) -> int:
    """Return how many players the host sees, by the state that the last link was told."""
    got = b"".join(entry.data for entry in book.links[-1].entries if entry.kind is Kind.GOT)
    state = next(line for line in got.splitlines() if line.startswith(b"etat "))
    return int(json.loads(state.removeprefix(b"etat "))["presents"])


@dataclass(frozen=True)
class Outcome:
    """What became of one host."""

    party: Party
    samples: list[Sample]
    before: Sample
    after: Sample

    @property
    def slope(self) -> float:
        """KB a minute, past the warm-up."""
        return slope(self.samples[int(len(self.samples) * WARM_UP) :])

    def __str__(self) -> str:
        party, before, after = self.party, self.before, self.after
        sent = sum(e.kind is Kind.SENT for link in party.book.links for e in link.entries)
        return (
            f"RSS {before.kilobytes / 1024:.1f} → {after.kilobytes / 1024:.1f} MB, slope"
            f" {self.slope:+,.0f} KB/min; descriptors {before.descriptors} →"
            f" {max(s.descriptors for s in self.samples)} → {after.descriptors}, threads"
            f" {before.threads} → {max(s.threads for s in self.samples)} → {after.threads};"
            f" {len(party.book.links):,} links, {sent:,} messages,"
            f" {party.faults.total():,} faults, {party.killed} clients killed"
        )


def slope(samples: Sequence[Sample]) -> float:
    """Return by how many KB a minute the memory grows: the line of the least squares."""
    if len(samples) < 2:
        return 0.0
    line = linear_regression([s.at / 60 for s in samples], [s.kilobytes for s in samples])
    return line.slope
