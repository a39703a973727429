"""The clauses of `rules.md` on connecting and on messages, each on a real socket."""

from __future__ import annotations

import inspect
import socket

import pytest

from justeprix.protocol import lines as framing
from justeprix.room.limits import Limits
from justeprix.server.server import Server
from tests.support.player import Player, error
from tests.support.room import Room, eventually


def test_the_port_is_2300() -> None:
    """R1 — « L'hôte écoute en TCP. Sans autre choix, c'est sur le port 2300. »"""
    assert inspect.signature(Server).parameters["port"].default == 2300
    with Room() as room:  # another choice: a free port
        assert room.server.address[1] not in (0, 2300)
        assert room.player().ask("ping") == "pong"


def test_the_greeting_names_the_bounds() -> None:
    """R2 — « L'hôte parle le premier, une ligne : `hello justeprix/1 entre 1 et 100`. Le dernier
    mot et l'antépénultième sont les bornes du secret. »"""
    with Room(low=1, high=100) as room:
        assert room.player().greeting == "hello justeprix/1 entre 1 et 100"
    with Room(low=-5, high=1000) as room:
        words = room.player().greeting.split()
        assert (words[-3], words[-1]) == ("-5", "1000")


def test_the_greeting_comes_before_any_word_of_ours() -> None:
    """R2 — « L'hôte parle le premier, une ligne : `hello justeprix/1 entre 1 et 100`. Le dernier
    mot et l'antépénultième sont les bornes du secret. »"""
    with Room() as room:
        player = room.player(greet=False)
        assert player.recv_raw() == b"hello justeprix/1 entre 1 et 100\n"


def test_each_session_has_a_secret_of_its_own_within_the_bounds() -> None:
    """R3 — « Le secret est un nombre entier tiré au hasard ; les deux bornes en font partie. »"""
    with Room(low=1, high=3) as room:
        assert {room.player().win()[0] for _ in range(40)} == {1, 2, 3}


def test_a_newcomer_gets_a_name_that_nobody_else_has() -> None:
    """R5 — « Qui n'a pas choisi de nom en reçoit un, que personne d'autre n'a : `Joueur <n>`. »"""
    with Room(low=5, high=5) as room:
        taken = room.player("Joueur 2")
        others = [room.player() for _ in range(3)]
        for player in (taken, *others):
            assert player.ask("5") == "gagné"
        entries = taken.ask("scores").removeprefix("scores ").split(", ")
        names = [entry.split(" ", 1)[1].removesuffix(" 1/1") for entry in entries]
        assert len(set(names)) == 4
        assert all(name.startswith("Joueur ") and name[7:].isdigit() for name in names)


def test_a_full_room_says_so_and_closes() -> None:
    """R6 — « Si la salle est pleine, la première ligne est `erreur complet …` au lieu de l'accueil,
    et l'hôte ferme la connexion. Une place libérée sert au suivant. »"""
    with Room(limits=Limits(max_players=1)) as room:
        inside = room.player()
        turned_away = room.player()
        assert error(turned_away.greeting) == "complet"
        assert turned_away.rest() == b""
        inside.sync()  # nobody else notices
        inside.end()

        def knock() -> str:
            with Player(room.server.address) as player:
                return player.greeting.split()[0]

        eventually(knock, "hello")


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_line_ends_with_lf_or_crlf(ending: str) -> None:
    """R7 — « Un message est une ligne de texte en UTF-8 qui finit par LF. CR LF convient aussi. Les
    réponses finissent par LF. »"""
    with Room() as room:
        player = room.player()
        for _ in range(2):
            player.send(f"ping été{ending}".encode())
            assert player.recv_raw() == "pong été\n".encode()


def test_512_bytes_are_a_line() -> None:
    """R8 — « Une ligne fait 512 octets au plus, sans compter son LF. Une ligne plus longue reçoit
    une seule réponse, `erreur longueur …`, et la ligne suivante compte normalement. »"""
    with Room() as room:
        player = room.player()
        assert player.ask("ping " + "x" * 507) == "pong " + "x" * 507
        assert player.ask("ping " + "é" * 253) == "pong " + "é" * 253


