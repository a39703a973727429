"""Which host runs a competition: a lock that its process holds, and that dies with it.

SQLite's own file locks do this on every system: a small database beside the game file, in which
a transaction stays open as long as the host runs.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from justeprix.private import create

__all__ = ["Claim"]


class Claim:
    """One competition of one game file, held or not."""

    def __init__(self, path: str, competition: int) -> None:
        self._file = Path(f"{path}-competition-{competition}")
        self._db: sqlite3.Connection | None = None

    def take(self) -> bool:
        """Return whether it is ours now; raises OSError or sqlite3.Error."""
        create(self._file)
        db = sqlite3.connect(self._file, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            db.close()
            if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                return False
            raise
        self._db = db
        return True

    def release(self) -> None:
        """Let go of it and leave no file behind; a second call does nothing."""
        if self._db is None:
            return
        with suppress(OSError):  # another host has it open already
            self._file.unlink()
        self._db.close()
        self._db = None
