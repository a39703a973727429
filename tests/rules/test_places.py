"""The clauses of `rules.md` on seats in a competition, and what the teacher does to them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from justeprix.errors import CompetitionError
from justeprix.room.director import Freed
from tests.support.player import Player, error
from tests.support.room import Class, Room, eventually


def leave(player: Player, room: Class, name: str) -> None:
    """End a connection, and wait until the host has seen it."""
    player.end()
    eventually(lambda: [seat.present for seat in room.seats() if seat.name == name], [False])


def played(room: Class, name: str, *, resumable: bool = False) -> tuple[Player, str]:
    """Return a player with one guess, and the token."""
    player = room.player(name)
    token = player.open_session() if resumable else ""
    assert player.ask(str(room.wrong())) in ("plus", "moins")
    return player, token


@pytest.mark.parametrize("ended", [False, True], ids=["plain", "ended by FIN"])
def test_a_seat_is_taken_again_by_its_name(ended: bool) -> None:
    """R45 — « Dans une compétition, un nom est une place, avec tous ses coups. Si sa session est
    finie ou n'était pas reprenable, et qu'elle a joué, demander ce nom rend la place, à
    condition que tu viennes de l'adresse qui la tenait, que personne n'ait été exclu de cette
    adresse, et que ta connexion n'ait encore rien joué ; sinon c'est `erreur pris …`. Qui a
    repris une place en garde le nom : en demander un autre reçoit `erreur pris …`. Une session
    reprenable demande alors de nouveau `session` : ses coups ont d'autres numéros. Si la place
    n'a rien joué, son nom est libre dès que sa session finit. Quand la compétition est finie,
    rien de son classement ne change plus : une place n'y est ni rendue ni renommée, et c'est
    `erreur finie …`. »"""
    with Class() as room:
        room.director.start()
        ada, _ = played(room, "Ada", resumable=ended)
        busy, _ = played(room, "Bea")
        assert error(busy.ask("nom Ada")) == "pris"  # somebody sits there
        assert busy.ask("scores") == "scores 1. Ada 0/1, 1. Bea 0/1"
        if ended:
            assert ada.ask("FIN") == "FIN"
        leave(ada, room, "Ada")
        assert busy.ask("scores") == "scores 1. Ada 0/1, 1. Bea 0/1"  # who left stays in it
        assert error(busy.ask("nom Ada")) == "pris"  # and who asks has played, too
        back = room.player()
        assert back.ask("nom ADA") == "nom Ada"
        assert back.ask("session").endswith(" 1 1")
        assert back.ask(f"#2 {room.secret()}") == "resultat 2 gagné"
        assert back.ask("scores") == "scores 1. Ada 1/2, 2. Bea 0/1"
        assert error(room.player().ask("nom Ada")) == "pris"


def test_a_seat_has_its_own_numbers() -> None:
    """R45 — « Dans une compétition, un nom est une place, avec tous ses coups. Si sa session est
    finie ou n'était pas reprenable, et qu'elle a joué, demander ce nom rend la place, à
    condition que tu viennes de l'adresse qui la tenait, que personne n'ait été exclu de cette
    adresse, et que ta connexion n'ait encore rien joué ; sinon c'est `erreur pris …`. Qui a
    repris une place en garde le nom : en demander un autre reçoit `erreur pris …`. Une session
    reprenable demande alors de nouveau `session` : ses coups ont d'autres numéros. Si la place
    n'a rien joué, son nom est libre dès que sa session finit. Quand la compétition est finie,
    rien de son classement ne change plus : une place n'y est ni rendue ni renommée, et c'est
    `erreur finie …`. »"""
    with Class() as room:
        room.director.start()
        ada, _ = played(room, "Ada")
        leave(ada, room, "Ada")
        heir = room.player()
        token = heir.open_session()
        assert heir.ask("nom Ada") == "nom Ada"
        assert heir.ask("session") == f"session {token} 1 1"
        assert heir.ask(f"#2 {room.wrong()}").startswith("resultat 2 ")


@pytest.mark.parametrize("ended", [False, True], ids=["plain", "ended by FIN"])
def test_who_never_played_leaves_a_free_name(ended: bool) -> None:
    """R45 — « Dans une compétition, un nom est une place, avec tous ses coups. Si sa session est
    finie ou n'était pas reprenable, et qu'elle a joué, demander ce nom rend la place, à
    condition que tu viennes de l'adresse qui la tenait, que personne n'ait été exclu de cette
    adresse, et que ta connexion n'ait encore rien joué ; sinon c'est `erreur pris …`. Qui a
    repris une place en garde le nom : en demander un autre reçoit `erreur pris …`. Une session
    reprenable demande alors de nouveau `session` : ses coups ont d'autres numéros. Si la place
    n'a rien joué, son nom est libre dès que sa session finit. Quand la compétition est finie,
    rien de son classement ne change plus : une place n'y est ni rendue ni renommée, et c'est
    `erreur finie …`. »"""
    with Class() as room:
        ada, busy = room.player("Ada"), room.player()
        if ended:
            ada.open_session()
            assert ada.ask("FIN") == "FIN"
        ada.end()
        room.director.start()
        assert busy.ask(str(room.wrong())) in ("plus", "moins")
        eventually(lambda: busy.ask("nom Ada"), "nom Ada")
        assert busy.ask("scores") == "scores 1. Ada 0/1"


ELSEWHERE = "127.0.0.2"


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has 127.0.0.1 alone")
@pytest.mark.parametrize("restarted", [False, True])
def test_a_seat_is_given_back_to_its_address_alone(tmp_path: Path, restarted: bool) -> None:
    """R45 — « Dans une compétition, un nom est une place, avec tous ses coups. Si sa session est
    finie ou n'était pas reprenable, et qu'elle a joué, demander ce nom rend la place, à
    condition que tu viennes de l'adresse qui la tenait, que personne n'ait été exclu de cette
    adresse, et que ta connexion n'ait encore rien joué ; sinon c'est `erreur pris …`. Qui a
    repris une place en garde le nom : en demander un autre reçoit `erreur pris …`. Une session
    reprenable demande alors de nouveau `session` : ses coups ont d'autres numéros. Si la place
    n'a rien joué, son nom est libre dès que sa session finit. Quand la compétition est finie,
    rien de son classement ne change plus : une place n'y est ni rendue ni renommée, et c'est
    `erreur finie …`. »"""
    with Class(db=tmp_path / "partie.db") as room:
        room.director.start()
        id = room.contest.row.id
        ada, _ = played(room, "Ada")
        leave(ada, room, "Ada")
        if not restarted:
            assert error(room.player(source=ELSEWHERE).ask("nom Ada")) == "pris"
            assert room.player().ask("nom Ada") == "nom Ada"
    if restarted:
        with Room(competition=id, db=tmp_path / "partie.db") as again:
            assert error(again.player(source=ELSEWHERE).ask("nom Ada")) == "pris"
            assert again.player().ask("nom Ada") == "nom Ada"


@pytest.mark.parametrize("restarted", [False, True])
def test_a_seat_that_was_taken_again_keeps_its_name(tmp_path: Path, restarted: bool) -> None:
    """R45 — « Dans une compétition, un nom est une place, avec tous ses coups. Si sa session est
    finie ou n'était pas reprenable, et qu'elle a joué, demander ce nom rend la place, à
    condition que tu viennes de l'adresse qui la tenait, que personne n'ait été exclu de cette
    adresse, et que ta connexion n'ait encore rien joué ; sinon c'est `erreur pris …`. Qui a
    repris une place en garde le nom : en demander un autre reçoit `erreur pris …`. Une session
    reprenable demande alors de nouveau `session` : ses coups ont d'autres numéros. Si la place
    n'a rien joué, son nom est libre dès que sa session finit. Quand la compétition est finie,
    rien de son classement ne change plus : une place n'y est ni rendue ni renommée, et c'est
    `erreur finie …`. »"""
    with Class(db=tmp_path / "partie.db") as room:
        room.director.start()
        id = room.contest.row.id
        ada, _ = played(room, "Ada")
        leave(ada, room, "Ada")
        heir = room.player("Ada")
        token = heir.open_session()
        assert error(heir.ask("nom Zorro")) == "pris"
        assert heir.ask("nom ADA") == "nom ADA"  # the same, and no other
        assert heir.ask("scores") == "scores 1. ADA 0/1"
    if restarted:
        with Room(competition=id, db=tmp_path / "partie.db") as again:
            heir = again.player()
            assert heir.ask(f"session {token}").endswith(" 1 1")
            assert error(heir.ask("nom Zorro")) == "pris"


def test_no_seat_is_given_back_where_somebody_was_excluded() -> None:
    """R45 — « Dans une compétition, un nom est une place, avec tous ses coups. Si sa session est
    finie ou n'était pas reprenable, et qu'elle a joué, demander ce nom rend la place, à
    condition que tu viennes de l'adresse qui la tenait, que personne n'ait été exclu de cette
    adresse, et que ta connexion n'ait encore rien joué ; sinon c'est `erreur pris …`. Qui a
    repris une place en garde le nom : en demander un autre reçoit `erreur pris …`. Une session
    reprenable demande alors de nouveau `session` : ses coups ont d'autres numéros. Si la place
    n'a rien joué, son nom est libre dès que sa session finit. Quand la compétition est finie,
    rien de son classement ne change plus : une place n'y est ni rendue ni renommée, et c'est
    `erreur finie …`. »"""
    with Class() as room:
        room.director.start()
        ada, _ = played(room, "Ada")
        _eve, _ = played(room, "Eve")
        leave(ada, room, "Ada")
        room.director.exclude("Eve")
        assert error(room.player().ask("nom Ada")) == "pris"
        room.director.free("Ada")
        assert room.player().ask("nom Ada") == "nom Ada"


@pytest.mark.parametrize("has_played", [False, True])
def test_nor_is_it_after_a_restart(tmp_path: Path, has_played: bool) -> None:
    """R45 — « Dans une compétition, un nom est une place, avec tous ses coups. Si sa session est
    finie ou n'était pas reprenable, et qu'elle a joué, demander ce nom rend la place, à
    condition que tu viennes de l'adresse qui la tenait, que personne n'ait été exclu de cette
    adresse, et que ta connexion n'ait encore rien joué ; sinon c'est `erreur pris …`. Qui a
    repris une place en garde le nom : en demander un autre reçoit `erreur pris …`. Une session
    reprenable demande alors de nouveau `session` : ses coups ont d'autres numéros. Si la place
    n'a rien joué, son nom est libre dès que sa session finit. Quand la compétition est finie,
    rien de son classement ne change plus : une place n'y est ni rendue ni renommée, et c'est
    `erreur finie …`. »"""
    with Class(db=tmp_path / "partie.db") as room:
        room.director.start()
        id = room.contest.row.id
        played(room, "Ada")
        eve = room.player()
        (name,) = (seat.name for seat in room.seats() if seat.name != "Ada")
        if has_played:
            eve.ask(str(room.wrong()))
        room.director.exclude(name)
    with Room(competition=id, db=tmp_path / "partie.db") as again:
        assert error(again.player().ask("nom Ada")) == "pris"
        again.server.director.free("Ada")
        assert again.player().ask("nom Ada") == "nom Ada"


@pytest.mark.parametrize("taken", ["Ada", "Bob"])
def test_a_finished_competition_is_finished_for_a_new_host_too(tmp_path: Path, taken: str) -> None:
    """R45 — « Dans une compétition, un nom est une place, avec tous ses coups. Si sa session est
    finie ou n'était pas reprenable, et qu'elle a joué, demander ce nom rend la place, à
    condition que tu viennes de l'adresse qui la tenait, que personne n'ait été exclu de cette
    adresse, et que ta connexion n'ait encore rien joué ; sinon c'est `erreur pris …`. Qui a
    repris une place en garde le nom : en demander un autre reçoit `erreur pris …`. Une session
    reprenable demande alors de nouveau `session` : ses coups ont d'autres numéros. Si la place
    n'a rien joué, son nom est libre dès que sa session finit. Quand la compétition est finie,
    rien de son classement ne change plus : une place n'y est ni rendue ni renommée, et c'est
    `erreur finie …`. »"""
    with Class(db=tmp_path / "partie.db") as room:
        room.director.start()
        id = room.contest.row.id
        played(room, taken)
        room.director.finish()
        ended = room.director.report()
    with Room(competition=id, db=tmp_path / "partie.db") as again:
        late = again.player()
        assert error(late.ask(f"nom {taken}")) == "finie"
        assert late.ask("nom Zorro") == "nom Zorro"
        with pytest.raises(CompetitionError, match="classement ne change plus"):
            again.server.director.rename(taken, "Zorro")
        assert again.server.director.report() == ended


@pytest.mark.parametrize("resumable", [False, True])
def test_after_the_end_nothing_of_the_standings_changes(resumable: bool) -> None:
    """R45 — « Dans une compétition, un nom est une place, avec tous ses coups. Si sa session est
    finie ou n'était pas reprenable, et qu'elle a joué, demander ce nom rend la place, à
    condition que tu viennes de l'adresse qui la tenait, que personne n'ait été exclu de cette
    adresse, et que ta connexion n'ait encore rien joué ; sinon c'est `erreur pris …`. Qui a
    repris une place en garde le nom : en demander un autre reçoit `erreur pris …`. Une session
    reprenable demande alors de nouveau `session` : ses coups ont d'autres numéros. Si la place
    n'a rien joué, son nom est libre dès que sa session finit. Quand la compétition est finie,
    rien de son classement ne change plus : une place n'y est ni rendue ni renommée, et c'est
    `erreur finie …`. »"""
    with Class() as room:
        ada, bea, screen = room.player("Ada"), room.player("Bea"), room.player()
        tokens = [player.open_session() for player in (ada, bea) if resumable]
        room.director.start()
        assert ada.ask(str(room.secret())) == "gagné"
        assert bea.ask(str(room.wrong())) in ("plus", "moins")
        room.director.finish()
        ended = screen.ask("scores"), room.director.report()
        for name in ("Zorro", "BEA"):
            assert error(bea.ask(f"nom {name}")) == "finie"
        assert bea.ask("nom Bea") == "nom Bea"
        assert error(bea.ask("nom Ada")) == "pris"  # she is still there
        assert ada.ask("FIN") == "FIN"
        leave(ada, room, "Ada")
        for player in (bea, room.player()):
            assert error(player.ask("nom Ada")) == "finie"
        for order in (
            lambda: room.director.rename("Ada", "Zorro"),
            lambda: room.director.free("Ada"),
        ):
            with pytest.raises(CompetitionError, match="classement ne change plus"):
                order()
        if resumable:
            assert error(screen.ask(f"session {tokens[0]}")) == "finie"
        assert screen.ask("nom Zoé") == "nom Zoé"  # who is not in it may be called anything
        assert (screen.ask("scores"), room.director.report()) == ended


@pytest.mark.parametrize("has_played", [False, True])
def test_a_resumable_name_is_kept_until_it_is_freed(has_played: bool) -> None:
    """R46 — « Dans une compétition, le nom d'une session reprenable lui reste tant que
    l'animateur ne le libère pas. S'il le libère, son lien est coupé, et le premier qui demande
    le nom, d'où qu'il vienne, prend la place et ses coups ; l'ancien jeton ne vaut alors plus
    rien. Qui revient avec son jeton avant cela garde tout. À l'entraînement un nom libéré est
    libre aussitôt : qui le portait s'appelle désormais `Joueur <n>`. »"""
    with Class() as room:
        room.director.start()
        ada = room.player("Ada")
        token = ada.open_session()
        count = 0
        if has_played:
            count = 1
            assert ada.ask(str(room.wrong())) in ("plus", "moins")
        leave(ada, room, "Ada")
        other = room.player()
        assert error(other.ask("nom Ada")) == "pris"
        room.director.free("Ada")
        assert other.ask("nom Ada") == "nom Ada"
        assert other.ask("session").endswith(f" {count} {count}")
        assert error(room.player().ask(f"session {token}")) == "jeton"
        assert other.ask(str(room.secret())) == "gagné"
        assert other.ask("scores") == f"scores 1. Ada 1/{count + 1}"


