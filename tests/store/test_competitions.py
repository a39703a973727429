"""What every store keeps of a competition: the second half of the contract in `store/contract.py`.

Competition 500 has three rounds, 501 to 503; Ada's and Bea's sessions are 1 and 2, their game in
round `n` has ten times the session's number plus `n` as its id.
"""

from __future__ import annotations

import pytest

from justeprix.errors import CommitError, ProtocolError
from justeprix.game.records import SavedPlayer, SessionRow
from justeprix.game.secret import Answer, Bounds
from justeprix.game.standings import Result, Standing
from justeprix.results.report import Move, Report, RoundReport
from justeprix.store import Store
from tests.support.rows import ADA, BEA, contest, drawn, game, guess, put, round_of, session

CID = b"hash of Cid's token"
NAMES = {1: "Ada", 2: "Bea", 3: "Cid"}

FIRST = round_of(500, 1, 42, opened_at=2000, closed_at=9000)
SECOND = round_of(500, 2, 77, opened_at=10_000, closes_at=70_000)
THIRD = round_of(500, 3, 13)


def player(
    id: int, name: str, hash: bytes | None = None, *, competition: int | None = 500, **but: object
) -> SessionRow:
    row = session(id, hash, name=name, **but)
    return row._replace(competition=competition)


def play(store: Store, id: int, number: int, *moves: tuple[int, int, int], epoch: int = 1) -> None:
    """Store a session's game in a round, with moves of (seq, number guessed, time)."""
    secret = {1: 42, 2: 77, 3: 13}[number]
    own = 10 * id + number
    fields = {"ordinal": number, "first_seq": moves[0][0], "secret": secret, "round": 500 + number}
    rows = [guess(own, seq, guessed, id, epoch=epoch, at=at) for seq, guessed, at in moves]
    assert not put(store, game(own, id, epoch=epoch, **fields), *rows)


@pytest.fixture
def played(store: Store) -> Store:
    """The second round runs: Ada and Bea are in it, Cid has said his name and no more."""
    put(store, contest(clock=10_000), FIRST, SECOND, THIRD)
    put(store, player(1, "Ada", ADA), player(2, "Bea"), player(3, "Cid", CID))
    play(store, 1, 1, (1, 50, 3000), (2, 42, 4500))
    play(store, 2, 1, (1, 10, 3100), (2, 20, 3200), (3, 30, 3300))
    play(store, 1, 2, (3, 50, 11_000))
    play(store, 2, 2, (4, 70, 12_000), (5, 77, 13_500))
    return store


def refusal(store: Store, hash: bytes, competition: int | None = 500) -> str:
    with pytest.raises(ProtocolError) as refused:
        store.resume(hash, competition)
    return refused.value.code


# Competitions and rounds.


def test_competitions_come_newest_first(store: Store) -> None:
    assert store.competitions() == []
    rows = [contest(id, rounds=id, time_limit=limit) for id, limit in ((7, 60), (9, None), (8, 5))]
    put(store, *rows)
    assert store.competitions() == [rows[1], rows[2], rows[0]]
    assert [row.ended for row in store.competitions()] == [False] * 3


def test_a_competition_as_it_began_comes_back(store: Store) -> None:
    begun = drawn(42, 77, players=4, time_limit=60, low=-5)
    put(store, begun.row, *reversed(begun.rounds))
    assert store.load(500) == begun


def test_a_later_row_of_a_competition_or_round_replaces_the_earlier(store: Store) -> None:
    begun = drawn(42, 77)
    put(store, begun.row, *begun.rounds)
    opened = begun.rounds[0]._replace(opened_at=2000, closes_at=9000)
    put(store, begun.row._replace(clock=2000), opened)
    ended = begun.row._replace(clock=3000, ended=True)
    put(store, ended, opened._replace(closed_at=3000))
    back = store.load(500)
    assert back.row == ended
    assert back.rounds == [opened._replace(closed_at=3000), begun.rounds[1]]


def test_competitions_do_not_mix(played: Store) -> None:
    other = drawn(5, 6, id=600)
    put(played, other.row, *other.rounds, player(9, "Ada", BEA, competition=600))
    put(played, game(91, 9, round=601), guess(91, 1, 42, 9))
    players = [(p.session, p.name) for p in played.load(500).players]
    assert players == [(1, "Ada"), (2, "Bea"), (3, "Cid")]
    assert [p.session for p in played.load(600).players] == [9]
    assert played.load(600).rounds == other.rounds


