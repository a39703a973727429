"""A host that wants a code, on its web port: what it tells whom, and what guessing costs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from justeprix.game.competition import Phase, Settings
from justeprix.room.limits import Limits
from justeprix.web.invitation import picture
from tests.support.browser import Browser, Reply, Web, request
from tests.support.player import Player, error
from tests.support.room import eventually

CODE = "Zebre7"
TRIES = Limits().wrong_codes
ELSEWHERE = "127.0.0.9"
"""Another address of this machine."""

HOSTILE = (
    *("<script>alert(1)</script>", '"}]', "../../etc", "4821\r\nSet-Cookie: a=b", "\0", "é" * 20),
    *("x" * 10_000, "%", "Zebre7 x", "Zebre", "Zebre77"),
)


@pytest.fixture
def web() -> Iterator[Web]:
    """A competition between 1 and 1: its rounds are found at once."""
    with Web(code=CODE, competition=Settings(rounds=2), low=1, high=1) as web:
        yield web


@pytest.fixture
def open_web() -> Iterator[Web]:
    """The same without a code."""
    with Web(competition=Settings(rounds=2), low=1, high=1) as web:
        yield web


def ways(reply: Reply) -> dict[str, str]:
    """Return the one way to come to a room of these tests."""
    assert reply.status == 200
    (way,) = json.loads(reply.body)
    return way


def plain_way(web: Web) -> dict[str, str]:
    url = f"http://127.0.0.1:{web.port}/"
    play = f"justeprix play --server 127.0.0.1:{web.server.address[1]}"
    return {"url": url, "qr": picture(url), "play": play}


def full_way(web: Web) -> dict[str, str]:
    """Tell the same to who knows the code."""
    plain = plain_way(web)
    return plain | {
        "qr": picture(f"{plain['url']}#{CODE}"),
        "play": f"{plain['play']} --code {CODE}",
    }


def guess_codes(web: Web, count: int = TRIES, **how: str) -> None:
    for n in range(count):
        reply = request(web.port, "GET", f"/adresses?code=fauxcode{n}", **how)
        assert ways(reply) == plain_way(web)


def close_a_round(web: Web) -> None:
    player = web.player()
    assert player.ask(f"code {CODE}") == "ok"
    web.server.director.start()
    assert player.ask("1") == "gagné"
    eventually(lambda: web.server.room.phase, Phase.PAUSE)


def teacher(web: Web) -> str:
    """Open the remote; return its cookie."""
    return web.get(web.site.contents.remote.link())["Set-Cookie"].partition(";")[0]


# Addresses.


def test_only_who_knows_the_code_gets_it_back(web: Web) -> None:
    assert ways(web.get("/adresses")) == plain_way(web)
    assert ways(web.get("/adresses?code=")) == plain_way(web)
    assert ways(web.get("/adresses?code=1234")) == plain_way(web)
    assert ways(web.get(f"/adresses?code={CODE}")) == full_way(web)
    assert ways(web.get(f"/adresses?lang=en&code={CODE}")) == full_way(web)


@pytest.mark.parametrize("code", [CODE.lower(), CODE.upper(), f"%20{CODE}%20"])
def test_it_may_be_written_otherwise(web: Web, code: str) -> None:
    way = ways(web.get(f"/adresses?code={code}"))
    assert way["play"].lower().split() == full_way(web)["play"].lower().split()


def test_who_asks_without_a_code_is_not_guessing(web: Web) -> None:
    for _ in range(4 * TRIES):
        web.get("/adresses")
        web.get("/adresses?code=")
        web.get("/manche/1.svg")
    assert ways(web.get(f"/adresses?code={CODE}")) == full_way(web)


def test_five_wrong_ones_shut_the_address_out(web: Web) -> None:
    guess_codes(web, TRIES - 1)
    assert ways(web.get(f"/adresses?code={CODE}")) == full_way(web)
    guess_codes(web, 1)
    assert ways(web.get(f"/adresses?code={CODE}")) == plain_way(web)
    elsewhere = request(web.port, "GET", f"/adresses?code={CODE}", source=ELSEWHERE)
    assert ways(elsewhere) == full_way(web)


def test_they_count_in_the_game_too(web: Web) -> None:
    inside = web.browser()
    assert inside.ask(f"code {CODE}") == "ok"
    guess_codes(web)
    with Player(web.server.address) as player:
        assert error(player.ask(f"code {CODE}")) == "code"
        assert player.rest() == b""
    with Browser(web.port) as page:
        assert error(page.ask(f"code {CODE}")) == "code"
        assert page.ended() == 1000
    inside.sync()


def test_those_of_the_game_count_here(web: Web) -> None:
    with Browser(web.port) as page:
        for n in range(TRIES):
            assert error(page.ask(f"session {n}abc")) == "jeton"  # counted apart
            assert error(page.ask(f"code faux{n}")) == "code"
    assert ways(web.get(f"/adresses?code={CODE}")) == plain_way(web)


def test_guesses_in_many_visits_at_once_are_all_counted(web: Web) -> None:
    """All are on their way before the first is answered."""
    line = f"GET /adresses?code=faux HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\n\r\n"
    visits = [web.visit(line.encode()) for _ in range(TRIES)]
    for visit in visits:
        while visit.recv(65536):
            pass
    assert ways(web.get(f"/adresses?code={CODE}")) == plain_way(web)


# Pictures.


def test_a_picture_wants_the_code(web: Web) -> None:
    close_a_round(web)
    refused = web.get("/manche/1.svg?ecran=1")
    assert (refused.status, refused["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert web.get("/manche/1.svg?code=1234").status == 403
    drawn = web.get(f"/manche/1.svg?ecran=1&code={CODE}")
    assert (drawn.status, drawn["Content-Type"]) == (200, "image/svg+xml")
    assert CODE not in drawn.text
    assert web.get(f"/manche/2.svg?code={CODE}").status == 404


def test_without_it_nobody_learns_which_rounds_are_over(web: Web) -> None:
    before = [web.get(f"/manche/{n}.svg").body for n in (1, 2, 99)]
    close_a_round(web)
    assert [web.get(f"/manche/{n}.svg").body for n in (1, 2, 99)] == before


def test_wrong_ones_at_a_picture_count(web: Web) -> None:
    close_a_round(web)
    for n in range(TRIES):
        assert web.get(f"/manche/1.svg?code=faux{n}").status == 403
    assert web.get(f"/manche/1.svg?code={CODE}").status == 403
    with Player(web.server.address) as player:
        assert error(player.ask(f"code {CODE}")) == "code"


def test_the_teachers_cookie_will_do(web: Web) -> None:
    close_a_round(web)
    cookie = teacher(web)
    assert web.get("/manche/1.svg", Cookie=cookie).status == 200
    assert web.get("/manche/1.svg", Cookie=f"{cookie}0").status == 403
    guess_codes(web)
    assert web.get("/manche/1.svg", Cookie=cookie).status == 200, "the teacher is shut out"


def test_the_remote_obeys_without_the_code(web: Web) -> None:
    cookie, origin = teacher(web), f"http://127.0.0.1:{web.port}"
    ours = {"Cookie": cookie, "Origin": origin}
    guess_codes(web)
    assert request(web.port, "POST", "/animateur/ordre", b"depart", **ours).status == 200
    assert web.get("/animateur/joueurs", Cookie=cookie).status == 200


# A host without a code.


@pytest.mark.parametrize("code", ["4821", *HOSTILE])
def test_a_host_without_a_code_ignores_one(open_web: Web, code: str) -> None:
    before = open_web.get("/adresses")
    for _ in range(2 * TRIES):
        assert open_web.get(f"/adresses?code={quote(code)}") == before
    assert open_web.get(f"/manche/1.svg?code={quote(code)}") == open_web.get("/manche/1.svg")
    with open_web.browser() as page:
        assert page.ask("code 4821") == "ok"


def test_its_pictures_are_for_everybody(open_web: Web) -> None:
    close_a_round(open_web)
    drawn = open_web.get("/manche/1.svg?ecran=1")
    assert drawn.status == 200
    assert open_web.get("/manche/1.svg?ecran=1&code=4821").body == drawn.body


# What is told to whom.


@pytest.mark.parametrize("code", HOSTILE)
def test_a_wrong_code_is_not_repeated(web: Web, code: str) -> None:
    for path in ("/adresses", "/manche/1.svg"):
        assert web.get(f"{path}?code={quote(code)}") == web.get(path)
    with web.browser() as page:
        page.sync()


@pytest.mark.parametrize(
    "query",
    [
        "code=%ff%fe",
        "code",
        "code&code",
        "&".join("code=1" for _ in range(9)),
        "=" * 500,
        "code[]=1",
    ],
)
def test_an_odd_query_opens_nothing(web: Web, query: str) -> None:
    assert ways(web.get(f"/adresses?{query}")) == plain_way(web)
    assert ways(web.get(f"/adresses?code={CODE}")) == full_way(web)


def test_the_code_is_in_no_page_and_no_state(web: Web) -> None:
    for path, page in web.site.contents.pages.items():
        assert CODE.encode() not in page.body, path
    outside, page = web.browser(), web.browser()
    assert error(outside.ask("suivre")) == "code"
    assert page.ask(f"code {CODE}") == "ok"
    state = page.ask("suivre")
    assert state.startswith("etat {")
    assert not re.search(CODE, state, re.IGNORECASE)


def test_a_page_says_the_code_and_goes_on(web: Web) -> None:
    """The lines of our own pages, in their order; a token opens the door without it."""
    page = web.browser()
    page.send(f"code {CODE}")
    page.send("session ")
    assert page.recv_line() == "ok"
    token = page.recv_line().split()[1]
    guess_codes(web)
    back = web.browser()
    assert back.ask(f"session {token}") == f"session {token} 0 0"
    assert back.ask("suivre").startswith("etat ")


def test_odd_ways_to_write_it_fill_no_memory(web: Web) -> None:
    """Pictures are kept: of what the host says, not of what visitors write."""
    for n in range(20):
        assert ways(web.get(f"/adresses?code={'%20' * n}{CODE}")) == full_way(web)
    assert ways(web.get(f"/adresses?code={CODE.upper()}")) == full_way(web)


def test_the_link_of_the_remote_brings_the_code(web: Web) -> None:
    assert web.site.contents.link().endswith(f"#{CODE}")


def test_a_page_of_another_site_cannot_guess(web: Web) -> None:
    """Nor shut the door on whoever looks at it."""
    for n in range(TRIES + 1):
        reply = web.get(f"/adresses?code=faux{n}", **{"Sec-Fetch-Site": "cross-site"})
        assert ways(reply) == plain_way(web)
    assert ways(web.get(f"/adresses?code={CODE}")) == full_way(web)
