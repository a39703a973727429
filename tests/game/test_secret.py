"""One guess and its answer, the seal, and what binary search needs."""

import hashlib
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from justeprix.game.secret import Answer, Bounds, Game, compare, seal

numbers = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("secret", "guess", "answer"),
    [
        (42, 41, Answer.HIGHER),
        (42, 43, Answer.LOWER),
        (42, 42, Answer.FOUND),
        (-5, -6, Answer.HIGHER),
        (-5, 5, Answer.LOWER),
        (0, 0, Answer.FOUND),
    ],
)
def test_the_answer_says_where_the_secret_lies(secret, guess, answer):
    assert compare(secret, guess) is answer


@given(numbers, numbers)
def test_swapping_secret_and_guess_swaps_higher_and_lower(one, other):
    swapped = {Answer.HIGHER: Answer.LOWER, Answer.LOWER: Answer.HIGHER, Answer.FOUND: Answer.FOUND}
    assert compare(one, other) is swapped[compare(other, one)]


def test_five_lines_of_python_check_a_seal():
    told = "session:42:00112233445566778899aabbccddeeff"
    sealed = hashlib.sha256(told.encode("utf-8")).hexdigest()
    assert seal("session", 42, "00112233445566778899aabbccddeeff") == sealed


def test_a_seal_stands_for_one_label_one_secret_and_one_nonce():
    seals = {
        seal(label, secret, nonce)
        for label in ("session", "manche-1")
        for secret in (-42, 42)
        for nonce in ("aa", "bb")
    }
    assert len(seals) == 8


def test_both_bounds_belong_to_the_numbers_that_can_be_played():
    bounds = Bounds(-3, 7)
    assert bounds.size == 11
    assert [number for number in range(-10, 20) if number in bounds] == list(range(-3, 8))


def guesses_needed(size, secret):
    """Play a binary search by hand."""
    low, high, count = 1, size, 0
    while True:
        count += 1
        guess = (low + high) // 2
        if guess == secret:
            return count
        low, high = (guess + 1, high) if guess < secret else (low, guess - 1)


@pytest.mark.parametrize("low", [-70, 0, 1])
def test_worst_and_mean_are_what_a_played_binary_search_needs(low):
    for size in range(1, 201):
        needed = [guesses_needed(size, secret) for secret in range(1, size + 1)]
        bounds = Bounds(low, low + size - 1)
        assert (bounds.size, bounds.worst, bounds.mean) == (size, max(needed), sum(needed) / size)


@cache
def least(size):
    """The fewest guesses of any strategy: (at worst, in total over all secrets)."""
    if size == 0:
        return 0, 0
    halves = [(least(left), least(size - 1 - left)) for left in range(size)]
    return (
        1 + min(max(left[0], right[0]) for left, right in halves),
        size + min(left[1] + right[1] for left, right in halves),
    )


def test_no_strategy_does_better():
    for size in range(1, 201):
        bounds = Bounds(1, size)
        assert (bounds.worst, bounds.mean) == (least(size)[0], least(size)[1] / size)


def test_the_class_sees_seven_guesses_for_a_hundred_numbers():
    assert Bounds(1, 100).worst == 7
    assert Bounds(1, 100).mean == 5.8


def test_a_game_counts_its_guesses_until_the_win():
    game = Game(1, 1, Bounds(1, 100), 42, "aa")
    assert (game.guesses, game.found) == (0, False)
    assert [game.play(number) for number in (50, 25, 42)] == [
        Answer.LOWER,
        Answer.HIGHER,
        Answer.FOUND,
    ]
    assert (game.guesses, game.found) == (3, True)


@given(st.data())
def test_a_binary_search_wins_within_the_worst(data):
    bounds = Bounds(data.draw(numbers), 10**12 + 5)
    game = Game(1, 1, bounds, data.draw(st.integers(bounds.low, bounds.high)), "aa")
    low, high = bounds.low, bounds.high
    while not game.found:
        guess = (low + high) // 2
        if game.play(guess) is Answer.HIGHER:
            low = guess + 1
        else:
            high = guess - 1
    assert game.guesses <= bounds.worst
