"""The clauses of `rules.md` on ping, chat, help and the followed state."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from justeprix.session import handlers
from tests.support.player import PATIENCE, Player, error, parse_state
from tests.support.room import Class, Room, eventually


def test_ping() -> None:
    """R53 — « `ping <texte>` reçoit `pong <texte>`, et `ping` reçoit `pong` ; un caractère
    invisible devient une espace. »"""
    with Room() as room:
        player = room.player()
        assert player.ask("ping bonjour à tous") == "pong bonjour à tous"
        assert player.ask("ping") == "pong"
        assert player.ask("ping a\x00b\u2028c") == "pong a b c"


def follow(player: Player) -> Player:
    player.follow()
    return player


def test_chat_reaches_all_who_follow() -> None:
    """R54 — « `dire <texte>` reçoit `ok`, et tous ceux qui suivent reçoivent `message <nom> :
    <texte>`. Le texte a de 1 à 200 caractères, sinon c'est `erreur texte …` ; un caractère
    invisible devient une espace. »"""
    with Room() as room:
        ada = follow(room.player("Ada"))
        bob = follow(room.player("Bob"))
        bob.send("dire salut à tous\n".encode())
        assert bob.heard() == "ok"
        assert ada.heard() == bob.heard() == "message Bob : salut à tous"
        ada.send(b"dire x\x07\xe2\x80\xaey\n")
        assert ada.heard() == "ok"
        assert bob.heard() == "message Ada : x  y"


@pytest.mark.parametrize("text", ["", "   ", "x" * 201, "é" * 201])
def test_chat_has_1_to_200_characters(text: str) -> None:
    """R54 — « `dire <texte>` reçoit `ok`, et tous ceux qui suivent reçoivent `message <nom> :
    <texte>`. Le texte a de 1 à 200 caractères, sinon c'est `erreur texte …` ; un caractère
    invisible devient une espace. »"""
    with Room() as room:
        player = room.player()
        assert error(player.ask(f"dire {text}")) == "texte"
        assert player.ask("dire " + "é" * 200) == "ok"  # the refused one did not count


def test_chat_has_a_pause() -> None:
    """R55 — « Entre deux `dire` acceptés d'une connexion passent 2 secondes au moins ; trop tôt,
    c'est `erreur attente …`. »"""
    assert handlers.TEXT_PAUSE == 2.0
    with Room() as room:
        player, other = room.player(), room.player()
        start = time.monotonic()
        assert player.ask("dire un") == "ok"
        assert error(player.ask("dire deux")) == "attente"
        assert other.ask("dire un") == "ok"  # each connection has its own pause
        while (line := player.ask("dire deux")) != "ok":
            assert error(line) == "attente"
            assert time.monotonic() < start + PATIENCE
            assert player.is_silent(0.05)
        assert time.monotonic() - start > 1.9


def test_nobody_talks_during_a_round() -> None:
    """R56 — « Pendant une manche, et quand l'animateur a coupé la parole, `dire` reçoit `erreur
    muet …` et personne ne l'entend. »"""
    with Class() as room:
        player, other = room.player("Ada"), follow(room.player("Bea"))
        assert player.ask("dire dans la salle") == "ok"
        room.director.start()
        assert error(player.ask("dire 42")) == "muet"
        assert player.ask(str(room.secret())) == "gagné"
        assert error(player.ask("dire 42")) == "muet"  # the others are still searching
        assert other.heard() == "message Ada : dans la salle"
        room.director.stop()
        eventually(lambda: player.ask("dire en pause"), "ok")  # two seconds after the first
        assert other.heard() == "message Ada : en pause"


def test_the_teacher_closes_the_chat() -> None:
    """R56 — « Pendant une manche, et quand l'animateur a coupé la parole, `dire` reçoit `erreur
    muet …` et personne ne l'entend. »"""
    with Class() as room:
        player, other = room.player("Ada"), follow(room.player("Bea"))
        room.director.quiet(True)
        assert error(player.ask("dire un")) == "muet"
        room.director.quiet(False)
        assert player.ask("dire deux") == "ok"
        assert other.heard() == "message Ada : deux"


def test_help_names_the_commands() -> None:
    """R57 — « `aide` reçoit une ligne qui commence par `aide` et nomme les commandes. »"""
    with Room() as room:
        line = room.player().ask("aide")
        assert line.startswith("aide")
        words = "nom bornes scores pret dire sceau ping session suivre aide FIN"
        assert all(f" {word}" in line for word in words.split(" "))


