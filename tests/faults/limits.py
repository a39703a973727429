"""A system that has no more: descriptors, bytes a file may have, room on the disk.

Each time the host says so once, lives on, loses nothing that it acknowledged, and says when it is
over. Three real shortages: RLIMIT_NOFILE and RLIMIT_FSIZE of the running host, and a file system
of some megabytes that is filled (root may mount one).
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import SkipTest

from tests.faults import holdings
from tests.faults.checker import check, report
from tests.faults.figure import Figure
from tests.faults.group import Group
from tests.faults.host import HostProcess
from tests.faults.onlookers import ask_at_the_end
from tests.faults.players import Caller
from tests.faults.recorder import Recorder
from tests.support.player import Player

__all__ = ["WHY_NOT", "WHY_NO_MOUNT", "descriptors", "file_size", "limits", "small_file_system"]

FAILS, WORKS = "l'enregistrement échoue", "l'enregistrement marche de nouveau"
FULL, ROOM_AGAIN = "plus de descripteurs", "tous ceux qui attendaient sont entrés"
"""What the host prints, once each."""

LIMIT = 200_000
"""Bytes that a file may have: some dozens of guesses, each a page of the log."""

LIMITED = (
    "import resource;"
    f" resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT}, resource.RLIM_INFINITY))\n"
)
"""Python that a host runs first: its files may not grow past that."""

SIZE = "4m"
"""Of a small file system: far less than what is written to the log in one run."""

EARLY, LATE = 500, 1500
"""Answers to each player before the disk is full, and after: the log is filled again and again."""

HELD, HELD_FULL = 3.0, 10.0
"""Seconds for which a host has no descriptors."""

LINUX = sys.platform == "linux"
WHY_NOT = "" if LINUX else "prlimit limits another process on Linux only"
WHY_NO_MOUNT = "" if LINUX and os.geteuid() == 0 else "only root may mount a small file system"


def limits(seed: int, *, full: bool) -> list[Figure]:
    """Make each shortage once."""
    if WHY_NOT:
        raise SkipTest(WHY_NOT)
    asked = descriptors(seconds=HELD_FULL if full else HELD)
    guesses = [("a file that may not grow", file_size(seed))]
    told = f"not tried: {WHY_NO_MOUNT}" if WHY_NO_MOUNT else small_file_system(seed)
    guesses.append(("a full file system", told))
    return [Figure("no descriptors", asked), *(Figure(*line) for line in guesses)]


# Descriptors.


def descriptors(*, seconds: float) -> str:
    """Newcomers wait at the door, who is in plays on; then all come in."""
    import resource

    with ExitStack() as stack:
        db = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "game.db"
        host = stack.enter_context(HostProcess(db))
        seated = stack.enter_context(Player(host.address))
        used = holdings.descriptors(host.pid)
        with holdings.limited(host.pid, resource.RLIMIT_NOFILE, used + 2):
            crowd = [stack.enter_context(Player(host.address, greet=False)) for _ in range(8)]
            host.wait_for(FULL)
            asked, end = 0, time.monotonic() + seconds
            while time.monotonic() < end:
                assert seated.ask(f"ping {asked}") == f"pong {asked}", (
                    "the seated one was disturbed"
                )
                asked += 1
            assert host.count(FULL) == 1, "said again and again"
        for newcomer in crowd:
            assert newcomer.recv_line().startswith("hello")
        host.wait_for(ROOM_AGAIN)
        assert seated.ask("FIN") == "FIN"
        assert host.close() == (0, "")
        assert (host.count(FULL), host.count(ROOM_AGAIN)) == (1, 1)
    return f"{seconds:g} s, 8 waited and came in, {asked} questions of one inside answered"


# The disk.


def file_size(seed: int) -> str:
    """The host's files may not grow; then they may again."""
    import resource

    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

    def free(host: HostProcess) -> None:
        resource.prlimit(host.pid, resource.RLIMIT_FSIZE, unlimited)

    with tempfile.TemporaryDirectory() as folder:
        return disk(seed, Path(folder), lambda host: None, free, before=LIMITED)


def small_file_system(seed: int) -> str:
    """Fill a small file system, then take the filling away."""
    with mounted(SIZE) as folder:
        filling = folder / "filling"

        def fill(host: HostProcess) -> None:
            with filling.open("wb", buffering=0) as file:
                while True:
                    try:
                        file.write(b"\0" * 4096)
                    except OSError:
                        return

        return disk(seed, folder, fill, lambda host: filling.unlink(), early=EARLY)


def disk(
    seed: int,
    folder: Path,
    shorten: Callable[[HostProcess], None],
    free: Callable[[HostProcess], None],
    *,
    before: str = "",
    early: int = 0,
) -> str:
    """Play while the disk gets full and has room again; return what was counted."""
    book = Recorder()
    db = folder / "game.db"
    with ExitStack() as stack:
        host = stack.enter_context(
            HostProcess(db, "--min", 10**9, "--max", 10**10 - 1, before=before, book=book)
        )
        group = stack.enter_context(Group(host, seed, ((Caller, "Ada"), (Caller, "Alan"))))
        group.wait_for(answers=early)
        shorten(host)
        host.wait_for(FAILS)
        free(host)
        host.wait_for(WORKS)
        group.wait_for(answers=LATE)
        group.finish()
        ask_at_the_end(host.address, book)
        assert host.close() == (0, "")
        # What the log gives back when it is shortened may be used up again.
        assert host.count(FAILS) == host.count(WORKS) >= 1
    found = check(book, db)
    assert not found, report(found)
    return f"{len(book.said)} guesses acknowledged, 0 lost, 0 counted twice"


@contextmanager
def mounted(size: str) -> Iterator[Path]:
    """A small file system of our own; root only."""
    with tempfile.TemporaryDirectory(prefix="justeprix-") as folder:
        options = f"size={size}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "justeprix", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)
