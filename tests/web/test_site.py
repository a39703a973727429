"""The web port: what it serves, what it refuses, and what it bears."""

from __future__ import annotations

import errno
import json
import re
import select
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from justeprix.errors import ServerError
from justeprix.game.competition import Settings
from justeprix.room.limits import Limits
from justeprix.server.referee import Heard, Referee
from justeprix.server.server import Server
from justeprix.web import site, visit
from justeprix.web.answers import FOLDER
from justeprix.web.site import Site
from tests.support.browser import (
    BINARY,
    CLOSE,
    CONT,
    HANDSHAKE,
    PING,
    PONG,
    TEXT,
    Reply,
    Web,
    encode,
    exchange,
    read_all,
    read_reply,
    request,
    write_request,
)
from tests.support.foreign import bounded
from tests.support.player import PATIENCE, error
from tests.support.room import eventually


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


@pytest.fixture(scope="module")
def pages() -> Iterator[Web]:
    """The same room for all who only ask for pages: nothing that they do is left in it."""
    with Web() as web:
        yield web


# What it serves.

KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "html": "text/html; charset=utf-8",
}


def assert_safe(reply: Reply, host: str) -> None:
    """A page may load and do what is ours, and is told so."""
    assert reply["X-Content-Type-Options"] == "nosniff"
    assert reply["Referrer-Policy"] == "no-referrer"
    assert reply["Cache-Control"] == "no-store"
    assert reply["Connection"] == "close"
    policy = dict(part.split(" ", 1) for part in reply["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": f"'self' ws://{host} wss://{host}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


def test_every_file_is_served_as_what_it_is(pages: Web) -> None:
    names = sorted(file.name for file in FOLDER.iterdir())
    assert {"player.html", "board.html", "favicon.svg", "base.css"} <= set(names)
    for name in names:
        reply = pages.get(f"/{name}")
        assert_safe(reply, f"127.0.0.1:{pages.port}")
        if name.endswith(".html"):  # under a path of its own, or not for everybody
            assert reply.status == 404
            continue
        assert reply.status == 200
        assert reply["Content-Type"] == KINDS[name.rpartition(".")[2]]
        assert reply.body == (FOLDER / name).read_bytes()


@pytest.mark.parametrize(
    ("path", "file"),
    [("/", "player.html"), ("/tableau", "board.html"), ("/favicon.ico", "favicon.svg")],
)
def test_what_has_a_path_of_its_own(pages: Web, path: str, file: str) -> None:
    for address in (path, f"{path}?a=1", f"{path}?"):
        reply = pages.get(address)
        assert_safe(reply, f"127.0.0.1:{pages.port}")
        assert reply.status == 200
        assert reply["Content-Type"] == KINDS[file.rpartition(".")[2]]
        assert reply.body == (FOLDER / file).read_bytes()


def test_the_pages_load_nothing_from_elsewhere_and_hold_no_script(pages: Web) -> None:
    """What the policy forbids would not work; what they load has to be there."""
    for file in FOLDER.iterdir():
        if not file.name.endswith(".html"):
            continue
        text = file.read_text(encoding="utf-8")
        loaded = re.findall(r'<(?:link|script|img)[^>]*?(?:href|src)="([^"]*)"', text)
        assert loaded
        for path in loaded:
            assert pages.get(path).status == 200, f"{file.name} loads {path}"
        assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", text), file.name


def test_how_to_come_here(pages: Web) -> None:
    reply = pages.get("/adresses")
    assert reply.status == 200
    assert reply["Content-Type"] == "application/json"
    (way,) = json.loads(reply.body)
    assert way["url"] == f"http://127.0.0.1:{pages.port}/"
    assert way["play"] == f"justeprix play --server 127.0.0.1:{pages.server.address[1]}"
    assert way["qr"].startswith("data:image/svg+xml")


@pytest.mark.parametrize("number", [0, 1, 2, 999])
def test_no_picture_of_what_is_not_over(number: int) -> None:
    with Web(competition=Settings(rounds=1)) as web:
        assert web.get(f"/manche/{number}.svg").status == 404
    with Web() as web:
        assert web.get(f"/manche/{number}.svg").status == 404


def test_the_picture_of_a_closed_round() -> None:
    with Web(competition=Settings(rounds=2), low=1, high=1) as web:
        ada = web.player("Ada")
        ada.send(b"pret\n")
        eventually(lambda: [seat.ready for seat in web.server.room.roster], [True])
        web.server.director.start()
        assert ada.recv_line() == "manche 1 entre 1 et 1"
        assert web.get("/manche/1.svg").status == 404  # it would tell the secret
        assert ada.ask("1") == "gagné"
        web.server.director.stop()
        for query in ("", "?lang=fr", "?lang=en", "?lang=xx", "?lang=%ff", "?" + "a=1&" * 9):
            reply = web.get(f"/manche/1.svg{query}")
            assert reply.status == 200
            assert reply["Content-Type"] == "image/svg+xml"
            assert_safe(reply, f"127.0.0.1:{web.port}")
            assert "Ada" in reply.text
        assert web.get("/manche/2.svg").status == 404
        drawn = {web.get(f"/manche/1.svg?{query}").text for query in STYLES}
        assert len(drawn) == len(STYLES)


STYLES = ("", "lang=en", "ecran=1", "lang=en&ecran=1")


# What it does not.


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/../../pyproject.toml",
            "/..%2f..%2fpyproject.toml",
            "/%2e%2e/site.py",
            "/.",
            "/..",
            ".",
        ),
        *("/pages/player.html", "/site.py", "/__init__.py", "/remote.html", "/refused.html"),
        *("/./base.css", "/base.css/", "/base.css%00", "\\base.css", "/BASE.CSS", "/base.cs"),
        *("/manche/1.png", "/manche/-1.svg", "/manche/1000.svg", "/manche/१.svg", "/manche/1.svg/"),
        *("/adresses/", "/animateurs", "*", "file:///etc/passwd", "/" + "a" * 60000),
    ],
)
def test_nothing_else_is_there(pages: Web, path: str) -> None:
    reply = read_reply(exchange(pages.port, f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()))
    assert reply.status == 404
    assert reply["Content-Type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "OPTIONS", "CONNECT", "X"])
def test_a_method_that_it_has_not(pages: Web, method: str) -> None:
    reply = request(pages.port, method, "/")
    assert reply.status == 501
    assert b"<" not in reply.body


def test_a_head_alone_has_no_body(pages: Web) -> None:
    answer = exchange(pages.port, b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert answer.endswith(b"\r\n\r\n")


def test_a_form_is_refused_with_its_body_read(pages: Web) -> None:
    assert request(pages.port, "POST", "/", b"a=1").status == 405
    assert request(pages.port, "POST", "/animateur/ordre", b"stop").status == 403


@pytest.mark.parametrize("size", [600, 1 << 20])
@pytest.mark.parametrize("path", ["/", "/animateur/ordre"])
def test_a_large_body_gets_its_refusal(pages: Web, path: str, size: int) -> None:
    reply = request(pages.port, "POST", path, b"x" * size)
    assert reply.status in (403, 405)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"GET / HTTP/x\r\n\r\n", 400),
        (b"GET / /tableau HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\r\n", 400),
        (b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 70000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"GET / HTTP/1.1\r\nHost\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400),
    ],
    ids=["2.0", "x", "too many words", "TLS", "long", "header", "headers", "none", "bad", "empty"],
)
def test_what_is_no_request_is_told_so(pages: Web, data: bytes, status: int) -> None:
    reply = read_reply(exchange(pages.port, data))
    assert reply.status == status
    assert reply.text in ("Demande illisible.\n", "Adresse illisible.\n")


