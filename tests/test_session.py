"""One player's conversation: each clause of the plain and of the numbered game, message by message.

The secrets are 42, 77 and 13 in turn, between 1 and 100.
"""

import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pure_host import PureHost, code, narrowed, resumed, talk, token_of, told_hash

from justeprix.news import Named, Resumed, Said, Won
from justeprix.protocol import Word
from justeprix.roster import Standing
from justeprix.step import GameRow, GuessRow, SessionRow


@pytest.fixture
def host():
    return PureHost(secrets=(42, 77, 13))


@pytest.fixture
def player(host):
    return host.arrive()


@pytest.fixture
def numbered(host, player):
    """A player whose session has a token."""
    host.say(player, "session")
    return player


# The plain game.


def test_a_number_gets_the_bare_answer(host, player):
    talk(host, player, ("50", "moins"), ("25", "plus"), ("42", "gagné"))
    assert host.news == [Won(player.id, 1, "Joueur 1", 3)]
    assert host.roster.standings() == [Standing(1, "Joueur 1", 1, 3)]


def test_a_number_after_the_win_is_the_first_guess_at_a_new_secret(host, player):
    talk(host, player, ("42", "gagné"), ("42", "plus"), ("77", "gagné"), ("13", "gagné"))
    assert host.roster.standings() == [Standing(1, "Joueur 1", 3, 4)]


@pytest.mark.parametrize("number", ["0", "101", "-50", "999999999999"])
def test_a_number_out_of_bounds_counts_nothing(host, player, number):
    assert code(host.say(player, number)) == "bornes"
    assert host.rows(player) == (None, [], [])
    talk(host, player, ("42", "gagné"))
    assert code(host.say(player, number)) == "bornes"
    talk(host, player, ("bornes", "bornes 1 100"), ("pret", "manche 2 entre 1 et 100"))
    assert host.roster.standings() == [Standing(1, "Joueur 1", 1, 1)]


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
    assert host.say(player, "suivre") == host.roster.snapshot()
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


# The numbered game.


def test_session_gives_one_token_however_often_it_is_asked(host, player):
    token = token_of(host, player)
    talk(
        host,
        player,
        ("session", f"session {token} 0 0"),
        ("#1 50", "resultat 1 moins"),
        ("#2 42", "resultat 2 gagné"),
        ("session", f"session {token} 2 2"),
        ("#3 50", "resultat 3 plus"),
        ("session", f"session {token} 3 1"),  # the guesses of this game
    )


def test_a_numbered_guess_needs_a_session(host, player):
    assert code(host.say(player, "#1 50")) == "session"
    assert host.rows(player) == (None, [], [])


def test_the_same_seq_and_number_gets_the_stored_answer_and_counts_nothing(host, numbered):
    told = [
        ("#1 50", "resultat 1 moins"),
        ("#2 25", "resultat 2 plus"),
        ("#3 42", "resultat 3 gagné"),
    ]
    talk(host, numbered, *told, *told)
    talk(host, numbered, ("pret", "manche 2 entre 1 et 100"), *told)
    talk(host, numbered, ("#4 50", "resultat 4 plus"), *told, ("#4 50", "resultat 4 plus"))
    assert len(host.rows(numbered)[2]) == 4
    assert host.roster.standings() == [Standing(1, "Joueur 1", 1, 3)]


@pytest.mark.parametrize(
    "message", ["#1 51", "#2 26", "#1 500", "#0 50", "#4 42", "#999999999999 42"]
)
def test_another_number_or_a_gap_is_an_error(host, numbered, message):
    talk(host, numbered, ("#1 50", "resultat 1 moins"), ("#2 25", "resultat 2 plus"))
    assert code(host.say(numbered, message)) == "sequence"
    talk(host, numbered, ("#3 42", "resultat 3 gagné"))


def test_who_leaves_a_gap_is_told_the_next_seq(host, numbered):
    talk(host, numbered, ("#1 50", "resultat 1 moins"))
    assert re.search(r"\b2$", host.say(numbered, "#5 25"))


def test_a_seq_out_of_bounds_may_be_played_again(host, numbered):
    assert code(host.say(numbered, "#1 500")) == "bornes"
    talk(host, numbered, ("#1 50", "resultat 1 moins"))


def test_plain_and_numbered_guesses_share_one_count(host, player):
    talk(host, player, ("50", "moins"))
    host.say(player, "session")
    talk(
        host,
        player,
        ("#1 50", "resultat 1 moins"),
        ("#2 25", "resultat 2 plus"),
        ("30", "plus"),
        ("#3 30", "resultat 3 plus"),
        ("#4 42", "resultat 4 gagné"),
    )
    assert host.news == [Won(player.id, 1, "Joueur 1", 4)]


def test_many_messages_in_one_step_are_answered_as_in_many(host, numbered):
    told = ["#1 50", "#2 25", "#1 50", "#3 42", "#4 1", "#3 42"]
    answers = ["1 moins", "2 plus", "1 moins", "3 gagné", "4 plus", "3 gagné"]
    assert host.tell(numbered, *told) == [f"resultat {answer}" for answer in answers]


@pytest.mark.parametrize("message", ["#2 25", "25"])
def test_a_resumed_session_keeps_secret_count_and_name(host, numbered, message):
    talk(host, numbered, ("nom Ada", "nom Ada"), ("#1 50", "resultat 1 moins"))
    sealed = host.say(numbered, "sceau")
    again = resumed(host, numbered)
    assert host.news == [Resumed("Ada")]
    assert again.key == (numbered.id, 2)
    talk(host, again, ("#1 50", "resultat 1 moins"), ("sceau", sealed))
    assert host.say(again, message).endswith("plus")
    talk(host, again, ("#3 42", "resultat 3 gagné"))
    assert host.news == [Won(again.id, 2, "Ada", 3)]
    assert [player.name for player in host.roster.present] == ["Ada"]


