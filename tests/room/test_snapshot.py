"""What everybody may know: the `scores` line and the `etat` snapshot, in every phase."""

import json

import pytest

from justeprix.game.competition import Competition, Event
from justeprix.game.records import SavedPlayer
from justeprix.game.roster import Roster
from justeprix.game.secret import Bounds
from justeprix.game.standings import Result, Standing
from justeprix.room.snapshot import SHOWN, score_line, snapshot, standings
from tests.support.rows import drawn

BOUNDS = Bounds(1, 100)
NONCE = "00ff" * 8


def rendered(roster, contest, now, talk):
    ranking = standings(roster, contest)
    return snapshot(7, BOUNDS, roster, contest, ranking, now=now, talk=talk)


def told(roster, contest=None, *, session=0, now=2000, talk=True):
    """The state that a session is told, as an object."""
    line = rendered(roster, contest, now, talk).line(session)
    word, _, state = line.partition(" ")
    assert (word, "\n" in line) == ("etat", False)
    return json.loads(state)


@pytest.fixture
def roster():
    """Ada (1), Bea (2) and Cid (3)."""
    roster = Roster(lasting=True)
    for session, name in enumerate(("Ada", "Bea", "Cid"), 1):
        roster.arrive(session)
        roster.rename(session, name, 0.0)
    return roster


@pytest.fixture
def contest():
    """Two rounds of a minute, secrets 42 and 77."""
    return Competition(drawn(42, 77, time_limit=60))


def move(contest, event, now):
    contest.apply(contest.plan(event, now))


# Practice.


def practice(*scores):
    roster = Roster()
    for session, (name, *games) in enumerate(scores, 1):
        roster.arrive(session)
        roster.rename(session, name, 0.0)
        for guesses in games:
            roster.won(session, 1, guesses)
    return roster


def test_only_who_found_a_secret_is_listed_in_practice():
    assert standings(practice(("Ada",), ("Bea",)), None) == []
    assert score_line([]) == "scores"


def test_the_score_line_tells_rank_name_found_and_guesses():
    roster = practice(("Ada", 3, 4), ("Ana María", 5))
    assert score_line(standings(roster, None)) == "scores 1. Ada 2/7, 2. Ana María 1/5"


def test_the_snapshot_of_a_practice_room_is_the_whole_state():
    roster = practice(("D'Artagnan", 3), ("Ada",))
    first = {"rang": 1, "nom": "D'Artagnan", "trouves": 1, "coups": 3, "temps": 0}
    common = {
        "version": 7,
        "phase": "entrainement",
        "bornes": [1, 100],
        "optimum": {"pire": 7, "moyenne": 5.8},
        "presents": 2,
        "ici": ["D'Artagnan", "Ada"],
        "parole": True,
        "retour": False,
        "classement": [first],
    }
    assert told(roster) == common
    assert told(roster, session=1) == common | {"moi": first}
    unranked = {"nom": "Ada", "rang": None, "trouves": 0, "coups": 0, "temps": 0}
    assert told(roster, session=2, talk=False) == common | {"moi": unranked, "parole": False}


def test_nobody_is_told_the_place_of_a_namesake_who_left():
    roster = practice(("Ada", 3))
    roster.leave(1, 0.0, may_return=False)
    roster.arrive(2)
    roster.rename(2, "Ada", 0.0)
    state = told(roster, session=2)
    assert [line["nom"] for line in state["classement"]] == ["Ada"]
    assert state["moi"]["rang"] is None


# A competition.


def test_the_lobby_tells_no_round_and_no_seal(roster, contest):
    state = told(roster, contest, session=1)
    assert state == {
        "version": 7,
        "phase": "salle",
        "bornes": [1, 100],
        "optimum": {"pire": 7, "moyenne": 5.8},
        "presents": 3,
        "ici": ["Ada", "Bea", "Cid"],
        "parole": True,
        "retour": False,
        "manche": 0,
        "manches": 2,
        "secondes": None,
        "trouve": 0,
        "trouveurs": [],
        "etiquette": None,
        "sceau": None,
        "secret": None,
        "nonce": None,
        "classement": [],
        "moi": {
            "nom": "Ada",
            "rang": None,
            "trouves": 0,
            "coups": 0,
            "temps": 0,
            "manche": {"coups": 0, "trouve": False},
        },
    }


def test_a_running_round_tells_its_seal_and_neither_secret_nor_nonce(roster, contest):
    move(contest, Event.OPEN, 2000)
    for now, seconds in ((2000, 60), (61_001, 1), (62_000, 0), (99_000, 0)):
        line = rendered(roster, contest, now, False).line(1)
        assert NONCE not in line
        state = told(roster, contest, now=now)
        assert (state["phase"], state["manche"], state["secondes"]) == ("manche", 1, seconds)
        assert (state["secret"], state["nonce"]) == (None, None)
        assert (state["etiquette"], state["sceau"]) == ("manche 1", contest.rounds[0].seal)


