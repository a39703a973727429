"""`rules.md`, the door: TLS, the name by which the web port is called, the code behind a `#`."""

from __future__ import annotations

import json
import re
import ssl
import time
import warnings
from collections.abc import Iterator

import pytest

from justeprix.game.competition import Phase, Settings
from justeprix.protocol import tls
from justeprix.web.answers import FOLDER
from justeprix.web.invitation import picture
from tests.support.browser import Browser, Web, connect, read_all, request
from tests.support.player import Player, error
from tests.support.room import eventually
from tests.support.secure import Certified

CODE = "4821"


@pytest.fixture
def web(proof: Certified) -> Iterator[Web]:
    with Web(tls=proof.context) as web:
        yield web


# R100


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_same_lines_over_tls(web: Web, proof: Certified, version: ssl.TLSVersion) -> None:
    """R100 — « Un hôte peut chiffrer ses deux ports avec TLS 1.2 ou plus récent. Les mêmes lignes
    y passent, et `/ws` s'ouvre en `wss`. Qui parle en clair, ou ne dit rien pendant 1,5 seconde,
    reçoit en clair `erreur tls …`, et l'hôte ferme la connexion ; sur le port web il est renvoyé
    vers `https`. »"""
    trust = proof.trust(version)
    with (
        Player(web.server.address, trust=trust) as player,
        Browser(web.port, trust=trust, Origin=f"https://127.0.0.1:{web.port}") as page,
    ):
        assert player.socket.version() == page.socket.version() == version.name.replace("_", ".")
        assert player.greeting == page.greeting == "hello justeprix/1 entre 1 et 100"
        assert (player.ask("nom Ada"), page.ask("nom Bob")) == ("nom Ada", "nom Bob")
        player.win()
        page.win()
        assert player.ask("scores").startswith("scores 1. ")
        assert player.ask("FIN") == page.ask("FIN") == "FIN"
        assert player.rest() == b""
        assert page.ended() == 1000


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_no_older_tls(web: Web, proof: Certified, version: ssl.TLSVersion) -> None:
    """R100 — « Un hôte peut chiffrer ses deux ports avec TLS 1.2 ou plus récent. Les mêmes lignes
    y passent, et `/ws` s'ouvre en `wss`. Qui parle en clair, ou ne dit rien pendant 1,5 seconde,
    reçoit en clair `erreur tls …`, et l'hôte ferme la connexion ; sur le port web il est renvoyé
    vers `https`. »"""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that is the point
        old = proof.trust(version)
        old.minimum_version = version
    old.set_ciphers("ALL:@SECLEVEL=0")  # else our own side would not even ask
    for port in (web.server.address[1], web.port):
        with pytest.raises(ssl.SSLError):
            connect(port, old)
        connect(port, proof.trust()).close()


@pytest.mark.parametrize("said", ["50\n", "50", "FIN\n", "code 4821\n", "é"])
def test_who_speaks_in_clear_is_told_so(web: Web, proof: Certified, said: str) -> None:
    """R100 — « Un hôte peut chiffrer ses deux ports avec TLS 1.2 ou plus récent. Les mêmes lignes
    y passent, et `/ws` s'ouvre en `wss`. Qui parle en clair, ou ne dit rien pendant 1,5 seconde,
    reçoit en clair `erreur tls …`, et l'hôte ferme la connexion ; sur le port web il est renvoyé
    vers `https`. »"""
    with Player(web.server.address, greet=False) as player:
        player.send(said.encode())
        line = player.recv_line()
        assert error(line) == "tls"
        assert "--tls" in line
        assert player.rest() == b""


def test_who_waits_for_a_greeting_is_told_too(web: Web, proof: Certified) -> None:
    """R100 — « Un hôte peut chiffrer ses deux ports avec TLS 1.2 ou plus récent. Les mêmes lignes
    y passent, et `/ws` s'ouvre en `wss`. Qui parle en clair, ou ne dit rien pendant 1,5 seconde,
    reçoit en clair `erreur tls …`, et l'hôte ferme la connexion ; sur le port web il est renvoyé
    vers `https`. »"""
    assert tls.FIRST_BYTE_TIME == 1.5
    began = time.monotonic()
    with Player(web.server.address, greet=False) as player:
        assert error(player.recv_line()) == "tls"
        assert player.rest() == b""
    assert time.monotonic() - began >= 1.4


@pytest.mark.parametrize("path", ["/", "/tableau?lang=en", "/ws", "/animateur?cle=0"])
def test_pages_in_clear_are_moved(web: Web, path: str) -> None:
    """R100 — « Un hôte peut chiffrer ses deux ports avec TLS 1.2 ou plus récent. Les mêmes lignes
    y passent, et `/ws` s'ouvre en `wss`. Qui parle en clair, ou ne dit rien pendant 1,5 seconde,
    reçoit en clair `erreur tls …`, et l'hôte ferme la connexion ; sur le port web il est renvoyé
    vers `https`. »"""
    reply = web.get(path)
    assert reply.status == 308
    assert reply["Location"] == f"https://127.0.0.1:{web.port}{path}"


# R101

NEAR = (
    *("127.0.0.1", "192.168.1.10:8000", "[::1]", "[fe80::1]:8000"),
    *("localhost:8000", "salle-12", "poste_3:80", "SALLE-12.local", "a.b.local:8000"),
)

FAR = (
    *("evil.example", "evil.example:8000", "127.0.0.1.nip.io", "local.evil.example"),
    *("a.local.example", "10.0.0.1.example:8000", "evil.", "evil.example.", "xn--caf-dma.fr"),
    *("evil.localdomain", "notlocal.fr", "1.2.3.4a", ".com", "a..b"),
)


