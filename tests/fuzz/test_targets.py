"""Every reader of foreign bytes: what once reached new code, and what hypothesis thinks up."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mix import mixed, run
from tests.fuzz.targets import CORPUS, TARGETS, corpus
from tests.fuzz.words import NUMBERS, WIRE

each_target = pytest.mark.parametrize("name", TARGETS)

quick = settings(max_examples=60, database=None)


@each_target
def test_what_was_found_once_keeps_every_promise(name):
    for data in corpus(name):
        TARGETS[name].run(data)


@each_target
def test_words_of_its_grammar_and_rubbish_between_them(name):
    words = st.sampled_from(TARGETS[name].words) | st.binary(max_size=8)

    @quick
    @given(st.lists(words, max_size=20).map(b"".join))
    def broken_by(data):
        TARGETS[name].run(data)

    broken_by()


@each_target
def test_any_bytes_at_all(name):
    quick(given(st.binary(max_size=400))(TARGETS[name].run))()


@each_target
def test_inputs_mixed_from_a_seed(name, seed, full):
    run(name, seed, TARGETS[name].weight * (2_000 if full else 200))


def test_an_input_can_be_had_again_by_its_seed():
    for name, target in TARGETS.items():
        first, again = random.Random(7), random.Random(7)
        kept = corpus(name)
        assert [mixed(first, target, kept) for _ in range(50)] == [
            mixed(again, target, kept) for _ in range(50)
        ]


# Whole talks: players who mostly do what players do.

numbers = st.sampled_from([b"%d" % n for n in (1, 13, 42, 50, 77, 100)]) | st.sampled_from(NUMBERS)
sayings = st.one_of(
    numbers,
    st.tuples(st.integers(0, 6), numbers).map(lambda pair: b"#%d %s" % pair),
    st.sampled_from([b"session", b"session $0", b"session $1", b"session $2", b"sceau", b"pret"]),
    st.sampled_from([b"nom Ada", b"nom Bob", b"nom Joueur 1", b"FIN", b"suivre", b"code 4821"]),
    st.sampled_from(WIRE),
)
deeds = st.one_of(
    st.tuples(st.sampled_from([b"0", b"1", b"2", b"a", b"b", b"c"]), sayings).map(b"".join),
    st.tuples(st.sampled_from([b"0", b"1"]), sayings).map(b"".join),
    st.sampled_from([b">", b"<", b">", b"<", b"+", b"-0", b"-1", b"-2"]),
)


@pytest.mark.parametrize("name", ["practice", "competition", "locked"])
def test_talks_between_players(name):
    @settings(quick, max_examples=200)
    @given(st.lists(deeds, max_size=40).map(b"\n".join))
    def broken_by(script):
        TARGETS[name].run(script)

    broken_by()


# The corpus.


def test_the_corpus_stays_small_and_belongs_to_targets():
    for folder in CORPUS.iterdir():
        files = list(folder.iterdir())
        assert folder.name in TARGETS
        assert len(files) <= 60
        assert all(file.stat().st_size <= 200 for file in files)
