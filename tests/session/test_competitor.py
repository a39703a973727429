"""One player's session in a competition: rounds, and waiting for them.

The secrets are 42, 77 and 13, between 1 and 100; each round takes a minute at most.
"""

from contextlib import suppress

import pytest

from justeprix.errors import CompetitionError
from justeprix.game.competition import Event
from justeprix.game.standings import Standing
from justeprix.session.events import Resumed, Won
from justeprix.session.session import MAX_HELD
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


def test_a_guess_that_is_only_played_is_answered_and_stored_as_any():
    hosts = ContestHost(time_limit=60), ContestHost(time_limit=60)
    hosts[1].plays = True
    players = [(host.arrive(), host.arrive()) for host in hosts]
    for host, (ada, bea) in zip(hosts, players, strict=True):
        host.said = [host.say(bea, "session").split()[0], host.say(ada, "nom Ada")]
        for move in (host.open, host.close, host.open, host.open):
            for message in ("50", "25", "pret", "30", "42", "77", "9", "pret", "8"):
                host.said += [*host.tell(ada, message), *host.tell(bea, message)]
            host.now += 1 if host.contest.current is None else 31  # the second time it is over
            with suppress(CompetitionError):
                move()
    for known in ("said", "sessions", "games", "guesses", "logged", "news"):
        assert getattr(hosts[0], known) == getattr(hosts[1], known)
    assert len(hosts[0].guesses) > 10
    assert not hosts[0].logged  # all of it counts


def lobby(host, player):
    pass


def pause(host, player):
    host.open()
    host.close()


def found(host, player):
    host.open()
    talk(host, player, ("42", "gagné"))


def time_over(host, player):
    host.open()
    host.now += 60


def finished(host, player):
    host.move(Event.FINISH)


CLOSED = {
    lobby: "attente",
    pause: "attente",
    found: "attente",
    time_over: "attente",
    finished: "finie",
}


# Numbers.


@pytest.mark.parametrize(("make", "error"), CLOSED.items())
@pytest.mark.parametrize("name", ["ada", "bea"])
def test_a_number_while_no_round_is_open_counts_nothing(host, make, error, name, request):
    player = request.getfixturevalue(name)
    make(host, player)
    before, standings = host.rows(player)[1:], host.standings()
    for number in ("50", "42", f"#{player.identity.seq + 1} 42" if name == "bea" else "77"):
        assert code(host.say(player, number)) == error
    assert host.rows(player)[1:] == before
    assert host.standings() == standings


@pytest.mark.parametrize("make", CLOSED)
def test_out_of_bounds_is_out_of_bounds_in_every_phase(host, bea, make):
    make(host, bea)
    assert [code(host.say(bea, bad)) for bad in ("0", "101", f"#{bea.identity.seq + 1} 101")] == [
        "bornes"
    ] * 3


def test_a_number_plays_the_round_with_pret_before_it_or_not(host, ada, bea):
    host.open()
    talk(host, ada, ("50", "moins"), ("42", "gagné"))
    talk(host, bea, ("pret", "manche 1 entre 1 et 100"), ("#1 50", "resultat 1 moins"))
    assert host.standings() == [Standing(1, "Ada", 1, 2), Standing(2, "Bea", 0, 1)]
    assert [row.round for row in host.games] == [501, 501]


def test_all_have_the_same_secret_and_a_new_one_each_round(host, ada, bea):
    for secret in ("42", "77", "13"):
        host.open()
        talk(host, ada, (secret, "gagné"))
        talk(host, bea, (secret, "gagné"))
        host.close()
    assert host.standings() == [Standing(1, "Ada", 3, 3), Standing(1, "Bea", 3, 3)]


def test_the_last_moment_of_a_round_counts(host, ada):
    host.open()
    host.now += 59.999
    talk(host, ada, ("42", "gagné"))
    assert host.standings() == [Standing(1, "Ada", 1, 1, 59_999)]


def test_a_late_joiner_plays_what_is_left(host, ada):
    host.open()
    host.close()
    host.open()
    late = host.arrive()
    talk(host, late, ("pret", "manche 2 entre 1 et 100"), ("77", "gagné"))
    assert [(row.ordinal, row.first_seq) for row in host.rows(late)[1]] == [(2, 1)]


