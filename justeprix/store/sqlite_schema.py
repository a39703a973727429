"""The tables of the SQLite store, and how an older file gets them."""

from __future__ import annotations

import sqlite3

from justeprix.errors import StoreError

__all__ = ["APPLICATION_ID", "MIGRATIONS", "migrate"]

APPLICATION_ID = 0x6A707278  # "jprx": says that the file is ours

MIGRATIONS = (
    (
        "CREATE TABLE counter (next_id INTEGER NOT NULL)",
        "INSERT INTO counter (next_id) VALUES (1)",
        """CREATE TABLE session (
            id INTEGER PRIMARY KEY,
            epoch INTEGER NOT NULL,
            token_hash BLOB UNIQUE,
            name TEXT,
            ended INTEGER NOT NULL,
            seen_at INTEGER NOT NULL
        )""",
        """CREATE INDEX session_by_seen ON session (seen_at)
            WHERE token_hash IS NOT NULL AND name IS NOT NULL AND NOT ended""",
        """CREATE TABLE game (
            id INTEGER PRIMARY KEY,
            session INTEGER NOT NULL REFERENCES session,
            ordinal INTEGER NOT NULL,
            first_seq INTEGER NOT NULL,
            low INTEGER NOT NULL,
            high INTEGER NOT NULL,
            secret INTEGER NOT NULL,
            nonce TEXT NOT NULL,
            UNIQUE (session, ordinal)
        )""",
        """CREATE TABLE guess (
            game INTEGER NOT NULL REFERENCES game,
            seq INTEGER NOT NULL,
            number INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (game, seq)
        ) WITHOUT ROWID""",
    ),
    (
        """CREATE TABLE competition (
            id INTEGER PRIMARY KEY,
            started_at INTEGER NOT NULL,
            rounds INTEGER NOT NULL,
            low INTEGER NOT NULL,
            high INTEGER NOT NULL,
            time_limit INTEGER,
            players INTEGER,
            pause INTEGER NOT NULL,
            ended INTEGER NOT NULL,
            clock INTEGER NOT NULL
        )""",
        """CREATE TABLE round (
            id INTEGER PRIMARY KEY,
            competition INTEGER NOT NULL REFERENCES competition,
            number INTEGER NOT NULL,
            secret INTEGER NOT NULL,
            nonce TEXT NOT NULL,
            opened_at INTEGER,
            closes_at INTEGER,
            closed_at INTEGER,
            UNIQUE (competition, number)
        )""",
        "ALTER TABLE counter ADD COLUMN next_competition INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE session ADD COLUMN competition INTEGER REFERENCES competition",
        "ALTER TABLE session ADD COLUMN excluded INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE game ADD COLUMN round INTEGER REFERENCES round",
        """CREATE INDEX session_by_competition ON session (competition)
            WHERE competition IS NOT NULL""",
        "CREATE INDEX game_by_round ON game (round) WHERE round IS NOT NULL",
    ),
    (
        # A row a step: `guesses` holds four integers of eight bytes for each, the lowest byte
        # first: session, seq, secret, number.
        """CREATE TABLE log (
            id INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            guesses BLOB NOT NULL
        )""",
        "ALTER TABLE game ADD COLUMN before INTEGER NOT NULL DEFAULT 0",
    ),
    (
        # A seat without a token goes on to the address that held it, while its competition runs;
        # then nobody needs to know any more from where a pupil played.
        "ALTER TABLE session ADD COLUMN address TEXT",
        "ALTER TABLE session ADD COLUMN kept INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE session ADD COLUMN freed INTEGER NOT NULL DEFAULT 0",
        """CREATE TRIGGER forget_addresses AFTER UPDATE OF ended ON competition WHEN new.ended
            BEGIN UPDATE session SET address = NULL WHERE competition = new.id; END""",
        "CREATE INDEX session_by_exclusion ON session (seen_at) WHERE excluded",
        "ALTER TABLE counter ADD COLUMN muted_at INTEGER",  # since when nobody may chat
    ),
)
"""The schema: for each version the statements that lead to it from the one before.

PRAGMA user_version counts the versions that a file has been through.
"""


def migrate(db: sqlite3.Connection, path: str) -> None:
    """Bring the tables of a file up to date, all of it or nothing.

    Raises StoreError if the file is none of ours or too new. What sqlite3 raises passes; who
    closes the file then leaves it as it was.
    """
    db.execute("BEGIN IMMEDIATE")  # two hosts may open a new file at once
    version = _version(db, path)
    for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
        for statement in statements:
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {number}")
    db.execute("COMMIT")


def _version(db: sqlite3.Connection, path: str) -> int:
    """Return how many versions the file has been through. Raises StoreError if it is not ours."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (owner,) = db.execute("PRAGMA application_id").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if owner != APPLICATION_ID and (owner or version or tables):
        raise StoreError(f"{path} est un autre fichier SQLite : choisis --db AUTRE")
    if version > len(MIGRATIONS):
        raise StoreError(
            f"{path} vient d'un justeprix plus récent : mets justeprix à jour,"
            " ou choisis --db AUTRE"
        )
    return int(version)
