"""The teacher's remote: who may hold it, what it may do, what it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress

import pytest

from justeprix.cli.host.orders import COMMANDS
from justeprix.game.competition import Phase, Settings
from justeprix.results import FORMATS
from justeprix.web import site
from justeprix.web.remote import COOKIE, MAX_KEYS, MAX_ORDER, ORDERS, Keys, Remote
from tests.support.browser import (
    Reply,
    Web,
    connect,
    exchange,
    read_all,
    read_reply,
    request,
    write_request,
)
from tests.support.player import Player
from tests.support.room import eventually


class Remoted(Web):
    """A room with a competition between 1 and 1, and a teacher's browser."""

    def __init__(self, **options: object) -> None:
        super().__init__(**{"competition": Settings(rounds=2), "low": 1, "high": 1} | options)
        self.cookie = ""

    def open_remote(self) -> str:
        """Spend a link; return the cookie."""
        reply = self.get(self.site.contents.remote.link())
        assert reply.status == 200
        return reply["Set-Cookie"].partition(";")[0]

    def hold(self) -> None:
        self.cookie = self.open_remote()

    def ask(self, path: str) -> Reply:
        return self.get(path, Cookie=self.cookie)

    def order(self, line: str, **fields: str | None) -> Reply:
        """Send an order as the page does."""
        ours = {"Cookie": self.cookie, "Origin": f"http://127.0.0.1:{self.port}"}
        return request(self.port, "POST", "/animateur/ordre", line.encode(), **ours | fields)

    def ready(self, *players: Player) -> None:
        for player in players:
            player.send(b"pret\n")
        eventually(lambda: sum(p.ready for p in self.server.room.roster), len(players))


@pytest.fixture
def room() -> Iterator[Remoted]:
    with Remoted() as room:
        room.hold()
        yield room


@pytest.fixture(scope="module")
def refusing() -> Iterator[Remoted]:
    """The same room for all that is refused: nothing is left of it there."""
    with Remoted() as room:
        room.hold()
        yield room


BEHIND = [
    "/animateur/joueurs",
    *(f"/animateur/resultats.{format}" for format in ("csv", "json", "svg")),
    *("/animateur/", "/animateur/rien", "/animateur/ordre"),
]


# Who may hold it.


def test_a_link_opens_the_remote_once(room: Remoted) -> None:
    link = room.site.contents.remote.link()
    assert re.fullmatch(r"/animateur\?cle=[0-9a-f]{32}", link)
    reply = room.get(link)
    assert reply.status == 200
    assert reply["Content-Type"] == "text/html; charset=utf-8"
    cookie, *rules = reply["Set-Cookie"].split("; ")
    assert re.fullmatch(rf"{COOKIE}=[0-9a-f]{{32}}", cookie)
    assert set(rules) == {"HttpOnly", "SameSite=Strict", "Path=/animateur"}
    assert link.rpartition("=")[2] not in cookie
    assert reply["Referrer-Policy"] == "no-referrer"
    assert reply["Cache-Control"] == "no-store"

    again = room.get(link)
    assert again.status == 403
    assert b"ordre" not in again.body
    assert "set-cookie" not in dict(again.headers)
    # Who has the cookie needs no key, and loses nothing by an old link.
    for path in ("/animateur", link, "/animateur?cle=", "/animateur?cle=faux"):
        with_cookie = room.get(path, Cookie=cookie)
        assert with_cookie.body == reply.body
        assert "set-cookie" not in dict(with_cookie.headers)


def test_every_link_and_every_cookie_is_another(room: Remoted) -> None:
    links = [room.site.contents.remote.link() for _ in range(4)]
    cookies = [room.get(link)["Set-Cookie"].partition(";")[0] for link in links]
    assert len({*links}) == len({*cookies}) == 4
    for cookie in cookies:
        assert room.get("/animateur/joueurs", Cookie=cookie).status == 200


def test_the_oldest_link_ends_when_there_are_too_many() -> None:
    keys = Keys()
    given = [keys.new() for _ in range(MAX_KEYS + 1)]
    assert [keys.holds(key) for key in given] == [False] + [True] * MAX_KEYS
    assert keys.spend(given[1])
    assert not keys.spend(given[1])
    assert not keys.spend("")
    assert [keys.holds(key) for key in given] == [False] * 2 + [True] * (MAX_KEYS - 1)


