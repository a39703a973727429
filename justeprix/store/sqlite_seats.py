"""Who holds a session in a SQLite file: a link that comes back, an heir, nobody any more.

Each function is called in a transaction, and lets its sqlite3.Error pass.
"""

from __future__ import annotations

import sqlite3

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.game.records import SavedSession
from justeprix.store import sqlite_sessions

__all__ = ["adopt", "exclude", "resume"]

RESUME = """
    UPDATE session
    SET epoch = epoch + 1, freed = 0, address = coalesce(
        (SELECT ?3 FROM competition WHERE id = session.competition AND NOT ended), address
    )
    WHERE token_hash = ?1
    RETURNING id, epoch, name, kept, competition IS NOT ?2, ended, excluded
"""
ADOPT = """
    UPDATE session
    SET epoch = epoch + 1, token_hash = ?2, ended = 0, freed = 0, kept = 1, address = coalesce(
        (SELECT ?3 FROM competition WHERE id = session.competition AND NOT ended), address
    )
    WHERE id = ?1
    RETURNING epoch, name
"""
# Who was never stored gets a row; who is in the standings of a competition that is over stays.
EXCLUDE = """
    INSERT INTO session (id, epoch, name, ended, excluded, seen_at, competition, address)
    VALUES (
        ?1, 1, ?2, 1, 1, ?3, ?4, (SELECT ?5 FROM competition WHERE id = ?4 AND NOT ended)
    )
    ON CONFLICT (id) DO UPDATE SET
        epoch = epoch + 1, name = ?2, ended = 1, seen_at = ?3,
        excluded = excluded OR NOT EXISTS (
            SELECT 1 FROM game JOIN competition ON competition.id = session.competition AND ended
            WHERE game.session = session.id
        )
"""


def resume(
    db: sqlite3.Connection, token_hash: bytes, competition: int | None, address: str | None
) -> SavedSession | None:
    """See `Store.resume`."""
    row = db.execute(RESUME, (token_hash, competition, address)).fetchone()
    if row is None:
        return None
    id, epoch, name, kept, elsewhere, ended, excluded = row
    if excluded and not elsewhere:
        raise ProtocolError(ErrorCode.EXCLU, "l'animateur t'a exclu : cette place est fermée")
    if ended or elsewhere:
        raise ProtocolError(ErrorCode.FINIE, "cette partie est finie : demande une session neuve")
    saved = sqlite_sessions.load(db, id, epoch, token_hash, name)
    return saved._replace(kept=bool(kept))


def adopt(
    db: sqlite3.Connection, session: int, token_hash: bytes | None, heir: int, address: str | None
) -> SavedSession:
    """See `Store.adopt`."""
    db.execute("DELETE FROM session WHERE id = ?", (heir,))
    epoch, name = db.execute(ADOPT, (session, token_hash, address)).fetchone()
    return sqlite_sessions.load(db, session, epoch, token_hash, name)._replace(kept=True)


def exclude(
    db: sqlite3.Connection,
    session: int,
    name: str,
    competition: int | None,
    at: int,
    address: str | None,
) -> None:
    """See `Store.exclude`."""
    db.execute(EXCLUDE, (session, name, at, competition, address))
