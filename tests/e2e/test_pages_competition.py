"""A whole competition: five pages, five bots, five clients without newlines; and all goes wrong.

A page is refreshed, another loses the network for ten seconds, the host is killed, a pupil opens a
second tab. The teacher directs it all from the remote, the board follows. In the end everybody's
own list of guesses is what the host has stored.
"""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.contest.books import check_file, check_ranking, export, exported, secrets
from tests.contest.cast import Bare, Robot
from tests.e2e.actors import PHONE, PROJECTOR, Board, Pupil, Remote, WebHost
from tests.e2e.guard import AWAY

NAMES = ("Ada", "Bob", "Zoé", "Éloïse Dupré-Vert", "Noé")
HIGH = 1000
SECRETS = 3
"""The seed of the host: none of its secrets is a number that is played here on purpose."""

HALT = (2, 2)
"""Bots wait in the second round after two guesses: the host is killed under them."""

OFFLINE = 10
"""Seconds of the round that a page is without a network."""


REMEMBER_PHASES = """() => {
    window.phases = [];
    const note = () => phases.push(document.body.dataset.phase);
    new MutationObserver(note).observe(document.body, { attributeFilter: ["data-phase"] });
}"""


class School:
    """Everybody, and what they do together."""

    def __init__(self, stage, host: WebHost, new_context, seed: int) -> None:
        self.stage = stage
        self.host = host
        self.robots = [Robot(stage, f"Robot {n}", seed, HALT) for n in range(1, 6)]
        self.bares = [Bare(stage, f"Nu {n}", seed, HALT) for n in range(1, 6)]
        self.pupils = [Pupil(new_context(viewport=PHONE).new_page(), host, name) for name in NAMES]
        self.board = Board(new_context(viewport=PROJECTOR).new_page(), host)
        self.remote = Remote(new_context(viewport=PHONE).new_page())

    @property
    def programs(self) -> list[Robot | Bare]:
        return [*self.robots, *self.bares]

    def gather(self) -> None:
        for program in self.programs:
            program.start(self.host.port)
        self.board.open()
        self.board.page.evaluate(REMEMBER_PHASES)
        self.remote.open(self.host.link)
        for pupil in self.pupils:
            pupil.enter()
        self.board.shows("count", "15 présents")
        names = self.board.page.locator("#present > li")
        expect(names).to_have_count(15)
        players = {player.name for player in [*self.pupils, *self.programs]}
        for player in players:  # who has just come has no name yet
            expect(names.get_by_text(player, exact=True)).to_have_count(1)
        expect(self.remote.page.locator("#players > li")).to_have_count(15)

    def opens(self, number: int, step: str, said: str) -> None:
        """The teacher opens a round, and all see it."""
        self.remote.press(step)
        self.remote.says(said)
        title = f"Manche {number} sur 3"
        self.board.shows("round", title)
        for pupil in self.pupils:
            expect(pupil.page.locator("#round")).to_have_text(title)

    def programs_find(self, rounds: int) -> None:
        """Wait until all but the pages have found so many rounds."""
        self.stage.until(lambda: all(program.wins == rounds for program in self.programs))
        self.board.shows("found", "10 sur 15 ont trouvé")
        for pupil in self.pupils:
            expect(pupil.page.locator("#crowd")).to_have_text("10 sur 15 ont trouvé")

    def pages_find(self, pupils: list[Pupil]) -> None:
        for pupil in pupils:
            assert pupil.search(1, HIGH)

    def closes(self, number: int, phase: str) -> None:
        """The round is over: the board proves its secret, the pages keep their lists."""
        self.host.until(lambda state: state["phase"] == phase)
        round = secrets(self.host.db)[number - 1]
        self.board.shows("secret", str(round.secret))
        self.board.shows("seal", f"sceau de « manche {number} » : {round.seal}")
        self.board.shows("nonce", round.nonce)
        self.board.picture_is_loaded()
        for pupil in self.pupils:
            expect(pupil.page.locator("body")).to_have_attribute("data-phase", phase)
            pupil.note()


@pytest.fixture
def school(stage, open_host, new_context, guard, seed) -> School:
    guard.allow(AWAY)  # a page is offline, the host is killed
    host = open_host("--rounds", 3, "--time-limit", 600, "--max", HIGH, "--seed", SECRETS)
    return School(stage, host, new_context, seed)


@pytest.mark.long
def test_a_whole_competition(school, guard) -> None:
    school.gather()
    rename_and_talk(school)
    first_round_with_a_refresh(school)
    second_round_without_network_and_without_host(school, guard)
    third_round_in_two_tabs(school)
    the_end(school)


def rename_and_talk(school: School) -> None:
    ada, bob, *_ = school.pupils
    remote = school.remote
    remote.rename("Bob", "Léonie")
    bob.name = "Léonie"
    expect(bob.page.locator("#me")).to_have_text("Léonie")
    expect(school.board.page.locator("#present")).to_contain_text("Léonie")

    bob.page.locator("#message").fill("bonne chance !")
    bob.page.keyboard.press("Enter")
    expect(ada.page.locator("#messages > li")).to_have_text(["Léonie : bonne chance !"])
    remote.press("Couper la parole")
    expect(ada.page.locator("#talk")).to_be_hidden()
    remote.press("Rendre la parole")
    expect(ada.page.locator("#talk")).to_be_visible()


