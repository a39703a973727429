"""From `depart` to the round on every screen: connections that follow, and a host that is directed.

The times are those at which this process read the state that shows the round, so they contain its
own reading. Two cases: nothing has changed for long, and players who come in up to the
last moment, here one who takes another name twenty times a second.
"""

from __future__ import annotations

import random
import select
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import count

from tests.bench import load
from tests.bench.contest import direct, read_port, running_host
from tests.bench.measure import Failed, Process
from tests.bench.report import layout, span

__all__ = ["BUSY", "QUIET", "Begin", "measure", "table"]

QUIET, BUSY = "nothing changes for 1.2 s before", "a name changes every 50 ms before"

STILL = 1.2
"""Seconds in which the last state has long gone out."""

CHANGES = 0.05
"""Seconds between two names."""

BUSY_FOR = 1.1, 1.7
"""Seconds of changes before a round, by chance: it may begin anywhere between two states.

Not sooner after the round before: that began and ended within the second here, and there are two
states a second at most.
"""

PROMISE = 100
"""Milliseconds."""

PATIENCE = 20.0
"""Seconds in which all must have seen a round."""

Begin = Sequence[float]
"""When each screen showed one round, in seconds after the command, in order."""


class Screens:
    """Many that follow one host, and the player who changes names; all read in one loop."""

    def __init__(self, port: int, screens: int) -> None:
        self.port = port
        self.player, *followers = load.connect_all(port, screens + 1)
        self.followers = {sock.fileno(): sock for sock in followers}
        self.tails = dict.fromkeys(self.followers, b"")
        self.names = count(1)
        self.epoll = select.epoll()
        for fd, sock in self.followers.items():
            self.epoll.register(fd, select.EPOLLIN)
            sock.sendall(b"suivre\n")

    def close(self) -> None:
        self.epoll.close()
        for sock in (self.player, *self.followers.values()):
            sock.close()

    def change(self) -> None:
        """Change the state, and know that it is changed."""
        self.player.sendall(b"nom Ada %d\n" % next(self.names))
        if not self.player.recv(64).startswith(b"nom Ada"):
            raise Failed("the host refused a name")

    def hear(self, patience: float) -> Iterator[tuple[int, bytes]]:
        """Read once what has come; yield who heard it, and what, with what came just before."""
        for fd, _ in self.epoll.poll(patience):
            data = self.followers[fd].recv(65536)
            if not data:
                raise Failed("the host cut a screen")
            heard = self.tails[fd] + data
            yield fd, heard
            self.tails[fd] = heard[-32:]

    def follow(self, seconds: float) -> None:
        """Read what comes, and do nothing with it."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for _ in self.hear(left):
                pass

    def await_round(self, number: int, asked: float) -> Begin:
        """Wait until all show a round. Raises Failed."""
        shows, times = b'"manche":%d,' % number, dict.fromkeys(self.followers, 0.0)
        waiting = set(self.followers)
        while waiting:
            if time.monotonic() > asked + PATIENCE:
                raise Failed(f"{len(waiting)} screens never showed round {number}")
            for fd, heard in self.hear(PATIENCE):
                if fd in waiting and shows in heard:
                    times[fd] = time.monotonic() - asked
                    waiting.discard(fd)
        return sorted(times.values())


def measure(
    screens: int, quiet: int, busy: int, tell: Callable[[str], None]
) -> Mapping[str, list[Begin]]:
    """Open so many rounds of each case, mixed. Raises Failed."""
    kinds = [QUIET] * quiet + [BUSY] * busy
    random.shuffle(kinds)
    found: dict[str, list[Begin]] = {QUIET: [], BUSY: []}
    with following(screens, len(kinds) + 1) as (host, shown):
        for number, kind in enumerate(kinds, start=1):
            before(kind, shown)
            asked = time.monotonic()
            direct(host, "depart" if number == 1 else "suivante")
            found[kind].append(shown.await_round(number, asked))
            direct(host, "stop")
            tell(
                f"[{number}/{len(kinds)}] {screens} screens, {found[kind][-1][-1] * 1000:.0f} ms\n"
            )
    return found


@contextmanager
def following(screens: int, rounds: int) -> Iterator[tuple[Process, Screens]]:
    load.raise_descriptor_limit()
    with (
        running_host(screens, "--no-web", "--rounds", str(rounds)) as (host, _),
        closing(Screens(read_port(host), screens)) as shown,
    ):
        shown.change()
        yield host, shown


def before(kind: str, shown: Screens) -> None:
    """Let pass what passes before a round."""
    shown.change()
    if kind == QUIET:
        shown.follow(STILL + random.uniform(0, CHANGES))  # else in step with the host's clock
        return
    end = time.monotonic() + random.uniform(*BUSY_FOR)
    while time.monotonic() < end:
        shown.follow(CHANGES)
        shown.change()


def table(found: Mapping[int, Mapping[str, Sequence[Begin]]]) -> str:
    """Lay out what was measured."""
    columns = ["command to first ms", "command to last ms", "first to last ms"]
    rows: list[Sequence[str]] = [["screens", "before the round", *columns, "rounds", "holds"]]
    for screens, kinds in found.items():
        for kind, begins in kinds.items():
            last = [begin[-1] * 1000 for begin in begins]
            cells = [
                span([begin[0] * 1000 for begin in begins]),
                span(last),
                span([(begin[-1] - begin[0]) * 1000 for begin in begins]),
            ]
            under = sum(each < PROMISE for each in last)
            rows.append([f"{screens:,}", kind, *cells, str(len(begins)), f"{under} of {len(last)}"])
    return layout(rows)