def test_freeing_a_name_cuts_its_link() -> None:
    """R46 — « Dans une compétition, le nom d'une session reprenable lui reste tant que
    l'animateur ne le libère pas. S'il le libère, son lien est coupé, et le premier qui demande
    le nom, d'où qu'il vienne, prend la place et ses coups ; l'ancien jeton ne vaut alors plus
    rien. Qui revient avec son jeton avant cela garde tout. À l'entraînement un nom libéré est
    libre aussitôt : qui le portait s'appelle désormais `Joueur <n>`. »"""
    with Class() as room:
        room.director.start()
        ada, _ = played(room, "Ada", resumable=True)
        room.director.free("Ada")
        assert ada.rest() == b""
        other = room.player()
        eventually(lambda: other.ask("nom Ada"), "nom Ada")
        assert other.ask("session").endswith(" 1 1")


def test_who_comes_back_first_keeps_the_name() -> None:
    """R46 — « Dans une compétition, le nom d'une session reprenable lui reste tant que
    l'animateur ne le libère pas. S'il le libère, son lien est coupé, et le premier qui demande
    le nom, d'où qu'il vienne, prend la place et ses coups ; l'ancien jeton ne vaut alors plus
    rien. Qui revient avec son jeton avant cela garde tout. À l'entraînement un nom libéré est
    libre aussitôt : qui le portait s'appelle désormais `Joueur <n>`. »"""
    with Class() as room:
        room.director.start()
        ada, token = played(room, "Ada", resumable=True)
        room.director.free("Ada")
        assert ada.rest() == b""
        back, other = room.player(), room.player()
        assert back.ask(f"session {token}") == f"session {token} 1 1"
        assert error(other.ask("nom Ada")) == "pris"
        leave(back, room, "Ada")
        assert error(other.ask("nom Ada")) == "pris"  # it is not free any more


