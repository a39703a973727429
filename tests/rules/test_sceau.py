"""The clauses of `rules.md` on fairness: the seal."""

from __future__ import annotations

import hashlib
import re

import pytest

from justeprix.game.competition import Settings
from tests.support.player import Player, error, parse_state
from tests.support.room import Class, Room, eventually


def test_the_seal_then_the_secret() -> None:
    """R72 — « À l'entraînement, `sceau` reçoit `sceau <sha256>` tant que le secret n'est pas
    trouvé, puis `secret <secret> <nonce>` jusqu'à ce que le suivant soit tiré. Demander le sceau ne
    coûte rien. »"""
    with Room(low=1, high=1_000_000) as room:
        player = room.player()
        player.open_session()
        seal = player.ask("sceau")
        assert re.fullmatch("sceau [0-9a-f]{64}", seal)
        assert player.ask("session").endswith(" 0 0")
        player.ask("1")
        assert player.ask("sceau") == seal
        secret, _ = player.win()
        told = player.ask("sceau")
        assert re.fullmatch(f"secret {secret} [0-9a-f]+", told)
        assert player.ask("sceau") == told
        player.ask("pret")
        assert re.fullmatch("sceau [0-9a-f]{64}", player.ask("sceau"))


def test_the_seal_is_a_sha256_of_secret_and_nonce() -> None:
    """R74 — « Le sceau est le SHA-256, en hexadécimal, du texte `<étiquette>:<secret>:<nonce>`.
    L'étiquette est `session` à l'entraînement, et dans une compétition les deux premiers mots de
    l'annonce, `manche <n>` ; le nonce est fait de 16 octets tirés au hasard, en hexadécimal. »"""
    nonces = set()
    with Room(low=1, high=1_000_000) as room:
        for player in (room.player(), room.player()):
            for _ in range(3):
                player.ask("pret")
                seal = player.ask("sceau").removeprefix("sceau ")
                player.win()
                _, secret, nonce = player.ask("sceau").split()
                assert re.fullmatch("[0-9a-f]{32}", nonce)
                sealed = f"session:{secret}:{nonce}"
                assert hashlib.sha256(sealed.encode()).hexdigest() == seal
                nonces.add(nonce)
    assert len(nonces) == 6


def test_the_seal_of_a_round() -> None:
    """R73 — « Dans une compétition, `sceau` reçoit `erreur attente …` avant la première manche,
    `sceau <sha256>` pendant une manche, même après ton `gagné`, et après elle, jusqu'à la suivante,
    `secret <secret> <nonce>`, que tu l'aies trouvée ou non. »"""
    with Class() as room:
        ada, bea = room.player("Ada"), room.player("Bea")
        assert error(ada.ask("sceau")) == "attente"
        room.director.start()
        for number, move in ((1, room.director.next), (2, room.director.stop)):
            seal = ada.ask("sceau")
            assert re.fullmatch("sceau [0-9a-f]{64}", seal)
            assert ada.ask(str(room.secret(number))) == "gagné"
            assert ada.ask("sceau") == bea.ask("sceau") == seal  # not even after the win
            if number == 1:
                room.director.stop()
                told = bea.ask("sceau")
                assert re.fullmatch(f"secret {room.secret(1)} [0-9a-f]{{32}}", told)
                assert ada.ask("sceau") == told
            move()
        told = bea.ask("sceau")
        assert re.fullmatch(f"secret {room.secret(2)} [0-9a-f]{{32}}", told)


def test_the_seal_of_a_round_has_its_label() -> None:
    """R74 — « Le sceau est le SHA-256, en hexadécimal, du texte `<étiquette>:<secret>:<nonce>`.
    L'étiquette est `session` à l'entraînement, et dans une compétition les deux premiers mots de
    l'annonce, `manche <n>` ; le nonce est fait de 16 octets tirés au hasard, en hexadécimal. »"""
    with Class() as room:
        player, waiting = room.player("Ada"), room.player("Bea")
        for move in (room.director.start, room.director.next):
            waiting.send(b"pret\n")
            room.await_ready(1)
            move()
            label = " ".join(waiting.recv_line().split()[:2])
            assert state(player)["etiquette"] == label
            seal = player.ask("sceau").removeprefix("sceau ")
            room.director.stop()
            _, secret, nonce = player.ask("sceau").split()
            assert hashlib.sha256(f"{label}:{secret}:{nonce}".encode()).hexdigest() == seal


def state(player: Player) -> dict[str, object]:
    """Ask for the state on a connection of its own, so that nothing comes unasked later."""
    with Player(player.socket.getpeername()) as other:
        return parse_state(other.ask("suivre"))


