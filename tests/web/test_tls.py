"""TLS on both ports: what is cut in two, broken off, sent in clear, or by many at once."""

from __future__ import annotations

import random
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pytest

from justeprix.game.competition import Settings
from justeprix.protocol import tls
from justeprix.protocol.lines import LineCodec
from justeprix.protocol.replies import Greeting
from justeprix.protocol.tls import CLIENT_HELLO, RECORD, Channel, TlsCodec
from justeprix.web import site, visit
from tests.faults.proxy import reset
from tests.support.browser import (
    CLOSE,
    HANDSHAKE,
    Browser,
    Web,
    connect,
    exchange,
    read_all,
    read_reply,
    request,
    write_request,
)
from tests.support.player import Player, error, secured
from tests.support.room import eventually
from tests.support.secure import Certified

HANDSHAKE_RECORD, ALERT, DATA = b"\x16", b"\x15", b"\x17"
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
CROWD = 50


@pytest.fixture
def web(proof: Certified) -> Iterator[Web]:
    """A room that speaks TLS on both ports, with one worker."""
    with Web(tls=proof.context, workers=1) as web:
        yield web


class Bench:
    """A client's end of TLS without a socket: whoever holds it decides how the bytes travel."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = trust.wrap_bio(self.incoming, self.outgoing, server_hostname="127.0.0.1")

    def shake(self) -> bool:
        """Go on with the handshake as far as can be; return whether it is done."""
        try:
            self.tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def sealed(self, plain: bytes) -> bytes:
        self.tls.write(plain)
        return self.outgoing.read()

    def opened(self, data: bytes) -> bytes:
        self.incoming.write(data)
        plain = b""
        with suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            while part := self.tls.read():
                plain += part
        return plain

    def hello(self) -> bytes:
        assert not self.shake()
        return self.outgoing.read()


def is_still_right(web: Web, proof: Certified) -> None:
    """Whatever was done to the host, it plays with others."""
    with Player(web.server.address, trust=proof.trust()) as player:
        player.sync()
    assert request(web.port, "GET", "/", trust=proof.trust()).status == 200


# The pages.


@pytest.mark.parametrize(
    "path", ["/", "/tableau?lang=en", "/animateur?cle=ab", "/rien", "/ws", "/adresses?code=1%202"]
)
def test_a_visitor_in_clear_is_sent_to_https(web: Web, path: str) -> None:
    reply = web.get(path)
    assert reply.status == 308
    assert reply["Location"] == f"https://127.0.0.1:{web.port}{path}"
    assert reply.body.count(b"\n") == 1


def test_a_visitor_in_clear_is_told_nothing_else(web: Web) -> None:
    """Not even the teacher: an order in clear could have been read and changed on its way."""
    for host in ("a b", "evil.example/x", None):
        assert web.get("/", Host=host).status == 400
    order = request(
        web.port, "POST", "/animateur/ordre", b"stop", Origin=f"http://127.0.0.1:{web.port}"
    )
    assert order.status == 403
    upgrade = read_reply(exchange(web.port, write_request(web.port, "GET", "/ws", HANDSHAKE)))
    assert upgrade.status == 308
    assert not list(web.server.room.roster)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_pages_over_tls(web: Web, proof: Certified, version: ssl.TLSVersion) -> None:
    trust = proof.trust(version)
    for path in ("/", "/tableau", "/player.js"):
        reply = request(web.port, "GET", path, trust=trust)
        assert reply.status == 200
        assert reply.body == web.site.contents.pages[path].body
    policy = request(web.port, "GET", "/", trust=trust)["Content-Security-Policy"]
    assert f"wss://127.0.0.1:{web.port}" in policy


def test_the_teachers_cookie_is_for_https_only(web: Web, proof: Certified) -> None:
    link = web.site.contents.remote.link()
    cookie = request(web.port, "GET", link, trust=proof.trust())["Set-Cookie"]
    assert "Secure" in cookie.split("; ")
    origin = f"https://127.0.0.1:{web.port}"
    ours = {"Cookie": cookie.partition(";")[0], "Origin": origin}
    assert request(web.port, "POST", "/animateur/ordre", b"muet", **ours).status == 403
    reply = request(web.port, "POST", "/animateur/ordre", b"muet", trust=proof.trust(), **ours)
    assert reply.status == 200


def test_without_tls_the_cookie_works_in_clear() -> None:
    with Web(competition=Settings(rounds=1)) as web:
        cookie = web.get(web.site.contents.remote.link())["Set-Cookie"]
        assert "Secure" not in cookie.split("; ")


def test_the_ways_to_come_are_https(web: Web, proof: Certified) -> None:
    told = request(web.port, "GET", "/adresses", trust=proof.trust()).text
    assert f'"https://127.0.0.1:{web.port}/"' in told
    assert "--tls" in told


# Playing.


@pytest.mark.parametrize("version", VERSIONS)
def test_a_game_over_tls(web: Web, proof: Certified, version: ssl.TLSVersion) -> None:
    with Player(web.server.address, trust=proof.trust(version)) as player:
        assert player.greeting == "hello justeprix/1 entre 1 et 100"
        assert player.ask("nom Zoé") == "nom Zoé"
        player.win()
        player.send(b"FIN\n")
        assert player.rest() == b"FIN\n"  # and the end is said: else this raises SSLEOFError


def test_a_pupils_client_needs_no_newline(web: Web, proof: Certified) -> None:
    with Player(web.server.address, trust=proof.trust()) as player:
        assert player.ask_bare("50") in (b"plus", b"moins", "gagné".encode())
        assert player.ask_bare("FIN") == b"FIN"


def test_browsers_and_programs_are_in_one_room(web: Web, proof: Certified) -> None:
    """One worker has them all: sealed or not, lines or frames."""
    trust = proof.trust()
    with Player(web.server.address, trust=trust) as ada, Browser(web.port, trust=trust) as bob:
        assert bob.greeting == ada.greeting
        assert ada.ask("nom Ada") == "nom Ada"
        assert error(bob.ask("nom ada")) == "pris"
        bob.win()
        bob.follow()  # from here on states and messages come unasked
        assert ada.ask("dire salut") == "ok"
        assert bob.heard() == "message Ada : salut"
        bob.send("FIN")
        assert bob.heard() == "FIN"
        assert bob.ended() == 1000


def test_a_page_from_elsewhere_opens_no_websocket(web: Web, proof: Certified) -> None:
    for origin in ("https://evil.example", f"https://127.0.0.1:{web.port + 1}"):
        reply = request(web.port, "GET", "/ws", trust=proof.trust(), Origin=origin, **HANDSHAKE)
        assert reply.status == 403
    Browser(web.port, trust=proof.trust(), Origin=f"https://127.0.0.1:{web.port}").close()


def test_many_at_once_each_get_their_own_answers(web: Web, proof: Certified) -> None:
    """Lockstep: each sends, and waits for its one line; secrets differ, so would mixed answers."""
    trust = proof.trust()

    def play(number: int) -> int:
        with Player(web.server.address, trust=trust) as player:
            assert player.ask(f"nom Ada {number}") == f"nom Ada {number}"
            for _ in range(3):
                player.win()
                assert player.ask(f"ping {number}") == f"pong {number}"
            return len(player.ask("bornes").split())

    with ThreadPoolExecutor(CROWD) as crowd:
        assert list(crowd.map(play, range(CROWD))) == [3] * CROWD


def test_they_are_open_all_together(web: Web, proof: Certified) -> None:
    with ExitStack() as stack:
        trust = proof.trust()
        players = [
            stack.enter_context(Player(web.server.address, trust=trust)) for _ in range(CROWD)
        ]
        for question in ("ping", "bornes", "1"):
            for player in players:
                player.send(f"{question}\n".encode())
            answers = {player.recv_line() for player in players}
            assert answers <= {"pong", "bornes 1 100", "plus", "gagné"}, answers


# Cut in pieces.


def drive(proof: Certified, version: ssl.TLSVersion, talk: bytes, size: int) -> bytes:
    """Hand all that a client says to a codec in pieces of a size; return what it reads."""
    bench, codec = Bench(proof.trust(version)), TlsCodec(LineCodec(), Channel(proof.context), 0.0)
    assert codec.pack("hello") == b"", "the greeting leaves before hands are shaken"
    read = b""

    def carry(data: bytes) -> bytes:
        back, answers = b"", []
        for at in range(0, len(data), size):
            answers += codec.receive(data[at : at + size], 0.0)
            back += codec.take_owed()
        return back + b"".join(codec.pack(message.decode()) for message in answers)

    while not bench.shake():
        bench.incoming.write(carry(bench.outgoing.read()))
    for data in (bench.outgoing.read(), bench.sealed(talk)):
        read += bench.opened(carry(data))
    return read


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 64, 1000, 100_000])
@pytest.mark.parametrize("version", VERSIONS)
def test_records_in_pieces_of_any_size(
    proof: Certified, version: ssl.TLSVersion, size: int
) -> None:
    talk = b"50\nnom Zo\xc3\xa9\n" + b"x" * 300 + b"\n"
    assert drive(proof, version, talk, size) == b"hello\n" + talk


def test_every_byte_in_a_segment_of_its_own(web: Web, proof: Certified) -> None:
    bench = Bench(proof.trust())
    with connect(web.server.address[1]) as sock:

        def send(data: bytes) -> None:
            for at in range(len(data)):
                sock.sendall(data[at : at + 1])

        while not bench.shake():
            send(bench.outgoing.read())
            bench.incoming.write(sock.recv(65536))
        send(bench.outgoing.read() + bench.sealed(b"ping un\n") + bench.sealed(b"FIN\n"))
        assert bench.opened(read_all(sock)) == f"{greeting_of(web)}\npong un\nFIN\n".encode()


def greeting_of(web: Web) -> str:
    return str(Greeting(web.server.room.bounds))


def test_a_page_asked_for_byte_by_byte(web: Web, proof: Certified) -> None:
    bench = Bench(proof.trust())
    with connect(web.port) as sock:
        while not bench.shake():
            sock.sendall(bench.outgoing.read())
            bench.incoming.write(sock.recv(65536))
        asked = bench.outgoing.read() + bench.sealed(write_request(web.port, "GET", "/door.js", {}))
        for at in range(len(asked)):
            sock.sendall(asked[at : at + 1])
        reply = read_reply(bench.opened(read_all(sock)))
    assert reply.body == web.site.contents.pages["/door.js"].body


def test_a_record_as_big_as_can_be(web: Web, proof: Certified) -> None:
    line = b"ping " + b"x" * 506
    lines = [line] * (RECORD // (len(line) + 1))
    talk = b"\n".join(lines) + b"\n"
    assert RECORD - len(line) <= len(talk) <= RECORD
    with Player(web.server.address, trust=proof.trust()) as player:
        player.send(talk)
        assert [player.recv_line() for _ in lines] == [line.decode().replace("ping", "pong")] * 32


def test_a_big_answer_is_many_records(web: Web, proof: Certified) -> None:
    """Hundreds of replies at once, as long as lines may be."""
    with Player(web.server.address, trust=proof.trust()) as player:
        player.send(b"".join(b"ping %03d%s\n" % (n, b"x" * 500) for n in range(90)))
        for n in range(90):
            assert player.recv_line().startswith(f"pong {n:03}x")


# Broken off, and never begun.


def test_half_a_handshake_ends_in_time(web: Web, proof: Certified, monkeypatch) -> None:
    hello = Bench(proof.trust()).hello()
    with monkeypatch.context() as patch:
        patch.setattr(tls, "LINE_TIME", 0.3)
        for part in (CLIENT_HELLO, hello[: len(hello) // 2], hello):
            with connect(web.server.address[1]) as sock:
                sock.sendall(part)
                data = read_all(sock)
                assert not data or data[:1] == HANDSHAKE_RECORD
    is_still_right(web, proof)
    eventually(lambda: present(web), [])


def test_a_visitor_who_sends_one_byte_is_ended_in_time(
    web: Web, proof: Certified, monkeypatch
) -> None:
    half = Bench(proof.trust()).hello()
    with monkeypatch.context() as patch:
        patch.setattr(site, "VISIT", 0.3)
        patch.setattr(visit.Visit, "timeout", 60.0)  # not for the silence
        for part in (b"", CLIENT_HELLO, half[:20], half):
            assert ended(web.visit(part))
    is_still_right(web, proof)


def ended(sock: socket.socket) -> bool:
    """Read to the end; a reset is one too."""
    with suppress(ConnectionResetError):
        read_all(sock)
    return True


def test_a_visitor_who_falls_silent_is_ended_in_time(web: Web, monkeypatch) -> None:
    assert visit.SILENCE == 5.0
    monkeypatch.setattr(visit.Visit, "timeout", 0.2)
    assert ended(web.visit(CLIENT_HELLO))


def test_those_do_not_keep_others_out(web: Web, proof: Certified, monkeypatch) -> None:
    """All places are taken by visitors who never finish their handshake."""
    monkeypatch.setattr(site, "VISIT", 60.0)  # nothing else frees a place while we wait
    monkeypatch.setattr(visit.Visit, "timeout", 60.0)
    for _ in range(site.VISITS + 5):
        web.visit(CLIENT_HELLO)
    assert request(web.port, "GET", "/", trust=proof.trust()).status == 200


@pytest.mark.parametrize("seed", range(20))
def test_garbage_behind_a_client_hello(web: Web, proof: Certified, seed: int) -> None:
    """The host says what TLS says then, an alert, and ends; nobody else notices."""
    rng = random.Random(seed)
    hello = Bench(proof.trust()).hello()
    garbage = rng.randbytes(rng.randrange(1, 3000))
    mixed = (CLIENT_HELLO + garbage, hello + b"\xff" + garbage, DATA.join([hello, garbage]))
    for port in (web.port, web.server.address[1]):
        for data in mixed:
            with connect(port) as sock, suppress(ConnectionError):
                sock.sendall(data)
                sock.shutdown(socket.SHUT_WR)
                answer = read_all(sock)
                assert b"hello justeprix" not in answer
                assert b"erreur" not in answer
    is_still_right(web, proof)


def test_an_alert_tells_what_is_wrong(web: Web, proof: Certified) -> None:
    for port in (web.port, web.server.address[1]):
        with connect(port) as sock:
            sock.sendall(CLIENT_HELLO + b"\x03\x01\xff\xff" + b"\0" * 100)
            assert read_all(sock)[:1] == ALERT
    is_still_right(web, proof)


def test_a_forged_record_ends_the_link_and_counts_nothing(web: Web, proof: Certified) -> None:
    bench = Bench(proof.trust())
    with connect(web.server.address[1]) as sock:
        while not bench.shake():
            sock.sendall(bench.outgoing.read())
            bench.incoming.write(sock.recv(65536))
        record = bytearray(bench.sealed(b"1\n"))
        record[-1] ^= 1
        sock.sendall(bench.outgoing.read() + bytes(record))
        answer = read_all(sock)
    with pytest.raises(ssl.SSLError, match="BAD_RECORD_MAC"):  # the host's alert
        bench.opened(answer)
    assert not any(player.guesses for player in web.server.room.roster)
    is_still_right(web, proof)


@pytest.mark.parametrize(
    "text", [b"50\n", b"5", b"nom Ada\n", b"\x00\x01\x02", b"GET / HTTP/1.1\r\n\r\n"]
)
def test_plain_text_where_tls_is_wanted(web: Web, proof: Certified, text: bytes) -> None:
    with Player(web.server.address, greet=False) as player:
        player.send(text)
        assert error(player.recv_line()) == "tls"
        assert player.rest() == b""
    assert not any(player.guesses for player in web.server.room.roster)
    is_still_right(web, proof)


def test_tls_where_plain_text_is_wanted(proof: Certified) -> None:
    """A client that insists is told by its own library; the host goes on."""
    with Web() as web:
        for port in (web.server.address[1], web.port):
            with pytest.raises(ssl.SSLError):
                connect(port, proof.trust())
        hello = Bench(proof.trust()).hello()
        with Player(web.server.address) as player:
            player.send(hello)
            player.socket.shutdown(socket.SHUT_WR)
            assert b"\0" not in player.rest()
        assert web.get("/").status == 200
        with web.player() as player:
            player.sync()


def test_a_handshake_and_then_silence(web: Web, proof: Certified, monkeypatch) -> None:
    """Who has shaken hands may think as long as anybody."""
    monkeypatch.setattr(tls, "FIRST_BYTE_TIME", 0.5)
    monkeypatch.setattr(tls, "LINE_TIME", 0.5)
    with Player(web.server.address, trust=proof.trust()) as player:
        assert player.is_silent(1.0)
        player.sync()


def test_half_a_line_over_tls_is_given_up(web: Web, proof: Certified, monkeypatch) -> None:
    monkeypatch.setattr("justeprix.protocol.lines.LINE_TIME", 0.3)
    with Player(web.server.address, trust=proof.trust()) as player:
        player.sync()
        player.send(b"ping jamais")
        assert error(player.recv_line()) == "delai"
        assert player.rest() == b""


def test_a_link_that_is_reset_in_the_handshake(web: Web, proof: Certified) -> None:
    hello = Bench(proof.trust()).hello()
    for port in (web.port, web.server.address[1]):
        for part in (b"", CLIENT_HELLO, hello):
            sock = connect(port)
            sock.sendall(part)
            reset(sock)
    is_still_right(web, proof)
    eventually(lambda: present(web), [])


def test_the_host_closes_with_a_goodbye(proof: Certified) -> None:
    """Players, browsers, who still shakes hands: all are let go, and none is waited for."""
    trust = proof.trust()
    with ExitStack() as stack, Web(tls=proof.context) as web:
        player = stack.enter_context(Player(web.server.address, trust=trust))
        page = stack.enter_context(Browser(web.port, trust=trust))
        silent = stack.enter_context(connect(web.server.address[1]))
        silent.sendall(CLIENT_HELLO)
        page.sync()
        token = player.open_session()
        assert token
        web.server.close()
        assert player.rest().startswith(b"shutdown ")
        assert page.recv_line() == "FIN"
        assert page.recv().opcode == CLOSE
        assert ended(silent)


def test_the_end_of_an_answer_is_said(web: Web, proof: Certified) -> None:
    """Nobody can cut a page short unseen."""
    with ExitStack() as stack:
        plain = stack.enter_context(connect(web.port))
        sock = stack.enter_context(secured(plain, proof.trust(), strict=True))
        sock.sendall(write_request(web.port, "GET", "/player.css", {}))
        assert read_reply(read_all(sock)).body == web.site.contents.pages["/player.css"].body


def test_who_says_goodbye_is_answered_and_gone(web: Web, proof: Certified) -> None:
    """A client that only ends its TLS (close_notify) is no player any more."""
    with Player(web.server.address, trust=proof.trust()) as player:
        assert player.ask("ping") == "pong"
        player.socket.unwrap().close()
        eventually(lambda: present(web), [])


def present(web: Web) -> list[object]:
    with web.server.room.lock:
        return list(web.server.room.roster.present)
