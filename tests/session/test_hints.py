"""What the host notices of clients that pupils wrote: told to the teacher, never to the pupil."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable

import pytest

from justeprix.game.competition import Phase
from justeprix.game.secret import Bounds
from justeprix.protocol.lines import LineCodec
from justeprix.room.limits import Limits
from justeprix.server.connection import Connection
from justeprix.server.server import Server
from justeprix.session.events import Arrived, Gone, Hint, Named, News, Noticed, Resumed
from justeprix.session.hints import glued
from tests.support.browser import CLOSE, Web, encode
from tests.support.player import Player, error
from tests.support.processes import HOST, port_of, running
from tests.support.pure_host import PureHost
from tests.support.room import Class, Newspaper, eventually, locked

REQUEST = b"GET / HTTP/1.1\r\nHost: 127.0.0.1:2300\r\n\r\n"

TOO_LONG = b"x" * 3000 + b"\n"


class Told(list[News]):
    """All news of a room, in order."""

    @property
    def hints(self) -> list[tuple[Hint, str, str]]:
        return [(item.hint, item.name, item.sent) for item in self if isinstance(item, Noticed)]


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def room(server: Callable[..., Server], told: Told) -> Server:
    return server(on_news=told.append)


# Two messages in one.


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("5075", "5075"),
        ("1100", "1100"),
        ("50 75", "50 75"),
        ("50\r75\r", "50 75"),
        ("50\t\t75", "50 75"),
        ("+50+75", "+50+75"),
        ("50FIN", "50FIN"),
        ("5075FIN", "5075FIN"),
        ("500fin", "500fin"),
        ("FINFIN", "FINFIN"),
        ("pretFIN", "pretFIN"),
        ("scores50", "scores50"),
        ("507", ""),  # no longer than 100: one number, out of bounds
        ("150", ""),
        ("5007", ""),  # no program writes 07
        ("5000", ""),
        ("507511", ""),
        ("50", ""),
        ("", ""),
        ("FIN", ""),
        ("bonjour", ""),
        ("dauphin", ""),
        ("50 est mon nombre", ""),
        ("50\x1b[2J75", ""),
        ("50\x0075", ""),
        ("٥٠75", ""),
        ("session 0123456789abcdef", ""),
        ("50session 0123456789abcdef", ""),
        ("session 01234567FIN", ""),
        ("5" * 27, ""),
        ("50" + " " * 30 + "75", ""),
    ],
)
def test_two_messages_in_one_are_recognised(message: str, shown: str) -> None:
    assert glued(message.encode(), Bounds(1, 100)) == shown


def test_the_bounds_say_what_may_be_two_numbers() -> None:
    assert glued(b"5075", Bounds(1, 60)) == ""
    assert glued(b"1000", Bounds(0, 100)) == "1000"  # 100 and 0
    assert glued(b"-5-7", Bounds(-10, 10)) == "-5-7"
    assert glued(b"\xff\xfe", Bounds(1, 100)) == ""


# Messages without a newline.


def test_bare_messages_are_told_once_and_after_the_arrival(room: Server, told: Told) -> None:
    with Player(room.address) as pupil:
        assert pupil.ask_bare("ping 1") == b"pong 1"
        assert told == [
            Arrived("Joueur 1", "127.0.0.1"),
            Noticed(Hint.UNFRAMED, "Joueur 1", "127.0.0.1"),
        ]
        assert pupil.ask_bare("ping 2") == b"pong 2"
        assert pupil.ask_bare("FIN") == b"FIN"
        assert pupil.rest() == b""
    room.close()
    assert told.hints == [(Hint.UNFRAMED, "Joueur 1", "")]


def test_it_goes_by_the_name_that_the_player_has_by_then(room: Server, told: Told) -> None:
    with Player(room.address) as pupil:
        assert pupil.ask_bare("nom Ada") == b"nom Ada"
        assert told[1:] == [Named("Joueur 1", "Ada"), Noticed(Hint.UNFRAMED, "Ada", "127.0.0.1")]


def test_who_comes_back_without_newlines_has_the_old_name(room: Server, told: Told) -> None:
    with Player(room.address) as first, Player(room.address) as again:
        first.ask("nom Ada")
        token = first.open_session()
        assert again.ask_bare(f"session {token}").startswith(b"session ")
    assert told[2:4] == [Resumed("Ada"), Noticed(Hint.UNFRAMED, "Ada", "127.0.0.1")]


def test_lines_are_nothing_to_tell(room: Server, told: Told) -> None:
    with Player(room.address) as pupil:
        assert error(pupil.ask("5075")) == "bornes"
        assert error(pupil.ask("50FIN")) == "nombre"
        pupil.send(b"pi")
        pupil.send(b"ng\n")
        assert pupil.recv_line() == "pong"
        assert pupil.ask("FIN") == "FIN"
        assert pupil.rest() == b""
    room.close()
    assert told.hints == []


def test_an_overlong_line_is_not_taken_for_a_bare_message(room: Server, told: Told) -> None:
    with Player(room.address) as pupil:
        pupil.send(TOO_LONG)  # the host reads its start first, and cannot know
        assert error(pupil.recv_line()) == "longueur"
        pupil.sync()
    room.close()
    assert Hint.UNFRAMED not in {hint for hint, _, _ in told.hints}


def test_a_message_that_ends_with_the_link_had_no_newline(room: Server, told: Told) -> None:
    with Player(room.address) as pupil:
        pupil.send(b"5075")
        pupil.socket.shutdown(socket.SHUT_WR)
        assert pupil.rest().startswith(b"erreur bornes ")
    room.close()
    assert told.hints == [
        (Hint.UNFRAMED, "Joueur 1", ""),
        (Hint.GLUED, "Joueur 1", "5075"),
        (Hint.NO_FIN, "Joueur 1", ""),
    ]


def test_a_bare_screen_comes_and_goes_untold(room: Server, told: Told) -> None:
    with Player(room.address) as screen:
        assert screen.ask_bare("suivre").startswith(b"etat ")
        screen.end()
    room.close()
    assert told == []


# Two messages in one, on the wire.


def test_two_messages_at_once_are_told_once(room: Server, told: Told) -> None:
    with Player(room.address) as pupil:
        assert pupil.ask_bare("5075").startswith(b"erreur bornes ")
        assert pupil.ask_bare("5176").startswith(b"erreur bornes ")
        assert pupil.ask_bare("50FIN").startswith(b"erreur nombre ")
        assert pupil.ask_bare("FIN") == b"FIN"
    room.close()
    assert told.hints == [(Hint.UNFRAMED, "Joueur 1", ""), (Hint.GLUED, "Joueur 1", "5075")]


def test_a_number_that_sticks_to_fin_is_told(room: Server, told: Told) -> None:
    with Player(room.address) as pupil:
        assert pupil.ask_bare("ping") == b"pong"
        assert pupil.ask_bare("bonjour").startswith(b"erreur commande ")
        assert pupil.ask_bare("50FIN").startswith(b"erreur nombre ")
        assert told.hints[1:] == [(Hint.GLUED, "Joueur 1", "50FIN")]


def test_a_token_is_never_told(room: Server, told: Told) -> None:
    with Player(room.address) as pupil:
        pupil.ask_bare("ping")
        for message in ("session 0123456789abcdefFIN", "50session 50", "50session 0123456789FIN"):
            assert pupil.ask_bare(message).startswith(b"erreur ")
    assert [hint for hint, _, _ in told.hints] == [Hint.UNFRAMED]


# Closed without FIN.


def reset(player: Player) -> None:
    player.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    player.close()


@pytest.mark.parametrize("leave", [Player.end, Player.close, reset])
def test_who_leaves_without_fin_is_told_before_the_leaving(
    server: Callable[..., Server], leave: Callable[[Player], None]
) -> None:
    told, news = Told(), Newspaper()
    room = server(on_news=lambda item: (told.append(item), news(item)))
    with Player(room.address) as pupil:
        pupil.ask("nom Ada")
        leave(pupil)
        news.wait_for(Gone)
    assert told[2:] == [Noticed(Hint.NO_FIN, "Ada", "127.0.0.1"), Gone("Ada", may_return=False)]


def test_who_never_spoke_or_said_fin_did_nothing_wrong(room: Server, told: Told) -> None:
    with (
        Player(room.address) as mute,
        Player(room.address) as half,
        Player(room.address) as polite,
        Player(room.address) as bare,
    ):
        mute.end()
        half.send(b"ping\n5")
        assert half.recv_line() == "pong"
        half.send(b"0\nFIN\n")
        half.end()
        assert polite.ask("FIN") == "FIN"
        assert polite.rest() == b""
        bare.send(b"FIN")  # and closes at once: the end is what makes it a message
        bare.end()
    room.close()
    assert told.hints == [(Hint.UNFRAMED, "Joueur 4", "")]


def test_a_session_that_can_be_resumed_has_not_left(room: Server, told: Told) -> None:
    with Player(room.address) as player:
        player.open_session()
        player.end()
    room.close()
    assert told[-1] == Gone("Joueur 1", may_return=True)
    assert told.hints == []


def test_whom_the_host_leaves_need_not_say_fin(server: Callable[..., Server], told: Told) -> None:
    room = server(on_news=told.append, limits=Limits(idle=1.0))
    with Player(room.address) as idle:
        idle.send(b"ping\n")
        assert (idle.recv_line(), idle.recv_line()) == ("pong", "FIN")
        reset(idle)
    room.close()
    assert [type(item) for item in told] == [Arrived, Gone]


def test_whom_a_closing_host_leaves_need_not_say_fin(room: Server, told: Told) -> None:
    with Player(room.address) as late:
        late.sync()
        room.close()
        assert late.rest() == b"FIN\n"
    assert [type(item) for item in told] == [Arrived, Gone]


def test_who_was_told_that_all_is_over_need_not_say_fin() -> None:
    with Class(rounds=1) as room:
        ada = room.player("Ada")
        ada.send(b"pret\n")
        room.await_ready(1)
        room.director.finish()
        room.await_phase(Phase.FINISHED)
        assert ada.rest() == b"FIN\n"
        room.server.close()
        assert room.news.count[Gone] == 1
        assert room.news.count[Noticed] == 0


def test_a_page_that_is_closed_is_no_program(told: Told) -> None:
    with Web(on_news=told.append) as web:
        polite, rude, odd = (web.browser(name) for name in ("Ada", "Bea", "Cleo"))
        polite.send_raw(encode(CLOSE, b"\x03\xe9"))
        polite.close()
        assert error(rude.ask("5075")) == "bornes"
        rude.close()
        assert error(odd.ask("GET / HTTP/1.1")) == "http"
        odd.close()
        eventually(lambda: sum(isinstance(item, Gone) for item in told), 3)
    assert told.hints == []


def connected(sock: socket.socket) -> Connection:
    return Connection(sock, "127.0.0.1", LineCodec(), PureHost().arrive(), 0.0)


def test_a_reset_may_be_noticed_while_writing() -> None:
    here, there = socket.socketpair()
    with here, there:
        connection = connected(here)
        there.close()
        eventually(lambda: connection.write(b"plus\n", 0.0), False)
        assert connection.left is True


def test_a_link_that_fell_silent_was_not_closed_by_its_client() -> None:
    here, there = socket.socketpair()
    with here, there:
        here.settimeout(0.01)  # its error is that of a peer that vanished
        connection = connected(here)
        assert connection.read() == b""
        connection.hang_up()
        assert connection.left is False


def test_nothing_is_told_that_was_not_stored(
    server: Callable[..., Server], told: Told, tmp_path
) -> None:
    """Told with the step's other news, after its commit; and it is the host who cuts the link."""
    room = server(on_news=told.append)
    with Player(room.address) as pupil:
        with locked(tmp_path / "game.db"):
            pupil.send(b"50")
            assert pupil.recv_raw() == b""
        room.close()
    assert not {Arrived, Noticed} & set(map(type, told))


