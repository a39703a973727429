"""A game file read without leaving anything behind: from a snapshot that is nobody else's.

Who may not write a file, or its folder, cannot open one in WAL mode: SQLite wants its `-shm`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

__all__ = ["must_be_copied", "snapshot"]


def must_be_copied(real: Path) -> bool:
    """Whether a file can only be read, or nothing may be written beside it."""
    # An empty one stays empty.
    return not real.stat().st_size or not (
        os.access(real, os.W_OK) and os.access(real.parent, os.W_OK)
    )


def snapshot(real: Path) -> sqlite3.Connection:
    """Return a private copy of a file, its log included, gone once closed.

    Raises sqlite3.Error if it is damaged, OSError if it can't be read.
    """
    if Path(f"{real}-shm").exists():  # a host runs; without one, SQLite would leave its own there
        with suppress(sqlite3.OperationalError):
            return _backed_up(f"file:{quote(real.as_posix())}?mode=ro")
    with tempfile.TemporaryDirectory(prefix="justeprix-") as folder:
        copy = Path(folder) / "copy.db"
        shutil.copyfile(real, copy)
        with suppress(FileNotFoundError):
            shutil.copyfile(f"{real}-wal", f"{copy}-wal")
        return _backed_up(f"file:{quote(copy.as_posix())}?mode=rw")


def _backed_up(uri: str) -> sqlite3.Connection:
    copy = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    try:
        with closing(sqlite3.connect(uri, uri=True)) as source:
            source.execute("PRAGMA user_version").fetchone()
            source.backup(copy)
    except BaseException:
        copy.close()
        raise
    return copy
