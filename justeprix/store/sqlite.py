"""The store in one SQLite file, in WAL mode.

What survives what: a commit survives the death of the host (kill -9) at once. With the default
`synchronous=NORMAL` a power cut may take the last moments with it, never more, and the file
stays sound; with `durable=True` (FULL) each step waits for the disk and nothing is lost.

The guesses of a game lie together, games in the order they began: the rows that a step adds
touch few pages however long the file is. The tables are the promise: (game, seq) is a key.
What nobody can ask for again is one row a step, see `log` in sqlite_schema.py: a fifth of the time.
"""

from __future__ import annotations

import sqlite3
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from justeprix.errors import CommitError, StoreError
from justeprix.game.records import (
    CompetitionRow,
    Rows,
    SavedCompetition,
    SavedPlayer,
    SavedSession,
)
from justeprix.results.report import Report
from justeprix.store import sqlite_competitions, sqlite_seats, sqlite_sessions
from justeprix.store.claim import Claim
from justeprix.store.contract import Store
from justeprix.store.log_size import LogSize
from justeprix.store.place import expanded, readable, writable
from justeprix.store.sqlite_door import SENSELESS, damaged, is_damage
from justeprix.store.sqlite_reading import must_be_copied, snapshot
from justeprix.store.sqlite_rescue import Identity, copied_beside, identity
from justeprix.store.sqlite_schema import migrate

__all__ = ["SQL", "SqliteStore"]

MEMORY = ":memory:"

BUSY_TIMEOUT = 1.0
"""Seconds to wait for a file that another program has locked: all players wait with us."""


class Kind(NamedTuple):
    """How one kind of row is stored."""

    sql: str
    fence: Callable[[Any], tuple[int, int]] | None = None
    """The (session, epoch) of a row that is stored only if its session still has that epoch."""
    as_log: bool = False
    """Whether all of it is one row of the log."""


