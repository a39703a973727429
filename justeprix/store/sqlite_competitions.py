"""What the SQLite store remembers of competitions: reading only.

Each function takes an open connection and lets its sqlite3.Error pass.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict

from justeprix.errors import StoreError
from justeprix.game.records import CompetitionRow, RoundRow, SavedCompetition, SavedPlayer
from justeprix.game.secret import Bounds, compare
from justeprix.game.standings import Result
from justeprix.results.report import Move, PlayerReport, Report, RoundReport
from justeprix.store.sqlite_sense import (
    sensible_competition,
    sensible_player,
    sensible_report,
    sensible_round,
)

__all__ = ["competitions", "load", "report"]

COMPETITIONS = """
    SELECT id, started_at, rounds, low, high, time_limit, players, pause, ended, clock
    FROM competition
"""
ROUNDS = """
    SELECT id, competition, number, secret, nonce, opened_at, closes_at, closed_at
    FROM round WHERE competition = ? ORDER BY number
"""
# The last guess of a game tells all of it: how many there were, and whether it was found, for
# nothing counts after that. Reading the others would take seconds after a long competition.
RESULTS = """
    SELECT game.session, last.seq - game.first_seq + 1, last.at, last.number = game.secret
    FROM game JOIN guess AS last ON last.game = game.id
    WHERE game.round = ?
        AND last.seq = (SELECT seq FROM guess WHERE guess.game = game.id ORDER BY seq DESC LIMIT 1)
"""
PLAYERS = """
    SELECT id, epoch, name, token_hash IS NOT NULL AND NOT ended, excluded, address, kept, freed
    FROM session
    WHERE competition = ? ORDER BY id
"""
MOVES = """
    SELECT session.id, session.name, session.excluded, round.number,
        guess.number, game.secret, guess.at - round.opened_at
    FROM round JOIN game ON game.round = round.id JOIN guess ON guess.game = game.id
        JOIN session ON session.id = game.session
    WHERE round.competition = ? AND round.closed_at IS NOT NULL
    ORDER BY session.id, round.number, guess.seq
"""


def competitions(db: sqlite3.Connection) -> list[CompetitionRow]:
    """Return all competitions, newest first."""
    rows = db.execute(f"{COMPETITIONS} ORDER BY id DESC")
    return [_competition(row) for row in rows]


def load(db: sqlite3.Connection, id: int) -> SavedCompetition:
    """Return a competition as it stands, its clock not before its last guess.

    Raises StoreError if there is none of that id.
    """
    competition = _find(db, id)
    if competition is None:
        raise StoreError(f"ce fichier n'a pas de compétition {id}")
    rounds = _rounds(db, competition)
    last, results = _results(db, rounds)
    competition = competition._replace(clock=max(competition.clock, last))
    players = _players(db, id, results)
    for player in players:
        sensible_player(player)
    return SavedCompetition(competition, rounds, players)


def report(db: sqlite3.Connection, id: int) -> Report | None:
    """Return the closed rounds of a competition, None if there is no such competition."""
    competition = _find(db, id)
    if competition is None:
        return None
    made = Report(
        id,
        competition.started_at,
        Bounds(competition.low, competition.high),
        competition.rounds,
        competition.ended,
        tuple(
            RoundReport(round.number, round.secret, round.nonce, round.closed_at - round.opened_at)
            for round in _rounds(db, competition)
            if round.opened_at is not None and round.closed_at is not None
        ),
        _player_reports(db, id),
    )
    sensible_report(made)
    return made


def _find(db: sqlite3.Connection, id: int) -> CompetitionRow | None:
    row = db.execute(f"{COMPETITIONS} WHERE id = ?", (id,)).fetchone()
    return row and _competition(row)


def _competition(row: tuple[int, ...]) -> CompetitionRow:
    competition = CompetitionRow(*row)  # type: ignore[arg-type]
    sensible_competition(competition)
    return competition._replace(ended=bool(competition.ended))


def _rounds(db: sqlite3.Connection, competition: CompetitionRow) -> list[RoundRow]:
    rounds = [RoundRow(*row) for row in db.execute(ROUNDS, (competition.id,))]
    for round in rounds:
        sensible_round(round, competition)
    return rounds


def _results(
    db: sqlite3.Connection, rounds: list[RoundRow]
) -> tuple[int, dict[int, dict[int, Result]]]:
    """Return when the last guess was made (0: none was), and what each session did by round.

    A thousand players are twenty thousand rows: what is the same for a round is not in them.
    """
    last, results = 0, defaultdict[int, dict[int, Result]](dict)
    for round in rounds:
        number, opened_at = round.number, round.opened_at or 0
        for session, guesses, at, found in db.execute(RESULTS, (round.id,)).fetchall():
            if at > last:
                last = at
            results[session][number] = (
                Result(guesses, True, at - opened_at) if found else Result(guesses)
            )
    return last, results


def _players(
    db: sqlite3.Connection, id: int, results: dict[int, dict[int, Result]]
) -> list[SavedPlayer]:
    players = [
        SavedPlayer(
            session,
            epoch,
            name,
            bool(resumable),
            bool(excluded),
            results.get(session, {}),
            address,
            bool(kept),
            bool(freed),
        )
        for session, epoch, name, resumable, excluded, address, kept, freed in db.execute(
            PLAYERS, (id,)
        )
    ]
    # Who can't come back and has done nothing is nobody.
    return [p for p in players if p.resumable or p.excluded or p.results]


def _player_reports(db: sqlite3.Connection, id: int) -> tuple[PlayerReport, ...]:
    players: dict[int, tuple[str, bool]] = {}
    moves: dict[int, dict[int, list[Move]]] = defaultdict(lambda: defaultdict(list))
    for session, name, excluded, round, number, secret, time in db.execute(MOVES, (id,)):
        players[session] = name, bool(excluded)
        moves[session][round].append(Move(number, compare(secret, number), time))
    return tuple(
        PlayerReport(name, excluded, {n: tuple(game) for n, game in moves[session].items()})
        for session, (name, excluded) in players.items()
    )