# A browser at the wrong door.


def test_a_request_on_the_port_of_the_game_is_told_with_its_address(
    room: Server, told: Told
) -> None:
    with Player(room.address) as browser:
        browser.send(REQUEST)
        assert browser.rest().startswith(b"erreur http ")
    room.close()
    assert told == [
        Arrived("Joueur 1", "127.0.0.1"),
        Noticed(Hint.HTTP, "Joueur 1", "127.0.0.1"),
        Gone("Joueur 1", may_return=False),
    ]


# In a competition.


def test_hints_come_in_a_competition_too() -> None:
    with Class() as room:
        with Player(room.server.address) as pupil:
            assert pupil.ask_bare("15").startswith(b"erreur attente ")  # too early, and one number
            assert pupil.ask_bare("5075").startswith(b"erreur bornes ")
            assert room.news.wait_for(Noticed).hint is Hint.UNFRAMED
            assert room.news.wait_for(Noticed) == (Hint.GLUED, "Joueur 1", "127.0.0.1", "5075")
        assert room.news.wait_for(Noticed).hint is Hint.NO_FIN


# On the teacher's console.


HINTS = [
    "Joueur 1 : messages sans fin de ligne (accepté)",
    "Joueur 1 : deux messages collés : 5075 ?",
    "Joueur 1 : client fermé sans FIN",
    "Reçu une requête HTTP sur le port du jeu (127.0.0.1) : les pages sont sur l'autre port,"
    " celui de l'adresse http:// affichée au démarrage",
]


