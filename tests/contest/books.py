"""The books of a competition: the players' transcripts, the file, the standings, the export.

counted = check_file(db, {"Ada": [(500, "plus"), (750, None)]})   # the second was never answered
check_ranking(host_lines, counted)
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from justeprix.game.secret import compare, seal
from justeprix.protocol.replies import ANSWERS
from tests.contest.contest import Stage

Told = Sequence[tuple[int, str | None]]
Guesses = list[tuple[int, str]]


class Line(NamedTuple):
    """One line of somebody's standings."""

    rank: int
    name: str
    found: int
    guesses: int


def check_file(db: Path, transcripts: Mapping[str, Told]) -> dict[str, Guesses]:
    """Compare what is stored with what the players were told; return what counts.

    acknowledged ⊆ stored ⊆ sent, in order, each once; and nobody else has stored anything.
    """
    found = stored(db)
    assert found.keys() == {name for name, told in transcripts.items() if told} & found.keys()
    for name, told in transcripts.items():
        assert fits(told, found.get(name, [])), f"{name}: told {told}, stored {found.get(name)}"
    return {name: found.get(name, []) for name in transcripts}


def stored(db: Path) -> dict[str, Guesses]:
    """Return each player's guesses in the rounds of the file, with the answers that follow."""
    rows: dict[str, list[tuple[int, int, int, int]]] = defaultdict(list)
    with closing(sqlite3.connect(db)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        for name, *row in file.execute(
            "SELECT session.name, game.ordinal, guess.seq, guess.number, round.secret"
            " FROM guess JOIN game ON game.id = guess.game JOIN round ON round.id = game.round"
            " JOIN session ON session.id = game.session ORDER BY game.ordinal, guess.seq"
        ):
            rows[name].append(tuple(row))
        (count,) = file.execute("SELECT count(*) FROM guess").fetchone()
    assert count == sum(map(len, rows.values())), "guesses that belong to no round"
    for name, guesses in rows.items():
        numbers = [seq for _, seq, _, _ in guesses]
        assert numbers == list(range(1, len(guesses) + 1)), f"{name}: {numbers}"
    return {
        name: [(number, ANSWERS[compare(secret, number)]) for _, _, number, secret in guesses]
        for name, guesses in rows.items()
    }


def fits(told: Told, guesses: Guesses) -> bool:
    """Whether the guesses are those told, of which the unanswered ones may be missing."""
    places = {0}
    for number, answer in told:
        after = {
            place + 1
            for place in places
            if place < len(guesses)
            and guesses[place][0] == number
            and answer in (None, guesses[place][1])
        }
        places = after if answer is not None else after | places
    return len(guesses) in places


def check_ranking(lines: Iterable[Line], counted: Mapping[str, Guesses]) -> None:
    """The standings must be those of the guesses; time, which no player knows, breaks ties."""
    lines = list(lines)
    expected = {name: score(guesses) for name, guesses in counted.items() if guesses}
    shown = {line.name: (line.found, line.guesses) for line in lines}
    assert shown == expected, shown.items() ^ expected.items()
    order = sorted(expected.values(), key=lambda key: (-key[0], key[1]))
    assert [(line.found, line.guesses) for line in lines] == order
    place = 1
    for _, level in groupby(lines, key=lambda line: (line.found, line.guesses)):
        ranks = [line.rank for line in level]
        assert ranks == sorted(ranks)
        assert ranks[0] == place
        assert ranks[-1] < place + len(ranks)
        place += len(ranks)


def score(guesses: Guesses) -> tuple[int, int]:
    """(rounds found, guesses in all)."""
    return sum(answer == "gagné" for _, answer in guesses), len(guesses)


_PRINTED = re.compile(r" *(\d+)\. (.+?) +(\d+) trouvés? en (\d+) coups")


def printed(lines: Iterable[str]) -> list[Line]:
    """Read the standings that the host's console prints."""
    found = filter(None, map(_PRINTED.match, lines))
    return [Line(int(m[1]), m[2], int(m[3]), int(m[4])) for m in found]


def exported(lines: Iterable[dict[str, Any]]) -> list[Line]:
    """Read the standings of an export, or of a state."""
    return [Line(line["rang"], line["nom"], line["trouves"], line["coups"]) for line in lines]


def export(stage: Stage, db: Path, competition: int = 1) -> str:
    """Return the json that `justeprix results` writes, after `justeprix verify` has accepted it."""
    file = db.with_suffix(".json")
    results = ("-m", "justeprix", "results", competition, "--db", db, "--format", "json")
    assert stage.start(*results, "-o", file).end() == 0
    told = stage.start("-m", "justeprix", "verify", file)
    assert told.end() == 0, told.output
    return file.read_text(encoding="utf-8")


class Secret(NamedTuple):
    """What a round hides."""

    number: int
    secret: int
    nonce: str
    closed: bool

    @property
    def seal(self) -> str:
        return seal(f"manche {self.number}", self.secret, self.nonce)


def secrets(db: Path) -> list[Secret]:
    """Return what the file knows of the rounds, which no player may know."""
    with closing(sqlite3.connect(db)) as file:
        rows = file.execute(
            "SELECT number, secret, nonce, closed_at IS NOT NULL FROM round ORDER BY number"
        ).fetchall()
    return [Secret(number, secret, nonce, bool(closed)) for number, secret, nonce, closed in rows]
