"""What only SQLite promises: what survives, how it is written, and files that are not ours."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from itertools import chain
from pathlib import Path

import pytest

from justeprix.client import Client
from justeprix.errors import CommitError, StoreError
from justeprix.game.records import Rows
from justeprix.game.secret import Bounds, Game
from justeprix.store import open_store
from justeprix.store import sqlite_schema as schema
from justeprix.store.sqlite import SQL, SqliteStore
from tests.support.books import logged
from tests.support.rows import ADA, BEA, drawn, game, guess, put, seated, session, together

# What survives.


@contextmanager
def opened(path: Path, **options: bool) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path, **options)) as store:
        yield store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "game.db"


def pragma(path: Path, name: str) -> object:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_closed_file_opens_again_with_all_it_had(path) -> None:
    with opened(path) as store:
        given = store.reserve(10)
        seated(store, 1, ADA, 50)
    with opened(path) as store:
        saved = store.resume(ADA)
        assert saved is not None
        assert (saved.seq, saved.last, saved.game.secret) == (1, 50, 42)
        assert store.reserve(1)[0] == given[-1] + 1


def test_the_place_of_a_store_opens_it_again_and_memory_has_none(path) -> None:
    with closing(open_store(path)) as store:
        seated(store, 1, ADA, 50)
    with closing(open_store(str(store.place))) as again:
        assert again.recall(1, 1) == (50, 42)
    with closing(open_store(":memory:")) as store:
        assert store.place is None


def test_the_log_is_in_the_file_step_by_step(path) -> None:
    with opened(path) as store:
        for at, guesses in (
            (1000, [(7, 1, 42, 50), (8, 1, 10**12 - 1, -5)]),
            (1007, [(7, 2, 42, 42)]),
        ):
            assert not store.commit(Rows(logged=[*chain(*guesses)]), at)
        with closing(sqlite3.connect(path)) as db:
            assert list(logged(db)) == [
                (7, 1, 42, 50, 1000),
                (8, 1, 10**12 - 1, -5, 1000),
                (7, 2, 42, 42, 1007),
            ]


def test_of_a_step_that_fails_nothing_is_in_the_log(path) -> None:
    with opened(path) as store:
        seated(store, 1, ADA, 50)
        twice = Rows(logged=[7, 1, 42, 50], guesses=[guess(10, 1, 51, 1)])
        with pytest.raises(CommitError):
            store.commit(twice, 1000)
        with closing(sqlite3.connect(path)) as db:
            assert not list(logged(db))


def test_a_missing_folder_is_made(tmp_path) -> None:
    with opened(tmp_path / "new" / "deep" / "game.db") as store:
        assert store.reserve(1)


def test_two_hosts_on_one_file_fence_each_other(path) -> None:
    with opened(path) as first, opened(path) as second:
        seated(first, 1, ADA, 50)
        saved = second.resume(ADA)
        assert saved is not None
        assert put(first, guess(10, 2, 60, 1)) == {(1, 1)}
        assert not put(second, guess(10, 2, 70, 1, epoch=saved.epoch))
        assert first.recall(1, 2) == (70, 42)
        assert not set(first.reserve(100)) & set(second.reserve(100))


def test_a_lock_held_elsewhere_is_a_commit_error_and_passes(path) -> None:
    with opened(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        seated(store)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(CommitError, match=r"game\.db"):
            put(store, guess(10, 1, 50, 1))
        assert 0.5 <= time.monotonic() - began < 3
        assert store.recall(1, 1) is None  # WAL: who writes does not stop who reads
        other.execute("ROLLBACK")
        assert not put(store, guess(10, 1, 50, 1))


@pytest.mark.parametrize("call", [lambda s: s.resume(ADA), lambda s: s.reserve(1)])
def test_every_writer_says_when_the_file_is_locked(path, call) -> None:
    with opened(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        seated(store)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(CommitError):
            call(store)
        other.execute("ROLLBACK")
        assert call(store)


def test_a_closed_store_says_so(path) -> None:
    store = SqliteStore(path)
    store.close()
    for call in (lambda: store.reserve(1), lambda: store.recall(1, 1), lambda: store.names(0)):
        with pytest.raises(CommitError):
            call()


# How it is written.


@pytest.mark.parametrize(("durable", "synchronous"), [(False, 1), (True, 2)])
def test_wal_and_synchronous(path, durable, synchronous) -> None:
    with opened(path, durable=durable) as store:
        assert store._db.execute("PRAGMA synchronous").fetchone() == (synchronous,)
        assert pragma(path, "journal_mode") == "wal"


def test_tokens_are_not_in_the_file(server, tmp_path) -> None:
    running = server()
    with Client(running.address[1]) as player:
        token = player.demande("session").split()[1]
        player.propose(50)
        running_files = [file.read_bytes() for file in tmp_path.glob("game.db*")]
    running.close()
    files = running_files + [file.read_bytes() for file in tmp_path.glob("game.db*")]
    assert len(files) >= 3  # the log beside the file, while it runs
    for form in (token.encode(), token.upper().encode(), bytes.fromhex(token)):
        assert not any(form in content for content in files)


def test_each_kind_of_row_has_its_sql() -> None:
    assert set(SQL) == {kind.name for kind in fields(Rows)}


@pytest.mark.parametrize("kind", fields(Rows), ids=lambda kind: kind.name)
def test_a_kind_of_row_without_sql_is_named_and_takes_its_step_down(
    path, monkeypatch, kind
) -> None:
    with opened(path) as store:
        seated(store)
        monkeypatch.delitem(SQL, kind.name, raising=False)
        rows = together(session(2, BEA))
        setattr(rows, kind.name, [*getattr(rows, kind.name), 0])
        assert rows
        with pytest.raises(KeyError, match=kind.name):
            store.commit(rows, 1000)
        assert not store.names(0)[1:]  # Bea's session neither


# Versions, and files that are not ours.


def test_the_file_says_whose_it_is_and_which_version(path) -> None:
    with opened(path):
        pass
    assert pragma(path, "user_version") == len(schema.MIGRATIONS)
    assert pragma(path, "application_id") == schema.APPLICATION_ID


def first_version(path: Path) -> None:
    """A file as the first version left it: Ada, whose second game runs, and a plain player."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in schema.MIGRATIONS[0]:
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("UPDATE counter SET next_id = 100")
        sessions = [(1, 3, ADA, "Ada", 0, 1000), (2, 1, None, None, 0, 1000)]
        db.executemany("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", sessions)
        games = [(10, 1, 1, 1, 1, 100, 42, "aa"), (11, 1, 2, 3, -5, 9, 7, "bb")]
        games.append((20, 2, 1, 1, 1, 100, 13, "cc"))
        db.executemany("INSERT INTO game VALUES (?, ?, ?, ?, ?, ?, ?, ?)", games)
        guesses = [(10, 1, 50, 1001), (10, 2, 42, 1002), (11, 3, 9, 1003), (20, 1, 50, 1001)]
        db.executemany("INSERT INTO guess VALUES (?, ?, ?, ?)", guesses)


