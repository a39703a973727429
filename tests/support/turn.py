"""Whose turn it is when tests run in several processes: all together, or one alone.

A readers-writer lock on two files. Who comes passes the gate, so that who wants to be alone, and
waits behind it for the others to end, is not waited out by newcomers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
        self._taken = ExitStack()
        self._is_taken = False

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

    def take(self) -> None:
        """Be alone until `give`; who is already stays so."""
        if not self._is_taken:
            self._taken.enter_context(self.alone())
            self._is_taken = True

    def give(self) -> None:
        """Let the others in again."""
        self._taken.close()
        self._is_taken = False


@contextmanager
def _held(file: Path, *, shared: bool) -> Iterator[None]:
    with file.open("w") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield  # closing the file frees it
