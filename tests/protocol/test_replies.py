"""What a host says: written and read in one place, so that what is written reads back."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

import justeprix
from justeprix.errors import ErrorCode, ForeignServer
from justeprix.game.secret import Answer, Bounds
from justeprix.protocol import replies
from justeprix.protocol.replies import (
    ANSWERS,
    Answered,
    BoundsTold,
    Chat,
    Error,
    Goodbye,
    Greeting,
    Help,
    NameGiven,
    Ok,
    Other,
    Pong,
    RoundAnnounced,
    Scores,
    SealTold,
    SecretTold,
    SessionOpened,
    Shutdown,
    State,
    read,
)

LIMIT = 10**12 - 1

counts = st.integers(0, 10**18 - 1)
numbers = st.integers(-LIMIT, LIMIT)
bounds = st.tuples(numbers, numbers).map(sorted).map(lambda pair: Bounds(*pair))
answers = st.sampled_from(sorted(ANSWERS.values()))
hexes = st.text("0123456789abcdef", min_size=1, max_size=64)
texts = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(" "), max_size=60).map(
    str.strip
)
said = texts.filter(bool)
words = said.filter(lambda text: " " not in text)

REPLIES = {
    Greeting: st.builds(Greeting, bounds),
    Answered: st.builds(Answered, answers, st.none() | counts),
    RoundAnnounced: st.builds(RoundAnnounced, counts, bounds),
    SessionOpened: st.builds(SessionOpened, words, counts, counts),
    NameGiven: st.builds(NameGiven, said),
    BoundsTold: st.builds(BoundsTold, bounds),
    Scores: st.builds(Scores, texts),
    SealTold: st.builds(SealTold, hexes),
    SecretTold: st.builds(SecretTold, numbers, hexes),
    Pong: st.builds(Pong, texts),
    Ok: st.just(Ok()),
    Help: st.builds(Help, said),
    State: st.builds(State, texts),
    Chat: st.builds(Chat, texts),
    Error: st.builds(Error, st.sampled_from(sorted(ErrorCode)) | words, texts),
    Shutdown: st.builds(
        Shutdown, texts.filter(lambda why: why.split(" ")[0] != "pause"), st.booleans()
    ),
    Goodbye: st.just(Goodbye()),
}


def test_every_reply_is_written_and_read_below():
    assert set(get_args(replies.Reply)) == {*REPLIES, Other}


@pytest.mark.parametrize("kind", REPLIES, ids=lambda kind: kind.__name__)
def test_what_is_written_reads_back(kind):
    @given(REPLIES[kind])
    def reads_back(reply):
        line = str(reply)
        again = read(line)
        assert type(again) is kind
        assert again == reply
        assert "\n" not in line

    reads_back()


SAID = [
    (Greeting(Bounds(1, 100)), "hello justeprix/1 entre 1 et 100"),
    (Answered("plus"), "plus"),
    (Answered("gagné", 7), "resultat 7 gagné"),
    (RoundAnnounced(2, Bounds(-5, 5)), "manche 2 entre -5 et 5"),
    (SessionOpened("00ff", 3, 1), "session 00ff 3 1"),
    (NameGiven("Jean-Éric d'Arc"), "nom Jean-Éric d'Arc"),
    (BoundsTold(Bounds(1, 100)), "bornes 1 100"),
    (Scores(""), "scores"),
    (Scores("1. Ada 2/14"), "scores 1. Ada 2/14"),
    (SealTold("ab12"), "sceau ab12"),
    (SecretTold(42, "ab12"), "secret 42 ab12"),
    (Pong(""), "pong"),
    (Pong("un deux"), "pong un deux"),
    (Ok(), "ok"),
    (Help("un nombre joue"), "aide : un nombre joue"),
    (State("{}"), "etat {}"),
    (State(""), "etat"),
    (Chat("Ada : salut : toi"), "message Ada : salut : toi"),
    (Chat(""), "message"),
    (Error("pris", "ce nom est pris"), "erreur pris ce nom est pris"),
    (Error("pris", ""), "erreur pris"),
    (Error("", ""), "erreur"),
    (Shutdown(""), "shutdown"),
    (Shutdown("l'hôte ferme"), "shutdown l'hôte ferme"),
    (Shutdown("pauses à venir"), "shutdown pauses à venir"),
    (Shutdown("l'hôte revient", pause=True), "shutdown pause l'hôte revient"),
    (Shutdown("", pause=True), "shutdown pause"),
    (Goodbye(), "FIN"),
]


@pytest.mark.parametrize(("reply", "line"), SAID, ids=[line for _, line in SAID])
def test_the_lines_are_fixed(reply, line):
    assert str(reply) == line
    assert (type(read(line)), read(line)) == (type(reply), reply)


def test_the_answers_are_fixed():
    assert ANSWERS == {Answer.HIGHER: "plus", Answer.LOWER: "moins", Answer.FOUND: "gagné"}


def test_a_later_host_may_say_more_before_the_bounds_of_its_greeting():
    assert read("hello justeprix/1 ce soir, un nombre entre 1 et 9") == Greeting(Bounds(1, 9))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "hello justeprix/1",
        "hello justeprix/1 1 100",
        "hello justeprix/1 entre 100 et 1",
        "hello justeprix/2 entre 1 et 100",
        "hello justeprix/10 entre 1 et 100",
        "hello justeprix/1 entre un et cent",
        "SSH-2.0-OpenSSH_9.6",
        "HTTP/1.1 400 Bad Request",
        "Plus",
        "plus grand",
        "C'est plus",
        "gagné !",
        "fin",
        "FIN FIN",
        "resultat sept plus",
        "resultat 7 peut-être",
        "manche 1 entre 9 et 1",
        "manche ٣ entre 1 et 9",
        "session abc",
        "bornes 1",
        "nom",
    ],
)
def test_what_no_host_says_is_something_else(line):
    assert read(line) == Other(line)
    assert type(read(line)) is Other
    assert str(read(line)) == line


@given(st.text() | st.text().map("hello justeprix/1 ".__add__))
def test_no_line_raises_and_a_second_reading_tells_the_same(line):
    once = read(line)
    again = read(str(once))
    assert (type(again), again) == (type(once), once)


def test_a_state_is_an_object_or_a_value_error():
    assert State('{"phase":"salle"}').value() == {"phase": "salle"}
    for text in ("", "[]", "12", "{", "[" * 100_000):
        with pytest.raises(ValueError):  # noqa: PT011 (its text is JSON's own)
            State(text).value()


def test_a_state_that_is_not_as_the_rules_say_is_told_in_one_way():
    with State('{"phase":"manche","manche":3}').opened() as state:
        assert state["manche"] == 3
    for text in ("", "[]", "{", "[" * 100_000, '{"phase":3}', '{"manche":[]}', '{"manche":1e999}'):
        with pytest.raises(ForeignServer, match="illisible"), State(text).opened() as state:
            int(state["manche"])


# No other module takes apart what a host says.

ELSEWHERE = ("commands", "replies", "words")
LOOSE = "workshop.check.server."
"""Judges servers that pupils wrote by looser rules than `read` has: that is its subject."""

HOST_WORDS = {
    *("ERREUR", "ETAT", "GOODBYE", "HELLO", "MANCHE", "MESSAGE"),
    *("OK", "PONG", "RESULTAT", "SECRET", "SHUTDOWN"),
}
# `manche` and `secret` are keys of JSON as well; `plus` and `moins` are typed answers by then.
LITERALS = ("erreur", "etat", "hello", "pong", "resultat")

CUTTING = {"startswith", "removeprefix", "compile", "fullmatch", "match", "partition", "split"}


def readers(tree: ast.AST) -> Iterator[ast.AST]:
    """What compares, or cuts, with a word that only hosts say."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare | ast.MatchValue) or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in CUTTING
        ):
            yield from (part for part in ast.walk(node) if is_of_a_host(part))


def is_of_a_host(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return (
            isinstance(node.value, ast.Name)
            and node.value.id == "Word"
            and (node.attr in HOST_WORDS)
        )
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_text and node.value.partition(" ")[0] in LITERALS


def test_what_a_host_says_is_read_in_one_place():
    root = Path(justeprix.__file__).parent
    found = {}
    for file in root.rglob("*.py"):
        name = ".".join(file.relative_to(root).with_suffix("").parts)
        lines = [node.lineno for node in readers(ast.parse(file.read_text("utf-8")))]
        if lines and name not in ELSEWHERE and not name.startswith(LOOSE):
            found[name] = sorted(set(lines))
    assert found == {}


@pytest.mark.parametrize(
    "source",
    [
        "line == Word.OK",
        "word in (Word.SHUTDOWN, Word.GOODBYE)",
        'line.startswith(f"{Word.ERREUR} attente")',
        'reply.startswith("erreur bornes")',
        're.compile(rf"{Word.RESULTAT} ([0-9]+)")',
        "match word:\n    case Word.ETAT: pass",
    ],
)
def test_such_a_place_would_be_noticed(source):
    assert list(readers(ast.parse(source)))
