"""The clauses of `rules.md` on names and standings."""

from __future__ import annotations

import pytest

from justeprix.game import roster
from justeprix.room.limits import Limits
from tests.support.player import Player, error
from tests.support.room import Room, eventually


@pytest.mark.parametrize(
    "name",
    [
        "A",
        "x" * 20,
        "Zoé",
        "Jean-Marc",
        "l_a d'Or",
        "42",
        "été 3",
        "Ωmega",
        "é" * 20,
        "李",
    ],
)
def test_names_that_are_taken(name: str) -> None:
    """R41 — « `nom <nom>` reçoit `nom <nom>` : le nom que tu portes désormais. Un nom a de 1 à 20
    lettres, chiffres, espaces ou signes `-`, `_`, `'`, dont une lettre ou un chiffre au moins ;
    sinon c'est `erreur nom …` et tu gardes l'ancien. Un nom qui contient une insulte, même
    déguisée, est refusé de même. »"""
    with Room() as room:
        player = room.player()
        assert player.ask(f"nom {name}") == f"nom {name}"
        assert player.ask(f"nom {name}") == f"nom {name}"  # again: mine already


@pytest.mark.parametrize(
    "name",
    ["", "x" * 21, "é" * 21, "a!", "a<b", "a:b", "a,b", "-", "' '", "a\x07b", "a\u202eb", "😀"],
)
def test_names_that_are_not_taken(name: str) -> None:
    """R41 — « `nom <nom>` reçoit `nom <nom>` : le nom que tu portes désormais. Un nom a de 1 à 20
    lettres, chiffres, espaces ou signes `-`, `_`, `'`, dont une lettre ou un chiffre au moins ;
    sinon c'est `erreur nom …` et tu gardes l'ancien. Un nom qui contient une insulte, même
    déguisée, est refusé de même. »"""
    with Room(low=5, high=5) as room:
        player = room.player("Ada")
        assert error(player.ask(f"nom {name}")) == "nom"
        assert player.ask("5") == "gagné"
        assert player.ask("scores") == "scores 1. Ada 1/1"


@pytest.mark.parametrize("name", ["Connard", "c0nn4rd", "C-o-n-n-a-r-d", "Cooonnard", "Çonnàrd"])
def test_names_that_hurt(name: str) -> None:
    """R41 — « `nom <nom>` reçoit `nom <nom>` : le nom que tu portes désormais. Un nom a de 1 à 20
    lettres, chiffres, espaces ou signes `-`, `_`, `'`, dont une lettre ou un chiffre au moins ;
    sinon c'est `erreur nom …` et tu gardes l'ancien. Un nom qui contient une insulte, même
    déguisée, est refusé de même. »"""
    with Room(low=5, high=5) as room:
        player = room.player("Ada")
        assert error(player.ask(f"nom {name}")) == "nom"
        assert player.ask("5") == "gagné"
        assert player.ask("scores") == "scores 1. Ada 1/1"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Ａｄａ", "Ada"),
        ("Ada   de  Lovelace", "Ada de Lovelace"),
        ("l’Ours", "l'Ours"),
        ("e\u0301" * 20, "é" * 20),  # 40 characters before NFKC
        ("a" + " " * 30 + "b", "a b"),
    ],
)
def test_how_a_name_is_shown(written: str, shown: str) -> None:
    """R42 — « Le nom est mis en forme NFKC, ses espaces sont réduites à une, et l'apostrophe courbe
    devient droite, avant que sa longueur soit comptée. »"""
    with Room() as room:
        assert room.player().ask(f"nom {written}") == f"nom {shown}"


@pytest.mark.parametrize("again", ["Zoé", "zoé", "ZOÉ", "Ｚoé", "Zoe\u0301"])
def test_a_name_has_one_holder(again: str) -> None:
    """R43 — « Deux joueurs n'ont jamais le même nom, sans distinguer majuscules et minuscules : le
    second reçoit `erreur pris …`. »"""
    with Room() as room:
        first, second = room.player("Zoé"), room.player("Bob")
        assert error(second.ask(f"nom {again}")) == "pris"
        assert first.ask("nom Anna") == "nom Anna"  # and its old name is free
        assert second.ask("nom Zoé") == "nom Zoé"


def test_case_is_that_of_all_alphabets() -> None:
    """R43 — « Deux joueurs n'ont jamais le même nom, sans distinguer majuscules et minuscules : le
    second reçoit `erreur pris …`. »"""
    with Room() as room:
        room.player("Straße")
        assert error(room.player().ask("nom STRASSE")) == "pris"
        room.player("\u03b0")  # its capital has two signs
        assert error(room.player().ask("nom \u03ab\u0301")) == "pris"


def leave(player: Player) -> str:
    token = player.open_session()
    player.end()
    return token


def test_the_name_of_a_resumable_session_is_kept() -> None:
    """R44 — « À l'entraînement, le nom d'une session reprenable lui reste 10 minutes après la
    coupure de son lien. Passé ce temps, un autre peut le prendre ; elle revient alors sous un nom
    `Joueur <n>`. Le nom d'une autre session est libre dès qu'elle finit. »"""
    assert roster.NAME_KEPT == 600.0
    with Room(low=5, high=5) as room:
        token = leave(room.player("Ada"))
        other = room.player()
        assert error(other.ask("nom Ada")) == "pris"
        back = room.player()
        back.ask(f"session {token}")
        back.ask("5")
        assert back.ask("scores") == "scores 1. Ada 1/1"


