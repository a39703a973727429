"""The numbered game, clause by clause: nothing lost, nothing counted twice; and what is stored.

The secrets are 42, 77 and 13 in turn, between 1 and 100.
"""

import re

import pytest

from justeprix.game.records import GuessRow
from justeprix.game.standings import Standing
from justeprix.session.events import Resumed, Won
from tests.support.pure_host import PureHost, code, resumed, talk, token_of, told_hash


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
    assert host.standings() == [Standing(1, "Joueur 1", 1, 3)]


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
    assert host.standings() == [Standing(1, "Joueur 1", 1, 1)]


def test_only_won_games_count_when_a_session_is_resumed(host, numbered):
    for number in (50, 42, 50, 60):
        host.say(numbered, str(number))
    resumed(host, numbered)
    assert host.standings() == [Standing(1, "Joueur 1", 1, 2)]


def test_a_secret_sealed_by_pret_outlives_the_connection(host, numbered):
    talk(host, numbered, ("#1 42", "resultat 1 gagné"), ("pret", "manche 2 entre 1 et 100"))
    sealed = host.say(numbered, "sceau")
    again = resumed(host, numbered)
    talk(host, again, ("sceau", sealed), ("pret", "manche 2 entre 1 et 100"))


def test_a_win_is_counted_once_when_its_step_also_resumes(host, numbered):
    token = token_of(host, numbered)
    host.tell(numbered, "#1 42", f"session {token}")
    assert host.standings() == [Standing(1, "Joueur 1", 1, 1)]


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


def test_guesses_that_nobody_can_ask_for_again_are_only_logged(host, player):
    for message in ("nom Ada", "50", "42", "1"):
        host.say(player, message)
    assert host.rows(player) == (None, [], [])
    assert host.logged == [(player.id, 1, 42, 50), (player.id, 2, 42, 42), (player.id, 3, 77, 1)]


def test_each_guess_with_a_token_is_one_row_under_its_session_and_game(host, numbered):
    game, step = numbered.plays.game, host.new_step()
    for message in (b"#1 50", b"42", b"1"):
        numbered.handle(message, step)
    assert step.rows.guesses == [
        GuessRow(game.id, 1, 50, step.at, numbered.id, 1),
        GuessRow(game.id, 2, 42, step.at, numbered.id, 1),
        GuessRow(numbered.plays.game.id, 3, 1, step.at, numbered.id, 1),
    ]
    (row,) = step.rows.games
    assert (row.ordinal, row.first_seq, row.secret, row.before) == (2, 3, 77, 0)
    assert not step.rows.logged


@pytest.mark.parametrize("plain", [["50"], ["50", "25", "30"], ["42"], ["50", "42"], ["42", "9"]])
def test_a_token_that_comes_late_keeps_the_count_and_the_last_guess(host, player, plain):
    told = [host.say(player, message) for message in plain]
    assert host.say(player, "session").split()[2] == str(len(plain))
    before, again = host.say(player, "session"), resumed(host, player)
    assert host.say(again, "session") == before
    assert (again.plays.game.secret, again.plays.game.found) == (
        player.plays.game.secret,
        told[-1] == "gagné",
    )
    talk(host, again, (f"#{len(plain)} {plain[-1]}", f"resultat {len(plain)} {told[-1]}"))
    assert host.say(again, "session") == before
    assert host.say(again, f"#{len(plain) + 1} 1") == f"resultat {len(plain) + 1} plus"
    if len(plain) > 1:
        assert code(host.say(again, f"#1 {plain[0]}")) == "sequence"  # only the log knows it


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
    assert (2, "Ada") in {(row.epoch, row.name) for row in step.rows.sessions}