@pytest.mark.parametrize(
    ("events", "phase", "secret"),
    [
        ([Event.OPEN, Event.CLOSE], "pause", 42),
        ([Event.OPEN, Event.FINISH], "finie", 42),
        ([Event.OPEN, Event.CLOSE, Event.FINISH], "finie", 42),
        ([Event.OPEN, Event.CLOSE, Event.OPEN], "manche", None),
        ([Event.OPEN, Event.CLOSE, Event.OPEN, Event.FINISH], "finie", 77),
        ([Event.FINISH], "finie", None),
    ],
)
def test_secret_and_nonce_are_told_when_their_round_is_closed(
    roster, contest, events, phase, secret
):
    for now, event in enumerate(events, 2000):
        move(contest, event, now)
    state = told(roster, contest)
    assert (state["phase"], state["secret"]) == (phase, secret)
    assert state["nonce"] == (NONCE if secret else None)


def test_standings_and_own_place(roster, contest):
    move(contest, Event.OPEN, 2000)
    contest.record(1, 1, 3, True, 5000)
    contest.record(2, 1, 4, False, 5000)
    state = told(roster, contest, session=1)
    ada = {"rang": 1, "nom": "Ada", "trouves": 1, "coups": 3, "temps": 3000}
    bea = {"rang": 2, "nom": "Bea", "trouves": 0, "coups": 4, "temps": 0}
    assert (state["classement"], state["trouve"], state["presents"]) == ([ada, bea], 1, 3)
    assert state["moi"] == ada | {"manche": {"coups": 3, "trouve": True}}
    assert told(roster, contest, session=2)["moi"] == bea | {
        "manche": {"coups": 4, "trouve": False}
    }
    assert told(roster, contest, session=3)["moi"]["rang"] is None
    move(contest, Event.CLOSE, 6000)
    move(contest, Event.OPEN, 7000)
    moi = told(roster, contest, session=1)["moi"]
    assert moi == ada | {"manche": {"coups": 0, "trouve": False}}  # all rounds, and this one


def test_who_left_is_listed_and_who_is_excluded_is_not(roster, contest):
    move(contest, Event.OPEN, 2000)
    for session in (1, 2, 3):
        contest.record(session, 1, session, True, 5000)
        roster[session].scored = True
    roster.leave(1, 0.0, may_return=False)
    roster[2].excluded = True
    state = told(roster, contest, session=2)
    assert [line["nom"] for line in state["classement"]] == ["Ada", "Cid"]
    assert (state["presents"], state["trouve"], "moi" in state) == (1, 1, False)
    assert score_line(standings(roster, contest)) == "scores 1. Ada 1/1, 2. Cid 1/3"


def test_a_screen_is_nobody(roster, contest):
    roster[3].watches = True
    state = told(roster, contest, session=3)
    assert (state["presents"], "moi" in state) == (2, False)


@pytest.fixture(params=["x", "é", "李", "𝕏", "𐐀"])
def crowd(request):
    """A thousand players with long names, in letters of one to four bytes; the first is best."""
    roster = Roster(lasting=True)
    results = {}
    for session in range(1000):
        roster.arrive(session)
        roster.rename(session, f"{request.param * 15} {session:04}", 0.0)
        results[session] = {1: Result(session + 1, True, 1000)}
    contest = Competition(drawn(42, 77))
    move(contest, Event.OPEN, 2000)
    contest.results = results
    return roster, contest


def test_the_score_line_of_a_thousand_players_fits(crowd):
    line = score_line(standings(*crowd))
    assert 300 < len(line.encode()) <= 512
    assert " 0000 1/1, 2. " in line
    assert line.endswith(", …")


def test_the_snapshot_of_a_thousand_players_is_one_bounded_line(crowd):
    roster, contest = crowd
    state = told(roster, contest, session=999)
    assert (state["presents"], state["trouve"]) == (1000, 1000)
    assert [line["rang"] for line in state["classement"]] == list(range(1, SHOWN + 1))
    assert state["moi"]["rang"] == 1000
    line = rendered(roster, contest, 2000, True).line(999)
    assert len(line.encode()) < 8192


def test_the_standings_may_be_recomputed_from_what_was_stored(contest):
    """The same rule for the room and for the rows: `Standing` has all it needs."""
    roster = Roster(lasting=True)
    roster.expect(SavedPlayer(1, 1, "Ada", True, False, {1: Result(1)}), 0.0)
    contest.results[1] = {1: Result(3, True, 100), 2: Result(4)}
    assert standings(roster, contest) == [Standing(1, "Ada", 1, 7, 100)]