def test_who_sat_a_round_out_plays_the_next_under_the_next_seq(host, bea):
    host.open()
    talk(host, bea, ("#1 50", "resultat 1 moins"))
    for _ in range(2):
        host.close()
        host.open()
    talk(host, bea, ("#2 13", "resultat 2 gagné"))
    assert host.standings() == [Standing(1, "Bea", 1, 2)]


def test_a_repeated_guess_is_answered_by_its_own_round(host, bea):
    told = [("#1 50", "resultat 1 moins"), ("#2 42", "resultat 2 gagné")]
    host.open()
    talk(host, bea, *told)
    host.close()
    talk(host, bea, *told)
    host.open()
    talk(host, bea, *told, ("#3 50", "resultat 3 plus"), *told, ("#3 50", "resultat 3 plus"))
    assert [code(host.say(bea, bad)) for bad in ("#2 50", "#5 77")] == ["sequence"] * 2
    host.close()
    host.move(Event.FINISH)
    talk(host, bea, *told, ("#3 50", "resultat 3 plus"))
    assert len(host.rows(bea)[2]) == 3


def test_the_third_number_of_session_is_the_guesses_of_this_round(host, bea):
    token = token_of(host, bea)

    def told():
        return host.say(bea, "session").removeprefix(f"session {token} ")

    assert told() == "0 0"
    host.open()
    assert told() == "0 0"
    talk(host, bea, ("#1 50", "resultat 1 moins"), ("#2 42", "resultat 2 gagné"))
    assert told() == "2 2"
    host.close()
    assert told() == "2 2"
    host.open()
    assert told() == "2 0"
    talk(host, bea, ("#3 50", "resultat 3 plus"))
    assert told() == "3 1"


# Waiting.


@pytest.mark.parametrize("make", [lobby, pause, found, time_over])
def test_pret_is_answered_when_the_next_round_starts(host, ada, make):
    make(host, ada)
    talk(host, ada, ("pret", ""))
    assert ada.waiting
    if make in (found, time_over):
        host.close()
    number = host.contest.next_number
    assert host.open() == {ada: [f"manche {number} entre 1 et 100"]}
    assert not ada.waiting
    talk(host, ada, ("1", "plus"))


def test_pret_in_a_round_not_found_yet_is_answered_at_once(host, ada):
    host.open()
    talk(host, ada, *[("pret", "manche 1 entre 1 et 100"), ("50", "moins")] * 2)


def test_what_is_said_while_waiting_is_answered_after_in_its_order(host, ada):
    talk(host, ada, *[(message, "") for message in ("pret", "ping 1", "50", "quoi", "ping 2")])
    assert host.rows(ada)[2] == []
    first, *after = host.open()[ada]
    assert first == "manche 1 entre 1 et 100"
    assert [after[0], after[1], code(after[2]), after[3]] == [
        *("pong 1", "moins", "commande", "pong 2")
    ]


def test_a_second_pret_that_was_held_may_wait_again(host, ada):
    messages = ("pret", "42", "pret", "77")
    assert host.tell(ada, *messages) == [""] * 4
    assert host.open()[ada] == ["manche 1 entre 1 et 100", "gagné", "", ""]
    host.close()
    assert host.open()[ada] == ["manche 2 entre 1 et 100", "gagné"]


def test_who_waits_while_time_is_up_plays_nothing_when_the_round_goes_on(host, ada):
    host.plays = True
    host.open()
    talk(host, ada, ("50", "moins"))
    host.now += 60
    talk(host, ada, ("pret", ""))
    host.contest.apply(host.contest.extend(60, round(host.now * 1000)))
    talk(host, ada, ("42", ""))
    host.close()
    assert host.open()[ada] == ["manche 2 entre 1 et 100", "plus"]  # of 77


@pytest.mark.parametrize("fin", ["FIN", "fin", " Fin\r"])
def test_fin_answers_a_waiting_pret_too(host, ada, fin):
    talk(host, ada, ("pret", ""), ("50", ""), (fin, "FIN"))
    assert ada.over
    assert not ada.waiting