def test_in_practice_a_freed_name_is_free_at_once(tmp_path: Path) -> None:
    """R46 — « Dans une compétition, le nom d'une session reprenable lui reste tant que
    l'animateur ne le libère pas. S'il le libère, son lien est coupé, et le premier qui demande
    le nom, d'où qu'il vienne, prend la place et ses coups ; l'ancien jeton ne vaut alors plus
    rien. Qui revient avec son jeton avant cela garde tout. À l'entraînement un nom libéré est
    libre aussitôt : qui le portait s'appelle désormais `Joueur <n>`. »"""
    with Room(db=tmp_path / "partie.db") as room:
        ada, bea = room.player("Ada"), room.player("Bea")
        token = ada.open_session()
        freed = room.server.director.free("Ada")
        assert freed == Freed("Ada", ada.follow()["moi"]["nom"])
        assert bea.ask("nom Ada") == "nom Ada"
        assert error(ada.ask("nom Ada")) == "pris"
        assert ada.ask("nom Zoé") == "nom Zoé"
        room.server.director.free("Zoé")
    with Room(db=tmp_path / "partie.db") as again:
        assert again.player().ask("nom Zoé") == "nom Zoé"
        assert again.player().ask(f"session {token}").startswith("session ")


def test_the_teacher_gives_names() -> None:
    """R47 — « L'animateur peut donner un autre nom à un joueur ; l'ancien est libre. Le joueur
    garde le nouveau : en demander un autre reçoit `erreur pris …`. »"""
    with Class() as room:
        room.director.start()
        ada, token = played(room, "Ada", resumable=True)
        assert room.director.rename("ada", "Zoé") == "Zoé"
        assert ada.ask("scores") == "scores 1. Zoé 0/1"
        assert room.player().ask("nom Ada") == "nom Ada"
        ada.end()
        back = room.player()
        assert back.ask(f"session {token}") == f"session {token} 1 1"
        assert back.ask("scores") == "scores 1. Zoé 0/1"


