"""Who is ahead: the ranks, and what a player's rounds add up to."""

from hypothesis import given
from hypothesis import strategies as st

from justeprix.game.standings import Result, Score, Standing, rank, total


def test_more_found_comes_before_fewer_guesses():
    assert rank([("Un", Score(1, 1)), ("Deux", Score(2, 18)), ("Trois", Score(2, 17))]) == [
        Standing(1, "Trois", 2, 17),
        Standing(2, "Deux", 2, 18),
        Standing(3, "Un", 1, 1),
    ]


def test_fewer_guesses_come_before_less_time():
    scores = [("Un", Score(2, 9, 100)), ("Deux", Score(2, 8, 5000)), ("Trois", Score(2, 8, 4999))]
    assert [(s.rank, s.name) for s in rank(scores)] == [(1, "Trois"), (2, "Deux"), (3, "Un")]


def test_equals_share_a_rank_and_the_next_rank_is_skipped():
    scores = [("A", Score(1, 3)), ("C", Score(1, 5)), ("B", Score(1, 5)), ("D", Score(1, 6))]
    assert [(s.rank, s.name) for s in rank(scores)] == [(1, "A"), (2, "B"), (2, "C"), (4, "D")]


def test_nobody_makes_no_standings():
    assert rank([]) == []


def test_a_round_that_was_not_found_costs_its_guesses_all_the_same():
    assert total([Result(7, True, 1500), Result(20), Result(5, True, 900)]) == Score(2, 32, 2400)
    assert total([]) == Score(0, 0, 0)


# Few values, so that equals are frequent.
scores = st.builds(Score, st.integers(0, 2), st.integers(0, 3), st.integers(0, 2))
players = st.dictionaries(st.text(max_size=3), scores, max_size=12).map(dict.items).map(list)


def better(one, other):
    """Whether a score is strictly ahead of another, told without a sort key."""
    if one.found != other.found:
        return one.found > other.found
    if one.guesses != other.guesses:
        return one.guesses < other.guesses
    return one.time < other.time


@given(players)
def test_a_rank_is_one_more_than_the_players_strictly_ahead(players):
    for place, name, *score in rank(players):
        ahead = [other for _, other in players if better(other, Score(*score))]
        assert place == 1 + len(ahead)
        assert (name, Score(*score)) in players


@given(players, st.randoms(use_true_random=False))
def test_the_standings_depend_on_nothing_but_the_scores(players, random):
    told = rank(players)
    assert len(told) == len(players)
    random.shuffle(players)
    assert rank(players) == told


@given(players)
def test_players_share_a_rank_exactly_if_they_are_equal(players):
    told = rank(players)
    for one in told:
        for other in told:
            assert (one.rank == other.rank) == (one[2:] == other[2:])
