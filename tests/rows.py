"""Rows for a store, with what a test does not care about filled in."""

from __future__ import annotations

from justeprix.step import GameRow, GuessRow, SessionRow, Step
from justeprix.store import Store

ADA, BEA = b"hash of Ada's token", b"hash of Bea's token"


def session(id: int, hash: bytes | None = None, *, epoch: int = 1, **but: object) -> SessionRow:
    name = f"Joueur {id}" if hash else None
    fields: dict[str, object] = {"name": name, "ended": False, "seen_at": 1000} | but
    return SessionRow(id, epoch, hash, **fields)  # type: ignore[arg-type]


def game(id: int, session: int, *, epoch: int = 1, **but: object) -> GameRow:
    fields: dict[str, object] = {"ordinal": 1, "first_seq": 1, "low": 1, "high": 100} | but
    fields = {"secret": 42, "nonce": "00ff" * 8} | fields
    return GameRow(id=id, session=session, epoch=epoch, **fields)  # type: ignore[arg-type]


def guess(game: int, seq: int, number: int, session: int, *, epoch: int = 1) -> GuessRow:
    return GuessRow(game, seq, number, 1000 + seq, session, epoch)


def step(*rows: SessionRow | GameRow | GuessRow) -> Step:
    return Step(
        now=0.0,
        at=1000,
        sessions={row.id: row for row in rows if isinstance(row, SessionRow)},
        games=[row for row in rows if isinstance(row, GameRow)],
        guesses=[row for row in rows if isinstance(row, GuessRow)],
    )


def seated(store: Store, id: int = 1, hash: bytes = ADA, *guesses: int) -> None:
    """Store a session with one game, its id ten times the session's, and guesses at it."""
    rows = [guess(10 * id, seq, number, id) for seq, number in enumerate(guesses, 1)]
    assert not store.commit(step(session(id, hash), game(10 * id, id), *rows))