@pytest.mark.parametrize("length", [513, 514, 5000])
def test_513_bytes_get_one_error_and_the_next_line_counts(length: int) -> None:
    """R8 — « Une ligne fait 512 octets au plus, sans compter son LF. Une ligne plus longue reçoit
    une seule réponse, `erreur longueur …`, et la ligne suivante compte normalement. »"""
    with Room() as room:
        player = room.player()
        player.send(b"x" * length + b"\nping suite\n")
        assert error(player.recv_line()) == "longueur"
        assert player.recv_line() == "pong suite"
        assert player.is_silent(0.1)


def test_an_overlong_line_in_pieces_gets_one_error() -> None:
    """R8 — « Une ligne fait 512 octets au plus, sans compter son LF. Une ligne plus longue reçoit
    une seule réponse, `erreur longueur …`, et la ligne suivante compte normalement. »"""
    with Room() as room:
        player = room.player()
        player.sync()
        for _ in range(3):
            player.send(b"x" * 600)
        assert error(player.recv_line()) == "longueur"
        player.send(b"x\n")
        assert player.ask("ping suite") == "pong suite"


def test_many_messages_at_once_are_answered_in_order() -> None:
    """R9 — « L'hôte répond à chaque message par une ligne, dans l'ordre où ils arrivent, tout de
    suite sauf `pret` dans une compétition. Plusieurs messages peuvent arriver ensemble, et un
    message en plusieurs morceaux. »"""
    with Room() as room:
        player = room.player()
        player.send(b"".join(b"ping %d\nbornes\n" % n for n in range(40)))
        for n in range(40):
            assert player.recv_line() == f"pong {n}"
            assert player.recv_line() == "bornes 1 100"
        assert player.is_silent(0.1)


def test_a_message_may_come_byte_by_byte() -> None:
    """R9 — « L'hôte répond à chaque message par une ligne, dans l'ordre où ils arrivent, tout de
    suite sauf `pret` dans une compétition. Plusieurs messages peuvent arriver ensemble, et un
    message en plusieurs morceaux. »"""
    with Room() as room:
        player = room.player()
        player.sync()
        for byte in "ping à bientôt\n".encode():
            player.send(bytes([byte]))
        assert player.recv_line() == "pong à bientôt"
        assert player.is_silent(0.1)


def test_who_does_not_follow_hears_nothing_of_the_others() -> None:
    """R10 — « L'hôte n'envoie jamais une ligne que tu n'as pas demandée, sauf si tu suis (`suivre`)
    et sauf la dernière ligne avant de fermer. »"""
    with Room() as room:
        player, other = room.player("Ada"), room.player("Bob")
        assert player.ask("50") in ("plus", "moins", "gagné")
        assert other.ask("dire coucou") == "ok"
        other.win()
        other.ask("FIN")
        assert player.is_silent(0.7)  # longer than two states are apart
        player.sync()


def test_words_may_be_upper_or_lower_case_and_spaces_around_do_not_count() -> None:
    """R11 — « Le premier mot dit la commande, en majuscules ou en minuscules. Une espace le sépare
    de la suite. Les espaces au début et à la fin du message ne comptent pas. »"""
    with Room() as room:
        player = room.player()
        for line in ("bornes", "BORNES", "Bornes", "  bornes  ", "\tbornes\t"):
            assert player.ask(line) == "bornes 1 100"
        assert player.ask("NOM Ada") == "nom Ada"
        assert player.ask("Ping   A  b ") == "pong A  b"
        assert player.ask("ping") == player.ask(" PING ") == "pong"
        assert error(player.ask("pingx")) == "commande"