def test_what_is_held_is_bounded(host, ada):
    talk(host, ada, ("pret", ""), *[("ping", "")] * MAX_HELD)
    assert not ada.over
    assert code(host.say(ada, "ping")) == "attente"
    assert (ada.over, ada.identity.finished) == (True, False)  # cut, and may come back


def test_the_end_answers_those_who_wait(host, ada):
    talk(host, ada, ("pret", ""), ("ping", ""))
    assert host.move(Event.FINISH) == {ada: ["FIN"]}


def test_pret_after_the_end_ends(host, ada):
    host.move(Event.FINISH)
    talk(host, ada, ("scores", "scores"))
    assert not ada.over
    talk(host, ada, ("pret", "FIN"))
    assert ada.over


def test_the_room_knows_who_is_ready(host, ada, bea):
    def ready():
        return {player.name for player in host.roster.present if player.ready}

    talk(host, ada, ("pret", ""))
    assert ready() == {"Ada"}
    host.open()
    talk(host, bea, ("pret", "manche 1 entre 1 et 100"))
    assert ready() == set()
    talk(host, bea, ("42", "gagné"), ("pret", ""))
    assert ready() == {"Bea"}
    resumed_bea = host.roster.come_back(bea.id, 2, "Bea")
    assert not resumed_bea.ready


# The seal.


def test_the_seal_of_the_round_is_told_first_and_opened_when_it_closes(host, ada):
    assert code(host.say(ada, "sceau")) == "attente"
    for round, secret in zip(host.contest.rounds, ("42", "77", "13"), strict=True):
        host.open()
        sealed = ("sceau", f"sceau {round.seal}")
        talk(host, ada, sealed, ("100", "moins"), (secret, "gagné"), sealed)
        host.now += 60
        talk(host, ada, sealed)  # its time is over, but it is not closed
        host.close()
        talk(host, ada, ("sceau", f"secret {secret} {round.nonce}"))


def test_bounds_are_told_in_every_phase(host, ada):
    for event in (None, Event.OPEN, Event.CLOSE, Event.FINISH):
        if event is not None:
            host.move(event)
        talk(host, ada, ("bornes", "bornes 1 100"))


# Coming back.


@pytest.mark.parametrize("make", CLOSED)
def test_a_session_is_resumed_in_every_phase(host, bea, make):
    make(host, bea)
    said = host.say(bea, "session")
    again = resumed(host, bea)
    talk(host, again, ("session", said), ("nom Bea", "nom Bea"))
    assert again.identity.competition == 500


def test_a_resumed_player_goes_on_in_the_round(host, bea):
    host.open()
    talk(host, bea, ("#1 50", "resultat 1 moins"))
    host.now += 1
    again = resumed(host, bea)
    assert host.news == [Resumed("Bea")]
    talk(host, again, ("#1 50", "resultat 1 moins"), ("#2 42", "resultat 2 gagné"))
    assert host.news == [Won(bea.id, 2, "Bea", 2)]
    assert host.standings() == [Standing(1, "Bea", 1, 2, 1000)]
    host.say(bea, "#3 1")  # the link left behind
    assert host.standings() == [Standing(1, "Bea", 1, 2, 1000)]


# What is stored.


def test_a_name_is_stored_and_a_bystander_is_not(host, ada):
    row, games, _ = host.rows(ada)
    assert (row.name, row.token_hash, row.competition, games) == ("Ada", None, 500, [])
    bystander = host.arrive()
    for message in ("bornes", "scores", "suivre", "42", "pret"):
        host.say(bystander, message)
    assert host.rows(bystander) == (None, [], [])


def test_a_token_is_stored_without_a_game(host, bea):
    row, games, _ = host.rows(bea)
    assert (row.name, row.competition, games) == ("Bea", 500, [])


def test_a_plain_guess_stores_the_name_of_who_gave_none(host):
    player = host.arrive()
    host.open()
    talk(host, player, ("50", "moins"))
    row, [game], [_] = host.rows(player)
    assert (row.name, row.competition, game.round) == ("Joueur 1", 500, 501)