@pytest.mark.parametrize(
    "query",
    [
        *("", "?", "?cle", "?cle=", "?cle=0", "?cle=" + "0" * 32, "?cle=" + "a" * 5000, "?cle=é"),
        *("?cle=%00", "?a=b&cle=", "?CLE=", "?cle=*", "?cle=\xff\xfe"),
    ],
)
def test_a_wrong_key_opens_nothing(refusing: Remoted, query: str) -> None:
    refusing.site.contents.remote.link()  # there is one to compare it with
    reply = read_reply(
        exchange(
            refusing.port, f"GET /animateur{query} HTTP/1.1\r\nHost: a\r\n\r\n".encode("latin-1")
        )
    )
    assert reply.status == 403
    assert reply["Content-Type"] == "text/html; charset=utf-8"
    assert "Télécommande fermée" in reply.text
    assert "set-cookie" not in dict(reply.headers)


def wrong_cookies(good: str) -> dict[str, str | None]:
    key = good.partition("=")[2]
    return {
        "none": None,
        "empty": "",
        "no value": COOKIE,
        "empty value": f"{COOKIE}=",
        "another": f"{COOKIE}={'0' * 32}",
        "half": good[:-1],
        "more": f"{good}0",
        "upper": f"{COOKIE}={key.upper()}" if key.upper() != key else f"{COOKIE}=A",
        "other name": f"autre={key}",
        "upper name": f"ANIMATEUR={key}",
        "not ASCII": f"{COOKIE}=é{key[1:]}",
        "not ASCII, quoted": f'{COOKIE}="é{key[1:]}"',
        "not ASCII, escaped": f'{COOKIE}="\\351{key[1:]}"',
        "latin": f"{COOKIE}=\xff\xfe",
        "long": f"{COOKIE}={'a' * 20000}",
        "many": "; ".join(f"c{n}=1" for n in range(2000)),
        "no cookie at all": "=;;==; ;,",
        "illegal": "é=1; " + COOKIE + "=faux",
    }


def test_without_the_cookie_nothing_is_behind_the_remote(refusing: Remoted) -> None:
    for why, cookie in wrong_cookies(refusing.cookie).items():
        for path in ("/animateur", *BEHIND):
            reply = refusing.get(path, Cookie=cookie)
            assert reply.status == 403, (why, path)
            assert b"Ada" not in reply.body
        assert refusing.order("depart", Cookie=cookie).status == 403, why
    assert refusing.server.room.phase is Phase.LOBBY


@pytest.mark.parametrize("around", ["a=b; {}", "{}; a=b", 'a="b; c"; {}', " {} "])
def test_the_cookie_is_found_among_others(refusing: Remoted, around: str) -> None:
    cookie = around.format(refusing.cookie)
    assert refusing.get("/animateur/joueurs", Cookie=cookie).status == 200


@pytest.mark.parametrize("other", ['a={"x": 1}', "a b=1", "é=1", "path=/"])
def test_cookies_of_other_programs_on_this_machine_do_not_matter(
    refusing: Remoted, other: str
) -> None:
    assert refusing.get("/animateur/joueurs", Cookie=f"{other}; {refusing.cookie}").status == 200


def test_another_host_takes_no_cookie_of_this_one(room: Remoted) -> None:
    with Remoted() as other:
        assert other.get("/animateur/joueurs", Cookie=room.cookie).status == 403


# What it may do.


def test_the_remote_may_say_some_words_of_the_console() -> None:
    assert set(COMMANDS) > ORDERS
    assert not ORDERS & {"fin", "resultats", "animateur", "aide"}


def test_orders_lead_a_competition(room: Remoted) -> None:
    ada, bob = room.player("Ada"), room.player("Bob")
    room.ready(ada, bob)
    reply = room.order("depart")
    assert reply.status == 200
    assert reply["Content-Type"] == "text/plain; charset=utf-8"
    assert reply.text == "C'est parti !\n"
    assert ada.recv_line() == bob.recv_line() == "manche 1 entre 1 et 1"
    assert room.order("STOP").text == "La manche est arrêtée.\n"
    eventually(lambda: room.server.room.phase, Phase.PAUSE)
    assert room.order("stop").text.startswith("Impossible : ")
    room.ready(ada, bob)
    assert room.order("suivante").text == "La manche suivante commence.\n"
    assert ada.recv_line() == bob.recv_line() == "manche 2 entre 1 et 1"


def test_prolonge_gives_time() -> None:
    with Remoted(competition=Settings(rounds=1, time_limit=600)) as room:
        room.hold()
        room.ready(room.player("Ada"))
        room.order("depart")
        assert re.fullmatch(
            r"Manche prolongée : il reste \d+ secondes.\n", room.order("prolonge 30").text
        )
        for wrong in ("prolonge -1", "prolonge 9999999999999", "prolonge ٣٠", "prolonge dix"):
            assert room.order(wrong).text.startswith("Impossible : "), wrong
        assert room.order("prolonge").text == "Écris : prolonge SECONDES\n"


