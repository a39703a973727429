"""kill -9 of the host in every phase: the same competition goes on, to the same podium."""

import json
import random

import pytest
from contest import Host, Stage
from contest_books import check_file, check_ranking, export, exported, printed, score, secrets
from contest_cast import Bare, Robot, Typist
from wire import Player

from justeprix.formats.document import fingerprint
from justeprix.verify import faults

BOUNDS = ("--min", 10**9, "--max", 10**10)  # too wide to be found before one waits
OPTIONS = ("--rounds", 3, "--time-limit", 300, *BOUNDS)
HALT = (1, 2)
"""Where players wait when they are told to: in the first round, after two guesses."""

FLIGHTS_FULL = 30

DRIFT = 1.5
"""Seconds of a round that a restart may give back or take."""


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
        self.host.until(lambda state: state["presents"] == 8)

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


@pytest.fixture
def stage():
    with Stage() as stage:
        yield stage


def same(before, after) -> None:
    """All is as it was: the players are not back yet, their results are."""
    fields = ("phase", "manche", "manches", "bornes", "sceau", "secret", "nonce", "classement")
    assert {field: after[field] for field in fields} == {field: before[field] for field in fields}
    if before["secondes"] is None:
        assert after["secondes"] is None
    else:
        assert abs(after["secondes"] - before["secondes"]) <= DRIFT


def test_time_goes_on_past_a_restart(stage, tmp_path) -> None:
    """The round has no more seconds than before, and `version` still grows with each change."""
    host = Host(stage, tmp_path / "game.db", *OPTIONS)
    host.start()
    host.type("depart")
    with Player(host.address) as screen:
        screen.send(b"suivre\n")
        while screen.state()["secondes"] != 297:  # three seconds of notes
            pass
        with Player(host.address):  # seen half a second later: as old is the host's note of time
            before = screen.state()
    host.kill()
    host.resume()
    after = host.state()
    same(before, after)
    assert after["version"] > before["version"]


def test_killed_in_the_lobby(stage, tmp_path, seed) -> None:
    room = Class(stage, tmp_path / "game.db", seed)
    before, after = room.kill_and_resume()
    same(before, after)
    assert after["phase"] == "salle"
    room.finish()


def test_killed_in_a_round_while_some_think_and_others_have_found(stage, tmp_path, seed) -> None:
    room = Class(stage, tmp_path / "game.db", seed, (None, HALT, HALT))
    room.host.type("depart")
    stage.until(lambda: all(player.waits or player.wins for player in room.players))
    before, after = room.kill_and_resume()
    same(before, after)
    assert sorted(line.found for line in exported(after["classement"])) == [0] * 5 + [1] * 3
    room.finish()


def test_killed_in_a_round_in_full_flight(stage, tmp_path, seed, full) -> None:
    """Whose answer was on its way may have a guess that counts; nobody loses one."""
    rng = random.Random(seed)
    for n in range(FLIGHTS_FULL if full else 1):
        room = Class(stage, tmp_path / f"game{n}.db", seed, (HALT, HALT, HALT))
        room.host.type("depart")
        stage.until(lambda room=room: all(player.waits for player in room.players))
        for player in room.players:
            player.go()
        goal = rng.randint(20, 200)  # of some 270
        stage.until(lambda room=room, goal=goal: room.acknowledged >= goal)
        before, after = room.kill_and_resume()
        assert after["manche"] == before["manche"] == 1
        told = {line["nom"]: line["coups"] for line in before["classement"]}
        assert all(line["coups"] >= told[line["nom"]] for line in after["classement"])
        room.finish()


def test_killed_between_the_last_win_and_the_end_of_the_round(stage, tmp_path, seed) -> None:
    """The host looks every 50 ms whether all have found: it is killed before, in most rounds."""
    room = Class(stage, tmp_path / "game.db", seed)
    ada = room.guests["Ada"] = []
    for number in (1, 2, 3):
        with Player(room.host.address) as last:
            assert last.ask_bare("nom Ada") == b"nom Ada"
            room.next_round()
            before = room.host.until(lambda state: state["trouve"] == 8)
            ada += win_and_kill(last, room.host, number)
        open_still = not secrets(room.host.db)[number - 1].closed
        room.host.resume()
        after = room.host.until(lambda state: state["phase"] != "manche")
        assert standings(after, but="Ada") == standings(before, but="Ada")
        assert standings(after)["Ada"] == (number, 2 * number)
        room.come_back()
        if open_still:
            break
    else:
        pytest.fail("the host was never killed in time")
    with Player(room.host.address) as back:  # else the next round waits for her
        assert back.ask_bare("nom Ada") == b"nom Ada"
    refuses_what_was_altered(stage, room.finish(), tmp_path / "altered.json")


def win_and_kill(ada, host, number) -> list[tuple[int, str]]:
    """One who knows the secret plays two guesses; the second is the last win of the round."""
    secret = secrets(host.db)[number - 1].secret
    told = [(guess, ada.ask_bare(str(guess)).decode()) for guess in (secret - 1, secret)]
    host.kill()
    assert [answer for _, answer in told] == ["plus", "gagné"]
    return told


def refuses_what_was_altered(stage, text, file) -> None:
    assert not faults(text)
    for alter in ALTERATIONS:
        content = json.loads(text)
        alter(content)
        assert faults(json.dumps(content)), alter
        content["empreinte"] = fingerprint(content)
        assert faults(json.dumps(content)), f"{alter}, and the fingerprint mended"
    file.write_text(json.dumps(content))
    assert stage.start("-m", "justeprix", "verify", file).end() == 1


def game(content):
    return content["joueurs"][3]["parties"][1]["coups"]


ALTERATIONS = (
    lambda content: game(content)[0].update(nombre=content["manches"][1]["secret"]),
    lambda content: game(content)[0].update(reponse="gagné"),
    lambda content: game(content).pop(),
    lambda content: content["manches"][1].update(secret=content["manches"][1]["secret"] + 1),
    lambda content: content["classement"][4].update(rang=1),
)


def standings(state, but="") -> dict[str, tuple[int, int]]:
    lines = exported(state["classement"])
    return {line.name: (line.found, line.guesses) for line in lines if line.name != but}


def test_killed_in_a_pause(stage, tmp_path, seed) -> None:
    room = Class(stage, tmp_path / "game.db", seed)
    room.host.type("depart")
    room.host.until(lambda state: state["phase"] == "pause")
    before, after = room.kill_and_resume()
    same(before, after)
    assert after["phase"] == "pause"
    assert after["secret"] == secrets(room.host.db)[0].secret
    room.finish()
