"""The store after a year: how long it takes to open, to resume a session, to list standings.

Warm: the system has the file in memory. Cold: it was told to forget it (posix_fadvise), and the
store is opened anew for each time; the disk's own memory nobody can clear from here.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from justeprix.game.competition import Competition
from justeprix.game.roster import Roster
from justeprix.game.standings import Standing
from justeprix.room.snapshot import standings
from justeprix.store import Store, open_store
from tests.bench.crowd import SEATS, Crowd, leave_dead
from tests.bench.report import holds, layout, number, span
from tests.bench.year import START, Year

__all__ = ["forget", "measure", "remembered", "table"]

SUFFIXES = ("", "-wal", "-shm")

HALF_A_DAY = 12 * 3_600_000
"""Milliseconds for which a host that starts looks back for names."""

KILLS = 3


class Probes(NamedTuple):
    """What is looked up, in the order drawn."""

    tokens: list[bytes]
    last: int  # the competition
    marathon: int  # a session of many games
    seq: int  # its last
    since: int


@dataclass(slots=True)
class Taken:
    """How long one thing took, each time, in milliseconds."""

    promise: float | None = None
    warm: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)

    @property
    def kept(self) -> str:
        """Whether the promise holds: always, in the median, or not."""
        if self.promise is None:
            return ""
        return holds(self.promise, *(times for times in (self.warm, self.cold) if times))


class Lookup(NamedTuple):
    """Something to ask a store: how, how often, and what was promised (ms)."""

    ask: Callable[[Store, Probes, int], object]
    warm: int
    cold: int
    promise: float | None = None


def ranking(store: Store, probes: Probes, turn: int = 0) -> list[Standing]:
    """Rank a competition as a host does that takes it up."""
    saved = store.load(probes.last)
    roster = Roster(lasting=True)
    for player in saved.players:
        roster.expect(player, 0.0)
    return standings(roster, Competition(saved))


LOOKUPS = {
    "resume a session": Lookup(lambda s, p, n: s.resume(p.tokens[n]), 500, 40, 5),
    "standings of 1,000 players": Lookup(ranking, 15, 5, 50),
    "recall a guess, newest game": Lookup(lambda s, p, n: s.recall(p.marathon, p.seq), 15, 5),
    "recall a guess, 10,000 games ago": Lookup(lambda s, p, n: s.recall(p.marathon, 1), 15, 5),
    "names of half a day": Lookup(lambda s, p, n: s.names(p.since), 15, 5),
    "list of competitions": Lookup(lambda s, p, n: s.competitions(), 15, 5),
    "report of the competition": Lookup(lambda s, p, n: s.report(p.last), 5, 3),
}


def measure(path: Path, year: Year, tell: Callable[[str], None]) -> dict[str, Taken]:
    """Measure all, on the file as it is; this leaves it a little larger. Raises Failed."""
    probes = choose(path, year)
    tasks: dict[str, Callable[[], Taken]] = {
        "open": partial(opening, path),
        "open after kill -9, 48 MB of log": partial(recovering, path),
        **{name: partial(looking_up, path, probes, each) for name, each in LOOKUPS.items()},
        f"commit of {SEATS} guesses": partial(committing, path),
    }
    found = {}
    for name, task in tasks.items():
        tell(f"store: {name}\n")
        found[name] = task()
    return found


def choose(path: Path, year: Year) -> Probes:
    """Draw sessions at random, each once, that were left without a FIN."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute(
            "SELECT token_hash FROM session"
            " WHERE token_hash IS NOT NULL AND NOT ended AND competition IS NULL"
        )
        tokens = [token for (token,) in rows]
        (newest,) = db.execute("SELECT max(seen_at) FROM session").fetchone()
        (seq,) = db.execute(
            "SELECT max(seq) FROM game JOIN guess ON game = id WHERE session = ?", (year.marathon,)
        ).fetchone()
    random.Random(START).shuffle(tokens)
    return Probes(tokens, year.competition, year.marathon, seq, newest - HALF_A_DAY)


def opening(path: Path) -> Taken:
    taken = Taken(promise=1000)
    for times, prepare in ((taken.warm, read), (taken.cold, forget)):
        for _ in range(9):
            prepare(path)
            times.append(spent(lambda: open_store(path).close()))
    return taken


def recovering(path: Path) -> Taken:
    taken = Taken(promise=1000)
    for times, prepare in ((taken.warm, read), (taken.cold, forget)):
        for _ in range(KILLS):
            leave_dead(path)
            prepare(path)
            start = time.perf_counter()
            with closing(open_store(path)):
                times.append((time.perf_counter() - start) * 1000)
    return taken


def looking_up(path: Path, probes: Probes, lookup: Lookup) -> Taken:
    taken, turns = Taken(lookup.promise), min(lookup.warm, len(probes.tokens))
    read(path)
    with closing(open_store(path)) as store:
        for turn in range(turns):
            taken.warm.append(spent(partial(lookup.ask, store, probes, turn)))
    for turn in range(min(lookup.cold, turns)):
        forget(path)
        with closing(open_store(path)) as store:
            taken.cold.append(spent(partial(lookup.ask, store, probes, turn)))
    return taken


def committing(path: Path) -> Taken:
    taken = Taken()
    read(path)
    with closing(open_store(path)) as store:
        crowd = Crowd(store)
        for _ in range(200):
            rows = crowd.guess()
            taken.warm.append(spent(partial(store.commit, rows, START)))
    return taken


def spent(do: Callable[[], object]) -> float:
    """Return the milliseconds that something takes."""
    start = time.perf_counter()
    do()
    return (time.perf_counter() - start) * 1000


# What the system has in memory.


def read(path: Path) -> None:
    """Have the whole file in memory."""
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass


def forget(path: Path) -> None:
    """Have nothing of it in memory."""
    for suffix in SUFFIXES:
        with suppress(FileNotFoundError), Path(f"{path}{suffix}").open("rb") as file:
            os.fsync(file.fileno())  # only what is on the disk can be forgotten
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def remembered(path: Path) -> float:
    """Return the share of the file that is in memory, by samples."""
    chance, hits, samples = random.Random(START), 0, 500
    with path.open("rb") as file:
        size = path.stat().st_size
        for _ in range(samples):
            place = chance.randrange(size)
            with suppress(BlockingIOError):
                hits += os.preadv(file.fileno(), [bytearray(1)], place, os.RWF_NOWAIT)
    return hits / samples


def table(found: dict[str, Taken]) -> str:
    """Lay out what was measured."""
    rows: list[Sequence[str]] = [["promise ms", "what", "warm ms", "cold ms", "times", "holds"]]
    for name, taken in found.items():
        promise = "" if taken.promise is None else f"< {number(taken.promise)}"
        cells = [span(times) if times else "—" for times in (taken.warm, taken.cold)]
        times = f"{len(taken.warm)}, {len(taken.cold)}"
        rows.append([promise, name, *cells, times, taken.kept])
    return layout(rows)
