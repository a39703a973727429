"""For everybody: no violation that axe finds, no sideways scrolling, a keyboard is enough."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.actors import PHONE, Pupil, Remote
from tests.e2e.phases import OPTIONS, Show

THEMES = ("light", "dark")
OPTIONS_OF_AXE = {
    "resultTypes": ["violations"],
    "rules": {"color-contrast-enhanced": {"enabled": True}},  # 7:1
}
SMALL = {"width": 320, "height": 568}


def no_violations(page: Page, where: str) -> None:
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        results = Axe().run(page, options=OPTIONS_OF_AXE)
        assert not results.violations_count, f"{where}, {theme}: {results.generate_report()}"


def fits(page: Page, where: str) -> None:
    """Nothing scrolls sideways on a small phone."""
    for size in (SMALL, PHONE):
        page.set_viewport_size(size)
        wide, room = page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
        )
        assert wide <= room, f"{where} at {size}: {wide} px wide"


@pytest.mark.long
def test_in_every_phase_all_is_readable(open_host, new_context) -> None:
    show = Show(open_host(*OPTIONS), new_context)
    for phase in show.phases():
        for kind, page in (
            ("player", show.pupil.page),
            ("remote", show.remote.page),
            ("board", show.board.page),
        ):
            no_violations(page, f"the {kind}'s page in {phase}")
            if kind != "board":
                fits(page, f"the {kind}'s page in {phase}")


def test_axe_finds_nothing_where_no_phase_is(open_host, new_context, guard) -> None:
    """The form for the name, the practice pages, and the remote of who may not have it."""
    guard.allow(r"403 \(Forbidden\).*/animateur")
    host = open_host()
    page = new_context(reduced_motion="reduce").new_page()
    page.goto(host.origin)
    expect(page.locator("#name-field")).to_be_focused()
    no_violations(page, "the form for the name")
    pupil = Pupil(page, host, "Ada")
    pupil.enter()
    pupil.search(1, 100)
    no_violations(page, "the player's page in practice")
    page.goto(f"{host.origin}/tableau")
    expect(page.locator("#standings tr")).to_have_count(1)
    no_violations(page, "the board in practice")
    page.goto(f"{host.origin}/animateur")
    no_violations(page, "the refused remote")


def test_the_help_is_readable(open_host, page) -> None:
    """The list of its pages, reached from the game, and the longest of them."""
    page.goto(open_host().origin)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Aide").click()
    contents = opened.value
    expect(contents.get_by_role("heading", name="Aide")).to_be_visible()
    no_violations(contents, "the list of the help")
    fits(contents, "the list of the help")
    contents.locator('a[href="/aide/regles"]').click()
    expect(contents.locator("#les-codes-derreur")).to_be_visible()
    no_violations(contents, "the rules")
    fits(contents, "the rules")


@pytest.fixture
def teacher(new_context) -> Remote:
    return Remote(new_context().new_page())


def test_a_round_with_the_keyboard_alone(open_host, page, teacher) -> None:
    """Both the pupil's and the teacher's: nothing is clicked."""
    host = open_host("--rounds", 2)
    teacher.open(host.link)
    page.goto(host.origin)
    expect(page.locator("#name-field")).to_be_focused()
    page.keyboard.type("Ada")
    tab_to(page, "Entrer")
    page.keyboard.press("Enter")
    expect(page.locator("#me")).to_have_text("Ada")

    expect(teacher.page.get_by_role("button", name="Départ")).to_be_enabled()
    tab_to(teacher.page, "Départ")
    teacher.page.keyboard.press("Enter")

    field, items = page.locator("#number"), page.locator("#guesses > li")
    expect(field).to_be_focused()
    page.keyboard.type("1")
    tab_to(page, "Jouer")
    page.keyboard.press("Enter")
    expect(items).to_have_count(1)
    low, high, answer = 2, 100, items.first.get_attribute("class")
    while answer != "gagné":
        expect(field).to_be_focused()
        guess, count = (low + high) // 2, items.count()
        page.keyboard.type(f"{guess}\n")
        expect(items).to_have_count(count + 1)
        answer = items.first.get_attribute("class")
        low, high = (guess + 1, high) if answer == "plus" else (low, guess - 1)
    expect(page.locator("body")).to_have_attribute("data-phase", "pause")

    expect(teacher.page.get_by_role("button", name="Suivante")).to_be_enabled()
    expect(teacher.page.get_by_role("button", name="Suivante")).to_be_focused()
    teacher.page.keyboard.press("Enter")
    expect(page.locator("#round")).to_have_text("Manche 2 sur 2")
    expect(field).to_be_focused()


def tab_to(page: Page, name: str) -> None:
    """Go on with Tab until the button has the focus."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == name:
            return
    pytest.fail(f"Tab never comes to {name!r}")
