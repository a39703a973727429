"""The clauses of `rules.md` on browsers, each on a real socket with frames made by hand."""

from __future__ import annotations

import inspect

import pytest

from justeprix.cli.host.command import host
from justeprix.game.competition import Phase, Settings
from justeprix.protocol import codec, websocket
from justeprix.room.limits import Limits
from justeprix.web import site, visit
from tests.support.browser import (
    BINARY,
    CLOSE,
    CONT,
    HANDSHAKE,
    TEXT,
    Web,
    encode,
    exchange,
    read_reply,
    request,
    write_request,
)
from tests.support.player import error
from tests.support.room import eventually

# R88


def test_the_web_port_is_8000() -> None:
    """R88 — « Les pages sont sur le port web de l'hôte, 8000 s'il n'en choisit pas d'autre : `/`
    pour jouer, `/tableau` pour toute la classe. `/ws` y ouvre un WebSocket (RFC 6455, sans
    extension). »"""
    assert inspect.signature(host).parameters["web_port"].default == 8000


@pytest.mark.parametrize("path", ["/", "/tableau"])
def test_there_are_pages(path: str) -> None:
    """R88 — « Les pages sont sur le port web de l'hôte, 8000 s'il n'en choisit pas d'autre : `/`
    pour jouer, `/tableau` pour toute la classe. `/ws` y ouvre un WebSocket (RFC 6455, sans
    extension). »"""
    with Web() as web:
        assert web.port != web.server.address[1]
        reply = web.get(path)
        assert reply.status == 200
        assert reply["Content-Type"] == "text/html; charset=utf-8"
        assert reply.text.startswith("<!doctype html>")
        assert '<html lang="fr"' in reply.text


def test_a_websocket_opens_without_extension() -> None:
    """R88 — « Les pages sont sur le port web de l'hôte, 8000 s'il n'en choisit pas d'autre : `/`
    pour jouer, `/tableau` pour toute la classe. `/ws` y ouvre un WebSocket (RFC 6455, sans
    extension). »"""
    with Web() as web:
        browser = web.browser(Sec_WebSocket_Extensions="permessage-deflate")
        names = [name for name, _ in browser.reply.headers]
        assert "sec-websocket-accept" in names
        assert "sec-websocket-extensions" not in names
        assert browser.greeting == "hello justeprix/1 entre 1 et 100"
        browser.sync()


# R89


def test_a_message_is_a_line_both_ways() -> None:
    """R89 — « Sur un WebSocket, chaque message de texte est une ligne, sans fin de ligne, dans les
    deux sens. Tout le reste est comme ailleurs : les mêmes mots, les mêmes limites, la même
    partie. »"""
    with Web(low=5, high=5) as web:
        browser = web.browser()
        assert browser.ask("ping été ") == "pong été"
        assert browser.ask("NOM Zoé") == "nom Zoé"
        assert browser.ask("5") == "gagné"
        assert browser.ask("scores") == "scores 1. Zoé 1/1"
        browser.send_raw(b"".join(encode(TEXT, b"ping %d" % n) for n in range(20)))
        assert [browser.recv_line() for _ in range(20)] == [f"pong {n}" for n in range(20)]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"x" * 513, "longueur"),
        (b"", "vide"),
        (b"caf\xe9", "utf8"),
        (b"vingt", "commande"),
        (b"101", "bornes"),
        (b"1\n2", "nombre"),
    ],
)
def test_the_limits_are_the_same(message: bytes, code: str) -> None:
    """R89 — « Sur un WebSocket, chaque message de texte est une ligne, sans fin de ligne, dans les
    deux sens. Tout le reste est comme ailleurs : les mêmes mots, les mêmes limites, la même
    partie. »"""
    with Web() as web:
        browser = web.browser()
        browser.send_raw(encode(TEXT, message))
        assert error(browser.recv_line()) == code
        browser.send("ping " + "x" * 507)
        assert len(browser.recv_line()) == 512


