"""Seats in a competition: who takes one over, and who sits on none. The first secret is 42."""

import json

import pytest

from justeprix.game.standings import Standing
from justeprix.session.events import Resumed
from tests.support.pure_host import ContestHost, code, resumed, talk, token_of


@pytest.fixture
def host():
    return ContestHost(time_limit=60)


@pytest.fixture
def ada(host):
    """A plain player of that name."""
    player = host.arrive()
    talk(host, player, ("nom Ada", "nom Ada"))
    return player


@pytest.fixture
def bea(host):
    """A player of that name whose session has a token."""
    player = host.arrive()
    host.say(player, "session")
    talk(host, player, ("nom Bea", "nom Bea"))
    return player


# Seats.


@pytest.fixture
def left(host, ada):
    """Ada has made two guesses in the round and lost the link; a newcomer is here."""
    host.open()
    talk(host, ada, ("50", "moins"), ("25", "plus"))
    host.drop(ada)
    return host.arrive()


def test_a_plain_seat_whose_link_is_gone_is_taken_over_by_its_name(host, ada, left):
    talk(host, left, ("nom ADA", "nom Ada"))
    assert host.news == [Resumed("Ada")]
    talk(host, left, ("42", "gagné"))
    assert host.standings() == [Standing(1, "Ada", 1, 3)]
    assert [player.name for player in host.roster] == ["Ada"]
    assert len(host.games) == 1


def test_a_seat_is_taken_over_with_a_token_of_the_own(host, ada, left):
    token = token_of(host, left)
    talk(host, left, ("nom Ada", "nom Ada"), ("session", f"session {token} 2 2"))
    again = resumed(host, left)
    talk(host, again, ("#3 42", "resultat 3 gagné"), ("#2 25", "resultat 2 plus"))
    assert host.standings() == [Standing(1, "Ada", 1, 3)]


def test_who_has_guessed_takes_no_seat(host, ada, left):
    talk(host, left, ("50", "moins"))
    assert code(host.say(left, "nom Ada")) == "pris"
    assert [standing.name for standing in host.standings()] == ["Joueur 2", "Ada"]


def test_a_seat_is_taken_over_once(host, ada, left):
    talk(host, left, ("nom Ada", "nom Ada"))
    other = host.arrive()
    assert code(host.say(other, "nom Ada")) == "pris"


def test_the_seat_of_who_has_a_token_is_kept_until_it_is_freed(host, bea):
    host.open()
    talk(host, bea, ("#1 50", "resultat 1 moins"))
    token = token_of(host, bea)
    host.drop(bea)
    newcomer = host.arrive()
    assert code(host.say(newcomer, "nom Bea")) == "pris"
    host.roster[bea.id].freed = True
    talk(host, newcomer, ("nom Bea", "nom Bea"), ("25", "plus"))
    assert host.standings() == [Standing(1, "Bea", 0, 2)]
    host.drop(newcomer)
    assert code(host.say(host.arrive(), f"session {token}")) == "jeton"


def test_who_comes_back_to_a_freed_seat_first_keeps_it(host, bea):
    host.drop(bea)
    host.roster[bea.id].freed = True
    resumed(host, bea)
    assert code(host.say(host.arrive(), "nom Bea")) == "pris"


def test_a_seat_with_somebody_on_it_is_not_given_on(host, ada):
    host.roster[ada.id].freed = True
    assert code(host.say(host.arrive(), "nom Ada")) == "pris"


def test_the_seat_of_an_excluded_player_is_not_given_on(host, ada, left):
    host.roster[ada.id].excluded = host.roster[ada.id].freed = True
    assert code(host.say(left, "nom Ada")) == "exclu"


# Screens.


def test_who_only_follows_is_a_screen_until_they_play(host, ada):
    screen = host.arrive()
    for message in ("suivre", "bornes", "scores", "sceau", "ping", "aide", "dire bonjour"):
        host.say(screen, message)
        present = [player.name for player in host.roster.present]
        assert present == ["Ada"]
    assert "moi" not in json.loads(host.snapshot(screen.id).removeprefix("etat "))


@pytest.mark.parametrize("message", ["pret", "nom Bea", "50"])
def test_who_plays_is_a_player_before_and_after_following(host, message):
    first, then = host.arrive(), host.arrive()
    host.say(first, "suivre")
    assert len(host.roster.present) == 0
    host.say(first, message)
    assert len(host.roster.present) == 1
    if message == "50":
        host.open()
    host.say(then, message.replace("Bea", "Cid"))
    host.say(then, "suivre")
    assert len(host.roster.present) == 2


def test_the_others_are_told_why_nobody_may_chat(host, ada):
    talk(host, ada, ("dire salut", "ok"))
    host.now += 2
    host.muted = "chut"
    talk(host, ada, ("dire salut", "erreur muet chut"))
