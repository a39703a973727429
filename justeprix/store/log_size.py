"""How long the log beside a file may get before it goes into it: it must leave room to do so.

A long log means few waits for the disk. But what it holds needs room in the file as well before
the log can be emptied, and others fill the disk too. So it takes a part of what is free, looked at
again and again; what it had is given back when that gets less.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

__all__ = ["LogSize"]

PAGE = 4096
"""Bytes of a page, in the file and in the log."""

LONGEST = 16_000
"""Pages of the log on a disk with room: 64 MB between two waits for the disk."""

SHARE = 4
"""The log takes one part in so many of the room that is free."""

INTERVAL = 1000
"""Milliseconds between two looks at the disk."""


class LogSize:
    """The length of one log; `look` when `next_look` has come."""

    def __init__(self, db: sqlite3.Connection, path: str) -> None:
        self._db = db
        self._folder = Path(path).absolute().parent
        self._pages = 0
        self.next_look = 0

    def look(self, at: int) -> None:
        """See how much room is left at `at`, in milliseconds. Raises sqlite3.Error."""
        self.next_look = at + INTERVAL
        pages = self._affordable()
        if pages != self._pages:
            self._pages = pages
            self._db.execute(f"PRAGMA wal_autocheckpoint = {pages}")
            self._db.execute(f"PRAGMA journal_size_limit = {pages * PAGE}")

    def _affordable(self) -> int:
        try:
            free = shutil.disk_usage(self._folder).free
        except OSError:  # the folder is gone: whoever writes there will say so
            return self._pages or LONGEST
        return max(1, min(LONGEST, free // SHARE // PAGE))
