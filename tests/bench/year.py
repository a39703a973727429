"""A file as a school leaves it after a year: lessons of practice, competitions, the last one large.

Ten million guesses through the store would take several minutes. So a few lessons are drawn here,
guess by guess in the order in which a class makes them, and SQL copies them again and again,
with ids, tokens and nonces of their own, into the tables that the real store has made. The rows
come in the same order as from a host, so they lie in the file as a host would have laid them.

In practice all have a token: guesses without one lie in a log that nobody looks things up in.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import NamedTuple

from justeprix.store import open_store

__all__ = ["FINAL", "Kind", "Year", "make"]

HIGH = 1000
SEED = 2026


class Kind(NamedTuple):
    """What a class does in one lesson."""

    players: int
    secrets: int  # that each of them finds
    contest: bool  # the same for all, a round each
    drawn: int  # different ones of the kind


LESSON = Kind(players=30, secrets=12, contest=False, drawn=6)
CONTEST = Kind(players=30, secrets=5, contest=True, drawn=2)
MARATHON = Kind(players=1, secrets=10_000, contest=False, drawn=1)
"""A bot that was left alone: as many guesses as its host lets through in two minutes."""
FINAL = Kind(players=1000, secrets=20, contest=True, drawn=1)

A_DAY = 15
"""Lessons, in all the rooms that share the file."""

CONTEST_EVERY = 40
"""Lessons."""

TURN = 2000
"""Milliseconds in which each makes a guess."""

START = 1_788_000_000_000  # the end of August 2026, in ms
HOUR, DAY = 3_600_000, 86_400_000


COLUMNS = {
    "round": "n, secret, opened, closed",
    "session": "n, token, ended",
    "game": "n, session, ordinal, seq, secret",
    "guess": "game, seq, number, at",
}
"""What is drawn. `n` counts from 0 in the order in which a host would give ids; times in ms."""


class Drawn(NamedTuple):
    """One lesson: its rows, and how many ids they take."""

    rows: dict[str, list[tuple[int, ...]]]
    ids: int


class Year(NamedTuple):
    """What was made."""

    guesses: int
    games: int
    sessions: int
    competition: int  # the last one: its last round is open still
    marathon: int  # the session of the bot that was left alone


def draw(kind: Kind, chance: random.Random) -> Drawn:
    """Let a class play, everybody a guess a turn."""
    rows: dict[str, list[tuple[int, ...]]] = {table: [] for table in COLUMNS}
    ids = count()
    secrets = [chance.randint(1, HIGH) for _ in range(kind.secrets)]
    rounds = [next(ids) for _ in secrets if kind.contest]
    seats = [Seat(next(ids), rows, ids, chance) for _ in range(kind.players)]
    for seat in seats:
        token = not kind.contest or chance.random() < 0.75
        rows["session"].append((seat.session, token, chance.random() < 0.5))
    turn = 0
    for ordinal, secret in enumerate(secrets, start=1):
        opened, playing = turn, seats
        for seat in seats:
            seat.begin(ordinal, secret if kind.contest else chance.randint(1, HIGH))
        while playing:
            playing = [seat for seat in playing if not seat.guess(turn * TURN)]
            turn += 1
        if kind.contest:
            rows["round"].append((rounds[ordinal - 1], secret, opened * TURN, turn * TURN))
    return Drawn(rows, next(ids))


class Seat:
    """One player of a lesson, who keeps to the interval that is left but does not halve it."""

    def __init__(
        self,
        session: int,
        rows: dict[str, list[tuple[int, ...]]],
        ids: Iterator[int],
        chance: random.Random,
    ) -> None:
        self.session, self.rows, self.ids, self.chance = session, rows, ids, chance
        self.seq = 0

    def begin(self, ordinal: int, secret: int) -> None:
        self.game, self.secret = next(self.ids), secret
        self.low, self.high = 1, HIGH
        self.rows["game"].append((self.game, self.session, ordinal, self.seq + 1, secret))

    def guess(self, at: int) -> bool:
        """Make one guess, somewhere in the middle half; return whether it was the secret."""
        quarter = (self.high - self.low) // 4
        number = self.chance.randint(self.low + quarter, self.high - quarter)
        self.seq += 1
        self.rows["guess"].append((self.game, self.seq, number, at + self.chance.randrange(TURN)))
        if number < self.secret:
            self.low = number + 1
        else:
            self.high = number - 1
        return number == self.secret


# From drawn lessons to the file.

NONCE = "lower(hex(randomblob(16)))"
COPY_COMPETITION = f"""
    INSERT INTO competition
    SELECT :competition, :at, count(*), 1, {HIGH}, NULL, NULL, 10, NOT :last, :at + max(closed)
    FROM drawn_round WHERE lesson = :lesson