def first_round_with_a_refresh(school: School) -> None:
    ada = school.pupils[0]
    school.opens(1, "Départ", "C'est parti !")
    school.programs_find(1)
    ada.search(1, HIGH, most=2)
    before = ada.guesses()
    ada.page.reload()
    ada.is_here()
    assert ada.guesses() == before
    left = school.host.state()["secondes"]
    school.remote.press("Prolonger")
    school.remote.says("Manche prolongée : il reste")
    assert school.host.state()["secondes"] > left
    school.pages_find(school.pupils)
    school.closes(1, "pause")


def second_round_without_network_and_without_host(school: School, guard) -> None:
    host, pupils = school.host, school.pupils
    ada, bob, zoe, eloise, noe = pupils
    school.opens(2, "Suivante", "La manche suivante commence.")
    school.stage.until(lambda: all(p.waits or p.wins == 2 for p in school.programs))
    for pupil in pupils:
        pupil.guess(500)
    ten_seconds_offline(school, zoe)

    for pupil in (ada, bob):
        pupil.send(501)  # may reach the host before its end, or not
    host.kill()
    for pupil in (eloise, noe):
        expect(pupil.page.locator("#link")).to_contain_text("Connexion perdue")
        pupil.send(501)
        expect(pupil.page.locator("#note")).to_contain_text("501 partira")
    expect(school.board.page.locator("#link")).to_be_visible()

    guard.allow(r"403 \(Forbidden\).*/animateur/joueurs")  # a new host, a new key
    host.resume()
    come_back(school)
    for pupil in pupils:
        expect(pupil.items).to_have_count(2)
    expect(school.remote.page.locator("#said")).to_contain_text("n'est plus ouverte")
    school.remote.open(host.link)
    school.programs_find(2)
    school.pages_find(pupils)
    school.closes(2, "pause")


def ten_seconds_offline(school: School, pupil: Pupil) -> None:
    began = school.host.state()["secondes"]
    pupil.page.context.set_offline(True)
    expect(pupil.page.locator("#link")).to_contain_text("Connexion perdue")
    pupil.send(501)
    expect(pupil.page.locator("#note")).to_contain_text("501 partira")
    school.host.until(lambda state: state["secondes"] <= began - OFFLINE)
    expect(pupil.items).to_have_count(1)
    pupil.page.context.set_offline(False)
    pupil.is_here()
    expect(pupil.items).to_have_count(2)


def come_back(school: School) -> None:
    """Pages and bots come by themselves; clients without a token are started again."""
    for program in school.programs:
        if program.waits:
            program.go()
    for bare in school.bares:
        assert bare.process.end() == 0
        assert bare.process.lines[-1] == "cut"
        bare.start(school.host.port)
    for pupil in school.pupils:
        pupil.is_here()
    expect(school.board.page.locator("#link")).to_be_hidden()
    school.board.shows("count", "15 présents")


def third_round_in_two_tabs(school: School) -> None:
    *others, noe = school.pupils
    school.opens(3, "Suivante", "La manche suivante commence.")
    school.programs_find(3)
    for pupil in school.pupils:
        pupil.guess(HIGH)
    in_two_tabs(school, noe)
    school.pages_find(others)
    school.board.shows("found", "14 sur 15 ont trouvé")
    school.remote.press("Stop")
    school.remote.says("La manche est arrêtée.")
    school.closes(3, "finie")


def in_two_tabs(school: School, pupil: Pupil) -> None:
    """The last tab plays; the other says so, and takes the game back."""
    other = Pupil(pupil.page.context.new_page(), school.host, pupil.name)
    other.page.goto(school.host.origin)
    other.is_here()
    expect(pupil.page.locator("#elsewhere")).to_be_visible()
    assert other.guesses() == pupil.guesses()
    other.guess(1)
    pupil.page.get_by_role("button", name="Jouer ici").click()
    pupil.is_here()
    expect(other.page.locator("#elsewhere")).to_be_visible()
    assert pupil.guesses() == other.guesses()
    assert len(pupil.guesses()) == 2


def the_end(school: School) -> None:
    for program in school.programs:
        assert program.process.end() == 0
    told = {player.name: player.told for player in [*school.pupils, *school.programs]}
    counted = check_file(school.host.db, told)
    text = export(school.stage, school.host.db)
    results = json.loads(text)
    ranking = results["classement"]
    check_ranking(exported(ranking), counted)
    assert results["finie"]

    played = {
        player["nom"]: [
            (move["nombre"], move["reponse"])
            for game in player["parties"]
            for move in game["coups"]
        ]
        for player in results["joueurs"]
    }
    assert played == counted

    the_board_agrees(school, results)
    for pupil in school.pupils:
        place = next(line["rang"] for line in ranking if line["nom"] == pupil.name)
        expect(pupil.page.locator("#place")).to_have_text(
            f"{place}{'er' if place == 1 else 'e'} sur 15"
        )

    assert json.loads(school.remote.download("JSON")) == results
    table = school.remote.download("CSV")
    assert all(name in table for name in told)
    assert "<svg" in school.remote.download("SVG")


def the_board_agrees(school: School, results) -> None:
    board, ranking = school.board, results["classement"]
    board.shows("round", "La compétition est finie")
    assert board.page.evaluate("phases.slice(-3)") == ["manche", "pause", "finie"]  # a last look
    podium = [(line["rang"], line["nom"]) for line in ranking if line["rang"] <= 3]
    assert [(rank, name) for rank, names in board.podium() for name in names] == podium
    shown = board.standings()
    assert exported(shown) == exported(ranking[:10])
    last = results["manches"][-1]
    board.shows("secret", str(last["secret"]))
    board.shows("seal", f"sceau de « {last['etiquette']} » : {last['sceau']}")
    board.shows("nonce", last["nonce"])
