"""What the load says of its own figures: whether they are the host's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from justeprix.bench.histogram import bucket
from justeprix.bench.tally import PlayerFault, Tally
from justeprix.bench.verdict import SENTENCES, Measurement, advice, faults, rows, spread

MS = 1_000_000


def outcome(tally: Tally | None = None, **changes: object) -> Measurement:
    plain = Measurement(
        tally=tally or played({0.3: 900, 0.5: 100}),
        players=10,
        contest=False,
        round=0,
        seconds=1.0,
        shares=[0.4],
        shared=0,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def played(waits: dict[float, int]) -> Tally:
    """A tally of ten players with that many answers for each wait in ms."""
    tally = Tally(came=10)
    for wait, count in waits.items():
        tally.waits[bucket(round(wait * MS))] += count
    return tally


def told(outcome: Measurement) -> str:
    return "\n".join([*advice(outcome), *faults(outcome)])


def test_nothing_is_said_when_all_is_well() -> None:
    assert told(outcome()) == ""
    figures = dict(rows(outcome()))
    assert figures["coups par seconde"] == "1 000"
    assert figures["attente p50 (ms)"].startswith("0,29")
    assert [share for _, share in spread(outcome())] == ["100,00 %"]


def test_it_says_when_the_load_was_the_limit() -> None:
    text = told(outcome(shares=[0.3, 0.9]))
    assert "La charge était la limite" in text
    assert "90 %" in text


def test_it_says_when_a_machine_is_shared() -> None:
    assert "se partagent 2 processeurs" in told(outcome(shared=2))


def test_it_says_when_the_host_slowed_the_players_down() -> None:
    stop_and_go = played({0.1: 9500, 20.0: 500})
    assert "--rate 0" in told(outcome(stop_and_go))
    # As fast by chance: each answer took as long as the others.
    assert told(outcome(played({1.0: 10_000}))) == ""
    # And with other numbers it is not the host's limit.
    assert told(outcome(played({0.1: 4500, 20.0: 500}))) == ""


def contest(*rounds: tuple[int, int, int, int]) -> Tally:
    """Rounds as (number, asked, first, last) in ms, of two players."""
    tally = played({0.3: 10})
    for number, asked, first, last in rounds:
        tally.announce(number, asked * MS, first * MS)
        tally.announce(number, asked * MS, last * MS)
    return tally


def test_the_skew_is_that_of_rounds_for_which_all_were_waiting() -> None:
    tally = contest((1, 20, 10, 30), (2, 40, 50, 54), (3, 60, 70, 71))
    seen = outcome(tally, contest=True)
    assert seen.skews == [4.0, 1.0]
    figures = dict(rows(seen))
    assert figures["manches vues dès le départ"] == "2 sur 3"
    assert figures["écart au départ, médian (ms)"] == "2,50"
    assert figures["écart au départ, pire (ms)"] == "4,00"
    assert "1 manche à part" in told(seen)


def test_the_round_in_which_we_came_has_no_skew() -> None:
    seen = outcome(contest((4, 1, 2, 3), (5, 6, 7, 9)), contest=True, round=4)
    assert seen.skews == [2.0]


@pytest.mark.parametrize("fault", PlayerFault)
def test_each_fault_has_its_sentence(fault: PlayerFault) -> None:
    assert fault in SENTENCES
    tally = played({0.3: 10})
    tally.faults[fault] = 3
    (sentence,) = faults(outcome(tally))
    assert " : 3 joueurs. " in sentence
    assert dict(rows(outcome(tally)))["erreurs"] == "3"


def test_the_reasons_and_the_codes_are_told() -> None:
    tally = played({0.3: 10})
    tally.faults.update({PlayerFault.UNREACHED: 1, PlayerFault.REFUSED: 2})
    tally.reasons["connexion refusée"] = 1
    tally.errors.update({"bornes": 2, "complet": 5})
    text = told(outcome(tally))
    assert "(connexion refusée) : 1 joueur." in text
    assert "(bornes) : 2 joueurs." in text


def test_no_answer_at_all_is_a_failure() -> None:
    assert "Aucun coup" in told(outcome(Tally()))
    assert dict(rows(outcome(Tally(), seconds=0.0)))["coups par seconde"] == "0"