def test_browsers_and_programs_are_in_one_room() -> None:
    """R89 — « Sur un WebSocket, chaque message de texte est une ligne, sans fin de ligne, dans les
    deux sens. Tout le reste est comme ailleurs : les mêmes mots, les mêmes limites, la même
    partie. »"""
    with Web() as web:
        program, browser = web.player("Ada"), web.browser("Bob")
        assert error(browser.ask("nom ada")) == "pris"
        assert error(program.ask("nom bob")) == "pris"
        assert set(program.follow()["ici"]) == set(browser.follow()["ici"]) == {"Ada", "Bob"}
        program.send("dire été\n".encode())
        assert (program.heard(), program.heard()) == ("ok", "message Ada : été")
        assert browser.heard() == "message Ada : été"
        browser.send("dire <b>coucou</b>")
        assert (browser.heard(), browser.heard()) == ("ok", "message Bob : <b>coucou</b>")
        assert program.heard() == "message Bob : <b>coucou</b>"


def test_a_session_goes_on_in_a_browser() -> None:
    """R89 — « Sur un WebSocket, chaque message de texte est une ligne, sans fin de ligne, dans les
    deux sens. Tout le reste est comme ailleurs : les mêmes mots, les mêmes limites, la même
    partie. »"""
    with Web(low=1, high=9, seed=3) as web:
        program = web.player("Ada")
        token = program.open_session()
        answer = program.ask("#1 1")
        browser = web.browser()
        assert (
            browser.ask(f"session {token}") == f"session {token} 1 {0 if answer == 'gagné' else 1}"
        )
        assert browser.ask("#1 1") == answer
        assert program.rest() == b""  # it goes on elsewhere


def test_a_competition_is_the_same() -> None:
    """R89 — « Sur un WebSocket, chaque message de texte est une ligne, sans fin de ligne, dans les
    deux sens. Tout le reste est comme ailleurs : les mêmes mots, les mêmes limites, la même
    partie. »"""
    with Web(competition=Settings(rounds=1), low=1, high=1) as web:
        program, browser = web.player("Ada"), web.browser("Bob")
        program.send(b"pret\n")
        browser.send("pret")
        eventually(lambda: sum(seat.ready for seat in web.server.room.roster), 2)
        web.server.director.start()
        assert program.recv_line() == browser.recv_line() == "manche 1 entre 1 et 1"
        assert program.ask("1") == browser.ask("1") == "gagné"
        eventually(lambda: web.server.room.phase, Phase.FINISHED)
        assert [standing.name for standing in web.server.room.standings()] != []


# R90


def test_1024_bytes_in_16_fragments_are_a_message() -> None:
    """R90 — « Un message a 1024 octets au plus, en 16 fragments au plus. Qui en envoie un plus
    long, plus morcelé ou binaire ne reçoit plus que la trame de fermeture. Un message commencé
    doit finir dans les 5 secondes, comme une ligne. »"""
    with Web() as web:
        browser = web.browser()
        browser.send_raw(encode(TEXT, b"x" * 1024))
        assert error(browser.recv_line()) == "longueur"
        browser.send_raw(encode(TEXT, b"x" * 64, fin=False))
        for n in range(15):
            browser.send_raw(encode(CONT, b"x" * 64, fin=n == 14))
        assert error(browser.recv_line()) == "longueur"
        browser.send_raw(encode(TEXT, b"ping ", fin=False) + encode(CONT, b"suite"))
        assert browser.recv_line() == "pong suite"


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([encode(TEXT, b"x" * 1025)], 1009),
        ([encode(TEXT, b"x" * 1000, fin=False), encode(CONT, b"x" * 25)], 1009),
        ([encode(TEXT, b"5", fin=False), *[encode(CONT, b"", fin=False)] * 15], 1008),
        ([encode(BINARY, b"50")], 1003),
    ],
    ids=["bytes", "bytes in fragments", "fragments", "binary"],
)
def test_who_does_otherwise_gets_the_closing_frame(frames: list[bytes], code: int) -> None:
    """R90 — « Un message a 1024 octets au plus, en 16 fragments au plus. Qui en envoie un plus
    long, plus morcelé ou binaire ne reçoit plus que la trame de fermeture. Un message commencé
    doit finir dans les 5 secondes, comme une ligne. »"""
    with Web() as web:
        browser, other = web.browser(), web.browser()
        browser.sync()
        for frame in frames:
            browser.send_raw(frame)
        assert browser.ended() == code
        other.sync()