# Players.


def test_players_come_back_with_the_results_of_all_their_rounds(played: Store) -> None:
    assert played.load(500).players == [
        SavedPlayer(1, 1, "Ada", True, False, {1: Result(2, True, 2500), 2: Result(1)}),
        SavedPlayer(2, 1, "Bea", False, False, {1: Result(3), 2: Result(2, True, 3500)}),
        SavedPlayer(3, 1, "Cid", True, False, {}),
    ]


def test_who_cannot_return_and_has_done_nothing_is_nobody(played: Store) -> None:
    gone = player(5, "Eve", b"Eve", ended=True)
    put(played, player(4, "Dan"), gone, player(1, "Ada", ADA, ended=True))
    told = [(p.name, p.resumable) for p in played.load(500).players]
    assert told == [("Ada", False), ("Bea", False), ("Cid", True)]


def test_the_clock_is_not_before_the_last_guess(played: Store) -> None:
    assert played.load(500).row.clock == 13_500
    put(played, contest(clock=20_000))
    assert played.load(500).row.clock == 20_000


def test_a_session_comes_back_in_its_round(played: Store) -> None:
    saved = played.resume(ADA, 500)
    assert saved is not None
    assert saved[:6] == (1, 2, ADA, "Ada", 3, 50)
    back = saved.game
    assert back is not None
    assert (back.id, back.ordinal, back.secret, back.guesses, back.found) == (12, 2, 77, 1, False)


def test_a_session_that_entered_no_round_comes_back_without_a_game(played: Store) -> None:
    saved = played.resume(CID, 500)
    assert saved is not None
    assert saved[1:] == (2, CID, "Cid", 0, None, None, False)


def test_a_token_of_elsewhere_is_no_token_here(played: Store) -> None:
    put(played, player(9, "Zoé", BEA, competition=None), game(90, 9))
    for hash, elsewhere in ((ADA, 600), (ADA, None), (BEA, 500)):
        assert refusal(played, hash, elsewhere) == "finie"
    ada, zoe = played.resume(ADA, 500), played.resume(BEA)
    assert ada is not None
    assert zoe is not None
    assert (ada.epoch, zoe.epoch) == (2, 2)  # what was refused fenced nobody


def test_names_of_a_competition_are_not_kept_for_practice(played: Store) -> None:
    assert played.names(0) == []


def test_rows_of_a_round_are_fenced(played: Store) -> None:
    played.resume(ADA, 500)
    stale = [player(1, "Eve", ADA), game(13, 1, ordinal=3, first_seq=4, round=503)]
    stale += [guess(12, 4, 77, 1), guess(13, 4, 13, 1)]
    fresh = guess(22, 6, 1, 2)
    assert put(played, *stale, fresh) == {(1, 1)}
    ada, bea, _ = played.load(500).players
    assert (ada.name, ada.epoch, ada.results[2]) == ("Ada", 2, Result(1))
    assert bea.results[2].guesses == 3
    play(played, 1, 3, (4, 13, 20_000), epoch=2)


# What the teacher and newcomers change.


def test_a_seat_goes_to_its_heir_with_all_that_was_played(played: Store) -> None:
    put(played, player(4, "Joueur 4", b"Dan"))
    saved = played.adopt(2, b"Dan", 4)
    assert saved[:6] == (2, 2, b"Dan", "Bea", 5, 77)
    assert saved.game is not None
    assert (saved.game.id, saved.game.guesses, saved.game.found) == (22, 2, True)
    again = played.resume(b"Dan", 500)
    assert again is not None
    assert (again.id, again.epoch) == (2, 3)
    assert [p.session for p in played.load(500).players] == [1, 2, 3]


def test_a_seat_given_on_fences_its_old_owner_and_forgets_the_token(played: Store) -> None:
    played.adopt(1, None, 4)
    assert played.resume(ADA, 500) is None
    assert put(played, guess(12, 4, 77, 1)) == {(1, 1)}
    play(played, 1, 3, (4, 13, 20_000), epoch=2)