SQL = {
    "competitions": Kind(
        """
        INSERT INTO competition
            (id, started_at, rounds, low, high, time_limit, players, pause, ended, clock)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, clock = excluded.clock
        """
    ),
    "rounds": Kind(
        """
        INSERT OR REPLACE INTO round
            (id, competition, number, secret, nonce, opened_at, closes_at, closed_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ),
    "sessions": Kind(
        """
        INSERT INTO session
            (id, epoch, token_hash, name, ended, seen_at, competition, address, kept)
        VALUES (
            ?1, ?2, ?3, ?4, ?5, ?6, ?7,
            (SELECT ?8 FROM competition WHERE id = ?7 AND NOT ended), ?9
        )
        ON CONFLICT (id) DO UPDATE SET
            token_hash = excluded.token_hash, name = excluded.name, ended = excluded.ended,
            seen_at = excluded.seen_at, address = excluded.address, kept = excluded.kept
        WHERE session.epoch = excluded.epoch
        """,
        fence=attrgetter("id", "epoch"),
    ),
    "games": Kind(
        """
        INSERT INTO game
            (id, ordinal, first_seq, low, high, secret, nonce, session, round, before)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, id, ?10, ?11 FROM session WHERE id = ?8 AND epoch = ?9
        """,
        fence=attrgetter("session", "epoch"),
    ),
    "logged": Kind("INSERT INTO log (at, guesses) VALUES (?, ?)", as_log=True),
    "plain_guesses": Kind("INSERT INTO guess (game, seq, number, at) VALUES (?, ?, ?, ?)"),
    "guesses": Kind(
        """
        INSERT INTO guess (game, seq, number, at)
        SELECT ?, ?, ?, ? FROM session WHERE id = ? AND epoch = ?
        """,
        fence=attrgetter("session", "epoch"),
    ),
}
"""Every kind of `Rows`, and how it is stored."""


NO_SPACE = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""What a full disk is called (the lowest byte of SQLite's code)."""


class SqliteStore(Store):
    """One SQLite file, or memory for `:memory:`.

    Raises StoreError if the file cannot be opened, is not ours, or comes from a newer version.
    """

    def __init__(self, path: str | Path, *, durable: bool = False, reading: bool = False) -> None:
        self.path, self.place = MEMORY, None
        self._claims: dict[int, Claim] = {}
        self._identity: Identity | None = None
        copied = False
        if str(path) != MEMORY:
            named = expanded(path)
            self.place = str(named)
            real = readable(named) if reading else writable(named)
            self.path = str(real)
            copied = reading and must_be_copied(real)
        try:
            self._db = snapshot(real) if copied else self._connected()
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        self._log_size = LogSize(self._db, self.path)
        self._durable = durable
        try:
            self._prepare(durable, logged=not copied)
        except BaseException as error:
            self._db.close()
            if isinstance(error, (sqlite3.Error, *SENSELESS)):
                raise self._unusable(error) from error
            raise

    def reserve(self, count: int) -> range:
        with self._transaction():
            (end,) = self._db.execute(
                "UPDATE counter SET next_id = next_id + ? RETURNING next_id", (count,)
            ).fetchone()
        return range(end - count, end)

    def number_competition(self) -> int:
        with self._transaction():
            (next_number,) = self._db.execute(
                "UPDATE counter SET next_competition = next_competition + 1"
                " RETURNING next_competition"
            ).fetchone()
        return int(next_number) - 1

    def claim(self, competition: int) -> bool:
        if self.place is None or competition in self._claims:
            return True
        claim = Claim(self.path, competition)
        with self._failing_clearly():
            if not claim.take():
                return False
        self._claims[competition] = claim
        return True

    def commit(self, rows: Rows, at: int) -> frozenset[tuple[int, int]]:
        fenced: frozenset[tuple[int, int]] = frozenset()
        with self._transaction():
            if at >= self._log_size.next_look:
                self._log_size.look(at)
            for name, added in rows:
                kind = SQL[name]
                if kind.as_log:
                    added = [(at, struct.pack(f"<{len(added)}q", *added))]
                stored = self._db.executemany(kind.sql, added).rowcount
                if kind.fence and stored < len(added):
                    fenced |= self._fenced(map(kind.fence, added))
        return fenced

    def resume(
        self, token_hash: bytes, competition: int | None = None, address: str | None = None
    ) -> SavedSession | None:
        with self._transaction(), self._reading():
            return sqlite_seats.resume(self._db, token_hash, competition, address)

    def adopt(
        self, session: int, token_hash: bytes | None, heir: int, address: str | None = None
    ) -> SavedSession:
        with self._transaction():
            return sqlite_seats.adopt(self._db, session, token_hash, heir, address)

    def rename(self, session: int, name: str, *, kept: bool) -> None:
        with self._transaction():
            self._db.execute(
                "UPDATE session SET name = ?, kept = ? WHERE id = ?", (name, kept, session)
            )

    def free(self, session: int) -> None:
        with self._transaction():
            self._db.execute("UPDATE session SET freed = 1 WHERE id = ?", (session,))

    def exclude(
        self, session: int, name: str, competition: int | None, at: int, address: str | None = None
    ) -> None:
        with self._transaction():
            sqlite_seats.exclude(self._db, session, name, competition, at, address)

    def mute(self, at: int | None) -> None:
        with self._transaction():
            self._db.execute("UPDATE counter SET muted_at = ?", (at,))

    def muted_since(self) -> int | None:
        with self._reading():
            (at,) = self._db.execute("SELECT muted_at FROM counter").fetchone()
        return None if at is None else int(at)

    def recall(self, session: int, seq: int) -> tuple[int, int] | None:
        with self._reading():
            return sqlite_sessions.recall(self._db, session, seq)

    def names(self, since: int) -> list[SavedPlayer]:
        with self._reading():
            return sqlite_sessions.names(self._db, since)

    def end(self, competition: int) -> None:
        with self._transaction():
            self._db.execute("UPDATE competition SET ended = 1 WHERE id = ?", (competition,))

    def competitions(self) -> list[CompetitionRow]:
        with self._reading():
            return sqlite_competitions.competitions(self._db)

    def load(self, competition: int) -> SavedCompetition:
        with self._reading():
            return sqlite_competitions.load(self._db, competition)

    def report(self, competition: int) -> Report | None:
        with self._reading():
            return sqlite_competitions.report(self._db, competition)

    def moved(self) -> str | None:
        if self.place is None or self._identity in (None, identity(self.path)):
            return None
        with self._failing_clearly():
            new = copied_beside(self._db, self.path)
        old, before = self._db, self.path
        self.path = str(new)
        try:
            with self._failing_clearly():
                self._db = self._connected()
                self._log_size = LogSize(self._db, self.path)
                self._prepare(self._durable, logged=True)
        except BaseException:
            self._db, self.path = old, before
            raise
        self.place = self.path
        held, self._claims = self._claims, {}
        for competition, claim in held.items():
            claim.release()
            self.claim(competition)
        old.close()
        return self.place

    def close(self) -> None:
        for claim in self._claims.values():
            claim.release()
        self._db.close()

    def _fenced(self, wanted: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
        """Return those (session, epoch) that no session has."""
        current = "SELECT 1 FROM session WHERE id = ? AND epoch = ?"
        return {pair for pair in set(wanted) if not self._db.execute(current, pair).fetchone()}

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Begin, then commit; roll everything back on the way of any exception."""
        with self._failing_clearly():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Take whatever trips over what is read for damage."""
        with self._failing_clearly():
            try:
                yield
            except SENSELESS as error:
                raise CommitError(damaged(self.path)) from error

    @contextmanager
    def _failing_clearly(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            if is_damage(error):
                raise CommitError(damaged(self.path)) from error
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in NO_SPACE:
                self._shorten_log()
            raise CommitError(f"{self.path} : {error}") from error

    def _shorten_log(self) -> None:
        """Give the disk back what the log holds: the log alone may have filled it."""
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self.path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )

    def _prepare(self, durable: bool, *, logged: bool) -> None:
        """Check the file, bring its tables up to date, set how it is written."""
        self._db.execute("PRAGMA journal_mode").fetchone()  # a file that is no database ends here
        migrate(self._db, self.path)
        if not logged:
            return
        self._enter_wal()
        self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        self._log_size.look(0)
        self._db.execute("SELECT 1 FROM counter").fetchone()  # opens the log as well
        self._identity = identity(self.path)

    def _enter_wal(self) -> None:
        # SQLite itself does not wait here for another host that does the same.
        deadline = time.monotonic() + BUSY_TIMEOUT
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(BUSY_TIMEOUT / 100)
            else:
                return

    def _unusable(self, error: BaseException) -> StoreError:
        if is_damage(error):
            return StoreError(damaged(self.place or self.path))
        return StoreError(
            f"impossible d'utiliser {self.path} ({error}) : choisis --db AUTRE ou --db :memory:"
        )