def test_orders_about_players(room: Remoted) -> None:
    ada, bob = room.player("Ada"), room.player("Bob")
    assert room.order("renomme Ada Zoé").text == "Ada s'appelle maintenant Zoé.\n"
    assert room.order("muet").status == 200
    ada.send(b"dire salut\n")
    assert ada.recv_line().startswith("erreur muet ")
    assert room.order("parole").status == 200
    assert ada.ask("dire salut") == "ok"
    assert room.order("exclure Bob").text == (
        "Bob est exclu : son lien est coupé, son nom et sa place restent fermés.\n"
    )
    bob.rest()
    assert room.order("exclure Personne").text.startswith("Impossible : ")


def test_renomme_with_a_colon_takes_names_of_several_words(room: Remoted) -> None:
    """The page always sends the colon: no name has one, so no word can be another player's."""
    room.player("Ada"), room.player("Ada Bob")
    assert room.order("renomme Ada:Bob Ours").text == "Ada s'appelle maintenant Bob Ours.\n"
    assert room.order("renomme Ada Bob : Zoé").text == "Ada Bob s'appelle maintenant Zoé.\n"
    for wrong in (
        "renomme Zoé:",
        "renomme :Zoé",
        "renomme Zoé:a:b",
        "renomme Rien:Ada",
        "renomme :",
    ):
        assert room.order(wrong).text.startswith("Impossible : "), wrong
    names = {player.name for player in room.server.room.roster}
    assert names == {"Bob Ours", "Zoé"}


@pytest.mark.parametrize(
    "line",
    [
        *("fin", "FIN", " fin", "fin ", "resultats x", "resultats /tmp/x.csv", "animateur", "aide"),
        *("joueurs", "scores", "manches", "rien", " ", "\n", " depart", "depart\nfin", "\tfin"),
        *("depart\tfin", "départ", "stopfin", "\x00", "<script>", "fın"),
    ],
)
def test_no_other_word_is_an_order(refusing: Remoted, line: str) -> None:
    reply = refusing.order(line)
    assert reply.status == 400
    assert reply.text == "Cet ordre n'est pas de ceux de la télécommande.\n"
    assert refusing.server.room.phase is Phase.LOBBY
    assert request(refusing.port, "GET", "/").status == 200  # and the host is open


def test_an_order_that_is_not_utf8_is_no_name(room: Remoted) -> None:
    room.player("Ada")
    fields = {"Cookie": room.cookie, "Origin": f"http://127.0.0.1:{room.port}"}
    reply = request(room.port, "POST", "/animateur/ordre", b"renomme Ada:Zo\xe9", **fields)
    assert reply.text.startswith("Impossible : ")


@pytest.mark.parametrize(
    "origin",
    [None, "", "null", "http://evil.example", "http://127.0.0.1", "file://", "http://127.0.0.1:1"],
)
def test_an_order_comes_from_our_own_page(refusing: Remoted, origin: str | None) -> None:
    assert refusing.order("depart", Origin=origin).status == 403
    assert refusing.server.room.phase is Phase.LOBBY


def test_an_order_has_a_size_that_we_read(room: Remoted) -> None:
    assert MAX_ORDER == 512
    assert room.order("stop " + "x" * 507).text == "Écris : stop\n"
    for line in ("", "stop " + "x" * 508, "x" * 9999, "x" * 100_000):
        assert room.order(line).status == 413
    for length in (None, "0", "-4", "+4", "4.0", "0x4", "²", "4 4", "99999999999999999999"):
        assert room.order("stop", Content_Length=length).status == 413, length
    assert room.order("stop", Content_Length=None, Transfer_Encoding="chunked").status == 413


def order_begun(room: Remoted) -> bytes:
    """Return an order of which the end is missing."""
    fields = {"Cookie": room.cookie, "Origin": f"http://127.0.0.1:{room.port}"}
    whole = write_request(room.port, "POST", "/animateur/ordre", fields, b"exclure Adaline")
    return whole.removesuffix(b"line")


def test_half_an_order_is_none(room: Remoted) -> None:
    room.player("Ada"), room.player("Adaline")
    with connect(room.port) as teacher:
        teacher.sendall(order_begun(room))
        teacher.shutdown(1)
        read_all(teacher)
    assert not any(player.excluded for player in room.server.room.roster)


def test_an_order_that_is_cut_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """By R93: what is not whole in time is cut, and so it is no order."""
    monkeypatch.setattr(site, "VISIT", 0.2)
    with Remoted() as room:
        room.hold()
        room.player("Ada"), room.player("Adaline")
        with connect(room.port) as teacher, suppress(ConnectionError):
            teacher.sendall(order_begun(room))
            read_all(teacher)
        room.site.close()  # the visit is over
        assert not any(player.excluded for player in room.server.room.roster)