"""
COPY_ROUNDS = f"""
    INSERT INTO round
    SELECT :first + n, :competition, place + 1, secret, {NONCE}, :at + opened, NULL,
        CASE WHEN NOT :last OR place < (SELECT max(place) FROM drawn_round WHERE lesson = :lesson)
            THEN :at + closed END
    FROM drawn_round WHERE lesson = :lesson ORDER BY place
"""
COPY = (
    """
    INSERT INTO session (id, epoch, token_hash, name, ended, seen_at, competition)
    SELECT :first + n, 1, CASE WHEN token THEN randomblob(32) END,
        'Joueur ' || (place + 1), NOT :last AND ended, :at, :competition
    FROM drawn_session WHERE lesson = :lesson ORDER BY place
    """,
    f"""
    INSERT INTO game (id, session, ordinal, first_seq, low, high, secret, nonce, round)
    SELECT :first + n, :first + session, ordinal, seq, 1, {HIGH}, secret,
        CASE WHEN :competition IS NULL THEN {NONCE}
            ELSE (SELECT nonce FROM round WHERE id = :first + ordinal - 1) END,
        CASE WHEN :competition IS NOT NULL THEN :first + ordinal - 1 END
    FROM drawn_game WHERE lesson = :lesson ORDER BY place
    """,
    """
    INSERT INTO guess (game, seq, number, at)
    SELECT :first + game, seq, number, :at + at
    FROM drawn_guess WHERE lesson = :lesson ORDER BY place
    """,
)


def make(path: Path, guesses: int, final: Kind = FINAL) -> Year:
    """Write a new file of at least so many guesses. The same number gives the same lessons."""
    open_store(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        # Nobody needs the file if this is cut short.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
            db.execute(f"PRAGMA {pragma}")
        return Writer(db).write(guesses, final)


class Writer:
    """One year, lesson after lesson."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.chance = random.Random(SEED)
        self.next_id = self.next_competition = 1
        self.lessons = 0
        self.made = dict.fromkeys(COLUMNS, 0)
        self.drawn: list[Drawn] = []
        for table, columns in COLUMNS.items():
            db.execute(
                f"CREATE TEMP TABLE drawn_{table} (lesson, place, {columns},"
                " PRIMARY KEY (lesson, place)) WITHOUT ROWID"
            )

    def write(self, guesses: int, final: Kind) -> Year:
        lessons, contests, last, marathon = map(self.draw, (LESSON, CONTEST, final, MARATHON))
        bot = self.next_id
        self.copy(marathon[0])
        rest = guesses - len(self.drawn[last[0]].rows["guess"])
        while self.made["guess"] < rest:
            contest = self.lessons % CONTEST_EVERY == CONTEST_EVERY - 1
            self.copy(self.chance.choice(contests if contest else lessons))
        self.copy(last[0], last=True)
        self.db.execute(
            "UPDATE counter SET next_id = ?, next_competition = ?",
            (self.next_id, self.next_competition),
        )
        made = self.made
        return Year(made["guess"], made["game"], made["session"], self.next_competition - 1, bot)

    def draw(self, kind: Kind) -> list[int]:
        """Draw lessons of a kind; return their numbers."""
        numbers = range(len(self.drawn), len(self.drawn) + kind.drawn)
        for number in numbers:
            self.drawn.append(draw(kind, self.chance))
            for table, rows in self.drawn[-1].rows.items():
                marks = ", ".join(
                    "?" * (3 + COLUMNS[table].count(","))
                )  # the lesson and the place first
                self.db.executemany(
                    f"INSERT INTO drawn_{table} VALUES ({marks})",
                    ((number, place, *row) for place, row in enumerate(rows)),
                )
        return list(numbers)

    def copy(self, number: int, *, last: bool = False) -> None:
        """Let a drawn lesson take place once more."""
        drawn = self.drawn[number]
        contest = bool(drawn.rows["round"])
        day, lesson = divmod(self.lessons, A_DAY)
        values = {
            "lesson": number,
            "first": self.next_id,
            "competition": self.next_competition if contest else None,
            "at": START + day * DAY + lesson * HOUR // 2,
            "last": last,
        }
        self.db.execute("BEGIN")
        for statement in (COPY_COMPETITION, COPY_ROUNDS, *COPY) if contest else COPY:
            self.db.execute(statement, values)
        self.db.execute("COMMIT")
        self.next_id += drawn.ids
        self.next_competition += contest
        self.lessons += 1
        for table, rows in drawn.rows.items():
            self.made[table] += len(rows)
