"""What is on the pages: text that stays text, few bytes, motion and language as asked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.actors import PHONE, PROJECTOR, Board, Pupil, Remote
from tests.e2e.guard import AWAY
from tests.support.player import Player

EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script>"
MOST = 50_000
"""Bytes that the player's page may take, all in all: a class shares one radio."""

WITH_LANGUAGE = re.compile(r"[?&]lang=en(&|$)")

INLINE = """() => [...document.querySelectorAll("*")].filter((element) =>
    (element.localName === "script" && !element.src) ||
    element.getAttributeNames().some((name) => name.startsWith("on")))
  .map((element) => element.outerHTML)"""


def test_what_players_write_stays_text(open_host, new_context) -> None:
    """As a name, a message, a number; in every browser, and on the remote."""
    host = open_host("--rounds", 1)
    remote = Remote(new_context().new_page())
    remote.open(host.link)
    board = Board(new_context().new_page(), host)
    board.open()
    ada, bob = (Pupil(new_context().new_page(), host, name) for name in ("Ada", "Bob"))
    bob.enter()
    ada.page.goto(host.origin)
    ada.page.locator("#name-field").evaluate("(field, text) => { field.value = text; }", EVIL)
    ada.page.locator("#name-field").press("Enter")
    expect(ada.page.locator("#name-note")).not_to_be_empty()
    ada.enter()

    ada.page.locator("#message").fill(EVIL)
    ada.page.keyboard.press("Enter")
    for page in (ada.page, bob.page):
        expect(page.locator("#messages > li")).to_have_text([f"Ada : {EVIL}"])
        assert page.locator("#messages :not(li, strong)").count() == 0
    remote.rename("Bob", EVIL[:40])
    remote.says("Impossible")
    board.shows("count", "2 présents")
    remote.press("Départ")
    expect(ada.page.locator("#number")).to_be_visible()
    ada.page.locator("#number").evaluate("(field, text) => { field.value = text; }", EVIL)
    ada.page.locator("#number").press("Enter")
    expect(ada.page.locator("#note")).to_have_text("Écris un nombre entier, comme 50.")
    for page in (ada.page, bob.page, board.page, remote.page):
        assert page.locator("[onerror], [src=x]").count() == 0


def test_the_players_page_is_small(open_host, page) -> None:
    host = open_host("--rounds", 1)
    responses = []
    page.on("response", lambda response: responses.append(response))
    Pupil(page, host, "Ada").enter()
    page.wait_for_load_state("networkidle")
    sizes = {response.url: len(response.body()) for response in responses}
    assert f"{host.origin}/player.js" in sizes
    assert sum(sizes.values()) < MOST, sizes
    assert page.evaluate(INLINE) == []


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_the_podium_stands_still_for_who_asks(open_host, new_context, motion, moves) -> None:
    host = open_host("--rounds", 1)
    context = new_context(viewport=PROJECTOR, reduced_motion=motion)
    context.add_init_script(COUNT)
    board = Board(context.new_page(), host)
    board.open()
    board.shows("round", "Bientôt la première manche")
    with Player(host.address) as ada, Player(host.address) as bob:
        host.type("depart")
        assert ada.ask("pret") == bob.ask("pret") == "manche 1 entre 1 et 100"
        secret, _ = ada.win()
        assert bob.ask(str(secret % 100 + 1)) != "gagné"  # else they might stand on one step
        bob.win()
        board.shows("round", "La compétition est finie")
        expect(board.page.locator("#podium > li")).to_have_count(2)
        assert (board.page.evaluate("window.moved") > 0) is moves
        if not moves:
            assert board.page.evaluate("document.getAnimations().length") == 0
            expect(board.page.locator("#podium > li").first).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("orders", [["fin"], ["stop", "fin"]], ids=" ".join)
def test_the_podium_is_shown_though_the_host_is_gone(open_host, new_context, guard, orders) -> None:
    """What the board was told last stays on it; a page tells its pupil the place."""
    guard.allow(AWAY)
    host = open_host("--rounds", 1)
    board = Board(new_context(viewport=PROJECTOR, reduced_motion="reduce").new_page(), host)
    board.open()
    bob = Pupil(new_context().new_page(), host, "Bob")
    bob.enter()
    with Player(host.address) as ada:
        assert ada.ask("nom Ada") == "nom Ada"
        host.type("depart")
        assert ada.ask("pret") == "manche 1 entre 1 et 100"
        ada.win()
        for order in orders:
            host.type(order)
        ada.rest()
    assert host.process.end() == 0
    expect(board.page.locator("#podium > li")).to_have_count(1)
    assert board.podium() == [(1, ["Ada"])]
    expect(bob.page.locator("#round")).to_have_text("La partie est finie")


COUNT = """
window.moved = 0;
const animate = Element.prototype.animate;
Element.prototype.animate = function (...how) {
  window.moved += 1;
  return animate.apply(this, how);
};
for (const start of ["animationstart", "transitionrun"]) {
  addEventListener(start, () => (window.moved += 1), true);
}
"""


def test_the_board_in_english(open_host, new_context) -> None:
    host = open_host("--rounds", 1)
    board = Board(new_context(viewport=PROJECTOR).new_page(), host)
    board.open("?lang=en")
    expect(board.page.locator("html")).to_have_attribute("lang", "en")
    board.shows("round", "The first round starts soon")
    with Player(host.address) as ada:
        host.type("depart")
        assert ada.ask("pret").startswith("manche 1 ")
        board.shows("found", "0 of 1 found it")
        ada.win()
        board.shows("round", "The competition is over")
        board.picture_is_loaded()
    expect(board.page.locator("#picture")).to_have_attribute("src", WITH_LANGUAGE)
    words = board.page.locator("main").inner_text()
    assert not any(french in words for french in ("Classement", "Coups", "Trouvés", "Le secret"))


def test_practice_has_one_secret_after_another(open_host, new_context) -> None:
    host = open_host()
    ada = Pupil(new_context(viewport=PHONE).new_page(), host, "Ada")
    ada.enter()
    assert ada.search(1, 100)
    expect(ada.page.locator("#note")).to_contain_text("Un nouveau secret attend")
    ada.send(50)
    expect(ada.page.locator("#guesses > li")).to_have_count(1)
    ada.page.reload()
    ada.is_here()
    assert [number for number, _ in ada.guesses()] == [50]