def test_following_the_state() -> None:
    """R58 — « `suivre` reçoit tout de suite `etat <json>`, et de nouveau chaque fois que l'état
    change. C'est toujours l'état entier : qui en a manqué un n'a rien perdu. »"""
    with Room(low=5, high=5) as room:
        follower = room.player()
        before = follower.follow()
        assert before["classement"] == []
        ada = room.player("Ada")
        assert ada.ask("5") == "gagné"
        state = follower.until(lambda state: state["classement"])
        (first,) = state["classement"]
        assert first == {"rang": 1, "nom": "Ada", "trouves": 1, "coups": 1, "temps": 0}
        assert state.keys() == before.keys()
        assert state["presents"] == 1
        ada.ask("nom Eve")
        follower.until(lambda state: state["classement"][0]["nom"] == "Eve")
        ada.end()
        state = follower.until(lambda state: state["presents"] == 0)
        assert state["classement"] == [first | {"nom": "Eve"}]


def written_at(state: dict[str, Any]) -> float:
    """Return when the host wrote a state, in seconds since 1970; when it is read is our affair."""
    return float(state["version"]) / 1e6


@pytest.mark.parametrize(
    ("kind", "states"),
    [(Room, 5), (Class, 3)],  # four half-seconds; two seconds
    ids=["practice", "lobby"],
)
def test_states_keep_their_distance(kind: Callable[[], Room], states: int) -> None:
    """R59 — « En une seconde viennent deux `etat` au plus que tu n'as pas demandés. Dans cette
    limite, une manche qui commence ou finit se dit aussitôt ; pour que le départ ait sa place,
    dans la salle et en pause le reste ne se dit qu'une fois par seconde. Quand la compétition est
    finie ou que l'hôte ferme, le dernier `etat` vient toujours, hors de ce compte s'il le faut,
    avant la ligne qui met fin à la connexion. »
    """
    with kind() as room:
        follower, busy = follow(room.player()), room.player()
        follower.socket.settimeout(0.02)
        times: list[float] = []
        deadline = time.monotonic() + PATIENCE
        renamed = 0
        while len(times) < states:
            assert time.monotonic() < deadline
            renamed += 1
            busy.ask(f"nom A{renamed}")
            try:
                times.append(written_at(follower.state()))
            except TimeoutError:
                continue
        assert times[-1] - times[0] > 1.5  # two seconds, less what the host's clock was late


def test_a_round_that_begins_is_shown_at_once() -> None:
    """R59 — « En une seconde viennent deux `etat` au plus que tu n'as pas demandés. Dans cette
    limite, une manche qui commence ou finit se dit aussitôt ; pour que le départ ait sa place,
    dans la salle et en pause le reste ne se dit qu'une fois par seconde. Quand la compétition est
    finie ou que l'hôte ferme, le dernier `etat` vient toujours, hors de ce compte s'il le faut,
    avant la ligne qui met fin à la connexion. »
    """
    with Class(rounds=2) as room:
        screen, busy = follow(room.player()), room.player()
        delays = []
        for number, begin in enumerate((room.director.start, room.director.next), 1):
            busy.ask(f"nom A{number}")
            screen.state()  # something has just been shown
            begin()
            began = time.time()
            shown = screen.until(lambda state, number=number: state["manche"] == number)
            delays.append(written_at(shown) - began)
            room.director.stop()
            screen.until(lambda state: state["phase"] != "manche")
        assert min(delays) < 0.4  # else half a second at least; some of it is the machine's


@pytest.mark.parametrize("ended_by", ["finish", "stop"])
def test_the_last_state_comes_before_the_goodbye(ended_by: str) -> None:
    """R59 — « En une seconde viennent deux `etat` au plus que tu n'as pas demandés. Dans cette
    limite, une manche qui commence ou finit se dit aussitôt ; pour que le départ ait sa place,
    dans la salle et en pause le reste ne se dit qu'une fois par seconde. Quand la compétition est
    finie ou que l'hôte ferme, le dernier `etat` vient toujours, hors de ce compte s'il le faut,
    avant la ligne qui met fin à la connexion. »
    """
    with Class(rounds=1) as room:
        plain, numbered, waiting = (room.player(name) for name in ("Ada", "Bob", "Cléo"))
        numbered.open_session()
        room.director.start()
        assert plain.ask(str(room.secret())) == "gagné"
        assert waiting.ask(str(room.secret())) == "gagné"
        for follower in (plain, numbered, waiting):
            follower.follow()
        waiting.say("pret")
        room.await_ready(1)
        getattr(room.director, ended_by)()
        room.server.close("c'est l'heure")
        last = ("FIN", "shutdown c'est l'heure", "FIN")
        for follower, word in zip((plain, numbered, waiting), last, strict=True):
            *_, state, line = follower.rest().decode().splitlines()
            assert line == word
            told = parse_state(state)
            assert told["phase"] == "finie"
            assert [place["nom"] for place in told["classement"]] == ["Ada", "Cléo"]