def test_an_empty_line_and_nothing_at_all_just_end(web: Web) -> None:
    assert exchange(web.port, b"\r\n\r\n") == b""
    with web.visit() as silent:
        silent.shutdown(socket.SHUT_WR)
        assert silent.recv(100) == b""


# Headers that want to be more than they are.

HOSTILE = [
    *("a; script-src *", "a b", "a,b", "a/b", "a@b", "<script>", "a\x01", "é", "[::1", "a:123456"),
    *("a\r\n X-Bad: 1", "a\r\n\tX-Bad: 1", "a\rX-Bad: 1", "a\n X-Bad: 1", "a\x85X-Bad: 1"),
]


@pytest.mark.parametrize("host", HOSTILE)
@pytest.mark.parametrize("first", ["GET /", "GET /ws", "POST /animateur/ordre"])
def test_no_header_comes_in_by_host(pages: Web, first: str, host: str) -> None:
    answer = exchange(pages.port, f"{first} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode("latin-1"))
    names = {line.partition(b":")[0].lower() for line in answer.split(b"\r\n")}
    assert b"x-bad" not in names
    # A lone CR ends a line for the standard library: the host there is just "a".
    assert answer[9:12] in ((b"200", b"403", b"426") if "\rX" in host else (b"400", b"403"))


@pytest.mark.parametrize("host", ["a; script-src *", "a\r\n X-Bad: 1"], ids=["policy", "folded"])
@pytest.mark.parametrize("first", ["GET /", "POST /"])
def test_a_host_that_is_none_is_not_repeated(pages: Web, first: str, host: str) -> None:
    answer = exchange(pages.port, f"{first} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert b"script-src *" not in answer
    assert b"X-Bad" not in answer


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "salle-12.local", "[::1]", "[fe80::1]:8000", "a_b:1"]
)
def test_a_host_is_taken_as_it_comes(pages: Web, host: str) -> None:
    reply = pages.get("/", Host=host)
    assert reply.status == 200
    assert_safe(reply, host)