def test_nor_is_it_changed_by_taking_a_seat() -> None:
    """R47 — « L'animateur peut donner un autre nom à un joueur ; l'ancien est libre. Le joueur
    garde le nouveau : en demander un autre reçoit `erreur pris …`. »"""
    with Class() as room:
        room.director.start()
        ada, _ = played(room, "Ada")
        leave(ada, room, "Ada")
        rude = room.player("Patate")
        room.director.rename("Patate", "Paul")
        assert error(rude.ask("nom Ada")) == "pris"
        assert room.player().ask("nom Ada") == "nom Ada"


@pytest.mark.parametrize("practice", [False, True])
def test_a_name_that_the_teacher_gave_stays(tmp_path: Path, practice: bool) -> None:
    """R47 — « L'animateur peut donner un autre nom à un joueur ; l'ancien est libre. Le joueur
    garde le nouveau : en demander un autre reçoit `erreur pris …`. »"""
    with (Room if practice else Class)(db=tmp_path / "partie.db") as room:
        id = room.contest.row.id if isinstance(room, Class) else None
        rude = room.player("Patate")
        token = rude.open_session()
        assert room.server.director.rename("Patate", "Paul") == "Paul"
        assert error(rude.ask("nom Patate")) == "pris"
        assert rude.ask("nom paul") == "nom paul"
    with Room(competition=id, db=tmp_path / "partie.db") as again:
        rude = again.player()
        assert rude.ask(f"session {token}").startswith("session ")
        assert error(rude.ask("nom Patate")) == "pris"
        assert again.player().ask("nom Patate") == "nom Patate"


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("resumable", [False, True])
def test_an_exclusion_from_practice_lasts(tmp_path: Path, resumable: bool, restarted: bool) -> None:
    """R48 — « L'animateur peut exclure un joueur. Sa dernière ligne est `shutdown <raison>` ou
    `FIN`, comme quand l'hôte ferme ; ensuite son jeton et son nom reçoivent `erreur exclu …`,
    même quand l'hôte est relancé (à l'entraînement, pendant 12 heures), et il n'est plus au
    classement. Quand la compétition est finie, son classement garde tous ses joueurs,
    même qui est exclu depuis : son lien est coupé, et son jeton reçoit `erreur finie …`. »"""
    with Room(db=tmp_path / "partie.db") as room:
        ada = room.player("Ada")
        token = ada.open_session() if resumable else ""
        room.server.director.exclude("Ada")
        ada.rest()
        if not restarted:
            _is_excluded(room, token)
    if restarted:
        with Room(db=tmp_path / "partie.db") as again:
            _is_excluded(again, token)


