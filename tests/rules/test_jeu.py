"""The clauses of `rules.md` on the game, and on messages without an end of line."""

from __future__ import annotations

import time

import pytest

from justeprix.protocol import lines as framing
from tests.support.player import Player, error
from tests.support.room import Room

ANSWERS = {b"plus", b"moins", "gagné".encode()}


def test_the_three_answers() -> None:
    """R18 — « Un nombre est un coup. La réponse est `plus` si le secret est plus grand, `moins`
    s'il est plus petit, `gagné` si c'est lui ; la ligne ne contient rien d'autre. »"""
    with Room(low=1, high=1000) as room:
        secret, _ = room.player().win()
        # The same seed draws the same first secret: now it is known in advance.
    with Room(low=1, high=1000) as room:
        player = room.player()
        for n in (1, secret - 1, secret + 1, 1000):
            assert player.ask(str(n)) == ("plus" if n < secret else "moins")
        player.send(f"{secret}\n".encode())
        assert player.recv_raw() == "gagné\n".encode()


@pytest.mark.parametrize("text", ["5", "+5", "05", "000000000005", "+000000000005"])
def test_how_a_number_may_be_written(text: str) -> None:
    """R19 — « Un nombre s'écrit avec 1 à 12 chiffres de `0` à `9`, et un signe `+` ou `-` devant si
    tu veux. Toute autre écriture d'un nombre reçoit `erreur nombre …`. »"""
    with Room(low=5, high=5) as room:
        assert room.player().ask(text) == "gagné"


def test_a_number_may_be_negative() -> None:
    """R19 — « Un nombre s'écrit avec 1 à 12 chiffres de `0` à `9`, et un signe `+` ou `-` devant si
    tu veux. Toute autre écriture d'un nombre reçoit `erreur nombre …`. »"""
    with Room(low=-999_999_999_999, high=-999_999_999_999) as room:
        assert room.player().ask("-999999999999") == "gagné"


@pytest.mark.parametrize(
    "text",
    ["0000000000005", "5.0", "5,0", "5_0", "5e0", "5 0", "0x5", "--5", "+", "- 5", "٥", "５", "5²"],
)
def test_how_a_number_may_not_be_written(text: str) -> None:
    """R19 — « Un nombre s'écrit avec 1 à 12 chiffres de `0` à `9`, et un signe `+` ou `-` devant si
    tu veux. Toute autre écriture d'un nombre reçoit `erreur nombre …`. »"""
    with Room(low=0, high=99) as room:
        player = room.player()
        player.open_session()
        assert error(player.ask(text)) == "nombre"
        assert player.ask("session").endswith(" 0 0")


@pytest.mark.parametrize("number", [9, 21, -10, 999_999_999_999])
def test_a_number_out_of_bounds_does_not_count(number: int) -> None:
    """R20 — « Un nombre hors des bornes reçoit `erreur bornes …` ; le coup ne compte pas. »"""
    with Room(low=10, high=20) as room:
        player = room.player()
        player.open_session()
        assert error(player.ask(str(number))) == "bornes"
        assert player.ask("session").endswith(" 0 0")
        for bound in ("10", "20"):
            assert player.ask(bound) in ("plus", "moins", "gagné")


def test_the_same_number_twice_is_two_guesses() -> None:
    """R21 — « Le même nombre joué deux fois compte deux coups et reçoit la même réponse. »"""
    with Room(low=1, high=1_000_000) as room:
        player = room.player()
        player.open_session()
        assert player.ask("1") == player.ask("1") == "plus"
        assert player.ask("session").endswith(" 2 2")


def test_after_the_win_a_number_plays_the_next_secret() -> None:
    """R23 — « À l'entraînement, après `gagné`, le nombre suivant est le premier coup contre un
    nouveau secret. »"""
    with Room(low=1, high=1_000_000) as room:
        player = room.player("Ada")
        first, guesses = player.win()
        token = player.open_session()
        assert player.ask(str(first)) in ("plus", "moins")  # another secret
        assert player.ask("session") == f"session {token} {guesses + 1} 1"
        second, _ = player.win()
        assert second != first


def test_ready_tells_which_secret_is_played() -> None:
    """R24 — « À l'entraînement, `pret` reçoit tout de suite `manche <n> entre <lo> et <hi>`, où
    `<n>` compte les secrets de la session à partir de 1. Si le secret est trouvé, le suivant est
    tiré ; sinon rien ne change. »"""
    with Room(low=3, high=300) as room:
        player = room.player()
        seal = player.ask("sceau")
        assert player.ask("pret") == player.ask("pret") == "manche 1 entre 3 et 300"
        assert player.ask("sceau") == seal
        player.win()
        assert player.ask("pret") == player.ask("pret") == "manche 2 entre 3 et 300"
        assert player.ask("sceau").startswith("sceau ")
        assert player.ask("sceau") != seal
        player.win()
        player.win()  # its first number draws the third secret
        assert player.ask("pret") == "manche 4 entre 3 et 300"


def test_bounds_can_be_asked() -> None:
    """R22 — « `bornes` reçoit `bornes <lo> <hi>`. »"""
    with Room(low=-3, high=300) as room:
        assert room.player().ask("bornes") == "bornes -3 300"


# Without an end of line.


