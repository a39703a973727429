"""The benchmark of what grows: its file is a true one, and what it times really happens."""

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

pytest.importorskip("resource")

from justeprix.game.records import CompetitionRow, GameRow, GuessRow, RoundRow, Rows, SessionRow
from justeprix.results.document import render
from justeprix.results.verify import faults
from justeprix.store import open_store
from tests.bench import screens, startup, stored, workers
from tests.bench.crowd import LOG, SEATS, Crowd, leave_dead, sample
from tests.bench.measure import PYTHON_LOAD, Failed, Measure
from tests.bench.screens import BUSY, QUIET
from tests.bench.screens import measure as begin_rounds
from tests.bench.startup import on_terminal, through_pipe
from tests.bench.stored import LOOKUPS, Taken, choose, ranking
from tests.bench.workers import play
from tests.bench.year import START, Kind, Year, make

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the benchmark needs Linux"
)

GUESSES = 250_000  # with fewer there would be no competition but the last
PLAYERS = 12
TABLES = ("counter", "competition", "round", "session", "game", "guess")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Year]:
    """A short year; nobody writes to it."""
    path = tmp_path_factory.mktemp("year") / "year.db"
    return path, make(path, GUESSES, Kind(PLAYERS, secrets=3, contest=True, drawn=1))


NEVER = (
    "JOIN round ON game.round = round.id WHERE game.secret != round.secret",
    "JOIN round ON game.round = round.id WHERE game.nonce != round.nonce",
    "WHERE first_seq != (SELECT min(seq) FROM guess WHERE game = game.id)",
    "WHERE secret != (SELECT number FROM guess WHERE game = game.id ORDER BY seq DESC LIMIT 1)",
)
"""Games that no host would store; here all are found."""

# The file.


def test_the_file_is_the_one_that_the_store_would_have_written(
    made: tuple[Path, Year], tmp_path: Path
) -> None:
    path, _ = made
    again = tmp_path / "again.db"
    with closing(sqlite3.connect(path)) as db, closing(open_store(again)) as store:
        store.commit(everything(db), 0)
    with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(again)) as other:
        assert schema(one) == schema(other)
        for table in TABLES[1:]:
            rows = f"SELECT * FROM {table}"
            assert one.execute(rows).fetchall() == other.execute(rows).fetchall(), table


def test_the_file_is_sound_and_no_id_will_be_given_again(made: tuple[Path, Year]) -> None:
    path, year = made
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
        ids = [f"SELECT id FROM {table}" for table in ("session", "game", "round")]
        given = sorted(id for (id,) in db.execute(" UNION ALL ".join(ids)))
        assert given == sorted(set(given))
        for where in NEVER:
            assert db.execute(f"SELECT * FROM game {where}").fetchone() is None, where
        next_id, competition, _ = db.execute("SELECT * FROM counter").fetchone()
        assert given[-1] < next_id
        assert competition == year.competition + 1
        counted = [
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("guess", "game", "session")
        ]
    assert counted == list(year[:3])
    assert year.guesses >= GUESSES


def test_its_competitions_verify_and_the_last_one_goes_on(made: tuple[Path, Year]) -> None:
    path, year = made
    with closing(open_store(path)) as store:
        competitions = store.competitions()
        assert [row.id for row in competitions] == [*range(year.competition, 0, -1)] != [1]
        assert [row.ended for row in competitions] == [False] + [True] * (year.competition - 1)
        for row in competitions:
            report = store.report(row.id)
            assert report is not None
            assert len(report.rounds) == row.rounds - (not row.ended)
            assert faults(render(report)) == []
        assert len(ranking(store, choose(path, year))) == PLAYERS


def test_what_is_looked_up_is_there(made: tuple[Path, Year], tmp_path: Path) -> None:
    path, year = copied(made[0], tmp_path), made[1]
    with closing(open_store(path)) as store:
        probes = choose(path, year)
        for name, lookup in LOOKUPS.items():
            for turn in range(5):
                assert lookup.ask(store, probes, turn), name


def test_a_real_host_plays_on_it(made: tuple[Path, Year], tmp_path: Path) -> None:
    copy = copied(made[0], tmp_path)
    sample(copy)
    with closing(open_store(copy)) as store:
        assert store.reserve(1)[0] > made[1].sessions + made[1].games


def copied(path: Path, folder: Path) -> Path:
    return Path(shutil.copy(path, folder))


def schema(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    versions = [db.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "encoding")]
    return versions + db.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()


def everything(db: sqlite3.Connection) -> Rows:
    """All rows of a file."""
    rows = Rows()
    rows.competitions = [CompetitionRow(*row) for row in db.execute("SELECT * FROM competition")]
    rows.rounds = [RoundRow(*row) for row in db.execute("SELECT * FROM round")]
    sessions = "SELECT id, epoch, token_hash, name, ended, seen_at, competition FROM session"
    rows.sessions = [SessionRow(*row) for row in db.execute(sessions)]
    games = """
        SELECT id, ordinal, first_seq, low, high, secret, nonce, session, 1, round FROM game
    """
    rows.games = [GameRow(*row) for row in db.execute(games)]
    guesses = "SELECT guess.*, session, 1 FROM guess JOIN game ON id = game"
    rows.guesses = [GuessRow(*row) for row in db.execute(guesses)]
    return rows