def _is_excluded(room: Room, token: str) -> None:
    back = room.player()
    assert error(back.ask("nom Ada")) == "exclu"
    if token:
        assert error(back.ask(f"session {token}")) == "exclu"


@pytest.mark.parametrize("resumable", [False, True])
def test_who_is_excluded_does_not_come_back(resumable: bool) -> None:
    """R48 — « L'animateur peut exclure un joueur. Sa dernière ligne est `shutdown <raison>` ou
    `FIN`, comme quand l'hôte ferme ; ensuite son jeton et son nom reçoivent `erreur exclu …`,
    même quand l'hôte est relancé (à l'entraînement, pendant 12 heures), et il n'est plus au
    classement. Quand la compétition est finie, son classement garde tous ses joueurs,
    même qui est exclu depuis : son lien est coupé, et son jeton reçoit `erreur finie …`. »"""
    with Class() as room:
        room.director.start()
        ada, token = played(room, "Ada", resumable=resumable)
        bea, _ = played(room, "Bea")
        room.director.exclude("Ada")
        last = ada.rest()
        assert last.startswith(b"shutdown ") if resumable else last == b"FIN\n"
        assert last.count(b"\n") == 1
        ada.close()
        again = room.player()
        assert error(again.ask("nom Ada")) == "exclu"
        if resumable:
            assert error(again.ask(f"session {token}")) == "exclu"
        assert bea.ask("scores") == "scores 1. Bea 0/1"
        assert bea.ask(str(room.secret())) == "gagné"
        again.end()
        eventually(lambda: room.contest.phase.value, "pause")  # nobody waits for Ada


