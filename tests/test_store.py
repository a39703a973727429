"""The contract of every store, once, over every implementation; then what only SQLite promises."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from justeprix.client import Client
from justeprix.errors import CommitError, ProtocolError, StoreError
from justeprix.step import GameRow, GuessRow, SessionRow, Step
from justeprix.store import SqliteStore, Store, sqlite

STORES: dict[str, Callable[[Path], Store]] = {
    "file": lambda folder: SqliteStore(folder / "game.db"),
    "memory": lambda folder: SqliteStore(),
}
"""Every implementation; a new one is one line here."""

ADA, BEA = b"hash of Ada's token", b"hash of Bea's token"


# Rows, with what a test does not care about filled in.


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


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    store = STORES[request.param](tmp_path)
    yield store
    store.close()


class TestContract:
    """`store/base.py`, clause by clause."""

    def test_reserve_gives_ascending_ids_and_never_one_twice(self, store: Store) -> None:
        given = [id for count in (1, 5, 1, 100) for id in store.reserve(count)]
        assert len(given) == 107
        assert given == sorted(set(given))

    def test_what_was_committed_comes_back(self, store: Store) -> None:
        rules = {"ordinal": 1, "low": -5, "high": 10**12 - 1, "secret": 7, "nonce": "ab" * 16}
        hello = session(1, ADA, name="Zoé l'Ours")
        store.commit(step(hello, game(10, 1, **rules), guess(10, 1, -5, 1), guess(10, 2, 9, 1)))
        saved = store.resume(ADA)
        assert saved is not None
        assert saved[:2] == (1, 2)
        assert saved[2:6] == (ADA, "Zoé l'Ours", 2, 9)
        back = saved.game
        assert (back.id, back.ordinal, back.secret, back.nonce) == (10, 1, 7, "ab" * 16)
        assert (back.bounds.low, back.bounds.high) == (-5, 10**12 - 1)
        assert (back.guesses, back.found) == (2, False)

    def test_a_session_without_a_guess_comes_back(self, store: Store) -> None:
        seated(store)
        saved = store.resume(ADA)
        assert saved is not None
        assert (saved.seq, saved.last, saved.name) == (0, None, "Joueur 1")
        assert (saved.game.guesses, saved.game.found) == (0, False)

    def test_a_won_game_comes_back_won(self, store: Store) -> None:
        seated(store, 1, ADA, 50, 42)
        saved = store.resume(ADA)
        assert saved is not None
        assert (saved.seq, saved.last, saved.game.guesses, saved.game.found) == (2, 42, 2, True)

    def test_the_last_game_comes_back_with_its_own_count(self, store: Store) -> None:
        seated(store, 1, ADA, 50, 42)
        second = game(11, 1, ordinal=2, first_seq=3, secret=9)
        store.commit(step(second, guess(11, 3, 80, 1)))
        saved = store.resume(ADA)
        assert saved is not None
        assert (saved.seq, saved.last, saved.game.ordinal, saved.game.guesses) == (3, 80, 2, 1)
        store.commit(step(game(12, 1, epoch=2, ordinal=3, first_seq=4)))
        saved = store.resume(ADA)
        assert saved is not None
        assert (saved.seq, saved.last, saved.game.ordinal, saved.game.guesses) == (3, None, 3, 0)

    def test_sessions_do_not_mix(self, store: Store) -> None:
        seated(store, 1, ADA, 50)
        seated(store, 2, BEA, 1, 2, 3)
        ada, bea = store.resume(ADA), store.resume(BEA)
        assert ada is not None
        assert bea is not None
        assert ((ada.id, ada.seq), (bea.id, bea.seq)) == ((1, 1), (2, 3))

    def test_a_later_row_of_a_session_replaces_the_earlier(self, store: Store) -> None:
        seated(store)
        store.commit(step(session(1, ADA, name="Ada")))
        store.commit(step(session(1, ADA, name="Ada B")))
        saved = store.resume(ADA)
        assert saved is not None
        assert saved.name == "Ada B"

    def test_each_resume_raises_the_epoch(self, store: Store) -> None:
        seated(store)
        epochs = [saved.epoch for saved in map(store.resume, [ADA] * 3) if saved]
        assert epochs == [2, 3, 4]

    def test_an_older_epoch_stores_nothing_and_the_rest_is_stored(self, store: Store) -> None:
        seated(store, 1, ADA, 50)
        seated(store, 2, BEA)
        store.resume(ADA)
        stale = [session(1, ADA, name="Eve", ended=True), game(11, 1, ordinal=2, first_seq=2)]
        stale += [guess(10, 2, 60, 1), guess(11, 2, 60, 1)]
        fenced = store.commit(step(*stale, session(2, BEA, name="Bea"), guess(20, 1, 7, 2)))
        assert fenced == {(1, 1)}
        ada, bea = store.resume(ADA), store.resume(BEA)
        assert ada is not None
        assert bea is not None
        assert (ada.name, ada.seq, ada.game.ordinal) == ("Joueur 1", 1, 1)
        assert (bea.name, bea.seq, bea.last) == ("Bea", 1, 7)
        assert store.recall(1, 2) is None

    @pytest.mark.parametrize("row", [session(1, ADA), game(11, 1, ordinal=2), guess(10, 1, 5, 1)])
    def test_each_kind_of_row_is_fenced(self, store: Store, row: SessionRow) -> None:
        seated(store)
        store.resume(ADA)
        assert store.commit(step(row)) == {(1, 1)}

    def test_the_new_epoch_may_store(self, store: Store) -> None:
        seated(store)
        store.resume(ADA)
        assert not store.commit(step(session(1, ADA, epoch=2), guess(10, 1, 5, 1, epoch=2)))
        assert store.recall(1, 1) == (5, 42)

    def test_any_past_guess_is_recalled_with_its_secret(self, store: Store) -> None:
        seated(store, 1, ADA, 50, 42)
        second = game(11, 1, ordinal=2, first_seq=3, secret=9)
        store.commit(step(second, guess(11, 3, 80, 1), guess(11, 4, 9, 1)))
        seated(store, 2, BEA, 77)
        recalled = [store.recall(1, seq) for seq in range(6)]
        assert recalled == [None, (50, 42), (42, 42), (80, 9), (9, 9), None]
        assert store.recall(2, 1) == (77, 42)
        assert store.recall(3, 1) is None

    def test_a_seq_is_stored_once_and_a_second_takes_its_step_down(self, store: Store) -> None:
        seated(store, 1, ADA, 50)
        seated(store, 2, BEA)
        with pytest.raises(CommitError):
            store.commit(step(guess(20, 1, 7, 2), guess(10, 1, 51, 1)))
        assert store.recall(1, 1) == (50, 42)
        assert store.recall(2, 1) is None
        assert not store.commit(step(guess(20, 1, 7, 2)))

    def test_two_sessions_cannot_have_one_token(self, store: Store) -> None:
        seated(store, 1, ADA)
        with pytest.raises(CommitError):
            store.commit(step(session(2, ADA), game(20, 2)))

    def test_an_ended_session_is_refused(self, store: Store) -> None:
        seated(store, 1, ADA, 50)
        store.commit(step(session(1, ADA, ended=True)))
        for _ in range(2):
            with pytest.raises(ProtocolError) as refused:
                store.resume(ADA)
            assert refused.value.code == "finie"
        assert store.recall(1, 1) == (50, 42)

    def test_an_unknown_token_is_nobody(self, store: Store) -> None:
        store.commit(step(session(1), game(10, 1)))
        assert store.resume(b"never seen") is None

    def test_names_are_those_who_may_return(self, store: Store) -> None:
        named = [("old", 1, 500), ("Ada", 2, 1000), ("Bea", 3, 2000)]
        rows = [session(id, bytes([id]), name=name, seen_at=at) for name, id, at in named]
        gone = session(4, b"4", name="gone", ended=True)
        store.commit(step(*rows, gone, session(5)))
        assert sorted(store.names(1000)) == [(2, "Ada"), (3, "Bea")]

    def test_an_empty_step_stores_nothing(self, store: Store) -> None:
        assert store.commit(step()) == frozenset()

    def test_closing_twice_is_closing_once(self, store: Store) -> None:
        store.close()
        store.close()


# SQLite: what survives.


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


def test_a_missing_folder_is_made(tmp_path) -> None:
    with opened(tmp_path / "new" / "deep" / "game.db") as store:
        assert store.reserve(1)


def test_two_hosts_on_one_file_fence_each_other(path) -> None:
    with opened(path) as first, opened(path) as second:
        seated(first, 1, ADA, 50)
        saved = second.resume(ADA)
        assert saved is not None
        assert first.commit(step(guess(10, 2, 60, 1))) == {(1, 1)}
        assert not second.commit(step(guess(10, 2, 70, 1, epoch=saved.epoch)))
        assert first.recall(1, 2) == (70, 42)
        assert not set(first.reserve(100)) & set(second.reserve(100))


def test_a_lock_held_elsewhere_is_a_commit_error_and_passes(path) -> None:
    with opened(path) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        seated(store)
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(CommitError, match=r"game\.db"):
            store.commit(step(guess(10, 1, 50, 1)))
        assert 0.5 <= time.monotonic() - began < 3
        assert store.recall(1, 1) is None  # WAL: who writes does not stop who reads
        other.execute("ROLLBACK")
        assert not store.commit(step(guess(10, 1, 50, 1)))


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


# SQLite: how it is written.


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


# SQLite: versions, and files that are not ours.


def test_the_file_says_whose_it_is_and_which_version(path) -> None:
    with opened(path):
        pass
    assert pragma(path, "user_version") == len(sqlite.MIGRATIONS)
    assert pragma(path, "application_id") == sqlite.APPLICATION_ID


def test_an_older_file_is_brought_up_to_date_with_all_it_had(path, monkeypatch) -> None:
    with opened(path) as store:
        seated(store, 1, ADA, 50)
    # No second version exists yet: this is how one will be added.
    newer = (*sqlite.MIGRATIONS, ("ALTER TABLE game ADD COLUMN round INTEGER",))
    monkeypatch.setattr(sqlite, "MIGRATIONS", newer)
    for _ in range(2):
        with opened(path) as store:
            assert store.recall(1, 1) == (50, 42)
        assert pragma(path, "user_version") == len(newer)


def test_a_migration_that_fails_leaves_the_file_as_it_was(path, monkeypatch) -> None:
    with opened(path) as store:
        seated(store, 1, ADA, 50)
    broken = ("CREATE TABLE half (id INTEGER)", "INSERT INTO nowhere VALUES (1)")
    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "MIGRATIONS", (*sqlite.MIGRATIONS, broken))
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
