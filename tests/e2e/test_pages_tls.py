"""Over https the pages work as they are: they come, play, lose the link and come back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.contest.books import stored
from tests.e2e.actors import PHONE, PROJECTOR, Board, CodeForm, Pupil, Remote, WebHost, Wire
from tests.e2e.deaf import Deaf
from tests.e2e.guard import AWAY
from tests.support.room import eventually

CODE = "4821"
SECRETS = 3
"""The seed of the host: none of its secrets is a number that is played here on purpose."""

Open = Callable[..., Page]


@pytest.fixture
def open_page(new_context) -> Open:
    """A browser that has been told to trust the host's own certificate."""

    def make(**options: object) -> Page:
        return new_context(ignore_https_errors=True, **{"viewport": PHONE} | options).new_page()

    return make


@pytest.fixture
def host(open_host, tmp_path, monkeypatch) -> WebHost:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # the certificate is kept there
    options = ("--rounds", 2, "--max", 1000, "--seed", SECRETS)
    return open_host(*options, "--tls", "auto", "--code", CODE)


def test_a_competition_over_https(host, open_page) -> None:
    assert host.origin.startswith("https:")
    remote = Remote(open_page())
    remote.page.goto(host.link.partition("#")[0])
    CodeForm(remote.page).give(CODE)
    expect(remote.page.locator("#link")).to_have_text("Relié à l'hôte")
    (cookie,) = remote.page.context.cookies(f"{host.origin}/animateur")
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")

    board = Board(open_page(viewport=PROJECTOR), host)
    board.open(f"#{CODE}")
    board.shows("address", f"{host.origin}/")
    board.shows("entry-code", CODE)
    ada = Pupil(open_page(), host, "Ada")
    wire = Wire(ada.page)
    ada.start()
    CodeForm(ada.page).give(CODE)
    ada.is_here()
    board.shows("count", "1 présent")
    remote.press("Départ")
    expect(ada.page.locator("#round")).to_have_text("Manche 1 sur 2")
    assert ada.search(1, 1000)
    board.shows("round", "Manche 1 sur 2 : finie")
    board.picture_is_loaded()
    assert ada.guesses() == stored(host.db)["Ada"]
    ada.page.reload()
    ada.is_here()
    assert wire.codes() == [CODE]
    remote.press("Suivante")
    remote.says("La manche suivante commence.")
    assert '"manches"' in remote.download("JSON")


def test_a_cut_link_comes_back_over_https(host, open_page, guard) -> None:
    """The guess whose answer was lost is asked for again, and counts once."""
    guard.allow(AWAY)
    with Deaf(host.web_port, "https") as link:
        guard.homes.add(link.origin)
        ada = Pupil(open_page(), host, "Ada", link.origin)
        ada.page.goto(f"{link.origin}/#{CODE}")
        ada.ask_for_name()
        ada.is_here()
        host.type("depart")
        expect(ada.page.locator("#round")).to_have_text("Manche 1 sur 2")
        assert ada.guess(1) == "plus"
        link.loses = True
        ada.send(1000)
        eventually(lambda: len(stored(host.db)["Ada"]), 2)
        link.cut()
        link.loses = False
        expect(ada.items).to_have_count(2)
        ada.guess(500)
        assert ada.guesses() == stored(host.db)["Ada"]
        assert [number for number, _ in ada.guesses()] == [1, 1000, 500]


def test_the_host_comes_back_over_https(host, open_page, guard) -> None:
    guard.allow(AWAY)
    ada = Pupil(open_page(), host, "Ada")
    ada.page.goto(f"{host.origin}/#{CODE}")
    ada.ask_for_name()
    ada.is_here()
    host.kill()
    expect(ada.page.locator("#link")).to_contain_text("Connexion perdue")
    host.start("--resume", "--tls", "auto", "--code", CODE)
    ada.is_here()


def test_an_address_in_clear_leads_to_https(host, open_page, guard) -> None:
    """Somebody types it without the `s`; the code behind the `#` goes along."""
    clear = host.origin.replace("https", "http", 1)
    guard.homes.add(clear)
    page = open_page()
    page.goto(f"{clear}/#{CODE}")
    assert page.url.startswith(host.origin)
    Pupil(page, host, "Ada").ask_for_name()
    expect(page.locator("#me")).to_have_text("Ada")
