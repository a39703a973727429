"""Whose turn it is when tests run in several processes: all together, or one alone.

A readers-writer lock on two files. Who comes passes the gate, so that who wants to be alone, and
waits behind it for the others to end, is not waited out by newcomers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: there pytest runs one test at a time
    fcntl = None  # type: ignore[assignment]

__all__ = ["Turn"]


class Turn:
    """The locks of one run, in a folder that its processes share."""

    def __init__(self, folder: Path) -> None:
        self._gate, self._room = folder / "gate.lock", folder / "room.lock"

    @contextmanager
    def together(self) -> Iterator[None]:
        """Run beside others who do the same."""
        with _held(self._gate, shared=False):
            pass  # nobody waits to be alone
        with _held(self._room, shared=True):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Run when nobody else does."""
        with _held(self._gate, shared=False), _held(self._room, shared=False):
            yield


@contextmanager
def _held(file: Path, *, shared: bool) -> Iterator[None]:
    with file.open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield  # closing the file frees it