def test_a_kept_name_is_free_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """R44 — « À l'entraînement, le nom d'une session reprenable lui reste 10 minutes après la
    coupure de son lien. Passé ce temps, un autre peut le prendre ; elle revient alors sous un nom
    `Joueur <n>`. Le nom d'une autre session est libre dès qu'elle finit. »"""
    monkeypatch.setattr(roster, "NAME_KEPT", 0.0)
    with Room(low=5, high=5) as room:
        token = leave(room.player("Ada"))
        other = room.player()
        eventually(lambda: other.ask("nom Ada"), "nom Ada")  # once the host has seen her leave
        back = room.player()
        back.ask(f"session {token}")
        back.ask("5")
        assert back.ask("scores").startswith("scores 1. Joueur ")


@pytest.mark.parametrize("last_line", ["session inconnu", "GET / HTTP/1.1"])
def test_the_name_is_kept_whatever_ended_the_connection(last_line: str) -> None:
    """R44 — « À l'entraînement, le nom d'une session reprenable lui reste 10 minutes après la
    coupure de son lien. Passé ce temps, un autre peut le prendre ; elle revient alors sous un nom
    `Joueur <n>`. Le nom d'une autre session est libre dès qu'elle finit. »"""
    with Room(limits=Limits(wrong_codes=0)) as room:
        player = room.player("Ada")
        player.open_session()
        assert error(player.ask(last_line)) in ("jeton", "http")
        assert player.rest() == b""
        player.close()
        follower = room.player()
        eventually(lambda: follower.state_now()["presents"], 0)
        assert error(room.player().ask("nom Ada")) == "pris"


@pytest.mark.parametrize("farewell", ["FIN", ""])
def test_the_name_of_a_plain_session_is_free_at_once(farewell: str) -> None:
    """R44 — « À l'entraînement, le nom d'une session reprenable lui reste 10 minutes après la
    coupure de son lien. Passé ce temps, un autre peut le prendre ; elle revient alors sous un nom
    `Joueur <n>`. Le nom d'une autre session est libre dès qu'elle finit. »"""
    with Room() as room:
        player, other = room.player("Ada"), room.player()
        if farewell:
            assert player.ask(farewell) == "FIN"
        player.end()
        eventually(lambda: other.ask("nom Ada"), "nom Ada")


def play(player: Player, *guesses: int) -> None:
    answers = [player.ask(str(guess)) for guess in guesses]
    assert answers[-1] == "gagné"


def first_secrets() -> list[int]:
    """Return the first secrets that a room between 1 and 2 deals, one a player."""
    with Room(low=1, high=2) as room:
        return [room.player().win()[0] for _ in range(4)]


def test_the_line_of_scores() -> None:
    """R49 — « `scores` reçoit une ligne : `scores 1. Ada 2/9, 2. Bob 1/7`, c'est-à-dire le rang, le
    nom, les secrets ou les manches trouvés, et les coups. À l'entraînement y est qui a trouvé un
    secret, avec les coups des secrets trouvés ; dans une compétition qui a joué un coup, avec tous
    ses coups. S'il n'y a personne, la ligne est `scores`. »"""
    with Room(low=5, high=5) as room:
        ada, bob, zoe = room.player("Ada"), room.player("Bob"), room.player("Zoé")
        assert zoe.ask("scores") == "scores"
        play(ada, 5, 5)
        play(bob, 5)
        assert zoe.ask("scores") == "scores 1. Ada 2/2, 2. Bob 1/1"
        assert ada.ask("scores") == bob.ask("scores") == zoe.ask("scores")


def test_the_order_of_the_standings() -> None:
    """R50 — « Le classement met d'abord qui a trouvé le plus, puis qui a joué le moins de coups,
    puis, dans une compétition, qui a mis le moins de temps. À égalité, le rang est le même. Qui est
    parti y reste. »"""
    secrets = first_secrets()
    with Room(low=1, high=2) as room:
        ada, bob, zoe, eve = (room.player(name) for name in ("Ada", "Bob", "Zoé", "Ève"))
        wrong = [3 - secret for secret in secrets]
        play(ada, wrong[0], secrets[0])
        play(bob, secrets[1])
        play(zoe, secrets[2])
        play(eve, wrong[3], secrets[3])
        assert bob.ask("scores") == "scores 1. Bob 1/1, 1. Zoé 1/1, 3. Ada 1/2, 3. Ève 1/2"
        ada.win()  # two secrets: before all who found one, whatever it cost
        ada.end()
        follower = room.player()
        eventually(lambda: follower.state_now()["presents"], 3)
        assert bob.ask("scores").startswith("scores 1. Ada 2/")
        assert bob.ask("scores").endswith(", 2. Bob 1/1, 2. Zoé 1/1, 4. Ève 1/2")


def test_scores_fit_a_line() -> None:
    """R52 — « Si le classement ne tient pas dans 512 octets, la ligne `scores` s'arrête avant et
    finit par `…`. »"""
    with Room(low=5, high=5) as room:
        players = [room.player(f"Nom long numéro {n:02}") for n in range(30)]
        for player in players:
            play(player, 5)
        line = players[0].ask("scores")
        assert len(line.encode()) <= 512
        assert line.endswith("…")
        assert " 1. Nom long numéro 09 1/1, " in line