def visits(*options: str) -> tuple[list[str], list[str]]:
    """Start a host, and be a pupil and then a browser; return its news, and all they were sent."""
    with running(*HOST, "--db", ":memory:", *options) as host:
        address = ("127.0.0.1", port_of(host))
        with Player(address) as pupil:
            sent = [pupil.greeting]
            sent += [pupil.ask_bare(message).decode() for message in ("ping 1", "5075")]
            pupil.socket.shutdown(socket.SHUT_WR)
            sent.append(pupil.rest().decode())
        host.wait_for("Joueur 1 s'en va")
        with Player(address) as browser:
            browser.send(REQUEST)
            sent += [browser.greeting, browser.rest().decode()]
        host.wait_for("Joueur 2 s'en va")
        host.type("fin")
        assert host.end() == 0
    start = host.lines.index("Joueur 1 arrive (127.0.0.1)")
    return host.lines[start:-1], sent


def test_the_console_tells_hints_unless_it_is_quiet_and_the_pupil_hears_nothing() -> None:
    told, sent = visits()
    assert [line for line in told if line in HINTS] == HINTS
    assert told[1:5] == [*HINTS[:3], "Joueur 1 s'en va"]
    quiet, sent_quietly = visits("--quiet")
    assert quiet == [line for line in told if line not in HINTS]
    assert quiet[:2] == ["Joueur 1 arrive (127.0.0.1)", "Joueur 1 s'en va"]
    greeting = "hello justeprix/1 entre 1 et 100"
    refused = "erreur bornes joue entre 1 et 100 : ce coup ne compte pas"
    assert sent[:5] == [greeting, "pong 1", refused, "", greeting]
    assert error(sent[5].removesuffix("\n")) == "http"
    assert sent == sent_quietly
