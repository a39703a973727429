"""A file with any byte flipped, or cut short: one sentence or the truth, never a traceback."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from justeprix.errors import StoreError
from justeprix.results import FORMATS
from justeprix.store import open_store
from tests.support.reports import SMALL, keep, simulated
from tests.support.rows import ADA, BEA, seated

FEW, MANY = 150, 1500
"""Mutations of each kind of file: in a usual run, in a full one."""


def practice(file: Path) -> None:
    with closing(open_store(file)) as store:
        seated(store, 1, ADA, 50)
        seated(store, 2, BEA, 60, 70)


def running(file: Path) -> None:
    keep(SMALL, file)


def finished(file: Path) -> None:
    keep(simulated(1, 10, 3), file)


def flipped(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 4))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def cut(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(len(content)) :]


def overwritten(content: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(content))
    content[at : at + 16] = chance.randbytes(16)


def used(file: Path, *, reading: bool) -> None:
    """Do with a file all that commands do that open it."""
    with closing(open_store(file, reading=reading)) as store:
        for row in store.competitions():
            datetime.fromtimestamp(row.started_at / 1000, UTC).astimezone()
            report = store.report(row.id)
            for render in FORMATS.values():
                render(report, None)
            store.load(row.id)
        store.names(0)
        store.muted_since()
        store.recall(1, 1)
        if not reading:
            store.resume(ADA)


@pytest.mark.parametrize("make", [practice, running, finished], ids=lambda make: make.__name__)
def test_a_damaged_file_is_one_sentence_or_still_makes_sense(tmp_path, make, full, request) -> None:
    seed = request.config.getoption("--seed") or 20261201
    chance = random.Random(seed)
    sound = tmp_path / "sound.db"
    make(sound)
    content, told = sound.read_bytes(), list[str]()
    for number in range(MANY if full else FEW):
        mutate: Callable[[bytearray, random.Random], None] = chance.choice(
            (flipped, flipped, cut, overwritten)
        )
        damaged = bytearray(content)
        mutate(damaged, chance)
        file = tmp_path / f"{number}.db"
        file.write_bytes(damaged)
        try:
            used(file, reading=number % 2 == 0)
        except StoreError as error:
            told.append(str(error))
        except Exception as error:
            pytest.fail(f"seed {seed}, mutation {number} ({mutate.__name__}): {error!r}")
        for part in tmp_path.glob(f"{number}.db*"):
            part.unlink()
    assert told
    assert not any("\n" in sentence for sentence in told)


SENSELESS = [
    "UPDATE round SET secret = -5 WHERE number = 1",
    "UPDATE round SET secret = 'abc'",
    "UPDATE round SET nonce = X'ff00'",
    "UPDATE round SET nonce = 'xyz'",
    "UPDATE round SET closed_at = 'noon'",
    "UPDATE round SET opened_at = NULL",
    "UPDATE competition SET rounds = -1",
    "UPDATE competition SET low = 2000",
    "UPDATE competition SET started_at = 1 << 62",
    "UPDATE competition SET ended = 'maybe'",
    "UPDATE session SET name = CAST(X'ff' AS TEXT)",
    "UPDATE session SET name = NULL",
    "UPDATE session SET name = X'00'",
    "UPDATE guess SET number = 'x'",
    "UPDATE guess SET at = X'00'",
    "DROP TABLE guess",
]


@pytest.mark.parametrize("change", SENSELESS)
def test_rows_that_no_host_wrote_are_one_sentence(tmp_path, change) -> None:
    file = tmp_path / "game.db"
    keep(SMALL, file)
    with closing(sqlite3.connect(file)) as db:
        db.execute(change)
        db.commit()
    with pytest.raises(StoreError, match="abîmé"):
        used(file, reading=True)