@pytest.mark.parametrize("has_played", [False, True])
@pytest.mark.parametrize("resumable", [False, True])
def test_who_is_excluded_stays_so_after_a_restart(
    tmp_path: Path, resumable: bool, has_played: bool
) -> None:
    """R48 — « L'animateur peut exclure un joueur. Sa dernière ligne est `shutdown <raison>` ou
    `FIN`, comme quand l'hôte ferme ; ensuite son jeton et son nom reçoivent `erreur exclu …`,
    même quand l'hôte est relancé (à l'entraînement, pendant 12 heures), et il n'est plus au
    classement. Quand la compétition est finie, son classement garde tous ses joueurs,
    même qui est exclu depuis : son lien est coupé, et son jeton reçoit `erreur finie …`. »"""
    with Class(db=tmp_path / "partie.db") as room:
        id, ada = room.contest.row.id, room.player("Ada")
        token = ada.open_session() if resumable else ""
        room.director.start()
        if has_played:
            assert ada.ask(str(room.wrong())) in ("plus", "moins")
        room.director.exclude("Ada")
        ada.rest()
    with Room(competition=id, db=tmp_path / "partie.db") as again:
        player = again.player()
        if resumable:
            assert error(player.ask(f"session {token}")) == "exclu"
        assert error(player.ask("nom Ada")) == "exclu"
        assert player.ask("scores") == "scores"


