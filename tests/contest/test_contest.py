"""Five rounds, thirty players of three kinds, in real processes: who has won is beyond dispute.

Some lose their link, one leaves and comes back, one is late, one never finds, one is excluded.
"""

import json

from tests.contest.books import check_file, check_ranking, export, exported, printed, secrets
from tests.contest.cast import Bare, Robot, Typist
from tests.contest.contest import Host, Stage
from tests.faults.proxy import Fault, FaultProxy
from tests.support.player import Player, error

ROUNDS = 5
LINK_FAULTS = (Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.HALF_REPLY, Fault.CUT_REQUEST)


def cuts():
    """Every fourth request breaks the link, each time in another way."""
    while True:
        for fault in LINK_FAULTS:
            yield from (None, None, None, fault)


def test_a_competition_of_five_rounds_and_thirty_players(tmp_path, seed) -> None:
    with Stage() as stage:
        host = Host(stage, tmp_path / "game.db", "--rounds", ROUNDS, "--max", 1000, "--seed", 7)
        host.start()
        with FaultProxy(host.address, cuts()) as cutting:
            cast = play(stage, host, cutting, seed)
            assert cutting.made.total() >= ROUNDS
        host.type("scores")
        host.process.wait_for("La dichotomie demande")
        host.type("fin")
        assert host.process.end() == 0

        told = {player.name: player.told for player in cast}
        counted = check_file(host.db, told)
        assert all(answer for player in cast for _, answer in player.told), "unanswered guesses"
        excluded = "Robot-2"
        assert counted.pop(excluded)
        on_screen = printed(host.process.lines)
        assert on_screen[:10] == on_screen[10:20], host.process.output
        check_ranking(on_screen[10:], counted)
        content = json.loads(export(stage, host.db))
        check_ranking(exported(content["classement"]), counted)
        assert {player["nom"] for player in content["joueurs"] if player["exclu"]} == {excluded}
        assert {name: flat(games) for name, games in by_player(content)} == {
            name: numbers for name, guesses in told.items() if (numbers := [n for n, _ in guesses])
        }


def play(stage, host, cutting, seed):
    """Play it all; return the players."""
    robots = [Robot(stage, f"Robot-{n}", seed) for n in range(1, 11)]
    bares = [Bare(stage, f"Sans-Fin {n}", seed) for n in range(1, 11)]
    typists = [Typist(stage, f"Clavier {n}", seed, hopeless=n == 1) for n in range(1, 11)]
    cast = [*robots, *bares, *typists]
    excluded, leaver, late, hopeless = robots[1], bares[0], bares[1], typists[0]
    robots[0].start(cutting.port)
    leaver.halt = (2, 1)
    leaver.start(host.port, leaves=True)
    for player in cast:
        if player not in (robots[0], leaver, late):
            player.start(host.port)

    host.until(lambda state: state["presents"] == 29)
    host.type("depart")
    close(host, 1, 29)

    host.type("suivante")
    assert leaver.process.end() == 0
    host.until(lambda state: state["manche"] == 2 and state["presents"] == 28)
    leaver.halt = None
    leaver.start(host.port)
    late.start(host.port)
    close(host, 2, 30)

    host.type("suivante")
    host.until(lambda state: state["manche"] == 3)
    host.type(f"exclure {excluded.name}")
    host.process.wait_for(f"{excluded.name} est exclu")
    assert excluded.process.end() == 0
    assert "exclu" in excluded.process.lines[-1]
    close(host, 3, 29)
    stays_out(host, excluded)

    host.type("suivante")
    close(host, 4, 29)
    hopeless.leave()

    host.type("suivante")  # nobody is hopeless now: it ends by itself
    host.process.wait_for("── La compétition est finie")
    for player in cast:
        if player is not excluded:
            assert player.process.end() == 0, player.process.output
    return cast


def close(host, number: int, players: int) -> None:
    """Wait until all but the hopeless one have found, then stop the round."""
    state = host.until(
        lambda s: (s["manche"], s["presents"], s["trouve"]) == (number, players, players - 1)
    )
    assert state["phase"] == "manche"
    assert state["secret"] is None
    host.type("stop")
    state = host.until(lambda state: state["phase"] == "pause")
    assert (state["secret"], state["nonce"]) == secrets(host.db)[number - 1][1:3]


def stays_out(host, player) -> None:
    """Neither the name nor the token opens the door again."""
    for line in (f"nom {player.name}", f"nom {player.name.upper()}", f"session {player.token}"):
        with Player(host.address) as again:
            assert error(again.ask(line)) == "exclu"
            assert player.name not in again.ask("scores")
    host.type(f"libere {player.name}")
    host.process.wait_for("Impossible")


def by_player(content):
    return ((player["nom"], player["parties"]) for player in content["joueurs"])


def flat(games) -> list[int]:
    return [move["nombre"] for game in games for move in game["coups"]]
