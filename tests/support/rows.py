"""Rows for a store, with what a test does not care about filled in."""

from __future__ import annotations

from justeprix.game.records import (
    CompetitionRow,
    GameRow,
    GuessRow,
    RoundRow,
    Rows,
    SavedCompetition,
    SessionRow,
)
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


def guess(
    game: int, seq: int, number: int, session: int, *, epoch: int = 1, at: int | None = None
) -> GuessRow:
    return GuessRow(game, seq, number, 1000 + seq if at is None else at, session, epoch)


def contest(id: int = 500, **but: object) -> CompetitionRow:
    fields: dict[str, object] = {"rounds": 3, "low": 1, "high": 100, "time_limit": None}
    fields |= {"started_at": 1000, "players": None, "pause": 10, "ended": False, "clock": 1000}
    return CompetitionRow(id, **fields | but)  # type: ignore[arg-type]


def round_of(competition: int, number: int, secret: int = 42, **times: int | None) -> RoundRow:
    return RoundRow(competition + number, competition, number, secret, "00ff" * 8, **times)


def drawn(*secrets: int, id: int = 500, **but: object) -> SavedCompetition:
    """A competition as it begins: a round for each secret, and nobody there."""
    rounds = [round_of(id, number, secret) for number, secret in enumerate(secrets, 1)]
    return SavedCompetition(contest(id, rounds=len(rounds), **but), rounds, [])


Row = SessionRow | GameRow | GuessRow | CompetitionRow | RoundRow


def together(*rows: Row) -> Rows:
    return Rows(
        sessions=[row for row in rows if isinstance(row, SessionRow)],
        games=[row for row in rows if isinstance(row, GameRow)],
        guesses=[row for row in rows if isinstance(row, GuessRow)],
        competitions=[row for row in rows if isinstance(row, CompetitionRow)],
        rounds=[row for row in rows if isinstance(row, RoundRow)],
    )


def put(store: Store, *rows: Row) -> frozenset[tuple[int, int]]:
    """Store rows; return the (session, epoch) that are fenced."""
    return store.commit(together(*rows), 1000)


def seated(store: Store, id: int = 1, hash: bytes = ADA, *guesses: int) -> None:
    """Store a session with one game, its id ten times the session's, and guesses at it."""
    rows = [guess(10 * id, seq, number, id) for seq, number in enumerate(guesses, 1)]
    assert not put(store, session(id, hash), game(10 * id, id), *rows)
