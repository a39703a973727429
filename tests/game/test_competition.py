"""Lobby, rounds, pauses, podium: the table of transitions, and what time and players ask for."""

import pytest

from justeprix.errors import CompetitionError
from justeprix.game.competition import TRANSITIONS, Competition, Event, Phase
from justeprix.game.standings import Result
from tests.support.rows import drawn

START = 1000  # when the competitions of these tests begin, on their own clock


def move(contest, event, now):
    """What the director does, without a store."""
    change = contest.plan(event, now)
    contest.apply(change)
    return change


def contest_in(phase, **settings):
    """A competition of three rounds, in that phase since START."""
    contest = Competition(drawn(42, 77, 13, **settings))
    path = {
        Phase.LOBBY: [],
        Phase.ROUND: [Event.OPEN],
        Phase.PAUSE: [Event.OPEN, Event.CLOSE],
        Phase.FINISHED: [Event.FINISH],
    }[phase]
    for event in path:
        move(contest, event, START)
    assert contest.phase is phase
    return contest


PHASES = [phase for phase in Phase if phase is not Phase.PRACTICE]

ALLOWED = {
    (Phase.LOBBY, Event.OPEN): Phase.ROUND,
    (Phase.ROUND, Event.CLOSE): Phase.PAUSE,
    (Phase.PAUSE, Event.OPEN): Phase.ROUND,
    **{(phase, Event.FINISH): Phase.FINISHED for phase in PHASES[:-1]},
}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("phase", PHASES)
def test_each_event_in_each_phase_is_allowed_or_refused_with_a_sentence(phase, event):
    contest = contest_in(phase)
    before = (contest.row, contest.rounds[:], contest.current, contest.version)
    if (phase, event) in ALLOWED:
        assert contest.plan(event, 2000).phase is ALLOWED[phase, event]
    else:
        with pytest.raises(CompetitionError, match=r"^\w.* \w"):
            contest.plan(event, 2000)
    assert before == (contest.row, contest.rounds[:], contest.current, contest.version)
    assert contest.phase is phase  # to plan changes nothing


def test_the_table_is_the_whole_of_it():
    assert TRANSITIONS == ALLOWED


def test_opening_a_round_stores_when_it_opened_and_when_it_closes():
    for limit, closes_at in ((None, None), (60, 65_000)):
        change = contest_in(Phase.LOBBY, time_limit=limit).plan(Event.OPEN, 5000)
        opened = change.round
        assert (opened.number, opened.opened_at, opened.closes_at) == (1, 5000, closes_at)
        assert (opened.closed_at, change.row.clock, change.row.ended) == (None, 5000, False)


@pytest.mark.parametrize("event", [Event.CLOSE, Event.FINISH])
def test_what_ends_a_round_stores_when(event):
    change = contest_in(Phase.ROUND).plan(event, 5000)
    assert (change.round.number, change.round.closed_at) == (1, 5000)
    assert (change.row.ended, change.row.clock) == (event is Event.FINISH, 5000)


@pytest.mark.parametrize("phase", [Phase.LOBBY, Phase.PAUSE])
def test_to_finish_between_rounds_touches_no_round(phase):
    contest = contest_in(phase)
    rounds = contest.rounds[:]
    assert move(contest, Event.FINISH, 5000).round is None
    assert contest.rounds == rounds


def test_the_rounds_are_played_in_order_and_the_last_one_ends_in_finished():
    contest = Competition(drawn(42, 77))
    assert contest.next_number == 1
    move(contest, Event.OPEN, 1)
    assert contest.current.secret == 42
    move(contest, Event.CLOSE, 2)
    move(contest, Event.OPEN, 3)
    assert contest.current.secret == 77
    contest.record(1, 2, 1, True, 4)
    assert contest.due(5, [1], []) is Event.CLOSE
    move(contest, Event.CLOSE, 5)
    assert (contest.phase, contest.row.ended) == (Phase.FINISHED, True)
    assert [round.closed_at for round in contest.rounds] == [2, 5]


@pytest.mark.parametrize("phase", PHASES)
def test_each_change_has_a_new_version(phase):
    for event in (event for at, event in ALLOWED if at is phase):
        contest = contest_in(phase)
        before = contest.version
        move(contest, event, 2000)
        assert contest.version > before


# Time.


@pytest.mark.parametrize(
    ("now", "left"),
    [(START, 60), (1001, 60), (2000, 59), (2001, 59), (60_999, 1), (61_000, 0), (99_000, 0)],
)
def test_the_seconds_left_are_rounded_up_and_zero_means_over(now, left):
    contest = contest_in(Phase.ROUND, time_limit=60)
    assert contest.seconds_left(now) == left
    assert (contest.open_round(now) is None) == (left == 0)


