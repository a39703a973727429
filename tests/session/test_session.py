"""One player's session: each clause of the plain game, message by message.

The secrets are 42, 77 and 13 in turn, between 1 and 100.
"""

import hashlib
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from justeprix.game.standings import Standing
from justeprix.protocol.words import Word
from justeprix.session.events import Named, Said, Won
from tests.support.pure_host import PureHost, code, narrowed, talk, token_of


@pytest.fixture
def host():
    return PureHost(secrets=(42, 77, 13))


@pytest.fixture
def player(host):
    return host.arrive()


def test_a_number_gets_the_bare_answer(host, player):
    talk(host, player, ("50", "moins"), ("25", "plus"), ("42", "gagné"))
    assert host.news == [Won(player.id, 1, "Joueur 1", 3)]
    assert host.standings() == [Standing(1, "Joueur 1", 1, 3)]


def test_a_number_after_the_win_is_the_first_guess_at_a_new_secret(host, player):
    talk(host, player, ("42", "gagné"), ("42", "plus"), ("77", "gagné"), ("13", "gagné"))
    assert host.standings() == [Standing(1, "Joueur 1", 3, 4)]


@pytest.mark.parametrize("number", ["0", "101", "-50", "999999999999"])
def test_a_number_out_of_bounds_counts_nothing(host, player, number):
    assert code(host.say(player, number)) == "bornes"
    assert host.rows(player) == (None, [], [])
    talk(host, player, ("42", "gagné"))
    assert code(host.say(player, number)) == "bornes"
    talk(host, player, ("bornes", "bornes 1 100"), ("pret", "manche 2 entre 1 et 100"))
    assert host.standings() == [Standing(1, "Joueur 1", 1, 1)]


def test_rubbish_loses_nothing(host, player):
    talk(host, player, ("50", "moins"))
    assert [code(host.say(player, bad)) for bad in (b"\xff", "", "x" * 600, "1_0", "quoi")] == [
        *("utf8", "vide", "longueur", "nombre", "commande")
    ]
    talk(host, player, ("42", "gagné"))
    assert host.news == [Won(player.id, 1, "Joueur 1", 2)]


def test_pret_in_practice_answers_at_once(host, player):
    talk(
        host,
        player,
        ("pret", "manche 1 entre 1 et 100"),
        ("42", "gagné"),
        ("pret", "manche 2 entre 1 et 100"),
        ("pret", "manche 2 entre 1 et 100"),
        ("77", "gagné"),
    )


@pytest.mark.parametrize("word", ["FIN", "fin", "Fin"])
def test_fin_ends_the_session(host, player, word):
    talk(host, player, ("50", "moins"))
    assert not player.over
    talk(host, player, (word, "FIN"))
    assert player.over


def test_a_browser_at_the_wrong_port_is_told_and_ended(host, player):
    assert code(host.say(player, "GET / HTTP/1.1")) == "http"
    assert player.over


def test_a_name_is_told_and_may_be_refused(host, player):
    talk(host, player, ("nom Ada", "nom Ada"))
    assert host.news == [Named("Joueur 1", "Ada")]
    talk(host, player, ("nom Ada", "nom Ada"), ("nom  Ada   L", "nom Ada L"))
    other = host.arrive()
    assert code(host.say(other, "nom ADA L")) == "pris"
    assert [code(host.say(player, bad)) for bad in ("nom", "nom !", "nom " + "x" * 21)] == [
        "nom"
    ] * 3
    talk(host, player, ("scores", "scores"), ("42", "gagné"))
    talk(host, other, ("scores", "scores 1. Ada L 1/1"))


def test_ping_aide_and_scores(host, player):
    talk(host, player, ("ping bonjour à tous", "pong bonjour à tous"), ("ping", "pong"))
    told = set(re.findall(r"\w+", host.say(player, "aide")))
    assert told >= {"FIN", "nom", "pret", "bornes", "scores", "ping", "dire", "sceau", "aide"}
    assert told >= {"session", "suivre"}


def test_suivre_tells_the_state(host, player):
    assert not player.follows
    assert host.say(player, "suivre") == host.snapshot(player.id)
    assert player.follows


def test_one_chat_message_each_two_seconds(host, player):
    talk(host, player, ("nom Ada", "nom Ada"), ("dire salut", "ok"))
    assert host.news == [Said("Ada", "salut")]
    host.now += 1.9
    assert code(host.say(player, "dire encore")) == "attente"
    host.now += 0.1  # what was refused did not count
    talk(host, player, ("dire encore", "ok"), ("50", "moins"))


@pytest.mark.parametrize("text", ["", "x" * 201, "é" * 201, "\x01", "\u200b \x00"])
def test_a_chat_message_has_1_to_200_characters_to_see(host, player, text):
    assert code(host.say(player, f"dire {text}")) == "texte"
    assert host.news == []
    talk(host, player, ("dire " + "é" * 200, "ok"))


def test_nothing_unprintable_goes_to_the_other_players(host, player):
    talk(host, player, ("dire a\x1b[31m\rb\u2028c", "ok"))
    assert host.news == [Said("Joueur 1", "a [31m b c")]


