"""What a store's `log` says: the guesses that nobody can ask for again."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Logged", "logged"]


class Logged(NamedTuple):
    session: int
    seq: int
    secret: int
    number: int
    at: int  # milliseconds since 1970


def logged(db: sqlite3.Connection) -> Iterator[Logged]:
    """Yield what is in the log, oldest first."""
    for at, guesses in db.execute("SELECT at, guesses FROM log ORDER BY id"):
        for row in struct.iter_unpack("<4q", guesses):
            yield Logged(*row, at)