def test_a_seat_whose_owner_said_fin_can_be_resumed_by_its_heir(played: Store) -> None:
    put(played, player(1, "Ada", ADA, ended=True))
    played.adopt(1, b"Dan", 4)
    assert played.resume(b"Dan", 500) is not None


def test_a_session_without_a_game_is_given_on_too(played: Store) -> None:
    assert played.adopt(3, b"Dan", 4)[1:] == (2, b"Dan", "Cid", 0, None, None, True)


def test_a_new_name_is_kept_and_fences_nobody(played: Store) -> None:
    played.rename(1, "Ada L", kept=False)
    assert [p.name for p in played.load(500).players] == ["Ada L", "Bea", "Cid"]
    assert not put(played, guess(12, 4, 77, 1))


def test_who_is_excluded_stores_nothing_more_and_cannot_return(played: Store) -> None:
    for _ in range(2):
        played.exclude(1, NAMES[1], 500, 9000)
    assert refusal(played, ADA) == "exclu"
    assert refusal(played, ADA, 501) == refusal(played, ADA, None) == "finie"  # only there
    assert put(played, guess(12, 4, 77, 1), player(1, "Ada", ADA)) == {(1, 1)}
    ada = played.load(500).players[0]
    assert (ada.name, ada.excluded, ada.resumable, ada.results[2]) == (
        "Ada",
        True,
        False,
        Result(1),
    )
    played.exclude(3, NAMES[3], 500, 9000)
    assert [p.excluded for p in played.load(500).players] == [True, False, True]


# The report.


def test_a_report_tells_closed_rounds_only(played: Store) -> None:
    report = played.report(500)
    assert isinstance(report, Report)
    assert (report.competition, report.started_at, report.bounds) == (500, 1000, Bounds(1, 100))
    assert (report.planned, report.ended) == (3, False)
    assert report.rounds == (RoundReport(1, 42, "00ff" * 8, 7000),)
    lower, found, higher = Answer.LOWER, Answer.FOUND, Answer.HIGHER
    assert [(p.name, p.excluded, p.games) for p in report.players] == [
        ("Ada", False, {1: (Move(50, lower, 1000), Move(42, found, 2500))}),
        ("Bea", False, {1: tuple(Move(n, higher, 1000 + 10 * n) for n in (10, 20, 30))}),
    ]
    assert report.standings == [Standing(1, "Ada", 1, 2, 2500), Standing(2, "Bea", 0, 3)]
    assert not any(text in repr(report) for text in ("secret=77", "secret=13", "12000"))


def test_a_report_of_the_end_tells_all_that_was_played(played: Store) -> None:
    played.exclude(2, NAMES[2], 500, 9000)
    put(played, contest(ended=True), SECOND._replace(closed_at=20_000))
    report = played.report(500)
    assert report is not None
    assert report.ended
    assert [(r.number, r.duration) for r in report.rounds] == [(1, 7000), (2, 10_000)]
    assert [(p.name, p.excluded, sorted(p.games)) for p in report.players] == [
        ("Ada", False, [1, 2]),
        ("Bea", True, [1, 2]),
    ]
    assert report.players[1].results[2] == Result(2, True, 3500)
    assert report.standings == [Standing(1, "Ada", 1, 3, 2500)]


def test_a_report_agrees_with_what_was_loaded(played: Store) -> None:
    put(played, SECOND._replace(closed_at=20_000))
    report = played.report(500)
    assert report is not None
    loaded = {p.name: p.results for p in played.load(500).players if p.results}
    assert {p.name: p.results for p in report.players} == loaded


def test_there_is_no_report_of_what_never_was(store: Store) -> None:
    assert store.report(500) is None


# Failure.


def test_a_round_that_cannot_be_stored_takes_its_step_down(played: Store) -> None:
    before = played.load(500)
    with pytest.raises(CommitError):
        put(played, contest(ended=True), THIRD, guess(11, 1, 50, 1))
    assert played.load(500) == before


def test_a_closed_store_says_so(played: Store) -> None:
    played.close()
    for call in (
        lambda: played.competitions(),
        lambda: played.load(500),
        lambda: played.report(500),
        lambda: played.rename(1, "Ada", kept=False),
        lambda: played.exclude(1, NAMES[1], 500, 9000),
        lambda: played.adopt(2, None, 4),
    ):
        with pytest.raises(CommitError):
            call()
