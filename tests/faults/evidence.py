"""The book and the file of one run, side by side: whose stint belongs to which stored session.

A stint with a token is found by the token's hash, one with a name in a competition by the name.
Who had neither is found by what was played: a session that stored just that.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from tests.faults.recorder import Kind, Link, Recorder
from tests.faults.transcript import Guess, Stint, read
from tests.support.books import Logged, logged

__all__ = ["Evidence", "Game", "Round", "Session", "answer", "seal"]


class Round(NamedTuple):
    id: int
    number: int
    secret: int
    nonce: str
    opened_at: int | None
    closes_at: int | None
    closed_at: int | None

    @property
    def label(self) -> str:
        return f"manche {self.number}"


class Game(NamedTuple):
    id: int
    ordinal: int
    first_seq: int
    low: int
    high: int
    secret: int
    nonce: str
    round: int | None
    label: str


class Stored(NamedTuple):
    """One row of a guess."""

    seq: int
    number: int
    at: int
    game: Game


@dataclass
class Session:
    """One row of a session, all that is stored of it, and who spoke for it."""

    id: int
    epoch: int
    token_hash: bytes | None
    name: str | None
    ended: bool
    competition: int | None
    excluded: bool
    games: list[Game] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)  # in the order of seq
    stints: list[Stint] = field(default_factory=list)  # in the order of time
    rubbish: Link | None = None

    def __str__(self) -> str:
        who = sorted({stint.who for stint in self.stints})
        return f"session {self.id} ({', '.join(who) or self.name or 'nobody'})"

    @property
    def guesses(self) -> Iterator[Guess]:
        """All that was sent for it."""
        for stint in self.stints:
            yield from stint.guesses

    @property
    def answered(self) -> Iterator[Guess]:
        for stint in self.stints:
            yield from stint.answered

    @cached_property
    def rows(self) -> dict[int, Stored]:
        """What is stored, by seq."""
        return {row.seq: row for row in self.stored}


class Evidence:
    """All that is known of a run."""

    def __init__(
        self,
        book: Recorder,
        db: Path,
        *,
        codes: Iterable[str] = (),
        restarted: bool = False,
    ) -> None:
        self.book = book
        self.db = db
        self.codes = set(codes)
        self.restarted = restarted
        self.pages = [read(link) for link in book.links]
        with closing(sqlite3.connect(db)) as file:
            self.sound: list[str] = [row[0] for row in file.execute("PRAGMA integrity_check")]
            self.orphans = file.execute("PRAGMA foreign_key_check").fetchall()
            self.rounds = _rounds(file)
            self.sessions = _sessions(file, {round.id: round for round in self.rounds})
        self.contest = bool(self.rounds)
        self.homeless: list[Stint] = []  # stints that belong to no stored session
        self._settle()

    def _settle(self) -> None:
        """Give each stint to its session."""
        by_hash = {s.token_hash: s for s in self.sessions if s.token_hash}
        by_name = {s.name.casefold(): s for s in self.sessions if s.competition and s.name}
        strangers = []
        for stint in (stint for page in self.pages for stint in page.stints):
            session = by_hash.get(hashlib.sha256(stint.token.encode()).digest())
            if session is None and not stint.token:
                session = by_name.get(stint.name.casefold())
            if session is None:
                (self.homeless if stint.token else strangers).append(stint)
            else:
                session.stints.append(stint)
        for session in self.sessions:
            session.stints.sort(key=lambda stint: _begin(stint))
            _number(session)
        free = [s for s in self.sessions if not s.stints and not s.token_hash]
        self.homeless += _recognise(strangers, free)
        for session in self.sessions:
            if not session.stints:
                session.rubbish = self._blame(session)

    def _blame(self, session: Session) -> Link | None:
        """Find the rubbish in which what a session stored can be read."""
        for page in self.pages:
            if page.link.rubbish:
                sent = b"".join(e.data for e in page.link.entries if e.kind is Kind.SENT)
                numbers = iter(map(int, re.findall(rb"[+-]?[0-9]{1,12}", sent)))
                if all(row.number in numbers for row in session.stored):
                    return page.link
        return None


def answer(secret: int, number: int) -> str:
    """What the rules say that a number gets."""
    if number == secret:
        return "gagné"
    return "plus" if secret > number else "moins"


def seal(label: str, secret: int, nonce: str) -> str:
    """What the rules say that a seal is."""
    return hashlib.sha256(f"{label}:{secret}:{nonce}".encode()).hexdigest()


def _rounds(file: sqlite3.Connection) -> list[Round]:
    rows = "SELECT id, number, secret, nonce, opened_at, closes_at, closed_at FROM round"
    return [Round(*row) for row in file.execute(f"{rows} ORDER BY number")]


def _sessions(file: sqlite3.Connection, rounds: dict[int, Round]) -> list[Session]:
    rows = "SELECT id, epoch, token_hash, name, ended, competition, excluded FROM session"
    sessions = {row[0]: Session(*row) for row in file.execute(f"{rows} ORDER BY id")}
    games: dict[int, tuple[Session, Game]] = {}
    rows = (
        "SELECT id, ordinal, first_seq - before, low, high, secret, nonce, round, session FROM game"
    )
    for *row, owner in file.execute(f"{rows} ORDER BY ordinal"):
        round = rounds.get(row[-1])
        game = Game(*row, label=round.label if round else "session")
        sessions[owner].games.append(game)
        games[game.id] = sessions[owner], game
    for id, seq, number, at in file.execute("SELECT game, seq, number, at FROM guess ORDER BY seq"):
        if id in games:  # else it is an orphan
            session, game = games[id]
            session.stored.append(Stored(seq, number, at, game))
    _add_logged(file, sessions)
    return list(sessions.values())


def _add_logged(file: sqlite3.Connection, sessions: dict[int, Session]) -> None:
    """Add the guesses that have no row of their own."""
    found: dict[int, list[Logged]] = defaultdict(list)
    for row in logged(file):
        found[row.session].append(row)
    for id, rows in found.items():
        plain = Session(id, 1, None, None, False, None, False)
        _add_plain(sessions.setdefault(id, plain), rows)


def _add_plain(session: Session, rows: list[Logged]) -> None:
    """Cut what was logged of a session into games: each ends where its secret is found, or changes.

    If it got a token later, the last of them is the first with a row, and its last guess so far
    has a row too. The log has no nonce and no bounds.
    """
    kept = {(row.seq, row.number, row.game.secret) for row in session.stored}
    with_row = session.games[0] if session.games else None
    games: list[Game] = []
    over = True
    for _, seq, secret, number, at in rows:
        if with_row and (seq >= with_row.first_seq and secret == with_row.secret):
            game = with_row
        else:
            if over or secret != games[-1].secret:
                games.append(Game(-seq, 0, seq, secret, secret, secret, "", None, "session"))
            game, over = games[-1], number == secret
        if (seq, number, secret) not in kept:
            session.stored.append(Stored(seq, number, at, game))
    session.games[:0] = games
    session.stored.sort(key=lambda row: row.seq)


def _begin(stint: Stint) -> float:
    return stint.exchanges[0].sent_at


def _number(session: Session) -> None:
    """Number the guesses of those who came to a seat by its name, one after another.

    Whatever stood unanswered when a link ended may count, or not. If the same number was then
    played again, either may be the one that is answered: what is left over may still count.
    """
    done = 0
    maybe = 0
    for stint in session.stints:
        unknown = [guess for guess in stint.answered if guess.seq is None]
        if unknown:
            starts = range(done + 1, done + maybe + 2)
            first = next((n for n in starts if _fits(unknown, session, n)), done + 1)
            for seq, guess in enumerate(unknown, first):
                guess.seq = seq
            maybe -= first - done - 1
        done = max([done, *(guess.seq for guess in stint.answered if guess.seq)])
        maybe += len(stint.guesses) - len(stint.answered)


def _fits(guesses: list[Guess], session: Session, first: int) -> bool:
    """Whether these are what is stored from that number on."""
    return all(
        (row := session.rows.get(seq)) is not None
        and (row.number, answer(row.game.secret, row.number)) == (guess.number, guess.answer)
        for seq, guess in enumerate(guesses, first)
    )


def _recognise(stints: list[Stint], sessions: list[Session]) -> list[Stint]:
    """Give nameless stints to the sessions that stored what they played; return the others.

    First those who were answered all of it, then those whose last guesses may have counted.
    """
    left = defaultdict(list)
    for session in sessions:
        left[tuple(row.number for row in session.stored)].append(session)
    homeless = [stint for stint in stints if stint.guesses]
    for more in (False, True):
        missed = []
        for stint in homeless:
            alike = [session for key in _keys(stint, more) for session in left[key]]
            session = next((s for s in alike if _fits(stint.answered, s, 1)), None)
            if session is None:
                missed.append(stint)
            else:
                left[tuple(row.number for row in session.stored)].remove(session)
                session.stints.append(stint)
                _number(session)
        homeless = missed
    return [stint for stint in homeless if stint.answered]


def _keys(stint: Stint, more: bool) -> Iterator[tuple[int, ...]]:
    known = [guess.number for guess in stint.answered]
    unknown = [guess.number for guess in stint.guesses if guess.answer is None]
    for count in range(1, len(unknown) + 1) if more else (0,):
        if numbers := tuple(known + unknown[:count]):
            yield numbers
