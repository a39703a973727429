"""Lines into commands: what is understood, and what each kind of rubbish is told."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from justeprix.errors import ProtocolError
from justeprix.protocol.commands import (
    Ask,
    Finish,
    Guess,
    Http,
    Name,
    NumberedGuess,
    Ping,
    Resume,
    Say,
    SessionRequest,
    parse,
)
from justeprix.protocol.replies import error_line
from justeprix.protocol.words import MAX_LINE, PORT, Word

COMMANDS = [
    ("fin", Finish()),
    ("pret", Ask(Word.PRET)),
    ("bornes", Ask(Word.BORNES)),
    ("scores", Ask(Word.SCORES)),
    ("sceau", Ask(Word.SCEAU)),
    ("suivre", Ask(Word.SUIVRE)),
    ("aide", Ask(Word.AIDE)),
    ("session", SessionRequest()),
    ("session 00ffAB", Resume("00ffAB")),
    ("nom Jean-Éric d'Arc", Name("Jean-Éric d'Arc")),
    ("dire Salut à TOUS", Say("Salut à TOUS")),
    ("ping Bonjour", Ping("Bonjour")),
    ("ping", Ping("")),
]


def with_word(text, change):
    """Change the command word only: what follows is the player's."""
    word, space, rest = text.partition(" ")
    return change(word) + space + rest


@pytest.mark.parametrize(("text", "command"), COMMANDS)
@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
@pytest.mark.parametrize("frame", ["{}", "  {}  ", "{}\r", "\t{} \r"])
def test_a_command_is_known_in_any_case_and_among_spaces(text, command, change, frame):
    assert parse(frame.format(with_word(text, change)).encode()) == command


def test_spaces_between_a_word_and_its_text_do_not_count():
    assert parse(b"nom    Ada  Lovelace ") == Name("Ada  Lovelace")


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (b"50", Guess(50)),
        (b"+50", Guess(50)),
        (b"-50", Guess(-50)),
        (b"007", Guess(7)),
        (b" 50 \r", Guess(50)),
        (b"999999999999", Guess(999_999_999_999)),
        (b"-999999999999", Guess(-999_999_999_999)),
        (b"#7 50", NumberedGuess(7, 50)),
        (b"#7   -50 \r", NumberedGuess(7, -50)),
        (b"#999999999999 1", NumberedGuess(999_999_999_999, 1)),
    ],
)
def test_a_number_is_an_optional_sign_and_up_to_twelve_digits(line, command):
    assert parse(line) == command


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"1_000", "nombre"),
        ("٥٠".encode(), "nombre"),
        ("５０".encode(), "nombre"),
        ("5５".encode(), "nombre"),
        (b"--5", "nombre"),
        (b"+-5", "nombre"),
        (b"-", "nombre"),
        (b"- 5", "nombre"),
        (b"5 0", "nombre"),
        (b"1.5", "nombre"),
        (b"1e3", "nombre"),
        (b"0x10", "nombre"),
        (b"5\x000", "nombre"),
        (b"1" * 13, "nombre"),
        (b"-" + b"0" * 13, "nombre"),
        (b"1" * 512, "nombre"),
        (b"1" * 10_000, "longueur"),
        (b"x" * 513, "longueur"),
        (b" " * 513, "longueur"),
        (b"ping " + b"x" * 508, "longueur"),
        (b"", "vide"),
        (b"\r", "vide"),
        (b" \t ", "vide"),
        (b"\xff", "utf8"),
        ("gagné".encode("latin-1"), "utf8"),
        (b"50\xc3", "utf8"),
        (b"\xed\xa0\x80", "utf8"),  # half a surrogate pair
        (b"\x00", "commande"),
        (b"bonjour", "commande"),
        ("½".encode(), "commande"),
        (b"fin du jeu", "commande"),
        (b"bornes 1", "commande"),
        (b"fin\x00", "commande"),
        (b"get / http/1.1", "commande"),
        (b"#", "sequence"),
        (b"# 7 50", "sequence"),
        (b"#-7 50", "sequence"),
        (b"#1_0 50", "sequence"),
        ("#７ 50".encode(), "sequence"),
        (b"#" + b"1" * 13 + b" 50", "sequence"),
        (b"#7", "nombre"),
        (b"#7 1_000", "nombre"),
        ("#7 ٥٠".encode(), "nombre"),
        (b"#7 50 60", "nombre"),
    ],
)
def test_rubbish_gets_a_code_and_a_clear_line(line, code):
    with pytest.raises(ProtocolError) as caught:
        parse(line)
    assert caught.value.code == code
    assert error_line(caught.value) == f"erreur {code} {caught.value}"


def test_a_line_may_have_512_bytes():
    assert parse(b"ping " + b"x" * (MAX_LINE - 5)) == Ping("x" * (MAX_LINE - 5))


@pytest.mark.parametrize(
    "line", [b"GET / HTTP/1.1", b"GET /favicon.ico HTTP/1.1\r", b"POST /a?b=c HTTP/2"]
)
def test_a_browser_at_the_wrong_port_is_known(line):
    assert parse(line) == Http()


nearly_commands = st.builds(
    lambda word, rest: word.encode() + rest,
    st.sampled_from([*(word.value for word in Word), "#", "#7 ", "50", "GET / HTTP/1."]),
    st.binary(max_size=20),
)


@given(st.binary(max_size=600) | st.text(max_size=200).map(str.encode) | nearly_commands)
def test_no_bytes_raise_anything_but_a_protocol_error(line):
    try:
        told = repr(parse(line))
    except ProtocolError as error:
        told = error_line(error)
    assert re.fullmatch(r"erreur [a-z0-9]+ [^\n]+|[A-Z]\w+\(.*\)", told)
    assert told[0] != "e" or len(told.encode()) <= MAX_LINE


@given(st.text(alphabet="0123456789_+- .٥５²\x00", max_size=16))
def test_only_ascii_digits_make_a_guess(text):
    try:
        command = parse(text.encode())
    except ProtocolError:
        return
    bare = text.strip()
    assert bare.lstrip("+-").isascii()
    assert bare.lstrip("+-").isdecimal()
    assert command == Guess(int(bare))


@given(st.integers(-(10**12) + 1, 10**12 - 1), st.integers(0, 10**12 - 1))
def test_every_number_arrives_as_it_was_sent(number, seq):
    assert parse(b"%d" % number) == Guess(number)
    assert parse(b"#%d %d" % (seq, number)) == NumberedGuess(seq, number)


def test_the_words_on_the_wire_are_fixed():
    assert PORT == 2300
