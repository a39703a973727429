"""What becomes of a guess when a link breaks at the worst moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import expect

from tests.contest.books import stored
from tests.e2e.actors import PROJECTOR, Board, Pupil, Remote, WebHost
from tests.e2e.deaf import Deaf
from tests.e2e.guard import AWAY


@contextmanager
def round_on_a_bad_link(open_host, new_context, guard) -> Iterator[tuple[WebHost, Deaf, Pupil]]:
    """A round has begun; Ada's page plays it over a link that can lose what the host says."""
    guard.allow(AWAY)
    host = open_host("--rounds", 1, "--min", 1, "--max", 10**9)
    with Deaf(host.web_port) as link:
        guard.homes.add(link.origin)
        ada = Pupil(new_context().new_page(), host, "Ada", link.origin)
        ada.enter()
        host.type("depart")
        expect(ada.page.locator("#round")).to_have_text("Manche 1 sur 1")
        yield host, link, ada


def test_a_lost_answer_is_asked_for_again(open_host, new_context, guard) -> None:
    """The host has counted the guess, and the page does not know: it counts once."""
    with round_on_a_bad_link(open_host, new_context, guard) as (host, link, ada):
        ada.guess(10)
        link.loses = True
        ada.send(20)
        host.until(lambda state: state["classement"] and state["classement"][0]["coups"] == 2)
        expect(ada.items).to_have_count(1)
        link.loses = False
        link.cut()
        expect(ada.items).to_have_count(2)
        ada.guess(30)
        assert ada.guesses() == stored(host.db)["Ada"]
        assert [number for number, _ in ada.guesses()] == [10, 20, 30]


def test_the_answer_is_lost_and_the_page_reloaded(open_host, new_context, guard) -> None:
    """The guess without an answer was written down before it was sent."""
    with round_on_a_bad_link(open_host, new_context, guard) as (host, link, ada):
        link.loses = True
        ada.send(20)
        host.until(lambda state: state["classement"] and state["classement"][0]["coups"] == 1)
        link.loses = False
        ada.page.reload()
        expect(ada.items).to_have_count(1)
        ada.guess(30)
        assert ada.guesses() == stored(host.db)["Ada"]


def test_a_host_that_pauses_is_waited_for(open_host, new_context, guard) -> None:
    """It says so; started again on the same file, everybody is where they were."""
    guard.allow(AWAY)
    host = open_host("--rounds", 1)
    ada, board = Pupil(new_context().new_page(), host, "Ada"), new_board(new_context, host)
    remote = Remote(new_context().new_page())
    remote.open(host.link)
    ada.enter()
    board.shows("count", "1 présent")
    host.type("depart")
    board.shows("round", "Manche 1 sur 1")
    ada.guess(1)
    host.close()
    expect(ada.page.locator("#link")).to_contain_text("L'hôte fait une pause")
    expect(ada.page.locator("#link")).to_contain_text("Pour partir, ferme la page.")
    board.shows("link", "L'hôte fait une pause : la partie reprend quand il revient.")
    expect(remote.page.locator("#link")).to_contain_text("L'hôte fait une pause.")
    remote.page.close()  # its key was that host's
    host.resume()
    ada.is_here()
    expect(board.page.locator("#link")).to_be_hidden()
    ada.guess(2)
    assert ada.guesses() == stored(host.db)["Ada"]
    host.type("fin")
    board.shows("link", "La partie est finie, et l'hôte l'a fermée.")
    expect(ada.page.locator("#link")).to_contain_text("L'hôte a fermé la partie")


def new_board(new_context, host: WebHost) -> Board:
    board = Board(new_context(viewport=PROJECTOR).new_page(), host)
    board.open()
    return board