def unframed(room: Room) -> Player:
    """Return a player whom the host has learned to answer without newlines."""
    player = room.player()
    assert player.ask_bare("50") in ANSWERS
    return player


def test_a_first_message_without_newline_is_taken_after_a_silence() -> None:
    """R35 — « Un premier message sans LF est pris pour entier après 0,2 seconde de silence. »"""
    assert framing.SILENCE == 0.2
    with Room() as room:
        player = room.player()
        start = time.monotonic()
        assert player.ask_bare("50") in ANSWERS
        assert 0.15 < time.monotonic() - start < 5


def test_before_that_silence_nothing_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """R35 — « Un premier message sans LF est pris pour entier après 0,2 seconde de silence. »"""
    monkeypatch.setattr(framing, "SILENCE", 1.0)  # in which even a busy machine sends both
    with Room() as room:
        player = room.player()
        player.send(b"ping ")
        player.send(b"deux mots")
        assert player.recv_raw() == b"pong deux mots"


def test_a_lone_byte_waits_longer() -> None:
    """R36 — « Le silence doit durer 1 seconde si le dernier segment n'avait qu'un octet : c'est
    peut-être un terminal qui envoie chaque touche. »"""
    assert framing.LONE_BYTE_SILENCE == 1.0
    with Room() as room:
        player = room.player()
        start = time.monotonic()
        assert player.ask_bare("5") in ANSWERS
        assert time.monotonic() - start > 0.9


def test_keys_of_a_terminal_are_one_line() -> None:
    """R36 — « Le silence doit durer 1 seconde si le dernier segment n'avait qu'un octet : c'est
    peut-être un terminal qui envoie chaque touche. »"""
    with Room() as room:
        player = room.player()
        for key in (b"p", b"i", b"n", b"g"):
            player.send(key)
            assert player.is_silent(0.3)  # longer than the silence of a longer segment
        player.send(b"\n")
        assert player.recv_raw() == b"pong\n"


def test_then_each_segment_is_a_message_and_each_reply_is_bare() -> None:
    """R37 — « Dès lors chaque segment est un message, pris tout de suite, et chaque réponse est le
    message nu, sans LF. »"""
    with Room() as room:
        player = unframed(room)
        start = time.monotonic()
        for n in range(100):
            assert player.ask_bare(f"ping {n}") == b"pong %d" % n
        assert player.ask_bare("7") in ANSWERS
        assert time.monotonic() - start < 15  # 100 silences would be 20 s
        assert player.ask_bare("bof").startswith(b"erreur commande ")
        assert player.is_silent(0.1)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        (f"ping {'é' * 200}", f"pong {'é' * 200}".encode()),
        (f"ping {'a' * 507}", b"pong " + b"a" * 507),
        (f"ping {'a' * 508}", b"erreur longueur "),
    ],
)
def test_a_long_segment_is_one_message_too(message: str, reply: bytes) -> None:
    """R37 — « Dès lors chaque segment est un message, pris tout de suite, et chaque réponse est le
    message nu, sans LF. »"""
    with Room() as room:
        player = unframed(room)
        assert player.ask_bare(message).startswith(reply)
        assert player.is_silent(0.1)


def test_the_first_newline_means_lines_for_good() -> None:
    """R38 — « Le premier LF, à n'importe quel moment, fait passer la connexion aux lignes pour
    toujours ; les réponses finissent alors par LF. »"""
    with Room() as room:
        player = unframed(room)
        assert player.ask_bare("ping a") == b"pong a"
        player.send(b"ping b\n")
        assert player.recv_raw() == b"pong b\n"
        player.send(b"ping c")
        assert player.is_silent(0.5)  # a line, and not ended
        player.send(b" d\n")
        assert player.recv_raw() == b"pong c d\n"


@pytest.mark.parametrize("ending", [[b"\n"], [b"\r\n"], [b"\r", b"\n"]])
def test_a_newline_that_comes_late_is_no_message(ending: list[bytes]) -> None:
    """R39 — « Si la fin de ligne d'un message pris par silence arrive ensuite, elle n'est pas un
    message vide : elle ne reçoit pas de réponse. »"""
    with Room() as room:
        player = unframed(room)
        for piece in ending:
            player.send(piece)
            assert player.is_silent(0.1)
        player.send(b"ping a\n")
        assert player.recv_raw() == b"pong a\n"


def test_the_goodbye_is_bare_too() -> None:
    """R40 — « Qui écrit sans LF reçoit aussi la dernière ligne de l'hôte sans LF : `FIN` exactement
    ainsi, seul dans son segment. »"""
    with Room() as room:
        player = unframed(room)
        player.send(b"FIN")
        assert player.recv_raw() == b"FIN"
        assert player.rest() == b""


def test_the_goodbye_of_the_host_is_bare_too() -> None:
    """R40 — « Qui écrit sans LF reçoit aussi la dernière ligne de l'hôte sans LF : `FIN` exactement
    ainsi, seul dans son segment. »"""
    with Room() as room:
        plain, resumable = unframed(room), unframed(room)
        assert resumable.ask_bare("session").startswith(b"session ")
        room.server.close("au revoir")
        assert plain.rest() == b"FIN"
        assert resumable.rest() == b"shutdown au revoir"
