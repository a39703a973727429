"""A game file that was deleted or replaced while its host runs: noticed, and copied beside.

On Linux and macOS an open file lives on without its name, its log too: nothing is lost yet, and
all would be once the host closes. Windows lets nobody take away a file that is open.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from justeprix.private import create, make_folder

__all__ = ["Identity", "copied_beside", "identity"]

Identity = tuple[tuple[int, int] | None, ...]
"""(device, inode) of the file, of its log and of that one's index; None: not there."""


def identity(path: str) -> Identity:
    """Return which files are at a path now."""
    return tuple(_identity(f"{path}{end}") for end in ("", "-wal", "-shm"))


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def copied_beside(db: sqlite3.Connection, path: str) -> Path:
    """Return `NAME-suite-1.db`, or the next that is free, with all that an open database has.

    Raises sqlite3.Error or OSError if it can't be written.
    """
    file = Path(path)
    new = next(
        new
        for number in itertools.count(1)
        if not (new := file.with_name(f"{file.stem}-suite-{number}{file.suffix}")).exists()
    )
    make_folder(new.parent)
    create(new)
    try:
        with closing(sqlite3.connect(new, isolation_level=None)) as copy:
            db.backup(copy)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    return new