def test_an_older_file_is_brought_up_to_date_with_all_it_had(path) -> None:
    first_version(path)
    assert pragma(path, "user_version") == 1
    for epoch in (4, 5):
        with opened(path) as store:
            assert [store.recall(1, seq) for seq in (1, 2, 3)] == [(50, 42), (42, 42), (9, 7)]
            assert store.recall(2, 1) == (50, 13)
            assert [p[:1] + p[2:5] for p in store.names(1000)] == [(1, "Ada", True, False)]
            saved = store.resume(ADA)
            assert saved is not None
            assert saved[:6] == (1, epoch, ADA, "Ada", 3, 9)
            assert saved.game == Game(11, 2, Bounds(-5, 9), 7, "bb", guesses=1)
            assert store.competitions() == []
            assert store.reserve(1) == range(96 + epoch, 97 + epoch)
        assert pragma(path, "user_version") == len(schema.MIGRATIONS)


def test_an_older_file_takes_a_competition(path) -> None:
    first_version(path)
    with opened(path) as store:
        begun = drawn(42)
        put(store, begun.row, *begun.rounds)
        put(store, session(3, BEA, competition=500), game(30, 3, round=501))
        put(store, guess(30, 1, 42, 3))
        assert [player.name for player in store.load(500).players] == ["Joueur 3"]


def test_a_migration_that_fails_leaves_the_file_as_it_was(path, monkeypatch) -> None:
    with opened(path) as store:
        seated(store, 1, ADA, 50)
    broken = ("CREATE TABLE half (id INTEGER)", "INSERT INTO nowhere VALUES (1)")
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(StoreError):
            SqliteStore(path)
    with closing(sqlite3.connect(path)) as db:
        assert not db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'half'").fetchone()
    with opened(path) as store:
        assert store.recall(1, 1) == (50, 42)


def test_two_hosts_may_create_the_file_at_once(path) -> None:
    errors: list[Exception] = []
    gate = threading.Barrier(4, timeout=5)

    def create() -> None:
        gate.wait()
        try:
            SqliteStore(path).close()
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not errors


def from_the_future(path: Path) -> None:
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1000")


def of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipe (name TEXT)")


def marked_by_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA application_id = 0x12345678")
        db.execute("VACUUM")  # an empty file keeps no mark


def a_text(path: Path) -> None:
    path.write_text("les devoirs de mardi\n" * 200)


@pytest.mark.parametrize(
    "make",
    [from_the_future, of_another_program, marked_by_another_program, a_text, Path.mkdir],
    ids=lambda make: make.__name__,
)
def test_a_file_that_is_not_ours_is_refused_and_left_alone(path, make) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError) as refused:
        SqliteStore(path)
    assert_one_sentence(refused.value, path)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert [file.name for file in path.parent.iterdir()] == ["game.db"]


def test_a_path_that_cannot_be_is_refused(path) -> None:
    path.write_text("a file, where a folder should be")
    with pytest.raises(StoreError) as refused:
        SqliteStore(path / "game.db")
    assert_one_sentence(refused.value, path)


def assert_one_sentence(error: StoreError, path: Path) -> None:
    """It names the file, says what to do, and is no CommitError: waiting helps nobody."""
    sentence = str(error)
    assert not isinstance(error, CommitError)
    assert str(path) in sentence
    assert "--db" in sentence
    assert "\n" not in sentence
