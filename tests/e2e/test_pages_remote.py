"""Who may hold the remote, and what it does to players."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.actors import Pupil, Remote

ORDER, RESULTS = "/animateur/ordre", "/animateur/resultats.json"


@pytest.fixture
def host(open_host):
    return open_host("--rounds", 1, "--time-limit", 300, "--max", 10**9)


@pytest.fixture
def remote(host, new_context) -> Remote:
    remote = Remote(new_context().new_page())
    remote.open(host.link)
    return remote


def test_a_link_opens_it_once(host, remote, new_context, guard) -> None:
    guard.allow(r"403 \(Forbidden\).*/animateur")
    assert "cle=" not in remote.page.url, "the key stays on screen"
    assert remote.page.evaluate("document.cookie") == "", "a script can read the cookie"
    other = new_context().new_page()
    for link in (f"{host.origin}/animateur", host.link, f"{host.origin}/animateur?cle="):
        refused = other.goto(link)
        assert refused.status == 403
        expect(other.get_by_role("heading")).to_have_text("Télécommande fermée")

    remote.page.reload()
    expect(remote.page.locator("#link")).to_have_text("Relié à l'hôte")
    Remote(other).open(host.new_link())


def test_without_it_nothing_can_be_ordered(host, remote, new_context) -> None:
    request = new_context().request
    origin = {"Origin": host.origin}
    assert request.post(host.origin + ORDER, data="depart", headers=origin).status == 403
    for path in ("/animateur/joueurs", RESULTS):
        assert request.get(host.origin + path).status == 403
    # Who holds it is not obeyed either when another page sends the order.
    elsewhere = {"Origin": "http://127.0.0.1:1"}
    holder = remote.page.context.request
    assert holder.post(host.origin + ORDER, data="depart", headers=elsewhere).status == 403
    assert host.state()["phase"] == "salle"
    assert holder.post(host.origin + ORDER, data="depart", headers=origin).status == 200
    assert host.state()["phase"] == "manche"


def test_no_results_before_the_end_of_a_round(remote, guard) -> None:
    guard.allow(r"409 \(Conflict\)")
    remote.page.get_by_role("link", name="CSV").click()
    remote.says("Aucune manche n'est finie")


def test_who_is_excluded_cannot_come_back(host, remote, new_context) -> None:
    bob = Pupil(new_context().new_page(), host, "Bob")
    bob.enter()
    remote.press("Exclure Bob")
    remote.press("Non, annuler")
    remote.press("Exclure Bob")
    remote.press("Oui, exclure Bob")
    remote.says("Bob est exclu")
    expect(remote.row("Bob")).to_contain_text("exclu")
    excluded = re.compile("exclu", re.IGNORECASE)
    expect(bob.page.locator("#why")).to_have_text(excluded)
    bob.page.reload()
    expect(bob.page.locator("#why")).to_have_text(excluded)
    expect(bob.page.locator("#room")).to_be_hidden()
    again = Pupil(new_context().new_page(), host, "bob")
    again.page.goto(host.origin)
    again.ask_for_name()
    expect(again.page.locator("#name-note")).to_have_text(excluded)


def test_a_freed_name_goes_to_who_asks_for_it(host, remote, new_context) -> None:
    """A pupil's phone is broken; on another one the game goes on."""
    old = Pupil(new_context().new_page(), host, "Bob")
    old.enter()
    remote.press("Départ")
    expect(old.page.locator("#round")).to_have_text("Manche 1 sur 1")
    old.guess(1)
    old.page.close()
    expect(remote.row("Bob")).to_contain_text("absent")

    new = Pupil(new_context().new_page(), host, "Bob")
    new.page.goto(host.origin)
    new.ask_for_name()
    expect(new.page.locator("#name-note")).not_to_be_empty()
    remote.press("Libérer Bob")
    remote.says("Bob est libre")
    new.ask_for_name()
    expect(new.page.locator("#me")).to_have_text("Bob")
    expect(new.page.locator("#note")).to_have_text("Tu as déjà joué 1 coup dans cette manche.")
    new.guess(2)
    new.guess(2)
    expect(new.page.locator("#note")).to_contain_text("Coup 3")