# The busy host.


def test_a_crowd_guesses_once_each_and_all_of_it_is_stored(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "crowd.db")) as store:
        crowd = Crowd(store)
        for _ in range(20):
            rows = crowd.guess()
            assert len(rows.guesses) == SEATS
            assert store.commit(rows, START) == frozenset()
        assert {store.recall(session, 20) for session in crowd.sessions} == {(50, 51)}


def test_a_host_that_dies_leaves_a_long_log(tmp_path: Path) -> None:
    path = tmp_path / "dead.db"
    open_store(path).close()
    leave_dead(path)
    assert Path(f"{path}-wal").stat().st_size >= LOG
    open_store(path).close()
    assert not Path(f"{path}-wal").exists()


def test_a_promise_is_kept_always_in_the_median_or_not() -> None:
    assert Taken(5, warm=[1, 2, 3], cold=[4]).kept == "yes"
    assert Taken(5, warm=[1, 2, 9], cold=[4]).kept == "median"
    assert Taken(5, warm=[1, 2, 3], cold=[4, 9, 9]).kept == "no"
    assert Taken(6, warm=[1, 2, 9, 10]).kept == "median"  # 5.5, as the table shows it
    assert Taken(None, warm=[1]).kept == ""


# Starting.

ECHO = """
import sys
print("ready" if sys.stdin.isatty() == sys.stdout.isatty() == {terminal} else "other", flush=True)
assert input() == "FIN"
"""


@pytest.mark.parametrize(
    ("start", "terminal"), [(through_pipe, False), (on_terminal, True)], ids=["pipe", "terminal"]
)
def test_a_start_ends_when_the_text_is_there(start, terminal: bool) -> None:
    said = start([sys.executable, "-c", ECHO.format(terminal=terminal)], "ready")
    assert said.cpu > 0
    assert said.took > 0


@pytest.mark.parametrize("start", [through_pipe, on_terminal], ids=["pipe", "terminal"])
def test_a_start_that_never_says_it_is_no_start(start) -> None:
    with pytest.raises(Failed, match="ended with 0"):
        start([sys.executable, "-c", "print('other')"], "ready")
    with pytest.raises(Failed, match="ended with 3"):
        start([sys.executable, "-c", "print('ready'); raise SystemExit(3)"], "ready")


# The tables: they come last, and with them all that took an hour to measure.

MEASURE = Measure(1000.0, 1.0, 2.0, 3.0, 10.0, 30.0, 0.5, 0)
STARTS = (startup.BARE, startup.TYPER, *startup.PROMISED)
TABLES_OF = {
    "startup": startup.table({name: [startup.Start(200.0, 90.0)] for name in STARTS}),
    "screens": screens.table({300: {QUIET: [[0.01, 0.05]], BUSY: [[0.01, 0.15]]}}),
    "store": stored.table({"open": Taken(1000, [1.0, 2.0], [3.0]), "commit": Taken()}),
    "workers": workers.tables(
        [1, 2], {(30, "1 worker"): [MEASURE, None], (30, "2 workers"): [MEASURE, MEASURE]}
    ),
}


@pytest.mark.parametrize(
    ("part", "row"),
    [
        ("startup", ["< 300", "justeprix --help", "200.00 (200.00–200.00)", "90.00 (90.00–90.00)"]),
        ("screens", ["300", BUSY, "10.00 (10.00–10.00)", "150.00 (150.00–150.00)"]),
        ("store", ["< 1,000", "open", "1.50 (1.00–2.00)", "3.00 (3.00–3.00)", "2, 1", "yes"]),
        ("workers", ["30", "1 worker", "1,000", "0.001", "0.002", "0.003"]),
    ],
)
def test_what_was_measured_is_laid_out(part: str, row: list[str]) -> None:
    lines = TABLES_OF[part].splitlines()
    cells = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    assert row in [found[: len(row)] for found in cells]


# Screens and workers.


def test_rounds_come_to_all_screens() -> None:
    told: list[str] = []
    found = begin_rounds(5, quiet=1, busy=2, tell=told.append)
    assert {kind: len(begins) for kind, begins in found.items()} == {QUIET: 1, BUSY: 2}
    for begin in [*found[QUIET], *found[BUSY]]:
        assert len(begin) == 5
        assert 0 < begin[0] <= begin[-1]
    assert len(told) == 3


def test_a_host_with_several_workers_is_measured() -> None:
    measured = play(2, PYTHON_LOAD, 4, 0.2)
    assert measured.rate > 0
    assert measured.starved == 0