def test_a_page_from_elsewhere_opens_no_websocket(web: Web) -> None:
    reply = request(web.port, "GET", "/ws", Origin="http://evil.example", **HANDSHAKE)
    assert reply.status == 403
    assert request(web.port, "GET", "/ws").status == 426
    assert not list(web.server.room.roster)


def test_a_handshake_with_a_folded_header_gets_an_answer(web: Web) -> None:
    data = write_request(web.port, "GET", "/ws", HANDSHAKE | {"X-Rien": "a\r\n b"})
    assert exchange(web.port, data).startswith(b"HTTP/1.1 400 ")


# Slow, silent and many visitors.

HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Lent: "


def test_half_a_request_is_cut_though_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then keeps the silence from counting; the whole visit has its end."""
    monkeypatch.setattr(site, "VISIT", 0.4)
    with Web() as web:
        slow = web.visit(HALF)
        slow.settimeout(0.02)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with suppress(TimeoutError, ConnectionError):
                assert slow.recv(100) == b""
                break
            with suppress(OSError):
                slow.sendall(b"a")
        assert time.monotonic() < end
        assert web.get("/").status == 200


def test_a_silent_visitor_is_let_go_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (visit.SILENCE, visit.Visit.timeout) == (5.0, 5.0)
    monkeypatch.setattr(visit.Visit, "timeout", 0.2)
    with Web() as web:
        assert web.visit(HALF).recv(100) == b""
        assert web.visit().recv(100) == b""


def test_silent_visitors_keep_no_page_from_being_served(monkeypatch: pytest.MonkeyPatch) -> None:
    """They have all places; who comes then gets one soon, and those who came last still wait."""
    assert (site.VISITS, site.HURRIED) == (64, 1.0)
    monkeypatch.setattr(site, "HURRIED", 0.2)
    with Web() as web:
        silent = [web.visit(HALF) for _ in range(site.VISITS)]
        assert web.get("/").status == 200
        assert [sock.recv(100) for sock in silent[:1]] == [b""]


def test_no_more_threads_than_visits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "VISITS", 4)
    monkeypatch.setattr(site, "HURRIED", 0.2)
    before = threading.active_count()
    with Web() as web:
        ours = threading.active_count() - before
        for _ in range(12):
            web.visit(HALF)
        assert web.get("/").status == 200
        assert threading.active_count() - before <= ours + 4


def test_many_visits_leave_nothing_behind(web: Web) -> None:
    before = threading.active_count()
    for _ in range(2 * site.VISITS):
        assert web.get("/favicon.ico").status == 200
    eventually(threading.active_count, before)
    assert not web.site._visits


def test_who_hangs_up_at_once_disturbs_nobody(web: Web) -> None:
    for data in (b"", HALF, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"POST / HTTP/1.1\r\n\r\n"):
        with web.visit(data) as rude:
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert web.get("/").status == 200


def test_close_ends_open_visits_at_once() -> None:
    """Whatever they wait for: conftest sees every thread and every descriptor that is left."""
    with Server(port=0, db=":memory:") as server:
        web_site = Site(server, "127.0.0.1", 0, str)
        web_site.start()
        visits = [socket.create_connection(("127.0.0.1", web_site.port)) for _ in range(6)]
        for sock, data in zip(
            visits, (b"", b"G", HALF, HALF, b"POST / HTTP/1.1\r\n"), strict=False
        ):
            sock.sendall(data)
        half_closing = b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n"
        visits[5].sendall(half_closing)
        assert visits[5].recv(12) == b"HTTP/1.1 405"  # it waits for the body, to throw it away
        bounded(web_site.close, 4.0)  # a silence would last longer
        for sock in visits:
            with sock, suppress(ConnectionError):
                read_all(sock)


def test_close_while_all_places_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site, "VISITS", 1)
    monkeypatch.setattr(site, "HURRIED", 60.0)
    with Web() as web:
        for _ in range(3):
            web.visit(HALF)
        bounded(web.site.close, 4.0)


def test_a_port_that_cannot_be_had_leaves_nothing() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as busy,
        Server(port=0) as server,
        pytest.raises(ServerError, match="--web-port"),
    ):
        Site(server, "127.0.0.1", busy.getsockname()[1], str)


def test_without_descriptors_it_waits_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes stays in the queue, so the socket stays readable: no reason to try all the time."""
    tries: list[float] = []
    accept = socketserver.TCPServer.get_request

    def exhausted(self: socketserver.TCPServer) -> object:
        tries.append(time.monotonic())
        if tries[-1] < tries[0] + 4 * site.POLL:
            raise OSError(errno.EMFILE, "Too many open files")
        return accept(self)

    monkeypatch.setattr(socketserver.TCPServer, "get_request", exhausted)
    with Web() as web:
        assert web.get("/").status == 200
        assert 2 <= len(tries) <= 6