@pytest.mark.parametrize("resumable", [False, True])
@pytest.mark.parametrize("present", [False, True])
def test_who_is_excluded_after_the_end_stays_in_the_standings(
    resumable: bool, present: bool
) -> None:
    """R48 — « L'animateur peut exclure un joueur. Sa dernière ligne est `shutdown <raison>` ou
    `FIN`, comme quand l'hôte ferme ; ensuite son jeton et son nom reçoivent `erreur exclu …`,
    même quand l'hôte est relancé (à l'entraînement, pendant 12 heures), et il n'est plus au
    classement. Quand la compétition est finie, son classement garde tous ses joueurs,
    même qui est exclu depuis : son lien est coupé, et son jeton reçoit `erreur finie …`. »"""
    with Class() as room:
        room.director.start()
        ada, token = played(room, "Ada", resumable=resumable)
        screen = room.player()
        room.director.finish()
        if not present:
            leave(ada, room, "Ada")
        ended = screen.ask("scores"), room.director.report()
        assert room.director.exclude("Ada") == "Ada"
        if present:
            last = ada.rest()
            assert last.startswith(b"shutdown ") if resumable else last == b"FIN\n"
            eventually(lambda: [seat.present for seat in room.seats() if seat.scored], [False])
        assert error(screen.ask("nom Ada")) == "finie"
        if resumable:
            assert error(screen.ask(f"session {token}")) == "finie"
        assert (screen.ask("scores"), room.director.report()) == ended


def test_who_waits_may_be_excluded() -> None:
    """R48 — « L'animateur peut exclure un joueur. Sa dernière ligne est `shutdown <raison>` ou
    `FIN`, comme quand l'hôte ferme ; ensuite son jeton et son nom reçoivent `erreur exclu …`,
    même quand l'hôte est relancé (à l'entraînement, pendant 12 heures), et il n'est plus au
    classement. Quand la compétition est finie, son classement garde tous ses joueurs,
    même qui est exclu depuis : son lien est coupé, et son jeton reçoit `erreur finie …`. »"""
    with Class() as room:
        ada = room.player("Ada")
        ada.send(b"pret\n")
        room.await_ready(1)
        room.director.exclude("Ada")
        assert ada.rest() == b"FIN\n"