LATE = [
    encode(TEXT, b"50")[:3],
    encode(TEXT, b"5", fin=False),
    encode(TEXT, b"5", fin=False) + encode(CONT, b"0")[:3],
]


@pytest.mark.parametrize("half", LATE, ids=["half a frame", "a fragment", "half the second one"])
def test_a_started_message_must_end(half: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """R90 — « Un message a 1024 octets au plus, en 16 fragments au plus. Qui en envoie un plus
    long, plus morcelé ou binaire ne reçoit plus que la trame de fermeture. Un message commencé
    doit finir dans les 5 secondes, comme une ligne. »"""
    assert websocket.LINE_TIME == codec.LINE_TIME == 5.0
    monkeypatch.setattr(websocket, "LINE_TIME", 0.2)
    with Web() as web:
        browser, patient = web.browser(), web.browser("Bob")
        token = browser.ask("session").split()[1]
        browser.send_raw(half)
        assert browser.rest()[-1].opcode == CLOSE
        patient.sync()
        assert web.browser().ask(f"session {token}") == f"session {token} 0 0"


def test_who_is_late_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """R90 — « Un message a 1024 octets au plus, en 16 fragments au plus. Qui en envoie un plus
    long, plus morcelé ou binaire ne reçoit plus que la trame de fermeture. Un message commencé
    doit finir dans les 5 secondes, comme une ligne. »"""
    monkeypatch.setattr(websocket, "LINE_TIME", 0.2)
    with Web() as web:
        browser = web.browser()
        browser.send_raw(encode(TEXT, b"50")[:3])
        assert browser.recv_line().startswith("erreur delai ")
        assert browser.ended() == 1000


def test_a_message_started_behind_another_must_end_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """R90 — « Un message a 1024 octets au plus, en 16 fragments au plus. Qui en envoie un plus
    long, plus morcelé ou binaire ne reçoit plus que la trame de fermeture. Un message commencé
    doit finir dans les 5 secondes, comme une ligne. »"""
    monkeypatch.setattr(websocket, "LINE_TIME", 0.1)
    with Web() as web:
        browser = web.browser()
        browser.send_raw(encode(TEXT, b"ping") + encode(TEXT, b"50")[:3])
        assert browser.recv_line() == "pong"
        browser.socket.settimeout(1.0)
        assert browser.rest()[-1].opcode == CLOSE


# R91


def test_fin_is_answered_and_closed() -> None:
    """R91 — « Après la ligne qui met fin à une connexion, un WebSocket reçoit la trame de
    fermeture, avec le code 1000. »"""
    with Web() as web:
        browser = web.browser()
        assert browser.ask("FIN") == "FIN"
        assert browser.ended() == 1000


def test_who_is_sent_away_gets_a_line_and_the_closing_frame() -> None:
    """R91 — « Après la ligne qui met fin à une connexion, un WebSocket reçoit la trame de
    fermeture, avec le code 1000. »"""
    with Web() as web:
        asks_http, guesses, bad = web.browser(), web.browser(), web.browser("Eve")
        assert error(asks_http.ask("GET / HTTP/1.1")) == "http"
        assert asks_http.ended() == 1000
        for n in range(Limits().wrong_codes + 1):
            assert error(guesses.ask(f"session {n:032}")) == "jeton"
        assert guesses.ended() == 1000
        web.server.director.exclude("Eve")
        assert bad.recv_line()
        assert bad.ended() == 1000


def test_a_full_room_and_silence_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """R91 — « Après la ligne qui met fin à une connexion, un WebSocket reçoit la trame de
    fermeture, avec le code 1000. »"""
    monkeypatch.setattr("justeprix.server.worker.SWEEP", 0.1)
    with Web(limits=Limits(max_players=1, idle=0.5)) as web:
        inside = web.browser()
        late = web.browser()
        assert error(late.greeting) == "complet"
        assert late.ended() == 1000
        assert inside.recv_line() == "FIN"
        assert inside.ended() == 1000


def test_the_end_of_the_game_is_told_to_browsers() -> None:
    """R91 — « Après la ligne qui met fin à une connexion, un WebSocket reçoit la trame de
    fermeture, avec le code 1000. »"""
    with Web(limits=Limits(linger=0.1)) as web:
        plain, numbered = web.browser(), web.browser()
        plain.sync()
        numbered.ask("session")
        web.server.close("la cloche sonne")
        assert plain.recv_line() == "FIN"
        assert plain.ended() == 1000
        assert numbered.recv_line() == "shutdown la cloche sonne"
        assert numbered.ended() == 1000


# R92


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1"])
def test_a_page_from_elsewhere_opens_nothing(origin: str) -> None:
    """R92 — « Une page venue d'ailleurs (son en-tête `Origin` n'est pas l'adresse de l'hôte)
    n'ouvre pas de WebSocket : elle reçoit le statut 403. Un programme sans `Origin` entre. »"""
    with Web() as web:
        reply = request(web.port, "GET", "/ws", Origin=origin, **HANDSHAKE)
        assert reply.status == 403
        assert len(list(web.server.room.roster)) == 0


def test_our_own_page_and_a_program_come_in() -> None:
    """R92 — « Une page venue d'ailleurs (son en-tête `Origin` n'est pas l'adresse de l'hôte)
    n'ouvre pas de WebSocket : elle reçoit le statut 403. Un programme sans `Origin` entre. »"""
    with Web() as web:
        web.browser(Origin=f"http://127.0.0.1:{web.port}").sync()
        web.browser(Host="ici.local:80", Origin="http://ici.local:80").sync()
        web.browser().sync()


# R93


def test_other_paths_are_not_there() -> None:
    """R93 — « Le port web ne connaît que ses propres chemins : le reste reçoit 404, la
    télécommande sans son lien 403, et toute autre méthode que `GET` un refus. Une requête qui
    n'est pas entière après 10 secondes est coupée. »"""
    others = [
        *("/rien", "/index.html", "/player.html", "/tableau/", "/../pyproject.toml", "/ws/"),
        *("/%2e%2e/", "/pages", "/manche/1", "http://127.0.0.1/"),
    ]
    with Web() as web:
        assert [web.get(path).status for path in others] == [404] * len(others)


def test_other_methods_are_refused() -> None:
    """R93 — « Le port web ne connaît que ses propres chemins : le reste reçoit 404, la
    télécommande sans son lien 403, et toute autre méthode que `GET` un refus. Une requête qui
    n'est pas entière après 10 secondes est coupée. »"""
    with Web() as web:
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "RIEN", "get"):
            assert request(web.port, method, "/").status in (405, 501)
            handshake = write_request(web.port, method, "/ws", HANDSHAKE)
            assert read_reply(exchange(web.port, handshake)).status in (405, 501)


@pytest.mark.parametrize("half", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept"])
def test_half_a_request_is_cut(half: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """R93 — « Le port web ne connaît que ses propres chemins : le reste reçoit 404, la
    télécommande sans son lien 403, et toute autre méthode que `GET` un refus. Une requête qui
    n'est pas entière après 10 secondes est coupée. »"""
    assert site.VISIT == 10.0
    monkeypatch.setattr(site, "VISIT", 0.2)
    monkeypatch.setattr(visit.Visit, "timeout", 60.0)  # not for its silence
    with Web() as web:
        assert web.visit(half).recv(1024) == b""
        web.browser().sync()
