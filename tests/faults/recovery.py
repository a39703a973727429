"""The host dies under a thousand players: how long until all of them play again.

The host is killed in full flight and started again at once on the same file, with the options
that a teacher has unless told otherwise. The players are recovery_players.py, a process of its
own; all come from one address. What they were told is compared with the file afterwards.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty
from statistics import median

from tests.faults.figure import Figure
from tests.faults.kills import Ended, Host
from tests.faults.ledger import Audit, audit
from tests.support.places import ROOT
from tests.support.player import PATIENCE

__all__ = ["KINDS", "LIMIT", "Recovery", "recover", "recovery"]

PLAYERS = 1000

LIMIT = 10.0
"""Seconds from the death of the host until everybody plays again."""

DEATHS, DEATHS_FULL = 2, 6

FLIGHT = (5_000, 40_000)
"""Answers between two deaths."""

SETTLED = 1000
"""Answers after the last return: the play goes on."""


@dataclass(frozen=True)
class Kind:
    """What the host is started with, at first and again, what opens the game, and who plays."""

    name: str
    high: int
    options: tuple[object, ...] = ()
    again: tuple[object, ...] = ()
    order: tuple[str, str] | None = None  # and what the console shows then
    crowd: tuple[str, ...] = ()  # more words for the crowd


WIDE = 999_999_999_999
"""So that nobody finds the secret, and the round stays open."""

CONTEST = Kind(
    "competition",
    WIDE,
    options=("--rounds", 3, "--max", WIDE),
    again=("--resume",),
    order=("depart", "Manche 1 sur"),
)
KINDS = (
    Kind("practice", 100),
    CONTEST,
    replace(CONTEST, name="competition, all follow", crowd=("follow",)),
)


@dataclass
class Recovery:
    """What became of one crowd. Times in seconds after the SIGKILL."""

    first: list[float] = field(default_factory=list)  # one plays again
    last: list[float] = field(default_factory=list)  # all do
    lost: list[dict[str, int]] = field(default_factory=list)  # links, by what ended them
    books: Audit = field(default_factory=Audit)

    def __str__(self) -> str:
        return (
            f"{median(self.last):.2f} s ({min(self.last):.2f}–{max(self.last):.2f} of"
            f" {len(self.last)}; the first player {median(self.first):.2f}); of"
            f" {self.books.guesses:,} guesses {len(self.books.lost)} lost,"
            f" {len(self.books.doubled)} doubled"
        )


class Crowd(Ended):
    """The players: recovery_players.py."""

    program = ("-m", "tests.faults.recovery_players")

    def hear(self, word: str) -> str:
        """Return what follows the word, which must come in time."""
        try:
            return self.wait_for(word).partition(" ")[2]
        except Empty:
            raise AssertionError(f"{word!r} did not come within {PATIENCE:g} s") from None

    def fly(self, answers: int) -> None:
        """Let them have so many more answers."""
        self.type(f"fly {answers}")
        self.hear("flown")


def recovery(seed: int, *, full: bool, players: int = PLAYERS) -> list[Figure]:
    """Kill the host of each kind several times; all must be back in time, and nothing lost."""
    figures = []
    for kind in KINDS:
        found = recover(kind, seed, players=players, deaths=DEATHS_FULL if full else DEATHS)
        books = found.books
        assert not books.faults, f"{kind.name}: {books}: {books.faults[:5]}"
        late = f"{kind.name}: not all back in time: {found.last} s; links lost: {found.lost}"
        assert max(found.last) < LIMIT, late
        what = f"recovery after SIGKILL, {players:,} players, {kind.name}"
        figures.append(Figure(what, str(found)))
    return figures


def recover(kind: Kind, seed: int, *, players: int, deaths: int) -> Recovery:
    """Let a crowd play through so many deaths of its host."""
    rng, found = random.Random(f"{seed} {kind.name}"), Recovery()
    with tempfile.TemporaryDirectory(prefix="justeprix-recovery-") as folder:
        db, books = Path(folder, "game.db"), Path(folder, "books")
        with closing(Host(db)) as host:
            host.start(*kind.options)
            host.wait_until_open()
            if kind.order:
                host.type(*kind.order)
            arguments = (host.port, players, 1, kind.high, seed, books, *kind.crowd)
            with closing(Crowd(*arguments, PYTHONPATH=str(ROOT))) as crowd:
                crowd.hear("here")
                for _ in range(deaths):
                    crowd.fly(rng.randint(*FLIGHT))
                    died = time.monotonic()
                    host.kill()
                    host.start(*kind.again)
                    back = json.loads(crowd.hear("back"))
                    found.first.append(back["first"] - died)
                    found.last.append(back["last"] - died)
                    found.lost.append(back["lost"])
                crowd.fly(SETTLED)
                crowd.end_input()
                assert crowd.end() == 0, crowd.output
        result = json.loads(books.read_text())
        told = {token: [(n, a) for n, a in told] for token, told in result["told"].items()}
        assert len(told) == players, "two players had one session"
        assert result["resumes"] == players * deaths, "a link broke that no SIGKILL had cut"
        found.books = audit(db, told)
    return found
