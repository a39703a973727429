"""A host that wants a code: the pages ask for it, keep it, take it from the address, and let go."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.actors import PHONE, PROJECTOR, Board, CodeForm, Pupil, Remote, WebHost, Wire
from tests.e2e.guard import AWAY
from tests.e2e.test_pages_access import fits, no_violations

CODE, OTHER = "4821", "Zebre7"
WRONG = "Ce n'est pas le code : lis-le sur le tableau de la classe."
TOO_OFTEN = "Trop d'essais depuis ton adresse : attends une minute."
KEPT = "justeprix.code"
HINTS = ("autocapitalize", "autocorrect", "autocomplete", "spellcheck", "inputmode", "enterkeyhint")

Open = Callable[..., Page]


@pytest.fixture
def open_page(new_context) -> Open:
    def make(**options: object) -> Page:
        return new_context(**{"viewport": PHONE, "reduced_motion": "reduce"} | options).new_page()

    return make


@pytest.fixture
def host(open_host) -> WebHost:
    return open_host("--rounds", 2, "--code", CODE)


# A pupil.


def test_the_code_is_asked_for_and_said(host, open_page) -> None:
    """With the keyboard alone; a wrong one stays in the field, to be typed over."""
    page = open_page()
    wire, form = Wire(page), CodeForm(page)
    page.goto(host.origin)
    page.keyboard.type("Ada\n")
    form.asks()
    expect(form.note).to_be_empty()
    page.keyboard.type("\n")  # nothing is not a try
    page.keyboard.type("0000\n")
    form.refuses("0000", WRONG)
    page.keyboard.type(f"{CODE}\n")
    expect(page.locator("#me")).to_have_text("Ada")
    expect(page.locator("#door")).to_be_hidden()
    assert wire.codes() == ["0000", CODE]
    said = wire.sent[wire.sent.index(f"code {CODE}") :]
    assert [line.split()[0] for line in said] == ["code", "session", "nom", "session", "suivre"]
    page.reload()
    Pupil(page, host, "Ada").is_here()
    assert wire.codes() == ["0000", CODE], "a token needs no code"


def test_the_field_suits_a_phone(host, open_page) -> None:
    page = open_page()
    Pupil(page, host, "Ada").start()
    form = CodeForm(page)
    form.asks()
    told = [form.field.get_attribute(name) for name in HINTS]
    assert told == ["none", "off", "off", "false", "text", "go"]
    box = form.field.bounding_box()
    assert box["height"] >= 44
    assert box["width"] >= PHONE["width"] * 0.8
    form.give(" 48 21 ")  # as some keyboards write it
    expect(page.locator("#me")).to_have_text("Ada")


def test_the_code_behind_the_address(host, open_page) -> None:
    page = open_page()
    wire = Wire(page)
    page.goto(f"{host.origin}/#{CODE}")
    expect(page.locator("#name-field")).to_be_focused()
    assert page.evaluate("location.href") == f"{host.origin}/"
    Pupil(page, host, "Ada").ask_for_name()
    expect(page.locator("#me")).to_have_text("Ada")
    assert wire.sent[:2] == [f"code {CODE}", "session "]
    assert not any(line.startswith("erreur") for line in wire.heard)
    assert not any(CODE in url for url in wire.requests if "#" not in url)


def test_a_wrong_code_behind_the_address_is_tried_once(host, open_page) -> None:
    page = open_page()
    wire, form = Wire(page), CodeForm(page)
    page.goto(f"{host.origin}/#0000")
    Pupil(page, host, "Ada").ask_for_name()
    form.refuses("0000", WRONG)
    assert wire.codes() == ["0000"]
    form.give(CODE)
    expect(page.locator("#me")).to_have_text("Ada")


def test_the_address_may_be_completed_later(host, open_page) -> None:
    """Somebody writes `#4821` behind the address of the page that asks: it is not loaded again."""
    page = open_page()
    Pupil(page, host, "Ada").start()
    CodeForm(page).asks()
    page.evaluate(f"location.hash = '{CODE}'")
    expect(page.locator("#me")).to_have_text("Ada")
    assert page.evaluate("location.hash") == ""


def test_a_code_of_yesterday_locks_nobody_out(host, open_page) -> None:
    """It is tried once, and only when the host wants one."""
    for number in range(3):
        page = open_page()
        page.add_init_script(f"localStorage['{KEPT}'] ??= '1234'")
        wire, form = Wire(page), CodeForm(page)
        Pupil(page, host, f"Ada {number}").start()
        form.refuses("1234", WRONG)
        assert wire.codes() == ["1234"]
        assert wire.sent[0] == "session ", "it is not said before it is asked for"
        page.reload()
        form.asks()
        assert wire.codes() == ["1234"], "it is tried again after a refresh"
        form.give(CODE)
        expect(page.locator("#me")).to_have_text(f"Ada {number}")
        assert wire.codes() == ["1234", CODE]


def test_a_kept_code_opens_the_door(host, open_page) -> None:
    page = open_page()
    page.add_init_script(f"localStorage['{KEPT}'] ??= '{CODE}'")
    wire = Wire(page)
    Pupil(page, host, "Ada").enter()
    assert wire.codes() == [CODE]
    assert [line.split()[0] for line in wire.sent[:3]] == ["session", "code", "session"]
    assert wire.links == 1


def test_after_too_many_tries_the_page_keeps_still(host, open_page, guard) -> None:
    """It says what the host says, and calls it again only when somebody presses Enter."""
    guard.allow(AWAY)
    page = open_page()
    page.clock.install()
    wire, form = Wire(page), CodeForm(page)
    Pupil(page, host, "Ada").start()
    form.asks()
    for number in range(5):
        form.give(f"000{number}")
        form.refuses(f"000{number}", WRONG)
    form.give(CODE)
    form.refuses(CODE, TOO_OFTEN)
    before = wire.links
    page.clock.run_for(120_000)
    page.context.set_offline(True)
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('pageshow'))")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(120_000)
    assert wire.links == before
    assert len(wire.codes()) == 6
    form.field.press("Enter")  # somebody tries again
    expect(form.note).not_to_be_empty()
    form.refuses(CODE, TOO_OFTEN)
    assert wire.links == before + 1


def test_a_page_that_only_waits_does_not_call(host, open_page) -> None:
    page = open_page()
    page.clock.install()
    wire = Wire(page)
    Pupil(page, host, "Ada").start()
    CodeForm(page).asks()
    page.clock.run_for(300_000)
    assert (wire.links, wire.codes()) == (1, [])


def test_a_new_code_does_not_end_a_game(host, open_page, guard) -> None:
    """The host comes back with another one: a token opens the door, and the board asks."""
    guard.allow(AWAY)
    ada = Pupil(open_page(), host, "Ada")
    ada.start()
    CodeForm(ada.page).give(CODE)
    ada.is_here()
    board = Board(open_page(viewport=PROJECTOR), host)
    board.open(f"#{CODE}")
    board.shows("entry-code", CODE)
    wire, seen = Wire(ada.page), Wire(board.page)
    host.kill()
    expect(ada.page.locator("#link")).to_contain_text("Connexion perdue")
    host.start("--resume", "--code", OTHER)
    form = CodeForm(board.page)
    form.refuses(CODE, WRONG)
    assert seen.codes() == [CODE]
    form.give(OTHER.lower())
    expect(board.page.locator("#entry-code")).to_have_text(re.compile(OTHER, re.IGNORECASE))
    expect(board.page.locator("#people")).to_be_visible()
    expect(board.page.locator("#door")).to_be_hidden()
    ada.is_here()
    assert wire.codes() == []


# The board.


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_board_asks_for_the_code(host, open_page, language) -> None:
    board = Board(open_page(viewport=PROJECTOR), host)
    form = CodeForm(board.page)
    board.open(f"?lang={language}")
    form.asks()
    label = {"fr": "Code de la partie", "en": "Code of the game"}[language]
    assert board.page.get_by_label(label).get_attribute("id") == "code-field"
    expect(board.page.locator("#join")).to_be_hidden()
    form.give("0000")
    form.refuses("0000", {"fr": WRONG, "en": re.compile("^Not the code")}[language])
    form.give(CODE)
    board.shows("entry-code", CODE)
    expect(board.page.locator("#people")).to_be_visible()
    expect(board.page.locator("#door")).to_be_hidden()


def test_the_board_shows_the_code_and_the_pictures(host, open_page) -> None:
    page = open_page(viewport=PROJECTOR)
    board, wire = Board(page, host), Wire(page)
    board.open(f"#{CODE}")
    board.shows("entry-code", CODE)
    assert page.evaluate("location.href") == f"{host.origin}/tableau"
    assert f"{host.origin}/adresses?code={CODE}" in wire.requests
    expect(page.locator("#entry-code")).to_be_in_viewport(ratio=1)
    expect(page.locator("#play")).to_contain_text(f"--code {CODE}")
    assert not any(CODE in line for line in wire.heard if line.startswith("etat"))

    host.type("depart")
    board.shows("round", "Manche 1 sur 2")
    expect(page.locator("#entry-code")).to_be_in_viewport(ratio=1)
    host.type("stop")
    board.shows("round", "Manche 1 sur 2 : finie")
    board.picture_is_loaded()
    page.reload()  # now the code comes from the last visit
    board.shows("entry-code", CODE)
    board.picture_is_loaded()


def test_one_code_serves_all_pages_of_a_browser(host, open_page) -> None:
    """The board that the remote opens, or the game in another tab."""
    page = open_page()
    page.goto(f"{host.origin}/tableau#{CODE}")
    expect(page.locator("#entry-code")).to_have_text(CODE)
    other = Pupil(page.context.new_page(), host, "Ada")
    other.enter()


# The remote.


def test_the_remote_asks_for_it_too(host, open_page) -> None:
    """Its cookie opens the commands; the state comes over the link, which wants the code."""
    page = open_page()
    form = CodeForm(page)
    page.goto(host.link.partition("#")[0])
    form.asks()
    expect(page.locator("#desk")).to_be_hidden()
    form.give("0000")
    form.refuses("0000", WRONG.replace(" :", "\u00a0:"))
    form.give(CODE)
    expect(page.locator("#link")).to_have_text("Relié à l'hôte")
    Remote(page).press("Départ")
    Remote(page).says("C'est parti !")
    page.reload()
    expect(page.locator("#link")).to_have_text("Relié à l'hôte")
    expect(page.locator("#door")).to_be_hidden()


def test_the_link_of_the_remote_may_bring_it(host, open_page) -> None:
    page = open_page()
    Remote(page).open(f"{host.link.partition('#')[0]}#{CODE}")
    assert page.url == f"{host.origin}/animateur"


# A host without a code.


def test_without_a_code_nothing_is_different(open_host, open_page) -> None:
    """Neither on the wire nor on screen, whatever this browser remembers."""
    host = open_host("--rounds", 2)
    page, screen = open_page(), open_page(viewport=PROJECTOR)
    for it in (page, screen):
        it.add_init_script(f"localStorage['{KEPT}'] ??= '{CODE}'")
    wire, seen = Wire(page), Wire(screen)
    Pupil(page, host, "Ada").enter()
    assert wire.sent == ["session ", "nom Ada", "session", "suivre"]
    board = Board(screen, host)
    board.open()
    board.shows("address", f"{host.origin}/")
    assert seen.sent == ["suivre"]
    assert f"{host.origin}/adresses" in seen.requests
    assert not any(CODE in url for url in seen.requests)
    expect(screen.locator("#entry")).to_be_hidden()
    assert CODE not in screen.locator("main").inner_text()


def test_a_code_that_nobody_wants_is_not_shown(open_host, open_page) -> None:
    host = open_host("--rounds", 2)
    board = Board(open_page(viewport=PROJECTOR), host)
    board.open(f"#{CODE}")
    board.shows("address", f"{host.origin}/")
    expect(board.page.locator("#entry")).to_be_hidden()
    assert board.page.evaluate("location.hash") == ""


# For everybody.


def test_axe_finds_nothing_at_the_door(host, open_page) -> None:
    """On all three pages, before and after a wrong code; and on the board that shows it."""
    paths = {"/": "player", "/tableau": "board", host.link[len(host.origin) :]: "remote"}
    for path, kind in paths.items():
        page = open_page()
        page.goto(host.origin + path.partition("#")[0])
        if kind == "player":
            Pupil(page, host, "Ada").ask_for_name()
        form = CodeForm(page)
        form.asks()
        no_violations(page, f"the {kind}'s door")
        form.give("0000")
        expect(form.note).not_to_be_empty()
        no_violations(page, f"the {kind}'s door after a wrong code")
        fits(page, f"the {kind}'s door")
    board = Board(open_page(viewport=PROJECTOR), host)
    board.open(f"#{CODE}")
    board.shows("entry-code", CODE)
    no_violations(board.page, "the board with the code")
    fits(board.page, "the board with the code")