def test_the_old_socket_of_a_resumed_session_counts_nothing_more(host, numbered):
    resumed(host, numbered)
    host.say(numbered, "#1 50")
    assert host.rows(numbered)[2] == []


def test_a_session_resumed_after_its_win_goes_on_with_a_new_secret(host, numbered):
    talk(host, numbered, ("#1 42", "resultat 1 gagné"))
    again = resumed(host, numbered)
    talk(host, again, ("#1 42", "resultat 1 gagné"), ("sceau", f"secret 42 {1:032x}"))
    assert host.say(again, "#2 50") in {"resultat 2 plus", "resultat 2 moins"}
    assert host.roster.standings() == [Standing(1, "Joueur 1", 1, 1)]


def test_only_won_games_count_when_a_session_is_resumed(host, numbered):
    for number in (50, 42, 50, 60):
        host.say(numbered, str(number))
    resumed(host, numbered)
    assert host.roster.standings() == [Standing(1, "Joueur 1", 1, 2)]


def test_a_secret_sealed_by_pret_outlives_the_connection(host, numbered):
    talk(host, numbered, ("#1 42", "resultat 1 gagné"), ("pret", "manche 2 entre 1 et 100"))
    sealed = host.say(numbered, "sceau")
    again = resumed(host, numbered)
    talk(host, again, ("sceau", sealed), ("pret", "manche 2 entre 1 et 100"))


def test_a_win_is_counted_once_when_its_step_also_resumes(host, numbered):
    token = token_of(host, numbered)
    host.tell(numbered, "#1 42", f"session {token}")
    assert host.roster.standings() == [Standing(1, "Joueur 1", 1, 1)]


def test_a_foreign_or_finished_token_is_refused_and_nothing_is_lost(host, player):
    talk(host, player, ("50", "moins"))
    assert code(host.say(player, "session 123")) == "jeton"
    ended = host.arrive()
    token = token_of(host, ended)
    talk(host, ended, ("FIN", "FIN"))
    assert code(host.say(player, f"session {token}")) == "finie"
    talk(host, player, ("42", "gagné"))
    assert host.news == [Won(player.id, 1, "Joueur 1", 2)]


# What is stored.


def test_nothing_is_stored_before_the_first_guess_of_a_plain_game(host, player):
    for message in ("nom Ada", "pret", "sceau", "dire salut", "101", "quoi", "suivre", "FIN"):
        host.say(player, message)
    assert host.rows(player) == (None, [], [])


def test_each_guess_is_one_row_under_its_session_and_game(host, player):
    step = host.new_step()
    game = player.game
    for message in (b"nom Ada", b"50", b"42"):
        player.handle(message, step)
    row = SessionRow(player.id, 1, None, None, False, step.at)  # no name: nobody can resume it
    assert list(step.sessions.values()) == [row]
    assert step.games == [GameRow(game.id, 1, 1, 1, 100, 42, game.nonce, player.id, 1)]
    assert step.guesses == [
        GuessRow(game.id, 1, 50, step.at, player.id, 1),
        GuessRow(game.id, 2, 42, step.at, player.id, 1),
    ]
    step = host.new_step()
    player.handle(b"1", step)
    assert not step.sessions
    assert [(row.ordinal, row.first_seq, row.secret) for row in step.games] == [(2, 3, 77)]
    assert [row.seq for row in step.guesses] == [3]


def test_a_token_is_stored_as_a_hash_with_its_game(host, player):
    token = token_of(host, player)
    row, games, guesses = host.rows(player)
    assert row[2:5] == (told_hash(token), "Joueur 1", False)
    assert (len(games), guesses) == (1, [])
    talk(host, player, ("#1 50", "resultat 1 moins"), ("nom Ada", "nom Ada"), ("FIN", "FIN"))
    row, games, guesses = host.rows(player)
    assert (row.name, row.ended, len(games), len(guesses)) == ("Ada", True, 1, 1)


def test_rows_carry_the_epoch_of_their_socket(host, numbered):
    talk(host, numbered, ("#1 50", "resultat 1 moins"))
    again = resumed(host, numbered)
    talk(host, again, ("#2 42", "resultat 2 gagné"), ("#3 1", "resultat 3 plus"))
    row, games, guesses = host.rows(again)
    assert row.epoch == 2
    assert [game.epoch for game in games] == [1, 2]
    assert [guess.epoch for guess in guesses] == [1, 2, 2]


def test_a_fenced_socket_does_not_push_aside_a_row_of_its_successor(host, numbered):
    again = resumed(host, numbered)
    step = host.new_step()
    again.handle(b"nom Ada", step)
    numbered.handle(b"FIN", step)
    assert (2, "Ada") in {(row.epoch, row.name) for row in step.sessions.values()}


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
@settings(deadline=None, max_examples=200)
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
    guesses = host.rows(player)[2]
    assert [guess.seq for guess in guesses] == list(range(1, player.seq + 1))


moves = st.integers(1, 100) | st.sampled_from([42, 77, 13, "pret", "cut", "again"])


@given(st.lists(moves, max_size=40))
@settings(deadline=None, max_examples=200)
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
    standings = host.roster.standings()
    assert [(standing.found, standing.guesses) for standing in standings] == [(wins, spent)] * (
        wins > 0
    )