def test_an_order_is_never_a_get(room: Remoted) -> None:
    assert room.ask("/animateur/ordre").status == 404
    assert room.ask("/animateur/ordre?depart").status == 404
    other = request(room.port, "POST", "/animateur/ordre?a=1", b"depart", Cookie=room.cookie)
    assert other.status == 405


# What it shows.


def test_the_players_as_the_remote_lists_them(room: Remoted) -> None:
    ada, bob, eve = room.player("Ada"), room.player("Bob"), room.player("Éve 李")
    bob.open_session()
    bob.end()
    room.order("exclure Éve 李")
    eve.end()
    eventually(lambda: sum(p.present for p in room.server.room.roster), 1)
    reply = room.ask("/animateur/joueurs")
    assert reply.status == 200
    assert reply["Content-Type"] == "application/json"
    listed = {player.pop("nom"): player for player in json.loads(reply.body)}
    assert listed["Ada"] == {"present": True, "exclu": False}
    assert listed["Bob"] == {"present": False, "exclu": False}
    ada.sync()


def test_a_screen_is_no_player(room: Remoted) -> None:
    screen = room.browser()
    screen.follow()
    assert json.loads(room.ask("/animateur/joueurs").body) == []


@pytest.mark.parametrize("format", ["csv", "json", "svg"])
def test_no_results_before_a_round_is_closed(room: Remoted, format: str) -> None:
    path = f"/animateur/resultats.{format}"
    assert room.ask(path).status == 409
    with Remoted(competition=None) as practice:
        practice.hold()
        assert practice.ask(path).status == 409


@pytest.mark.parametrize(
    ("format", "kind"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("json", "application/json"),
        ("svg", "image/svg+xml"),
    ],
)
def test_results_are_the_files_that_the_console_writes(
    room: Remoted, format: str, kind: str
) -> None:
    ada = room.player("Zoé 李")
    room.ready(ada, bob := room.player("Bob"))
    room.order("depart")
    assert ada.recv_line() == bob.recv_line() == "manche 1 entre 1 et 1"
    assert room.ask(f"/animateur/resultats.{format}").status == 409  # it would tell the secret
    assert ada.ask("1") == "gagné"
    room.order("stop")
    eventually(lambda: room.server.room.phase, Phase.PAUSE)
    reply = room.ask(f"/animateur/resultats.{format}")
    assert reply.status == 200
    assert reply["Content-Type"] == kind
    assert reply["Content-Disposition"] == f'attachment; filename="justeprix-1.{format}"'
    report = room.server.room.books.store.report(1)
    assert report is not None
    assert reply.body == FORMATS[format](report, None).encode()
    assert "Zoé 李".encode() in reply.body or format == "json"


@pytest.mark.parametrize("name", ["table", "txt", "CSV", "csv/", "csv.csv", "", "../x"])
def test_no_other_format(refusing: Remoted, name: str) -> None:
    assert refusing.ask(f"/animateur/resultats.{name}").status == 404


# Names are data.

SCRIPT = "<script>alert(1)</script>"


def test_a_name_that_is_markup_is_refused_by_the_rule_of_names(room: Remoted) -> None:
    browser, ada = room.browser(), room.player("Ada")
    for name in (SCRIPT, "<b>", "a&b", 'a"b', "<script>"):
        assert browser.ask(f"nom {name}").startswith("erreur nom ")
        assert room.order(f"renomme Ada:{name}").text.startswith("Impossible : ")
    assert ada.ask("nom Ada") == "nom Ada"


def test_a_chat_line_that_is_markup_arrives_word_for_word() -> None:
    with Web() as web:
        reader, writer = web.browser("Ada"), web.browser("Bob")
        reader.follow()
        assert writer.ask(f"dire {SCRIPT} &amp; \"'") == "ok"
        assert reader.heard() == f"message Bob : {SCRIPT} &amp; \"'"


def test_an_answer_to_an_order_is_plain_text(room: Remoted) -> None:
    reply = room.order(f"exclure {SCRIPT}")
    assert reply["Content-Type"] == "text/plain; charset=utf-8"
    assert reply["X-Content-Type-Options"] == "nosniff"


def test_what_obey_answers_is_what_is_said() -> None:
    heard: list[str] = []
    with Web() as web:
        remote = Remote(web.server, lambda line: heard.append(line))
        assert remote.order("stop à demain").status == 200
        assert remote.order("fin").status == 400
    assert heard == ["stop à demain"]
