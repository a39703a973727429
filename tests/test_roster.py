"""Names and standings: what may be called what, for how long, and who is first."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from justeprix.errors import ProtocolError
from justeprix.game import Bounds
from justeprix.roster import MAX_ABSENT, MAX_NAME, NAME_KEPT, Roster, Standing, clean_name


@pytest.fixture
def roster():
    """A roster with three newcomers: 1, 2 and 3."""
    roster = Roster(Bounds(1, 100))
    for session in (1, 2, 3):
        roster.arrive(session)
    return roster


def refusal(action, *arguments):
    with pytest.raises(ProtocolError) as caught:
        action(*arguments)
    return caught.value.code


@pytest.mark.parametrize(
    "name",
    [
        *("A", "7", "Léa", "Jean-Éric", "D'Artagnan", "李", "Ada_2", "Ana María", "Ñandú", "Ελένη"),
        *("नमस्ते", "محمد", "x" * 20, "李" * 20, "-_' a"),
    ],
)
def test_letters_digits_and_four_signs_make_a_name(name):
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("  Ada   Lovelace ", "Ada Lovelace"),
        ("Le\u0301a", "Léa"),
        ("Ａｄａ", "Ada"),
        ("Ada²", "Ada2"),
        ("D’Artagnan", "D'Artagnan"),
        ("Ada\u00a0L", "Ada L"),
        ("é" * 20, "é" * 20),
        ("e\u0301" * 20, "é" * 20),  # 20 after NFKC
    ],
)
def test_a_name_is_shown_after_nfkc_with_single_spaces(written, shown):
    assert clean_name(written) == shown


@pytest.mark.parametrize(
    "name",
    [
        *("", "   ", "x" * 21, "ﬃ" * 7, "-", "_' -", "''"),
        *("Ada\x00", "Ada\x1b[31m", "A\x07", "Ada\u200b", "Ada\u202e", "\ufeffAda", "A\ud800"),
        *("😀", "Ada😀", "Ada!", "<b>Ada</b>", "Ada,", "Ada;", "1. Ada", "Ada:", '"Ada"', "a/b"),
        *("½", "Ⅷ½", "①½", "€", "\u2800", "\ue000"),
    ],
)
def test_no_other_name_is_taken(name):
    assert refusal(clean_name, name) == "nom"


@pytest.mark.parametrize(
    "blank", ["\u3164", "\u115f", "\u1160", "\uffa0", "Ada\ufe0f", "A\u034fda"]
)
def test_no_name_hides_invisible_letters(blank):
    assert refusal(clean_name, blank) == "nom"


@given(st.text(max_size=24))
@settings(deadline=None)
def test_a_clean_name_is_short_printable_and_stays_itself(text):
    try:
        name = clean_name(text)
    except ProtocolError:
        return
    assert 1 <= len(name) <= MAX_NAME
    assert name.isprintable()
    assert clean_name(name) == name


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
    assert roster.come_back(1, 2, "Ada", 2, 9).name == "Ada"
    assert refusal(roster.rename, 2, "Ada", 5000.0) == "pris"
    assert roster.standings() == [Standing(1, "Ada", 2, 9)]


def test_who_returns_too_late_gets_a_new_name(roster):
    roster.rename(1, "Ada", 0.0)
    roster.leave(1, 0.0, may_return=True)
    roster.rename(2, "Ada", 600.0)
    late = roster.come_back(1, 2, "Ada", 0, 0).name
    assert late not in {player.name for player in roster.present if player.session != 1}


def test_the_name_of_who_left_for_good_is_free_at_once(roster):
    roster.rename(1, "Ada", 0.0)
    roster.leave(1, 0.0, may_return=False)
    assert roster.rename(2, "Ada", 0.0) == "Ada"


def test_names_from_before_a_restart_are_kept_too():
    roster = Roster(Bounds(1, 100))
    roster.expect(7, "Ada", 0.0)
    roster.arrive(8)
    assert refusal(roster.rename, 8, "ada", 599.0) == "pris"
    assert [player.session for player in roster.present] == [8]
    assert roster.come_back(7, 2, "Ada", 0, 0).name == "Ada"


def test_a_resumed_session_that_nobody_knows_gets_its_name_if_free(roster):
    assert roster.come_back(8, 2, "Ada", 1, 3).name == "Ada"
    assert roster.come_back(9, 2, "ADA", 1, 3).name != "ADA"


def score(roster, session, name, *games):
    roster.rename(session, name, 0.0)
    for guesses in games:
        roster.won(session, 1, guesses)


def test_more_found_comes_before_fewer_guesses(roster):
    score(roster, 1, "Un", 1)
    score(roster, 2, "Deux", 9, 9)
    score(roster, 3, "Trois", 8, 9)
    assert roster.standings() == [
        Standing(1, "Trois", 2, 17),
        Standing(2, "Deux", 2, 18),
        Standing(3, "Un", 1, 1),
    ]


def test_equals_share_a_rank_and_the_next_rank_is_skipped(roster):
    roster.arrive(4)
    score(roster, 1, "A", 3)
    score(roster, 2, "C", 5)
    score(roster, 3, "B", 5)
    score(roster, 4, "D", 6)
    assert [(s.rank, s.name) for s in roster.standings()] == [
        (1, "A"),
        (2, "B"),
        (2, "C"),
        (4, "D"),
    ]


def test_only_who_found_a_secret_is_listed(roster):
    assert roster.standings() == []
    assert roster.score_line() == "scores"


def test_a_score_outlives_its_player(roster):
    score(roster, 1, "Ada", 3)
    roster.leave(1, 0.0, may_return=False)
    roster.leave(2, 0.0, may_return=False)
    assert roster.standings() == [Standing(1, "Ada", 1, 3)]
    roster.won(2, 1, 3)  # left within the same step: nobody's score
    assert len(roster.standings()) == 1


def test_the_memory_of_those_who_left_is_bounded():
    roster = Roster(Bounds(1, 100))
    for session in range(MAX_ABSENT + 20):
        roster.arrive(session)
        roster.won(session, 1, 3)
        roster.leave(session, 0.0, may_return=False)
    assert len(roster.standings()) == MAX_ABSENT


def test_the_score_line_tells_rank_name_found_and_guesses(roster):
    score(roster, 1, "Ada", 3, 4)
    score(roster, 2, "Ana María", 5)
    assert roster.score_line() == "scores 1. Ada 2/7, 2. Ana María 1/5"


@pytest.fixture(params=["x", "é", "李", "𝕏", "𐐀"])
def crowd(request):
    """A thousand players with long names, in letters of one to four bytes."""
    roster = Roster(Bounds(1, 100))
    for session in range(1000):
        roster.arrive(session)
        score(roster, session, f"{session:04}{request.param * 16}", session + 1)
    return roster


def test_the_score_line_of_a_thousand_players_fits(crowd):
    line = crowd.score_line()
    assert 300 < len(line.encode()) <= 512
    assert line.startswith("scores 1. 0000")
    assert line.endswith(", …")


def test_the_snapshot_of_a_thousand_players_is_one_bounded_line(crowd):
    word, _, state = crowd.snapshot().partition(" ")
    assert word == "etat"
    assert "\n" not in state
    assert len(state.encode()) < 8192
    told = json.loads(state)
    assert told["presents"] == 1000
    assert [line["rang"] for line in told["classement"]] == list(range(1, 51))


def test_the_snapshot_is_the_whole_state(roster):
    score(roster, 1, "D'Artagnan", 3)
    told = json.loads(roster.snapshot().removeprefix("etat "))
    assert (told["bornes"], told["presents"], told["version"]) == ([1, 100], 3, roster.version)
    assert told["classement"] == [{"rang": 1, "nom": "D'Artagnan", "trouves": 1, "coups": 3}]


@pytest.mark.parametrize(
    "change",
    [
        lambda roster: roster.arrive(9),
        lambda roster: roster.rename(1, "Ada", 0.0),
        lambda roster: roster.won(1, 1, 3),
        lambda roster: roster.leave(1, 0.0, may_return=True),
        lambda roster: roster.come_back(1, 2, "Joueur 1", 0, 0),
    ],
)
def test_each_change_that_others_see_has_a_new_version(roster, change):
    before = roster.version
    change(roster)
    assert roster.version > before