@pytest.mark.parametrize("host", NEAR)
def test_it_answers_who_calls_it_by_a_name_from_here(host: str) -> None:
    """R101 — « Sans TLS, le port web ne répond qu'à qui l'appelle par une adresse IP, un nom sans
    point ou un nom en `.local` ; à un autre nom, qu'une page d'ailleurs a pu inventer, il répond
    par le statut 403. »"""
    with Web() as web:
        for path in ("/", "/tableau", "/adresses"):
            assert web.get(path, Host=host).status == 200
        web.browser(Host=host, Origin=f"http://{host}").sync()


@pytest.mark.parametrize("host", FAR)
def test_it_answers_no_name_from_elsewhere(host: str) -> None:
    """R101 — « Sans TLS, le port web ne répond qu'à qui l'appelle par une adresse IP, un nom sans
    point ou un nom en `.local` ; à un autre nom, qu'une page d'ailleurs a pu inventer, il répond
    par le statut 403. »"""
    with Web(competition=Settings(rounds=1)) as web:
        known = web.get("/").body
        for path in ("/", "/adresses", "/ws", "/manche/1.svg", web.site.contents.remote.link()):
            reply = web.get(path, Host=host, Origin=f"http://{host}")
            assert reply.status == 403
            assert reply.body != known
            assert b"127.0.0.1" not in reply.body
        order = request(
            web.port, "POST", "/animateur/ordre", b"depart", Host=host, Origin=f"http://{host}"
        )
        assert order.status == 403
        assert web.server.room.phase is Phase.LOBBY
        assert not list(web.server.room.roster)


def test_over_tls_the_certificate_checks_the_name(web: Web, proof: Certified) -> None:
    """R101 — « Sans TLS, le port web ne répond qu'à qui l'appelle par une adresse IP, un nom sans
    point ou un nom en `.local` ; à un autre nom, qu'une page d'ailleurs a pu inventer, il répond
    par le statut 403. »"""
    reply = request(web.port, "GET", "/", trust=proof.trust(), Host="jeu.ecole.example")
    assert reply.status == 200


# R102


def test_addresses_are_whole_for_who_knows_the_code() -> None:
    """R102 — « Sur un hôte qui demande un code, `/adresses` et le dessin d'une manche le demandent
    aussi, derrière `?code=`. Dans une adresse du jeu, ce qui suit `#` est le code : le navigateur
    le garde pour lui et le dit à la porte. »"""
    with Web(code=CODE) as web:
        url = f"http://127.0.0.1:{web.port}/"
        for query in ("", "?code=", "?code=0000", "?pass=4821"):
            (way,) = json.loads(web.get(f"/adresses{query}").body)
            assert (way["url"], way["qr"]) == (url, picture(url))
            assert CODE not in way["play"]
        (way,) = json.loads(web.get(f"/adresses?code={CODE}").body)
        assert (way["url"], way["qr"]) == (url, picture(f"{url}#{CODE}"))
        assert way["play"].endswith(f" --code {CODE}")


def test_the_picture_of_a_round_wants_the_code() -> None:
    """R102 — « Sur un hôte qui demande un code, `/adresses` et le dessin d'une manche le demandent
    aussi, derrière `?code=`. Dans une adresse du jeu, ce qui suit `#` est le code : le navigateur
    le garde pour lui et le dit à la porte. »"""
    with Web(code=CODE, competition=Settings(rounds=2), low=1, high=1) as web:
        player = web.player()
        assert player.ask(f"code {CODE}") == "ok"
        web.server.director.start()
        assert player.ask("1") == "gagné"
        eventually(lambda: web.server.room.phase, Phase.PAUSE)
        statuses = [web.get(f"/manche/1.svg{q}").status for q in ("", "?code=1", f"?code={CODE}")]
        assert statuses == [403, 403, 200]


def test_pages_take_the_code_from_behind_the_sign() -> None:
    """R102 — « Sur un hôte qui demande un code, `/adresses` et le dessin d'une manche le demandent
    aussi, derrière `?code=`. Dans une adresse du jeu, ce qui suit `#` est le code : le navigateur
    le garde pour lui et le dit à la porte. »"""
    # What a browser does with it is seen in tests/e2e; here: it comes to the host in no request.
    script = FOLDER.joinpath("door.js").read_text(encoding="utf-8")
    assert re.search(r"location\.hash", script)
    assert re.search(r"history\.replaceState\(null, \"\", location\.pathname", script)
    with Web(code=CODE) as web, connect(web.port) as sock:
        sock.sendall(f"GET /#{CODE} HTTP/1.1\r\nHost: 127.0.0.1:{web.port}\r\n\r\n".encode())
        assert read_all(sock).startswith(b"HTTP/1.1 404 ")


# R103


def test_the_help_is_for_everybody() -> None:
    """R103 — « Les pages d'aide sont sous `/aide`, qui les nomme ; `/aide/regles` est ce document.
    Elles ne demandent pas de code. »"""
    with Web() as web, Web(code=CODE) as shut:
        contents = shut.get("/aide")
        assert (contents.status, contents.body) == (200, web.get("/aide").body)
        assert '<a href="/aide/regles">' in contents.text
        for path in re.findall(r'href="(/aide/[^"]+)"', contents.text):
            assert shut.get(path).status == 200
        assert "<h1 id=" in (rules := shut.get("/aide/regles").text)
        assert rules.count("<strong>R103</strong>") == 1
