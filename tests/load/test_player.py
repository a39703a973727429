"""A player of the load, line by line, without a network; what its process counts."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from justeprix.bench.histogram import bucket, floor, quantile
from justeprix.bench.player import LoadPlayer
from justeprix.bench.tally import PlayerFault, Tally
from tests.support.pure_host import PureHost

HELLO = b"hello justeprix/1 entre 1 et 100\n"


@pytest.fixture
def tally() -> Tally:
    return Tally()


def arrived(tally: Tally, *, code: str = "", contest: bool = False) -> LoadPlayer:
    player = LoadPlayer(tally, code=code, contest=contest)
    player.hear(HELLO, 0)
    return player


# Practice.


def test_it_finds_each_secret_of_a_host_by_halves(tally: Tally) -> None:
    host = PureHost(secrets=(42, 77, 13))
    session = host.arrive()
    player = arrived(tally)
    line = player.begin()
    guesses = []
    while tally.found < 3:
        guesses.append(int(line))
        line = player.hear(f"{host.say(session, line[:-1])}\n".encode(), 0)
    assert guesses == [50, 25, 37, 43, 40, 41, 42, 50, 75, 88, 81, 78, 76, 77, 50, 25, 12, 18, 15,
                       13]  # fmt: skip
    assert line == b"50\n"
    assert (tally.came, tally.guesses, tally.found, tally.faults) == (1, 20, 3, {})


def test_it_says_nothing_before_it_is_told_to(tally: Tally) -> None:
    player = LoadPlayer(tally, code="", contest=False)
    assert player.hear(HELLO, 0) == b""
    assert player.greeted
    assert not player.playing
    assert player.begin() == b"50\n"
    assert player.playing


def test_a_wait_is_from_sending_to_hearing(tally: Tally) -> None:
    player = arrived(tally)
    player.begin()
    player.sent_at = 1_000_000
    player.hear(b"plus\n", 3_000_000)
    assert tally.waits == {bucket(2_000_000): 1}


def test_the_code_comes_first(tally: Tally) -> None:
    player = LoadPlayer(tally, code="4821", contest=False)
    assert player.hear(HELLO, 0) == b"code 4821\n"
    assert not player.greeted
    assert player.hear(b"ok\n", 0) == b""
    assert player.greeted


def test_it_leaves_with_fin_and_throws_away_the_answer_before(tally: Tally) -> None:
    player = arrived(tally)
    player.begin()
    assert player.leave() == b"FIN\n"
    assert player.hear(b"plus\n", 0) == b""
    assert not player.over
    assert player.hear(b"FIN\n", 0) == b""
    assert player.over
    assert (tally.guesses, tally.faults) == (0, {})
    player.lose()  # the end of the link is as it should be
    assert tally.faults == {}


# A competition.


def test_each_round_is_asked_for_and_its_times_are_kept(tally: Tally) -> None:
    players = [LoadPlayer(tally, code="", contest=True) for _ in range(2)]
    for number, player in enumerate(players):
        assert player.hear(HELLO, 0) == b"pret\n"
        assert player.waiting
        player.sent_at = 10 + number
    for number, player in enumerate(players):
        assert player.hear(b"manche 3 entre 1 et 3\n", 20 + number) == b"2\n"
    assert players[0].hear("gagné\n".encode(), 30) == b"pret\n"
    seen = tally.rounds[3]
    assert (seen.players, seen.asked, seen.first, seen.last, seen.ended) == (2, 11, 20, 21, 30)


@pytest.mark.parametrize("code", ["attente", "finie"])
def test_a_guess_that_comes_late_is_nobodys_fault(tally: Tally, code: str) -> None:
    player = arrived(tally, contest=True)
    player.hear(b"manche 1 entre 1 et 100\n", 0)
    assert player.hear(f"erreur {code} c'est trop tard\n".encode(), 0) == b"pret\n"
    assert (tally.late, tally.guesses, tally.faults) == (1, 0, {})


def test_the_end_of_the_competition_ends_the_player(tally: Tally) -> None:
    player = arrived(tally, contest=True)
    assert player.hear(b"FIN\n", 0) == b""
    assert player.over
    assert tally.faults == {}


# What goes wrong.


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["erreur complet la salle est pleine"], PlayerFault.FULL),
        (["erreur tls cet hôte chiffre"], PlayerFault.REFUSED),
        (["HTTP/1.1 400 Bad Request"], PlayerFault.FOREIGN),
        (["hello justeprix/1 entre 1 et 100", "plus", "moins", "moins"], None),
        (["hello justeprix/1 entre 1 et 3", "plus", "moins"], PlayerFault.MISFIT),
        (["hello justeprix/1 entre 1 et 100", "plus petit"], PlayerFault.FOREIGN),
        (["hello justeprix/1 entre 1 et 100", "erreur bornes entre 1 et 10"], PlayerFault.REFUSED),
        (["hello justeprix/1 entre 1 et 100", "erreur attente pas de manche"], PlayerFault.REFUSED),
        (["hello justeprix/1 entre 1 et 100", "FIN"], PlayerFault.CLOSED),
        (["hello justeprix/1 entre 1 et 100", "shutdown fini"], PlayerFault.CLOSED),
    ],
)
def test_what_goes_wrong_is_counted_once_and_ends_the_game(
    tally: Tally, lines: list[str], fault: PlayerFault | None
) -> None:
    hello, *rest = lines
    player = LoadPlayer(tally, code="", contest=False)
    player.hear(f"{hello}\n".encode(), 0)
    said = player.begin() if player.greeted else b""
    for line in rest:
        said = player.hear(f"{line}\n".encode(), 0)
    assert tally.faults == ({fault: 1} if fault else {})
    if fault:
        assert player.over or said == b"FIN\n"
        player.lose()
        assert tally.faults == {fault: 1}


@pytest.mark.parametrize(
    ("lines", "fault"), [([], PlayerFault.UNHEARD), ([HELLO], PlayerFault.CUT)]
)
def test_a_lost_link_is_told_apart_by_how_far_it_was(
    tally: Tally, lines: list[bytes], fault: PlayerFault
) -> None:
    player = LoadPlayer(tally, code="", contest=False)
    for line in lines:
        player.hear(line, 0)
    player.lose()
    player.lose()
    assert tally.faults == {fault: 1}


# What is counted.

waits = st.integers(0, 10**12)


@given(waits)
def test_a_bucket_holds_what_is_at_most_a_hundredth_more(wait: int) -> None:
    low, high = floor(bucket(wait)), floor(bucket(wait) + 1)
    assert low <= wait < high
    assert high - low <= max(1, low / 100)


@given(st.lists(waits, min_size=1), st.sampled_from([0.0, 0.5, 0.99, 0.999, 1.0]))
def test_a_quantile_is_that_of_the_sorted_waits(values: list[int], share: float) -> None:
    tally = Tally()
    tally.waits.update(map(bucket, values))
    place = min(len(values) - 1, math.floor(share * len(values)))
    assert quantile(tally.waits, share) == floor(bucket(sorted(values)[place]))


def test_no_wait_has_no_quantile() -> None:
    assert quantile({}, 0.5) == 0


events = st.tuples(st.integers(1, 3), st.integers(0, 99), st.integers(100, 200))


@given(st.lists(st.tuples(st.lists(waits), st.lists(events)), max_size=4))
def test_tallies_of_processes_add_up_to_that_of_one(
    processes: list[tuple[list[int], list[tuple[int, int, int]]]],
) -> None:
    together, apart = Tally(), []
    for values, rounds in processes:
        apart.append(Tally())
        for tally in (together, apart[-1]):
            tally.came += 1
            tally.waits.update(map(bucket, values))
            tally.found += len(values)
            tally.faults[PlayerFault.CUT] += 1
            tally.errors["attente"] += 2
            tally.reasons["lien coupé"] += 3
            for number, asked, came in rounds:
                tally.announce(number, asked, came)
    sent = [Tally.from_json(json.loads(json.dumps(tally.as_json()))) for tally in apart]
    assert Tally.total(sent) == together
