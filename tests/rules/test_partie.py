"""The clauses of `rules.md` on the numbered game, which resumes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from justeprix.room.limits import Limits
from tests.support.player import Player, error
from tests.support.room import Class, Room


def test_a_session_can_be_made_resumable() -> None:
    """R61 — « `session` rend la session reprenable et reçoit `session <jeton> <dernier> <coups>` :
    le numéro du dernier coup de la session, et les coups joués contre le secret actuel, dans une
    compétition celui de la manche ouverte en dernier. Au début ce sont `0 0`. Demandé de nouveau,
    le jeton est le même. »"""
    with Room(low=1, high=1_000_000) as room:
        player = room.player()
        token = player.open_session()
        assert player.ask("session") == f"session {token} 0 0"
        player.ask("1")
        assert player.ask("session") == f"session {token} 1 1"
        _, guesses = player.win()
        assert player.ask("session") == f"session {token} {1 + guesses} {1 + guesses}"
        player.ask("pret")
        assert player.ask("session") == f"session {token} {1 + guesses} 0"


def test_the_guesses_are_those_of_the_round() -> None:
    """R61 — « `session` rend la session reprenable et reçoit `session <jeton> <dernier> <coups>` :
    le numéro du dernier coup de la session, et les coups joués contre le secret actuel, dans une
    compétition celui de la manche ouverte en dernier. Au début ce sont `0 0`. Demandé de nouveau,
    le jeton est le même. »"""
    with Class() as room:
        player = room.player()
        token = player.open_session()
        assert player.ask("session") == f"session {token} 0 0"
        room.director.start()
        player.ask(str(room.wrong(1)))
        player.ask(str(room.wrong(1)))
        room.director.stop()
        assert player.ask("session") == f"session {token} 2 2"  # still the round opened last
        room.director.next()
        assert player.ask("session") == f"session {token} 2 0"
        player.ask(str(room.wrong(2)))
        assert player.ask("session") == f"session {token} 3 1"


def test_guesses_before_the_session_belong_to_it() -> None:
    """R61 — « `session` rend la session reprenable et reçoit `session <jeton> <dernier> <coups>` :
    le numéro du dernier coup de la session, et les coups joués contre le secret actuel, dans une
    compétition celui de la manche ouverte en dernier. Au début ce sont `0 0`. Demandé de nouveau,
    le jeton est le même. »"""
    with Room(low=1, high=1_000_000) as room:
        player = room.player()
        player.ask("1")
        player.ask("2")
        assert re.fullmatch(r"session \S+ 2 2", player.ask("session"))


def test_a_token_is_random() -> None:
    """R62 — « Le jeton est tiré au hasard, 128 bits au moins, en chiffres hexadécimaux. Qui l'a
    peut reprendre la partie : garde-le pour toi. »"""
    with Room() as room, Room() as same_seed:
        tokens = {place.player().open_session() for place in (room, same_seed) for _ in range(20)}
        assert len(tokens) == 40
        assert all(re.fullmatch(r"[0-9a-f]{32,}", token) for token in tokens)  # 4 bits a digit


def test_a_session_is_resumed_with_all_it_had() -> None:
    """R63 — « `session <jeton>` sur une autre connexion reprend la session, avec son secret, ses
    coups, son nom et son classement, et reçoit la même réponse que `session`. »"""
    with Room(low=1, high=1_000_000) as room:
        player = room.player("Ada")
        token = player.open_session()
        _, guesses = player.win()
        player.ask("1")
        seal, scores = player.ask("sceau"), player.ask("scores")
        player.end()
        back = room.player()
        assert back.ask(f"session {token}") == f"session {token} {guesses + 1} 1"
        assert (back.ask("sceau"), back.ask("scores")) == (seal, scores)
        assert back.ask("pret") == "manche 2 entre 1 et 1000000"
        back.win()
        assert back.ask("scores").startswith("scores 1. Ada 2/")


def test_a_session_is_resumed_after_its_win() -> None:
    """R63 — « `session <jeton>` sur une autre connexion reprend la session, avec son secret, ses
    coups, son nom et son classement, et reçoit la même réponse que `session`. »"""
    with Room(low=5, high=5) as room:
        player = room.player()
        token = player.open_session()
        assert player.ask("5") == "gagné"
        secret = player.ask("sceau")
        player.end()
        back = room.player()
        assert back.ask(f"session {token}") == f"session {token} 1 1"
        assert back.ask("sceau") == secret
        assert back.ask("pret") == "manche 2 entre 5 et 5"


def test_the_old_link_is_ended() -> None:
    """R64 — « L'ancien lien, s'il vit encore, est coupé. Plus rien de ce qu'il envoie ne compte.
    »"""
    with Room() as room:
        old = room.player()
        token = old.open_session()
        new = room.player()
        assert new.ask(f"session {token}") == f"session {token} 0 0"
        assert old.rest() == b""
        old.send(b"50\n")  # too late
        assert new.ask("session") == f"session {token} 0 0"
        new.sync()


def test_a_session_resumed_on_its_own_connection_stays() -> None:
    """R64 — « L'ancien lien, s'il vit encore, est coupé. Plus rien de ce qu'il envoie ne compte.
    »"""
    with Room() as room:
        player = room.player()
        token = player.open_session()
        assert player.ask(f"session {token}") == f"session {token} 0 0"
        player.ask("1")
        assert player.ask("session") == f"session {token} 1 1"


def test_what_the_old_link_sends_in_the_same_moment_does_not_count() -> None:
    """R64 — « L'ancien lien, s'il vit encore, est coupé. Plus rien de ce qu'il envoie ne compte.
    »"""
    for _ in range(10):  # whether both lines share one step of the worker is the system's choice
        with Room(low=5, high=5) as room:
            old, new, third = room.player("Ada"), room.player(), room.player()
            token = old.open_session()
            with room.server.room.lock:  # the worker waits with the ping, the others queue up
                third.send(b"ping attends\n")
                assert third.is_silent(0.02)  # no answer leaves before the decision
                new.send(f"session {token}\n".encode())
                old.send(b"5\n")
            assert third.recv_line() == "pong attends"
            # Either the guess came first, and the session knows it, or it never counted.
            resumed = new.recv_line()
            counted = resumed == f"session {token} 1 1"
            assert counted or resumed == f"session {token} 0 0"
            old.rest()  # ended by now
            assert third.ask("scores") == ("scores 1. Ada 1/1" if counted else "scores")


def test_the_old_link_renames_nobody() -> None:
    """R64 — « L'ancien lien, s'il vit encore, est coupé. Plus rien de ce qu'il envoie ne compte.
    »"""
    for _ in range(10):  # as above
        with Room(low=5, high=5) as room:
            old, new, third = room.player("Ada"), room.player(), room.player()
            token = old.open_session()
            with room.server.room.lock:
                third.send(b"ping attends\n")
                assert third.is_silent(0.02)
                new.send(f"session {token}\n".encode())
                old.send(b"nom Eve\n")
            assert third.recv_line() == "pong attends"
            assert new.recv_line().startswith(f"session {token} ")
            name = "Eve" if old.rest() else "Ada"  # what was answered is so
            assert new.ask("5") == "gagné"
            assert new.ask("scores") == f"scores 1. {name} 1/1"


def test_a_session_survives_the_host(tmp_path: Path) -> None:
    """R65 — « Une session reprenable survit à l'arrêt de l'hôte : relancé avec le même fichier, il
    la reprend. »"""
    file = tmp_path / "partie.db"
    with Room(low=1, high=1_000_000, db=file) as room:
        player = room.player("Ada")
        token = player.open_session()
        player.ask("#1 1")
        seal = player.ask("sceau")
    with Room(low=1, high=1_000_000, db=file, seed=8) as room:
        other, back = room.player(), room.player()
        assert error(other.ask("nom Ada")) == "pris"
        assert back.ask(f"session {token}") == f"session {token} 1 1"
        assert back.ask("sceau") == seal
        assert back.ask("#1 1") == "resultat 1 plus"
        back.win()
        assert back.ask("scores").startswith("scores 1. Ada 1/")


def test_unknown_and_ended_tokens() -> None:
    """R66 — « Un jeton inconnu reçoit `erreur jeton …`. Celui d'une partie terminée par `FIN`,
    d'une autre compétition, ou de l'entraînement pendant une compétition (et l'inverse), reçoit
    `erreur finie …`. Tu gardes la session de ta connexion. »"""
    with Room() as room:
        ended = room.player()
        old_token = ended.open_session()
        assert ended.ask("FIN") == "FIN"
        player = room.player()
        token = player.open_session()
        player.ask("1")
        assert error(player.ask(f"session {old_token}")) == "finie"
        assert error(player.ask("session " + "0" * 32)) == "jeton"
        assert error(player.ask(f"session {token[:-1]}")) == "jeton"
        assert player.ask("session") == f"session {token} 1 1"


def test_tokens_of_another_game(tmp_path: Path) -> None:
    """R66 — « Un jeton inconnu reçoit `erreur jeton …`. Celui d'une partie terminée par `FIN`,
    d'une autre compétition, ou de l'entraînement pendant une compétition (et l'inverse), reçoit
    `erreur finie …`. Tu gardes la session de ta connexion. »"""
    file = tmp_path / "partie.db"
    with Room(db=file) as room:
        practised = room.player().open_session()
    with Class(db=file) as room:
        player = room.player("Ada")
        assert error(player.ask(f"session {practised}")) == "finie"
        competed = player.open_session()
    with Class(db=file) as room:
        player = room.player("Bea")
        for token in (practised, competed):
            assert error(player.ask(f"session {token}")) == "finie"
        assert player.ask("nom Bea") == "nom Bea"
    with Room(db=file) as room:
        player = room.player()
        assert error(player.ask(f"session {competed}")) == "finie"
        assert player.ask(f"session {practised}") == f"session {practised} 0 0"


def test_who_guesses_tokens_is_cut() -> None:
    """R67 — « Une adresse peut se tromper de jeton 5 fois par minute. Au-delà, chaque jeton faux
    reçoit sa réponse, puis l'hôte ferme la connexion ; un jeton juste reprend la partie comme
    toujours. »
    """
    assert Limits().wrong_codes == 5
    with Room() as room:
        owner = room.player()
        token = owner.open_session()
        first, second = room.player(), room.player()
        for player in (first, second, first, second, first):
            assert error(player.ask("session faux")) == "jeton"
        first.sync()
        assert error(second.ask("session faux")) == "jeton"  # the sixth from this address
        assert second.rest() == b""
        assert first.ask(f"session {token}") == f"session {token} 0 0"


def numbered(room: Room) -> Player:
    player = room.player()
    player.open_session()
    return player


def test_numbered_guesses() -> None:
    """R68 — « `#<numéro> <nombre>` joue un coup et reçoit `resultat <numéro> <réponse>`. Son numéro
    est le dernier plus un ; le premier coup porte le numéro 1. Un coup sans numéro prend lui aussi
    le suivant. »"""
    with Room(low=1, high=1_000_000) as room:
        player = numbered(room)
        assert player.ask("#1 1") == "resultat 1 plus"
        assert player.ask("#2  +1000000 ") == "resultat 2 moins"
        assert player.ask("1") == "plus"  # the third
        assert player.ask("#4 1") == "resultat 4 plus"
        assert player.ask("session").endswith(" 4 4")


def test_a_numbered_win() -> None:
    """R68 — « `#<numéro> <nombre>` joue un coup et reçoit `resultat <numéro> <réponse>`. Son numéro
    est le dernier plus un ; le premier coup porte le numéro 1. Un coup sans numéro prend lui aussi
    le suivant. »"""
    with Room(low=5, high=5) as room:
        player = numbered(room)
        assert player.ask("#1 5") == "resultat 1 gagné"
        assert player.ask("#2 5") == "resultat 2 gagné"  # the next secret
        assert player.ask("pret") == "manche 3 entre 5 et 5"


def test_a_repeated_number_gets_its_answer_again() -> None:
    """R69 — « Le même numéro avec le même nombre reçoit la même réponse qu'autrefois et ne compte
    pas, même quand le secret a changé depuis. »"""
    with Room(low=1, high=1_000_000) as room:
        player = numbered(room)
        token = player.ask("session").split()[1]
        played: list[tuple[int, int, str]] = []
        for _ in range(2):  # through two secrets
            low, high = 1, 1_000_000
            while not played or played[-1][1:] != (low, "gagné") or low != high:
                guess, seq = (low + high) // 2, len(played) + 1
                answer = player.ask(f"#{seq} {guess}").removeprefix(f"resultat {seq} ")
                assert player.ask(f"#{seq} {guess}") == f"resultat {seq} {answer}"
                played.append((seq, guess, answer))
                if answer == "gagné":
                    break
                low, high = (guess + 1, high) if answer == "plus" else (low, guess - 1)
        before = player.ask("session")
        player.end()
        back = room.player()
        assert back.ask(f"session {token}") == before
        for seq, guess, answer in played:
            assert back.ask(f"#{seq} {guess}") == f"resultat {seq} {answer}"
        assert back.ask("session") == before


@pytest.mark.parametrize("line", ["#1 2", "#2 2", "#4 1", "#0 1", "#-1 1", "# 3 1", "#trois 1"])
def test_numbers_out_of_sequence(line: str) -> None:
    """R70 — « Un numéro déjà joué avec un autre nombre, un numéro qui en saute un, ou un numéro
    mal écrit reçoit `erreur sequence …`. À l'entraînement, le numéro d'un coup joué avant
    `session` le reçoit aussi, sauf le dernier, si le secret n'a pas changé entre ce coup et
    `session`. »
    """
    with Room(low=1, high=1_000_000) as room:
        player = numbered(room)
        player.ask("#1 1")
        player.ask("#2 1")
        assert error(player.ask(line)) == "sequence"
        assert player.ask("session").endswith(" 2 2")
        assert player.ask("#3 1") == "resultat 3 plus"


def test_guesses_before_the_token() -> None:
    """R70 — « Un numéro déjà joué avec un autre nombre, un numéro qui en saute un, ou un numéro
    mal écrit reçoit `erreur sequence …`. À l'entraînement, le numéro d'un coup joué avant
    `session` le reçoit aussi, sauf le dernier, si le secret n'a pas changé entre ce coup et
    `session`. »
    """
    with Room(low=1, high=1_000_000) as room:
        player = room.player()
        for number in ("1", "2", "3"):
            assert player.ask(number) == "plus"
        player.open_session()
        assert player.ask("session").endswith(" 3 3")
        assert error(player.ask("#2 2")) == "sequence"
        assert player.ask("#3 3") == "resultat 3 plus"
        assert player.ask("session").endswith(" 3 3")


def test_a_guess_at_an_older_secret_before_the_token() -> None:
    """R70 — « Un numéro déjà joué avec un autre nombre, un numéro qui en saute un, ou un numéro
    mal écrit reçoit `erreur sequence …`. À l'entraînement, le numéro d'un coup joué avant
    `session` le reçoit aussi, sauf le dernier, si le secret n'a pas changé entre ce coup et
    `session`. »
    """
    with Room(low=5, high=5) as room:
        stays, goes_on = room.player(), room.player()
        for player in (stays, goes_on):
            assert player.ask("5") == "gagné"
        goes_on.ask("pret")
        for player in (stays, goes_on):
            player.open_session()
        assert stays.ask("#1 5") == "resultat 1 gagné"
        assert error(goes_on.ask("#1 5")) == "sequence"


@pytest.mark.parametrize(
    ("line", "code"),
    [("#1 0", "bornes"), ("#1 dix", "nombre"), ("#1", "nombre"), ("#1 1 1", "nombre")],
)
def test_a_refused_guess_does_not_use_its_number(line: str, code: str) -> None:
    """R71 — « Un coup numéroté refusé ne consomme pas son numéro. Avant `session`, il reçoit
    `erreur session …`. »"""
    with Room(low=1, high=1_000_000) as room:
        player = numbered(room)
        assert error(player.ask(line)) == code
        assert player.ask("#1 1") == "resultat 1 plus"


def test_numbers_need_a_session() -> None:
    """R71 — « Un coup numéroté refusé ne consomme pas son numéro. Avant `session`, il reçoit
    `erreur session …`. »"""
    with Room(low=1, high=1_000_000) as room:
        player = room.player()
        assert error(player.ask("#1 1")) == "session"
        assert player.ask("session").endswith(" 0 0")
        assert player.ask("#1 1") == "resultat 1 plus"