def test_the_seal_outlives_the_link() -> None:
    """R75 — « Le secret et son sceau sont fixés quand le secret est tiré et ne changent plus, ni
    entre deux coups, ni quand la session est reprise. Les secrets d'une compétition sont tous tirés
    avant la salle. »"""
    with Room(low=1, high=1_000_000) as room:
        player = room.player()
        seal = player.ask("sceau")
        token = player.open_session()
        player.end()
        for guess in ("1", "2"):
            player = room.player()
            player.ask(f"session {token}")
            assert player.ask("sceau") == seal
            player.ask(guess)
            player.end()
        player = room.player()
        player.ask(f"session {token}")
        secret, _ = player.win()
        _, told, nonce = player.ask("sceau").split()
        assert told == str(secret)
        assert f"sceau {hashlib.sha256(f'session:{secret}:{nonce}'.encode()).hexdigest()}" == seal


@pytest.mark.parametrize("ask_for_session", [False, True])
def test_a_seal_seen_before_the_first_guess_outlives_the_link(ask_for_session: bool) -> None:
    """R75 — « Le secret et son sceau sont fixés quand le secret est tiré et ne changent plus, ni
    entre deux coups, ni quand la session est reprise. Les secrets d'une compétition sont tous tirés
    avant la salle. »"""
    with Room(low=1, high=1_000_000) as room:
        player = room.player()
        token = player.open_session()
        player.win()
        assert player.ask("pret") == "manche 2 entre 1 et 1000000"
        seal = player.ask("sceau")
        if ask_for_session:
            player.ask("session")
        player.end()
        back = room.player()
        back.ask(f"session {token}")
        assert back.ask("pret") == "manche 2 entre 1 et 1000000"
        assert back.ask("sceau") == seal


def test_the_secrets_of_a_competition_are_drawn_at_once() -> None:
    """R75 — « Le secret et son sceau sont fixés quand le secret est tiré et ne changent plus, ni
    entre deux coups, ni quand la session est reprise. Les secrets d'une compétition sont tous tirés
    avant la salle. »"""
    with Class() as room:
        seals = [(round.secret, round.seal) for round in room.contest.rounds]
        assert len(seals) == 2
        player = room.player()
        for (secret, seal), move in zip(
            seals, (room.director.start, room.director.next), strict=True
        ):
            move()
            assert player.ask("sceau") == f"sceau {seal}"
            assert player.win()[0] == secret
            eventually(
                lambda told=f"secret {secret} ": player.ask("sceau").startswith(told),
                True,
            )


def test_nobody_else_learns_the_secret() -> None:
    """R76 — « À l'entraînement, le secret, le nonce et le jeton ne vont qu'à leur joueur : ils ne
    sont dans aucune erreur ni dans rien de ce que reçoivent les autres. »"""
    with Room(low=1, high=10**11) as room:
        player, other = room.player("Ada"), room.player("Bob")
        heard = [other.ask("suivre")]
        token = player.open_session()
        errors = [player.ask(line) for line in ("0", "#5 1", "x", "session faux", "nom !", "#1 x")]
        assert all(map(error, errors))
        secret, _ = player.win()
        _, _, nonce = player.ask("sceau").split()
        assert player.ask("dire bravo") == "ok"
        while not heard[-1].startswith("etat ") or not parse_state(heard[-1])["classement"]:
            heard.append(other.recv_line())
        other.say("scores", "aide", "ping fin")
        while heard[-1] != "pong fin":
            heard.append(other.recv_line())
        for told in (str(secret), nonce, token):
            assert all(told not in line for line in errors + heard)


def test_a_running_round_is_not_betrayed() -> None:
    """R77 — « Dans une compétition, rien de ce que l'hôte envoie avant la fin d'une manche ne
    contient son nonce, ni son secret, sauf ce que tu as toi-même proposé ; les jetons ne vont qu'à
    leur joueur. »"""
    options = {"low": 1, "high": 10**11}
    with Room(competition=Settings(rounds=2), **options) as room:
        director, contest = room.server.director, room.server.room.competition
        assert contest is not None
        ada, bea, screen = room.player("Ada"), room.player("Bea"), room.player()
        token = ada.open_session()
        heard = [screen.ask("suivre"), bea.ask("suivre")]
        for number, move in ((1, director.start), (2, director.next)):
            secret, nonce = (
                str(contest.rounds[number - 1].secret),
                contest.rounds[number - 1].nonce,
            )
            move()
            heard += [ada.ask("pret"), ada.ask("sceau"), ada.ask(secret), ada.ask("sceau")]
            heard += [ada.ask(line) for line in ("1", "#1 2", "0", "nom !", "dire x", "scores")]
            bea.send(b"ping fin\n")
            while heard[-1] != "pong fin":
                heard.append(bea.recv_line())
            with Player(room.server.address) as late:
                heard.append(late.ask("suivre"))
            assert all(told not in line for told in (secret, nonce, token) for line in heard)
            director.stop()
            told = ada.ask("sceau")
            assert told == f"secret {secret} {nonce}"
            while parse_state(line := screen.recv_line())["secret"] != int(secret):
                assert nonce not in line
            assert parse_state(line)["nonce"] == nonce
            assert token not in line
