"""Who is here and under which name: kept for a while in practice, a seat in a competition."""

import pytest

from justeprix.errors import CompetitionError, ProtocolError
from justeprix.game.records import SavedPlayer
from justeprix.game.roster import GRACE, MAX_ABSENT, NAME_KEPT, Roster
from justeprix.game.standings import Result, Score

HERE, THERE = "192.168.1.7", "192.168.1.8"


def saved(session, name, *, returns=True, results=None, **but):
    """A player whom a restarted host expects."""
    return SavedPlayer(session, 1, name, returns, False, results or {}, HERE, **but)


def scores(roster):
    return [(p.name, Score(p.found, p.guesses)) for p in roster if p.found]


def expected(roster, now):
    """For whom a round waits."""
    return roster.present + roster.missed(now)


@pytest.fixture
def roster():
    """A roster with three newcomers: 1, 2 and 3."""
    roster = Roster()
    for session in (1, 2, 3):
        roster.arrive(session)
    return roster


def refusal(action, *arguments):
    with pytest.raises(ProtocolError) as caught:
        action(*arguments)
    return caught.value.code


def test_newcomers_get_names_of_ours_that_nobody_has(roster):
    assert [player.name for player in roster.present] == ["Joueur 1", "Joueur 2", "Joueur 3"]
    roster.rename(1, "joueur 4", 0.0)
    assert roster.arrive(9).name == "Joueur 5"


@pytest.mark.parametrize("taken", ["Léa", "LÉA", "léa", "Le\u0301a", " léA "])
def test_a_name_is_unique_without_regard_to_case(roster, taken):
    assert roster.rename(1, "Léa", 0.0) == "Léa"
    assert refusal(roster.rename, 2, taken, 0.0) == "pris"
    assert roster[2].name == "Joueur 2"


def test_case_is_folded_not_only_lowered(roster):
    roster.rename(1, "Strauß", 0.0)
    assert refusal(roster.rename, 2, "STRAUSS", 0.0) == "pris"


def test_a_player_may_rewrite_the_own_name_and_free_it(roster):
    roster.rename(1, "ada", 0.0)
    assert roster.rename(1, "Ada", 0.0) == "Ada"
    roster.rename(1, "Grace", 0.0)
    assert roster.rename(2, "ADA", 0.0) == "ADA"


def test_the_name_of_who_may_return_is_kept_for_ten_minutes_then_free(roster):
    assert NAME_KEPT == 600.0
    roster.rename(1, "Ada", 0.0)
    roster.leave(1, 100.0, may_return=True)
    assert refusal(roster.rename, 2, "Ada", 699.9) == "pris"
    assert roster.rename(2, "Ada", 700.0) == "Ada"


def test_who_returns_in_time_has_the_name_again(roster):
    roster.rename(1, "Ada", 0.0)
    roster.leave(1, 100.0, may_return=True)
    assert roster.come_back(1, 2, "Ada").name == "Ada"
    assert refusal(roster.rename, 2, "Ada", 5000.0) == "pris"


def test_who_returns_too_late_gets_a_new_name(roster):
    roster.rename(1, "Ada", 0.0)
    roster.leave(1, 0.0, may_return=True)
    roster.rename(2, "Ada", 600.0)
    late = roster.come_back(1, 2, "Ada").name
    assert late not in {player.name for player in roster.present if player.session != 1}


def test_the_name_of_who_left_for_good_is_free_at_once(roster):
    roster.rename(1, "Ada", 0.0)
    roster.leave(1, 0.0, may_return=False)
    assert roster.rename(2, "Ada", 0.0) == "Ada"


def test_names_from_before_a_restart_are_kept_too():
    roster = Roster()
    roster.expect(saved(7, "Ada"), 0.0)
    roster.arrive(8)
    assert refusal(roster.rename, 8, "ada", 599.0) == "pris"
    assert [player.session for player in roster.present] == [8]
    assert roster.come_back(7, 2, "Ada").name == "Ada"


def test_a_resumed_session_that_nobody_knows_gets_its_name_if_free(roster):
    assert roster.come_back(8, 2, "Ada").name == "Ada"
    assert roster.come_back(9, 2, "ADA").name != "ADA"


def test_a_score_outlives_its_player(roster):
    roster.won(1, 1, 3)
    for session in (1, 2):
        roster.leave(session, 0.0, may_return=False)
    assert scores(roster) == [("Joueur 1", Score(1, 3))]
    roster.won(2, 1, 3)  # left within the same step: nobody's score
    assert len(scores(roster)) == 1


def test_a_score_outlives_an_absence(roster):
    roster.won(1, 1, 3)
    roster.leave(1, 0.0, may_return=True)
    roster.come_back(1, 2, "Joueur 1")
    assert scores(roster) == [("Joueur 1", Score(1, 3))]


