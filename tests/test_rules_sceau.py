"""The clauses of `rules.md` on fairness: the seal."""

from __future__ import annotations

import hashlib
import re

import pytest
from wire import Room, error, parse_state


def test_the_seal_then_the_secret() -> None:
    """R55 — « `sceau` reçoit `sceau <sha256>` tant que le secret n'est pas trouvé, puis `secret
    <secret> <nonce>` jusqu'à ce que le suivant soit tiré. Demander le sceau ne coûte rien. »"""
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
    """R56 — « Le sceau est le SHA-256, en hexadécimal, du texte `session:<secret>:<nonce>`. Le mot
    `session` est fixe ; le nonce est fait de 16 octets tirés au hasard, en hexadécimal. »"""
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


def test_the_seal_outlives_the_link() -> None:
    """R57 — « Le secret et son sceau sont fixés quand le secret est tiré et ne changent plus, ni
    entre deux coups, ni quand la session est reprise. »"""
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
    """R57 — « Le secret et son sceau sont fixés quand le secret est tiré et ne changent plus, ni
    entre deux coups, ni quand la session est reprise. »"""
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


def test_nobody_else_learns_the_secret() -> None:
    """R58 — « Le secret, le nonce et le jeton ne vont qu'à leur joueur : ils ne sont dans aucune
    erreur ni dans rien de ce que reçoivent les autres. »"""
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
        heard += [other.ask("scores"), other.ask("aide")]
        for told in (str(secret), nonce, token):
            assert all(told not in line for line in errors + heard)