@pytest.mark.parametrize("phase", PHASES)
def test_only_a_running_round_with_a_limit_has_seconds_left(phase):
    assert contest_in(phase).seconds_left(START) is None
    assert (contest_in(phase, time_limit=9).seconds_left(START) == 9) == (phase is Phase.ROUND)


@pytest.mark.parametrize("phase", PHASES)
def test_guesses_count_in_a_running_round_only(phase):
    contest = contest_in(phase)
    assert contest.open_round(START) is (contest.current if phase is Phase.ROUND else None)


@pytest.mark.parametrize(
    ("now", "closes_at"), [(2000, 91_000), (61_000, 91_000), (70_000, 100_000)]
)
def test_a_round_may_be_extended_even_when_its_time_is_just_over(now, closes_at):
    contest = contest_in(Phase.ROUND, time_limit=60)
    change = contest.extend(30, now)
    assert contest.current.closes_at == 61_000
    contest.apply(change)
    assert (contest.phase, contest.current.closes_at) == (Phase.ROUND, closes_at)
    assert (contest.rounds[0], contest.row.clock) == (contest.current, now)
    assert contest.seconds_left(now) == (closes_at - now) // 1000


@pytest.mark.parametrize(
    "contest",
    [
        contest_in(Phase.ROUND),
        *(contest_in(phase, time_limit=60) for phase in PHASES if phase is not Phase.ROUND),
    ],
    ids=lambda contest: contest.phase,
)
def test_only_a_running_round_with_a_limit_is_extended(contest):
    with pytest.raises(CompetitionError, match=r"^\w.* \w"):
        contest.extend(30, START)


# What is due.


def found(contest, *sessions):
    for session in sessions:
        contest.record(session, contest.current.number, 3, True, START)
    return contest


def test_a_round_whose_time_is_over_closes_also_with_nobody_there():
    contest = contest_in(Phase.ROUND, time_limit=60)
    assert contest.due(60_999, [], []) is None
    assert contest.due(61_000, [], []) is Event.CLOSE
    assert contest.due(61_000, [1, 2], []) is Event.CLOSE


def test_a_round_closes_when_all_who_are_there_have_found():
    contest = found(contest_in(Phase.ROUND), 1)
    contest.record(2, 1, 9, False, START)
    assert contest.due(START, [1, 2], []) is None
    assert contest.due(START, [1, 3], []) is None
    assert contest.due(START, [1], []) is Event.CLOSE  # 2 has left
    assert contest.due(START, [], []) is None  # nobody there: they may come back


def test_a_late_joiner_is_waited_for():
    contest = found(contest_in(Phase.ROUND), 1)
    assert contest.due(START, [1, 2], []) is None
    found(contest, 2)
    assert contest.due(START, [1, 2], []) is Event.CLOSE


def test_what_was_found_before_does_not_close_this_round():
    contest = found(contest_in(Phase.ROUND), 1)
    move(contest, Event.CLOSE, START)
    move(contest, Event.OPEN, START)
    assert contest.due(START, [1], [1]) is None


@pytest.mark.parametrize(("players", "starts"), [(None, 9), (2, 2), (3, 3)])
def test_it_starts_by_itself_when_enough_players_are_there(players, starts):
    contest = contest_in(Phase.LOBBY, players=players)
    due = [contest.due(START, range(count), range(count)) for count in range(5)]
    assert due == [Event.OPEN if count >= starts else None for count in range(5)]


def test_a_pause_ends_by_itself_when_it_is_over_or_all_are_ready():
    contest = contest_in(Phase.PAUSE, players=5, pause=10)
    assert contest.due(10_999, [1, 2], [1]) is None
    assert contest.due(10_999, [1, 2], [2, 1]) is Event.OPEN
    assert contest.due(11_000, [1, 2], []) is Event.OPEN
    assert contest.due(99_000, [], []) is None  # nobody to play


def test_the_teacher_who_starts_the_first_round_starts_all():
    contest = contest_in(Phase.PAUSE, pause=0)
    assert contest.due(99_000, [1], [1]) is None


def test_nothing_is_due_after_the_end():
    contest = contest_in(Phase.FINISHED, players=1, time_limit=1)
    assert contest.due(99_000, [1], [1]) is None


# Books.


def test_results_grow_and_are_timed_from_the_opening_of_their_round():
    contest = contest_in(Phase.ROUND)
    contest.record(1, 1, 1, False, 3000)
    assert contest.results == {1: {1: Result(1)}}
    contest.record(1, 1, 3, True, 4500)
    assert contest.results == {1: {1: Result(3, True, 3500)}}


def test_a_link_left_behind_cannot_take_anything_back():
    contest = contest_in(Phase.ROUND)
    contest.record(1, 1, 3, True, 4500)
    before = contest.version
    for guesses, found in ((3, True), (2, False), (1, False)):
        contest.record(1, 1, guesses, found, 9000)
    assert contest.results == {1: {1: Result(3, True, 3500)}}
    assert contest.version == before