def test_a_win_from_before_the_session_came_back_is_not_counted_again(roster):
    roster.come_back(1, 2, "Joueur 1")
    roster.won(1, 1, 3)
    assert scores(roster) == []


def test_the_memory_of_those_who_left_is_bounded():
    roster = Roster()
    for session in range(MAX_ABSENT + 20):
        roster.arrive(session)
        roster.won(session, 1, 3)
        roster.leave(session, 0.0, may_return=False)
    assert len(scores(roster)) == MAX_ABSENT


# A competition: a name is a seat.


@pytest.fixture
def seats():
    """The seats of a competition: Ada (1) may return, Bea (2) has played, Cid (3) is here."""
    roster = Roster(lasting=True)
    for session, name in enumerate(("Ada", "Bea", "Cid"), 1):
        roster.arrive(session, address=HERE)
        roster.rename(session, name, 0.0)
    roster[2].scored = True
    roster.leave(1, 0.0, may_return=True)
    roster.leave(2, 0.0, may_return=False)
    roster.arrive(4)
    return roster


@pytest.mark.parametrize("name", ["Ada", "bea", "CID"])
def test_no_seat_is_ever_free_by_itself(seats, name):
    assert refusal(seats.rename, 4, name, 10 * NAME_KEPT) == "pris"


def test_only_a_seat_whose_link_is_gone_for_good_is_vacant(seats):
    vacant = [seats.vacant(name, HERE) for name in ("Ada", " bea ", "Cid", "Dan", "Joueur 4")]
    assert vacant == [None, seats[2], None, None, None]


def test_a_freed_seat_is_vacant_until_its_player_is_back(seats):
    seats[1].freed = seats[3].freed = True
    assert (seats.vacant("Ada", HERE), seats.vacant("Cid", HERE)) == (seats[1], None)
    seats.come_back(1, 2, "Ada")
    seats.leave(1, 0.0, may_return=True)
    assert seats.vacant("Ada", HERE) is None


def test_the_seat_of_an_excluded_player_is_nobodys(seats):
    seats[2].excluded = seats[3].excluded = True
    seats.leave(3, 0.0, may_return=False)  # with nothing done, and yet not forgotten
    for name in ("bea", "cid"):
        assert seats.vacant(name, HERE) is None
        assert refusal(seats.rename, 4, name, 0.0) == "exclu"


def test_who_leaves_with_nothing_done_leaves_no_seat(seats):
    seats.leave(3, 0.0, may_return=False)
    assert seats.rename(4, "Cid", 0.0) == "Cid"


def test_seats_are_not_bounded():
    roster = Roster(lasting=True)
    for session in range(MAX_ABSENT + 20):
        roster.arrive(session)
        roster.leave(session, 0.0, may_return=True)
    assert len(list(roster)) == MAX_ABSENT + 20


def test_a_round_waits_a_while_for_who_may_return(seats):
    assert [player.name for player in seats.present] == ["Cid", "Joueur 4"]
    assert [player.name for player in expected(seats, GRACE - 0.1)] == ["Cid", "Joueur 4", "Ada"]
    assert expected(seats, GRACE) == seats.present


def test_a_round_waits_for_no_screen_and_nobody_excluded(seats):
    seats[3].excluded = seats[1].excluded = True
    seats[4].watches = True
    assert seats.present == expected(seats, 0.0) == []
    seats.leave(4, 0.0, may_return=True)
    assert expected(seats, 0.0) == []


def test_after_a_restart_a_round_waits_for_all_who_were_here():
    roster = Roster(lasting=True)
    roster.expect(saved(7, "Ada"), 0.0)
    roster.expect(saved(8, "Bea", returns=False, results={1: Result(1)}), 0.0)
    roster.expect(saved(9, "ADA"), 0.0)  # a namesake has no seat
    ada, bea = roster
    assert (roster.present, expected(roster, GRACE - 0.1)) == ([], [ada, bea])
    assert (roster.vacant("Ada", HERE), roster.vacant("Bea", HERE)) == (None, bea)
    assert roster.come_back(7, 2, "Ada") is ada


def test_a_player_is_found_by_name_and_a_wrong_name_suggests_the_nearest(seats):
    assert seats.find(" ADA ") is seats[1]
    with pytest.raises(CompetitionError, match="Adda : Ada"):
        seats.find("Adda")
    with pytest.raises(CompetitionError, match="Zoé, joueurs"):
        seats.find("Zoé")


# What others see.


@pytest.mark.parametrize(
    "change",
    [
        lambda roster: roster.arrive(9),
        lambda roster: roster.rename(1, "Ada", 0.0),
        lambda roster: roster.won(1, 1, 3),
        lambda roster: roster.leave(1, 0.0, may_return=True),
        lambda roster: roster.come_back(1, 2, "Joueur 1"),
    ],
)
def test_each_change_that_others_see_has_a_new_version(roster, change):
    before = roster.version
    change(roster)
    assert roster.version > before
