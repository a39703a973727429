"""What a process holds, as Linux tells it, and what it may hold; without a pid, this one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from tests.support.player import PATIENCE

__all__ = ["descriptors", "limited", "may_open", "open_all", "resident", "threads", "until"]

PROC = Path("/proc")

PAUSE = 0.05
"""Seconds between two looks at who has to let go: looking may cost it something."""

T = TypeVar("T")


def descriptors(pid: int | str = "self") -> int:
    """Return how many descriptors are open; 0 where the system does not say."""
    return _count(pid, "fd")


def threads(pid: int | str = "self") -> int:
    """Return how many threads there are; 0 where the system does not say."""
    return _count(pid, "task")


def resident(pid: int | str = "self") -> int:
    """Return the memory in KB (1,024 bytes); 0 where the system does not say."""
    statm = PROC / str(pid) / "statm"
    if not statm.exists():
        return 0
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def _count(pid: int | str, what: str) -> int:
    folder = PROC / str(pid) / what
    return len(os.listdir(folder)) if folder.is_dir() else 0


def may_open(count: int) -> bool:
    """Whether this system gives a process so many descriptors."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return True
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return hard == resource.RLIM_INFINITY or hard >= count


def open_all() -> None:
    """Let this process open as many descriptors as the system gives."""
    try:
        import resource
    except ImportError:
        return
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with suppress(ValueError, OSError):  # macOS refuses "unlimited"
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextmanager
def limited(pid: int, what: int, room: int) -> Iterator[None]:
    """Give a process no more than `room` of a resource, then what it had again."""
    import resource

    before = resource.prlimit(pid, what)
    resource.prlimit(pid, what, (room, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, what, before)


def until(ask: Callable[[], T], holds: Callable[[T], bool], what: str) -> T:
    """Ask again until the answer is as it should be; return it."""
    deadline = time.monotonic() + PATIENCE
    while not holds(answer := ask()):
        assert time.monotonic() < deadline, f"{what}: still {answer}"
        time.sleep(PAUSE)
    return answer