def test_time_counts_from_the_opening() -> None:
    """R51 — « Le temps d'un joueur est la somme de ses manches trouvées, chacune mesurée par l'hôte
    de l'ouverture de la manche à `gagné`, même pour qui arrive en retard. »"""
    with Class() as room:
        ada, bea = room.player("Ada"), room.player("Bea")
        follower = room.player()
        for open_round, number in ((room.director.start, 1), (room.director.next, 2)):
            open_round()
            opened = room.contest.rounds[number - 1].opened_at
            assert opened is not None
            eventually(lambda since=opened: room.server.room.clock.now() - since >= 30, True)
            late = room.player(f"Cid {number}")  # comes late, and that is no excuse
            for player in (late, ada, bea):
                assert player.ask(str(room.secret(number))) == "gagné"
                started = room.server.room.clock.now()
                eventually(lambda since=started: room.server.room.clock.now() - since >= 5, True)
            room.director.stop()
        ranking = follower.follow()["classement"]
        assert [entry["nom"] for entry in ranking[:2]] == ["Ada", "Bea"]
        times = {entry["nom"]: entry["temps"] for entry in ranking}
        assert min(times["Cid 1"], times["Cid 2"]) >= 30
        assert times["Ada"] >= 70
        assert times["Bea"] >= times["Ada"] + 10


def test_scores_name_everybody_who_made_a_guess() -> None:
    """R49 — « `scores` reçoit une ligne : `scores 1. Ada 2/9, 2. Bob 1/7`, c'est-à-dire le rang, le
    nom, les secrets ou les manches trouvés, et les coups. À l'entraînement y est qui a trouvé un
    secret, avec les coups des secrets trouvés ; dans une compétition qui a joué un coup, avec tous
    ses coups. S'il n'y a personne, la ligne est `scores`. »"""
    with Class() as room:
        ada, bea, _idle = room.player("Ada"), room.player("Bea"), room.player("Cid")
        room.director.start()
        assert bea.ask("scores") == "scores"
        for player in (ada, bea):
            assert player.ask(str(room.wrong())) in ("plus", "moins")
        assert bea.ask(str(room.secret())) == "gagné"
        assert bea.ask("scores") == "scores 1. Bea 1/2, 2. Ada 0/1"
        room.director.stop()
        assert ada.ask("scores") == "scores 1. Bea 1/2, 2. Ada 0/1"
        room.director.next()
        assert ada.ask(str(room.secret(2))) == "gagné"
        assert ada.ask(str(room.secret(2))).startswith("erreur attente ")
        line = ada.ask("scores")  # all guesses, those of the round not found too
        assert sorted(entry[3:] for entry in line.removeprefix("scores ").split(", ")) == [
            "Ada 1/2",
            "Bea 1/2",
        ]


def test_the_order_in_a_competition() -> None:
    """R50 — « Le classement met d'abord qui a trouvé le plus, puis qui a joué le moins de coups,
    puis, dans une compétition, qui a mis le moins de temps. À égalité, le rang est le même. Qui est
    parti y reste. »"""
    with Class(rounds=1) as room:
        players = [room.player(name) for name in ("Ada", "Bea", "Cid", "Dan")]
        ada, bea, cid, dan = players
        room.director.start()
        for player in (ada, cid):
            assert player.ask(str(room.wrong())) in ("plus", "moins")
        assert ada.ask(str(room.secret())) == "gagné"
        now = room.server.room.clock.now()
        eventually(lambda: room.server.room.clock.now() > now, True)
        assert bea.ask(str(room.secret())) == "gagné"
        now = room.server.room.clock.now()
        eventually(lambda: room.server.room.clock.now() > now, True)
        assert dan.ask(str(room.secret())) == "gagné"
        assert dan.ask("scores") == "scores 1. Bea 1/1, 2. Dan 1/1, 3. Ada 1/2, 4. Cid 0/1"
        ada.end()
        cid.end()
        assert bea.ask("scores").endswith(", 3. Ada 1/2, 4. Cid 0/1")