def test_the_seal_is_told_first_and_opened_after_the_win(host, player):
    for message in ("42", "77"):
        word, sealed = host.say(player, "sceau").split()
        talk(host, player, ("100", "moins"), ("sceau", f"{word} {sealed}"), (message, "gagné"))
        opened, secret, nonce = host.say(player, "sceau").split()
        told = f"session:{secret}:{nonce}"
        assert (word, opened, secret) == ("sceau", "secret", message)
        assert hashlib.sha256(told.encode()).hexdigest() == sealed
        host.say(player, "pret")
        assert host.say(player, "sceau").split()[1] != sealed


# Whatever is sent.

words = [word.value for word in Word] + ["50", "42", "1", "101", "#1", "#2"]
messages = st.one_of(
    st.integers(-2, 14).map(b"%d".__mod__),
    st.tuples(st.integers(0, 9), st.integers(1, 10)).map(b"#%d %d".__mod__),
    st.builds("{}{}".format, st.sampled_from(words), st.text(max_size=8).map(" {}".format)).map(
        str.encode
    ),
    st.sampled_from(words).map(str.encode),
    st.binary(max_size=40),
    st.builds(
        bytes.__add__, st.sampled_from([b"ping ", b"nom ", b"dire "]), st.binary(max_size=600)
    ),
)
steps = st.lists(st.lists(messages, min_size=1, max_size=4), max_size=25)


@given(steps, st.lists(st.integers(1, 10), min_size=1, max_size=3))
@example([[b"ping \x00\n\x00"]], [1])
@example([[b"1", b"session", b"1"]], [1])
@settings(max_examples=200)
def test_whatever_is_sent_each_message_has_one_line_and_no_answer_lies(steps, secrets):
    host = PureHost(1, 10, secrets)
    player = host.arrive()
    told = {}  # seq -> answer, as stored and as told
    for batch in steps:
        replies = host.tell(player, *batch)
        assert len(replies) == len(batch)
        for reply in replies:
            assert reply
            assert "\n" not in reply
            assert len(reply.encode()) <= 512
            if found := re.fullmatch(r"resultat (\d+) (plus|moins|gagné)", reply):
                assert told.setdefault(int(found[1]), found[2]) == found[2]
    assert host.seqs(player) == list(range(1, player.identity.seq + 1))


@given(steps, st.lists(st.integers(1, 10), min_size=1, max_size=3))
@example([[b"1"], [b"1"], [b"2"], [b"session"], [b"2"], [b"2"]], [3])
@settings(max_examples=200)
def test_a_guess_that_is_only_played_is_answered_and_stored_as_any(steps, secrets):
    hosts = [PureHost(1, 10, secrets) for _ in range(2)]
    hosts[1].plays = True
    players = [host.arrive() for host in hosts]
    for batch in steps:
        one, other = (host.tell(p, *batch) for host, p in zip(hosts, players, strict=True))
        assert one == other
    for known in ("sessions", "games", "guesses", "logged", "news"):
        assert getattr(hosts[0], known) == getattr(hosts[1], known)
    assert hosts[0].standings() == hosts[1].standings()


@pytest.mark.parametrize("message", ["50", "nom Ada", "0", "101", "+7", "1_0", "٥", "5" * 13, ""])
def test_what_is_no_guess_in_an_open_game_is_not_just_played(host, player, message):
    step = host.new_step()
    assert player.play(b"50", step) == ""  # the first guess of a game
    assert host.say(player, "50") == "moins"
    assert player.play(message.encode(), step) == ("moins" if message == "50" else "")
    assert host.say(player, "42") == "gagné"
    assert player.play(b"50", step) == "plus"  # the next secret: nothing of it is stored yet
    host.say(player, "session")
    assert host.say(player, "77") == "gagné"
    assert player.play(b"50", step) == ""  # from now on its games are


moves = st.integers(1, 100) | st.sampled_from([42, 77, 13, "pret", "cut", "again"])


@given(st.lists(moves, max_size=40))
@settings(max_examples=200)
def test_all_answers_of_a_game_fit_one_secret_through_cuts_and_repeats(moves):
    host = PureHost(secrets=(42, 77, 13))
    player = host.arrive()
    token, left, said, wins = token_of(host, player), (1, 100), [], 0
    spent = 0  # in the games that were won
    for move in moves:
        before = host.say(player, "sceau")
        if move == "cut":
            player = host.arrive()
            reply = host.say(player, f"session {token}")
            assert reply.startswith(f"session {token} {len(said)} ")
        elif move == "again":
            talk(host, player, *said)
        elif move == "pret":
            host.say(player, "pret")
        else:
            said.append((message := f"#{len(said) + 1} {move}", host.say(player, message)))
            left = narrowed(left, move, said[-1][1].split()[-1])
            assert left[0] <= left[1]
            if said[-1][1].endswith("gagné"):
                left, wins, spent = (1, 100), wins + 1, len(said)
        if move in {"cut", "again"}:
            assert host.say(player, "sceau") == before
    assert len(host.rows(player)[2]) == len(said)
    standings = host.standings()
    assert [(standing.found, standing.guesses) for standing in standings] == [(wins, spent)] * (
        wins > 0
    )
