"""kill -9 of the host of a competition: a class of eight, and a kill in full flight.

When it is over thieves come for the seats, and the teacher's hand slips: the podium stays.
"""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path

from tests.contest.books import check_file, check_ranking, export, exported, printed, score, secrets
from tests.contest.cast import Bare, Robot, Typist
from tests.contest.contest import Host, Stage
from tests.support.player import Player

__all__ = ["OPTIONS", "PLAYERS", "Class", "flights", "fly", "same"]

BOUNDS = ("--min", 10**9, "--max", 10**10)  # too wide to be found before one waits
OPTIONS = ("--rounds", 3, "--time-limit", 300, *BOUNDS)
HALT = (1, 2)
"""Where players wait when they are told to: in the first round, after two guesses."""

FLIGHTS, FLIGHTS_FULL = 1, 30

PLAYERS = 8

DRIFT = 1.5
"""Seconds of a round that a restart may give back or take."""


def flights(seed: int, *, full: bool) -> tuple[int, int]:
    """Kill competitions in full flight; return how many, and the guesses that counted."""
    rng, guesses, count = random.Random(seed), 0, FLIGHTS_FULL if full else FLIGHTS
    for _ in range(count):
        with Stage() as stage, tempfile.TemporaryDirectory(prefix="justeprix-kills-") as folder:
            guesses += fly(stage, Path(folder, "game.db"), seed, rng.randint(20, 200))  # of 270
    return count, guesses


def fly(stage: Stage, db: Path, seed: int, goal: int) -> int:
    """Kill the host after so many answers; return how many guesses counted in the end.

    Whose answer was on its way may have a guess that counts; nobody loses one.
    """
    room = Class(stage, db, seed, (HALT, HALT, HALT))
    room.host.type("depart")
    stage.until(lambda: all(player.waits for player in room.players))
    for player in room.players:
        player.go()
    stage.until(lambda: room.acknowledged >= goal)
    before, after = room.kill_and_resume()
    assert after["manche"] == before["manche"] == 1
    told = {line["nom"]: line["coups"] for line in before["classement"]}
    assert all(line["coups"] >= told[line["nom"]] for line in after["classement"])
    return sum(line.guesses for line in exported(json.loads(room.finish())["classement"]))


class Class:
    """Eight players of every kind, and the host that is killed under them."""

    def __init__(self, stage, db, seed, halts=(None, None, None)) -> None:
        """`halts`: where the first, the second and the third of each kind wait."""
        self.host = Host(stage, db, *OPTIONS)
        ranks = list(enumerate(halts, start=1))
        self.robots = [Robot(stage, f"Robot {n}", seed, halt) for n, halt in ranks]
        self.bares = [Bare(stage, f"Nu {n}", seed, halt) for n, halt in ranks]
        self.typists = [Typist(stage, f"Clavier {n}", seed, halt) for n, halt in ranks[:2]]
        self.guests: dict[str, list[tuple[int, str | None]]] = {}
        self.players = [*self.robots, *self.bares, *self.typists]
        self._stage = stage
        self.host.start()
        for player in self.players:
            player.start(self.host.port)
        self.host.until(lambda state: state["presents"] == PLAYERS)

    @property
    def acknowledged(self) -> int:
        return sum(player.acknowledged for player in self.players)

    def kill_and_resume(self) -> tuple[dict, dict]:
        """Return the state just before the end, and just after the beginning."""
        seals = [secret.seal for secret in secrets(self.host.db)]
        before = self.host.state()
        self.host.kill()
        self.host.resume()
        after = self.host.state()
        assert [secret.seal for secret in secrets(self.host.db)] == seals
        self.come_back()
        return before, after

    def come_back(self) -> None:
        """The others come by themselves; those without a token are started again."""
        for player in self.players:
            if player.waits:
                player.go()
        for bare in self.bares:
            assert bare.process.end() == 0
            assert bare.process.lines[-1] == "cut"
            bare.start(self.host.port)
        self.host.until(lambda state: state["presents"] == len(self.players))

    def next_round(self) -> None:
        state = self.host.until(lambda state: state["phase"] != "manche")
        self.host.type("depart" if state["phase"] == "salle" else "suivante")
        self.host.until(lambda now: now["manche"] > state["manche"])

    def finish(self) -> str:
        """Play the rounds that are left; compare all that was told, stored and shown.

        Return the export, which `justeprix verify` has accepted.
        """
        while self.host.until(lambda s: s["phase"] != "manche")["phase"] != "finie":
            self.next_round()
        for player in self.players:
            assert player.process.end() == 0
        raid(self.host, [player.name for player in self.players])
        self.host.type("scores")
        self.host.process.wait_for("La dichotomie demande")
        told = {player.name: player.told for player in self.players} | self.guests
        on_screen = printed(self.host.process.lines)[-len(told) :]
        self.host.type("fin")
        assert self.host.process.end() == 0
        counted = check_file(self.host.db, told)
        assert all(score(counted[player.name])[0] == 3 for player in self.players)
        check_ranking(on_screen, counted)
        text = export(self._stage, self.host.db)
        check_ranking(exported(json.loads(text)["classement"]), counted)
        return text


def raid(host: Host, names: list[str]) -> None:
    """Ask for the seat of each who has played, now that all is over, and for another name on it."""
    podium = host.state()["classement"]
    for name in names:
        with Player(host.address) as thief:
            thief.say(f"nom {name}", "nom Zorro", "FIN")
            refused, other, _ = (thief.recv_line() for _ in range(3))
            assert refused.startswith(("erreur finie ", "erreur pris ")), refused
            assert other.startswith(("nom Zorro", "erreur pris ")), other
        for order in (f"renomme {name} : Zorro", f"libere {name}", f"exclure {name}"):
            host.type(order)
    assert host.state()["classement"] == podium


def same(before, after) -> None:
    """All is as it was: the players are not back yet, their results are."""
    fields = ("phase", "manche", "manches", "bornes", "sceau", "secret", "nonce", "classement")
    assert {field: after[field] for field in fields} == {field: before[field] for field in fields}
    if before["secondes"] is None:
        assert after["secondes"] is None
    else:
        assert abs(after["secondes"] - before["secondes"]) <= DRIFT
