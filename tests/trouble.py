"""How tests make a commit fail, and hear what the host is told."""

from __future__ import annotations

import queue
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from justeprix.news import News

PATIENCE = 20.0
"""Seconds for what must happen; only a broken host makes a test wait that long."""


class Newspaper:
    """What the host is told. `wait_for` blocks until a kind of news has come."""

    def __init__(self) -> None:
        self.count: Counter[type] = Counter()
        self._incoming: queue.Queue[News] = queue.Queue()

    def __call__(self, item: News) -> None:
        self.count[type(item)] += 1
        self._incoming.put(item)

    def wait_for(self, kind: type) -> News:
        end = time.monotonic() + PATIENCE
        while True:
            item = self._incoming.get(timeout=max(0.01, end - time.monotonic()))
            if isinstance(item, kind):
                return item


@contextmanager
def locked(db: Path) -> Iterator[None]:
    """Hold the file as another program would."""
    with closing(sqlite3.connect(db, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