# Browsers that play.


def test_a_hundred_silent_browsers_disturb_nobody_and_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("justeprix.server.worker.SWEEP", 0.1)
    with Web(limits=Limits(idle=1.5)) as web:
        silent = {web.browser().socket: None for _ in range(100)}
        player, browser = web.player("Ada"), web.browser("Bob")
        for _ in range(3):
            player.win()
            browser.win()
        farewell = encode_goodbye("FIN")
        end = time.monotonic() + PATIENCE
        while silent:
            player.sync()
            browser.sync()
            assert time.monotonic() < end
            for sock in select.select(list(silent), [], [], 0.05)[0]:
                assert read_all(sock) == farewell
                sock.close()
                del silent[sock]
        player.sync()
        browser.sync()
        assert [seat.name for seat in web.server.room.roster.present] == ["Ada", "Bob"]


def encode_goodbye(line: str) -> bytes:
    """Return a last line and its closing frame, as a host sends them."""
    return bytes([0x80 | TEXT, len(line)]) + line.encode() + bytes([0x80 | CLOSE, 2, 3, 232])


def test_a_full_room_is_told_to_browsers_and_serves_its_pages() -> None:
    with Web(limits=Limits(max_players=2)) as web:
        player, browser = web.player(), web.browser()
        for _ in range(3):
            late = web.browser()
            assert error(late.greeting) == "complet"
            assert late.ended() == 1000
        assert web.get("/").status == 200
        assert error(web.player().greeting) == "complet"
        browser.sync()
        player.sync()


FLOODS = {
    "messages": encode(TEXT, b"ping"),
    "fragments": encode(TEXT, b"p", fin=False) + encode(CONT, b"ing"),
    "empty fragments": encode(TEXT, b"", fin=False)
    + encode(CONT, b"", fin=False) * 14
    + encode(CONT, b"ping"),
    "pings": encode(PING),
    "pongs": encode(PONG),
}


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_is_heard_at_the_allowed_rate_only(kind: str) -> None:
    """What is not heard costs the others nothing; they are answered all the while."""
    rate, burst = 1000, 100
    many = 1000 if kind in ("pings", "pongs") else 500
    with Web(limits=Limits(rate=rate, burst=burst)) as web:
        flood, other = web.browser(), web.player()
        start = time.monotonic()
        flood.send_raw(FLOODS[kind] * many + encode(TEXT, b"ping fin"))
        answers, count = b"", 0
        while not answers.endswith(b"pong fin"):
            for _ in range(10):
                other.sync()
            count += 10
            if select.select([flood.socket], [], [], 0)[0]:
                answers += flood.socket.recv(65536)
        # What comes in one read, 2,048 bytes, is heard at once.
        at_once = burst + 2048 // len(FLOODS[kind]) + 1
        assert time.monotonic() - start >= (many - at_once) / rate
        assert count >= 20


def test_a_frame_of_a_megabyte_is_refused_by_its_head(web: Web) -> None:
    large, other = web.browser(), web.browser("Bob")
    with suppress(ConnectionError):  # it may be cut before all is sent
        large.send_raw(large_frame(1 << 20))
    assert large.ended() == 1009
    other.sync()


def large_frame(size: int) -> bytes:
    return struct.pack("!BBQ", 0x80 | TEXT, 0x80 | 127, size) + bytes(4) + b"x" * size


@pytest.mark.parametrize(
    "last",
    [
        encode(PING) + encode(TEXT, b"ping 2"),
        encode(TEXT, b"ping 2") + encode(CLOSE),
        encode(TEXT, b"ping 2") + encode(BINARY),
    ],
    ids=["ping", "close", "binary"],
)
def test_who_is_gone_before_what_is_owed_disturbs_nobody(
    web: Web, last: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker reads a message and a ping, and its pong finds no one there any more."""
    rude, other = web.browser(), web.player("Bob")
    rude.sync()
    judge, judging, go_on = Referee.judge, threading.Event(), threading.Event()

    def slow(self: Referee, heard: Heard, now: float) -> object:
        judging.set()
        assert go_on.wait(PATIENCE)
        return judge(self, heard, now)

    monkeypatch.setattr(Referee, "judge", slow)
    other.send(b"ping 1\n")
    assert judging.wait(PATIENCE)  # in the middle of a step: it will read both at once
    rude.send_raw(last)
    rude.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    rude.close()
    go_on.set()
    assert other.recv_line() == "pong 1"
    other.sync()