def test_an_error_costs_nothing() -> None:
    """R12 — « Un message que l'hôte ne peut pas suivre reçoit `erreur <code> <phrase>` : le code
    est un mot pour les programmes, la phrase est en français et dit quoi faire. Rien n'est compté,
    rien n'est perdu, et la partie continue. »"""
    with Room() as room:
        player = room.player("Ada")
        token = player.open_session()
        player.ask("1")
        before = player.ask("session")
        assert before == f"session {token} 1 1"
        for line in ("vingt", "", "1.5", "101", "nom !", "dire", "#9 1", "#0 1", "session faux"):
            line = player.ask(line)
            assert error(line)
            assert line == line.strip()
        assert player.ask("session") == before


@pytest.mark.parametrize(
    ("line", "code"),
    [(b"", "vide"), (b"  ", "vide"), (b"\t\r", "vide"), (b"caf\xe9", "utf8"), (b"\xff", "utf8")],
)
def test_empty_and_unreadable_messages(line: bytes, code: str) -> None:
    """R13 — « Un message vide, ou fait d'espaces, reçoit `erreur vide …`. Des octets qui ne sont
    pas de l'UTF-8 reçoivent `erreur utf8 …`. »"""
    with Room() as room:
        player = room.player()
        player.send(line + b"\n")
        assert error(player.recv_line()) == code
        player.sync()


@pytest.mark.parametrize("line", ["vingt", "bornes 5", "FIN maintenant", "?", "aide-moi"])
def test_unknown_words(line: str) -> None:
    """R14 — « Un mot inconnu, ou une suite après un mot qui n'en prend pas, reçoit `erreur commande
    …`. »"""
    with Room() as room:
        player = room.player()
        assert error(player.ask(line)) == "commande"
        player.sync()


def test_a_started_line_must_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """R15 — « Une ligne commencée doit finir en 5 secondes. Sinon l'hôte répond `erreur delai …` et
    ferme la connexion ; le début de la ligne ne compte pas. »"""
    assert framing.LINE_TIME == 5.0
    monkeypatch.setattr(framing, "LINE_TIME", 0.3)
    with Room() as room:
        player, patient = room.player(), room.player()
        patient.sync()  # no line is begun there: nothing is due
        token = player.open_session()
        player.send(b"5")
        assert error(player.recv_line()) == "delai"
        assert player.rest() == b""
        patient.sync()
        assert room.player().ask(f"session {token}") == f"session {token} 0 0"


@pytest.mark.parametrize(
    ("sent", "last", "scores"),
    [(b"5", "gagné", "scores 1. Joueur 1 1/1"), (b"ping a\n5", "pong a", "scores")],
    ids=["never a newline", "half a line"],
)
def test_closing_our_side_ends_a_message_but_no_line(sent: bytes, last: str, scores: str) -> None:
    """R16 — « Si tu fermes ton sens d'écriture sans avoir jamais envoyé de LF, ce qui est arrivé
    compte comme un message : l'hôte répond, puis ferme la connexion. Une ligne commencée, elle, est
    perdue : la moitié d'un coup n'est pas un coup. »"""
    with Room(low=5, high=5) as room:
        player = room.player()
        player.send(sent)
        player.socket.shutdown(socket.SHUT_WR)
        assert player.rest().splitlines()[-1] == last.encode()
        assert room.player().ask("scores") == scores


def test_closing_between_two_messages_just_ends() -> None:
    """R16 — « Si tu fermes ton sens d'écriture sans avoir jamais envoyé de LF, ce qui est arrivé
    compte comme un message : l'hôte répond, puis ferme la connexion. Une ligne commencée, elle, est
    perdue : la moitié d'un coup n'est pas un coup. »"""
    with Room() as room:
        player = room.player()
        player.sync()
        player.socket.shutdown(socket.SHUT_WR)
        assert player.rest() == b""


@pytest.mark.parametrize("request_line", ["GET / HTTP/1.1", "POST /a?b=c HTTP/1.0"])
def test_a_browser_is_told_that_this_is_no_page(request_line: str) -> None:
    """R17 — « Une requête HTTP reçoit `erreur http …`, et l'hôte ferme la connexion. »"""
    with Room() as room:
        player = room.player()
        player.send(f"{request_line}\r\nHost: ici\r\n\r\n".encode())
        assert error(player.recv_line()) == "http"
        assert player.rest() == b""
