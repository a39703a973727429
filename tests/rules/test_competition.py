"""The clauses of `rules.md` on a competition: its phases, its rounds, waiting for one."""

from __future__ import annotations

import inspect
import re
import shutil
import socket
import sys
from pathlib import Path

import pytest

from justeprix.game import roster
from justeprix.game.competition import Phase, Settings
from justeprix.session import session
from tests.support.player import Player, error
from tests.support.room import Class, Room, eventually


def phase(player: Player) -> str:
    return str(player.state_now()["phase"])


def wait(player: Player, room: Class, *after: str) -> None:
    """Have the only one who waits wait for a round, and send more after that."""
    player.send("".join(f"{line}\n" for line in ("pret", *after)).encode())
    room.await_ready(1)


def test_a_host_holds_practice_or_a_competition() -> None:
    """R4 — « Un hôte mène l'entraînement ou une compétition, jamais les deux. À l'entraînement
    chaque session a son secret ; dans une compétition une manche a un secret, le même pour tous.
    »"""
    with Room() as room:
        player = room.player()
        assert phase(player) == "entrainement"
        assert player.ask("pret") == "manche 1 entre 1 et 100"
    with Class() as room:
        players = [room.player() for _ in range(5)]
        assert phase(room.player()) == "salle"
        room.director.start()
        assert {player.win()[0] for player in players} == {room.secret()}


def test_from_the_lobby_to_the_end() -> None:
    """R25 — « Une compétition va de phase en phase : `salle`, puis `manche` et `pause` en
    alternance, et `finie` après la dernière manche. L'animateur peut y mettre fin plus tôt. »"""
    with Class() as room:
        screen = room.player()
        assert phase(screen) == "salle"
        for move in (room.director.start, room.director.next):
            move()
            assert phase(screen) == "manche"
            room.director.stop()
            assert phase(screen) == ("pause" if move == room.director.start else "finie")


@pytest.mark.parametrize("moves", [[], ["start"], ["start", "stop"]])
def test_the_end_may_come_early(moves: list[str]) -> None:
    """R25 — « Une compétition va de phase en phase : `salle`, puis `manche` et `pause` en
    alternance, et `finie` après la dernière manche. L'animateur peut y mettre fin plus tôt. »"""
    with Class() as room:
        for move in moves:
            getattr(room.director, move)()
        room.director.finish()
        assert phase(room.player()) == "finie"


def test_the_teacher_opens_each_round() -> None:
    """R26 — « L'animateur ouvre chaque manche. Il peut aussi choisir un nombre de joueurs : la
    première manche commence alors quand ils sont là, et les suivantes après 10 secondes de pause,
    ou dès que tous les joueurs présents attendent avec `pret`. »"""
    with Class() as room:
        player, screen = room.player(), room.player()
        assert phase(screen) == "salle"
        wait(player, room)
        assert player.is_silent(0.2)  # all are ready, and nothing happens
        room.director.start()
        assert player.recv_line() == "manche 1 entre 1 et 100"
        player.win()
        room.await_phase(Phase.PAUSE)
        wait(player, room)
        assert player.is_silent(0.2)
        assert phase(screen) == "pause"
        room.director.next()
        assert player.recv_line() == "manche 2 entre 1 et 100"


def test_rounds_may_follow_by_themselves() -> None:
    """R26 — « L'animateur ouvre chaque manche. Il peut aussi choisir un nombre de joueurs : la
    première manche commence alors quand ils sont là, et les suivantes après 10 secondes de pause,
    ou dès que tous les joueurs présents attendent avec `pret`. »"""
    assert Settings(rounds=1).pause == 10
    with Class(players=2) as room:
        first = room.player()
        wait(first, room)
        assert first.is_silent(0.2)
        second = room.player("Bea")
        assert first.recv_line() == "manche 1 entre 1 et 100"
        first.win()
        second.win()
        first.send(b"pret\n")
        assert first.is_silent(0.2)  # one of two is ready, and ten seconds are long
        second.send(b"pret\n")
        assert first.recv_line() == second.recv_line() == "manche 2 entre 1 et 100"


def test_a_pause_ends_by_itself() -> None:
    """R26 — « L'animateur ouvre chaque manche. Il peut aussi choisir un nombre de joueurs : la
    première manche commence alors quand ils sont là, et les suivantes après 10 secondes de pause,
    ou dès que tous les joueurs présents attendent avec `pret`. »"""
    with Class(players=1, pause=1) as room:
        player = room.player("Ada")
        room.await_phase(Phase.ROUND)
        player.win()
        eventually(lambda: room.contest.next_number, 3)  # nobody was ready
        assert player.ask("pret") == "manche 2 entre 1 et 100"


def test_a_number_plays_the_round() -> None:
    """R27 — « Un nombre envoyé pendant une manche la joue, que `pret` ait été envoyé ou non, et
    même par qui vient d'arriver. »"""
    with Class() as room:
        ready, unready = room.player("Ada"), room.player("Bea")
        wait(ready, room)
        room.director.start()
        assert ready.recv_line() == "manche 1 entre 1 et 100"
        late = room.player("Cid")
        for player in (ready, unready, late):
            assert player.ask(str(room.wrong())) in ("plus", "moins")
            assert player.ask(str(room.secret())) == "gagné"
        scores = ready.ask("scores").removeprefix("scores ").split(", ")
        assert [entry[3:] for entry in scores] == ["Ada 1/2", "Bea 1/2", "Cid 1/2"]


def refused(player: Player, code: str) -> None:
    """Whether plain or numbered, a guess is refused with that code and counts nothing."""
    before = player.ask("session")
    seq = int(before.split()[2])
    assert error(player.ask("50")) == code
    assert error(player.ask(f"#{seq + 1} 50")) == code
    assert player.ask("session") == before


def test_too_early_for_a_guess() -> None:
    """R28 — « Dans la salle, en pause, après ton `gagné` ou une fois le temps écoulé, un nombre
    reçoit `erreur attente …` ; quand la compétition est finie, il reçoit `erreur finie …`. Rien
    n'est compté, et un coup numéroté ne consomme pas son numéro. »"""
    with Class() as room:
        player, other = room.player("Ada"), room.player()
        player.open_session()
        other.sync()
        refused(player, "attente")  # the lobby
        room.director.start()
        assert player.ask(f"#1 {room.secret()}") == "resultat 1 gagné"
        refused(player, "attente")  # found
        room.director.stop()
        refused(player, "attente")  # a pause
        assert player.ask(f"#1 {room.secret()}") == "resultat 1 gagné"  # what counted still does
        room.director.next()
        assert player.ask(f"#2 {room.secret(2)}") == "resultat 2 gagné"
        room.director.stop()
        refused(player, "finie")
        assert player.ask("scores") == "scores 1. Ada 2/2"


def test_too_late_for_a_guess() -> None:
    """R28 — « Dans la salle, en pause, après ton `gagné` ou une fois le temps écoulé, un nombre
    reçoit `erreur attente …` ; quand la compétition est finie, il reçoit `erreur finie …`. Rien
    n'est compté, et un coup numéroté ne consomme pas son numéro. »"""
    with Class(rounds=1, time_limit=1) as room:
        player = room.player("Ada")
        player.open_session()
        room.director.start()
        with room.server.room.lock:  # the clock cannot close the round
            late = room.contest.rounds[0].closes_at
            assert late is not None
            eventually(lambda: room.server.room.clock.now() >= late, True)
            player.send(b"50\n#1 50\n")
            assert player.is_silent(0.05)
        assert {error(player.recv_line()), error(player.recv_line())} <= {
            "attente",
            "finie",
        }
        room.await_phase(Phase.FINISHED)
        refused(player, "finie")
        assert player.ask("scores") == "scores"


def test_ready_is_answered_when_the_round_begins() -> None:
    """R29 — « Dans une compétition, `pret` reçoit `manche <n> entre <lo> et <hi>` quand la manche
    suivante commence, ou tout de suite si une manche que tu n'as pas trouvée est en cours. Quand la
    compétition est finie, ou dès qu'elle finit, `pret` reçoit `FIN` et l'hôte ferme la connexion.
    »"""
    with Class() as room:
        player, late = room.player("Ada"), room.player("Bea")
        wait(player, room)
        assert player.is_silent(0.1)
        room.director.start()
        assert player.recv_line() == "manche 1 entre 1 et 100"
        for asks in (player, late, player):
            assert asks.ask("pret") == "manche 1 entre 1 et 100"  # not found yet: at once
        player.win()
        wait(player, room)
        late.win()
        room.await_phase(Phase.PAUSE)
        room.director.next()
        assert player.recv_line() == "manche 2 entre 1 et 100"


def test_ready_after_the_end() -> None:
    """R29 — « Dans une compétition, `pret` reçoit `manche <n> entre <lo> et <hi>` quand la manche
    suivante commence, ou tout de suite si une manche que tu n'as pas trouvée est en cours. Quand la
    compétition est finie, ou dès qu'elle finit, `pret` reçoit `FIN` et l'hôte ferme la connexion.
    »"""
    with Class() as room:
        waiting, bare, later = room.player(), room.player(), room.player()
        waiting.send(b"pret\n")
        bare.send(b"pret")
        room.await_ready(2)
        room.director.finish()
        assert waiting.rest() == b"FIN\n"
        assert bare.rest() == b"FIN"
        later.sync()  # who did not ask stays
        later.send(b"pret\n")
        assert later.rest() == b"FIN\n"


def test_all_who_wait_are_told_in_one_sweep() -> None:
    """R30 — « Quand une manche commence, tous ceux qui attendent reçoivent leur ligne d'un seul
    coup, avant toute réponse à ce qu'ils ont envoyé en attendant. »"""
    with Class() as room:
        players = [room.player() for _ in range(40)]
        for player in players:
            player.send(b"pret\nping apres\n")
        room.await_ready(40)
        room.director.start()
        first, *others = players
        assert first.recv_line() == "manche 1 entre 1 et 100"
        assert first.recv_line() == "pong apres"
        for player in others:  # theirs was sent before that: it is here already
            line = player.socket.recv(24, DONT_WAIT)
            assert line == b"manche 1 entre 1 et 100\n"
            assert player.recv_line() == "pong apres"


DONT_WAIT = socket.MSG_DONTWAIT if sys.platform == "linux" else 0


def test_what_is_sent_while_waiting_is_answered_after() -> None:
    """R31 — « Ce que tu envoies en attendant est traité après cette ligne, dans l'ordre. Seul `FIN`
    n'attend pas : il reçoit sa réponse tout de suite. L'hôte garde 100 messages ; un de plus reçoit
    `erreur attente …` et met fin à la connexion. Dans ces deux cas, ce que tu as envoyé depuis
    `pret` est perdu. »"""
    assert session.MAX_HELD == 100
    with Class() as room:
        player = room.player("Ada")
        numbers = [f"ping {n}" for n in range(97)]
        wait(player, room, *numbers, "nom Bea", str(room.secret()), "scores")
        assert player.is_silent(0.1)
        room.director.start()
        assert player.recv_line() == "manche 1 entre 1 et 100"
        assert [player.recv_line() for _ in numbers] == [f"pong {n}" for n in range(97)]
        assert [player.recv_line() for _ in range(2)] == ["nom Bea", "gagné"]
        assert player.recv_line() == "scores"  # its books are closed when the step is stored
        assert player.ask("scores") == "scores 1. Bea 1/1"


def test_what_is_sent_while_waiting_may_wait_for_two_rounds() -> None:
    """R31 — « Ce que tu envoies en attendant est traité après cette ligne, dans l'ordre. Seul `FIN`
    n'attend pas : il reçoit sa réponse tout de suite. L'hôte garde 100 messages ; un de plus reçoit
    `erreur attente …` et met fin à la connexion. Dans ces deux cas, ce que tu as envoyé depuis
    `pret` est perdu. »"""
    with Class() as room:
        player = room.player()
        wait(player, room, str(room.secret(1)), "pret", str(room.secret(2)), "pret")
        room.director.start()
        assert [player.recv_line() for _ in range(2)] == [
            "manche 1 entre 1 et 100",
            "gagné",
        ]
        room.await_phase(Phase.PAUSE)
        room.director.next()
        assert [player.recv_line() for _ in range(2)] == [
            "manche 2 entre 1 et 100",
            "gagné",
        ]
        assert player.recv_line() == "FIN"


def test_who_waits_may_leave() -> None:
    """R31 — « Ce que tu envoies en attendant est traité après cette ligne, dans l'ordre. Seul `FIN`
    n'attend pas : il reçoit sa réponse tout de suite. L'hôte garde 100 messages ; un de plus reçoit
    `erreur attente …` et met fin à la connexion. Dans ces deux cas, ce que tu as envoyé depuis
    `pret` est perdu. »"""
    with Class() as room:
        player = room.player()
        token = player.open_session()
        wait(player, room, "ping", "ping")
        player.send(b"Fin\n")
        assert player.rest() == b"FIN\n"
        assert error(room.player().ask(f"session {token}")) == "finie"


def test_who_waits_may_not_send_without_end() -> None:
    """R31 — « Ce que tu envoies en attendant est traité après cette ligne, dans l'ordre. Seul `FIN`
    n'attend pas : il reçoit sa réponse tout de suite. L'hôte garde 100 messages ; un de plus reçoit
    `erreur attente …` et met fin à la connexion. Dans ces deux cas, ce que tu as envoyé depuis
    `pret` est perdu. »"""
    with Class() as room:
        player = room.player()
        token = player.open_session()
        wait(player, room, *["ping"] * 100)
        assert player.is_silent(0.1)
        player.send(b"ping\n")
        assert error(player.recv_line()) == "attente"
        assert player.rest() == b""
        back = room.player()
        assert back.ask(f"session {token}") == f"session {token} 0 0"
        wait(back, room)
        room.director.start()
        assert back.recv_line() == "manche 1 entre 1 et 100"


def test_a_round_ends_when_all_have_found_it() -> None:
    """R32 — « Une manche finit quand tous les joueurs présents l'ont trouvée, quand son temps est
    écoulé, ou quand l'animateur le décide ; il peut aussi la prolonger. Elle attend 15 secondes un
    joueur dont le lien reprenable s'est coupé. »"""
    with Class() as room:
        ada, bea, screen = room.player("Ada"), room.player("Bea"), room.player()
        phase(screen)
        room.director.start()
        ada.win()
        bea.ask(str(room.wrong()))
        assert bea.is_silent(0.2)
        assert phase(screen) == "manche"
        late = room.player("Cid")
        bea.win()
        assert late.is_silent(0.2)
        assert phase(screen) == "manche"
        late.end()  # not resumable: nobody waits for it
        room.await_phase(Phase.PAUSE)


def test_a_round_waits_for_a_broken_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """R32 — « Une manche finit quand tous les joueurs présents l'ont trouvée, quand son temps est
    écoulé, ou quand l'animateur le décide ; il peut aussi la prolonger. Elle attend 15 secondes un
    joueur dont le lien reprenable s'est coupé. »"""
    assert roster.GRACE == 15.0
    with Class() as room:
        ada, bea, screen = room.player("Ada"), room.player("Bea"), room.player()
        phase(screen)
        token = bea.open_session()
        room.director.start()
        bea.end()
        ada.win()
        assert ada.is_silent(0.3)
        assert phase(screen) == "manche"
        back = room.player()
        back.ask(f"session {token}")
        assert back.ask(str(room.secret())) == "gagné"
        room.await_phase(Phase.PAUSE)
        monkeypatch.setattr(roster, "GRACE", 0.2)
        room.director.next()
        ada.win()
        back.end()
        room.await_phase(Phase.FINISHED)  # without her


def test_a_round_ends_when_its_time_is_over() -> None:
    """R32 — « Une manche finit quand tous les joueurs présents l'ont trouvée, quand son temps est
    écoulé, ou quand l'animateur le décide ; il peut aussi la prolonger. Elle attend 15 secondes un
    joueur dont le lien reprenable s'est coupé. »"""
    with Class(time_limit=1) as room:
        player = room.player()
        room.director.start()
        room.await_phase(Phase.PAUSE)
        assert error(player.ask("50")) == "attente"


def test_the_teacher_ends_a_round_or_makes_it_longer() -> None:
    """R32 — « Une manche finit quand tous les joueurs présents l'ont trouvée, quand son temps est
    écoulé, ou quand l'animateur le décide ; il peut aussi la prolonger. Elle attend 15 secondes un
    joueur dont le lien reprenable s'est coupé. »"""
    with Class(time_limit=60) as room:
        player = room.player()
        room.director.start()
        left = player.follow()["secondes"]
        assert left in (59, 60)
        room.director.extend(30)
        assert player.state_now()["secondes"] in (89, 90)
        room.director.stop()
        assert phase(player) == "pause"


def test_a_screen_is_no_player() -> None:
    """R33 — « Est un joueur qui a proposé un nombre, ou dit `nom` ou `pret`. Toute autre
    connexion, muette ou qui suit (`suivre`) et pose des questions, n'en est pas un : elle n'est
    pas comptée, et rien ne commence ni n'attend à cause d'elle. Qui suit sans jouer est un
    *écran*. Une session reprise est ce qu'elle était. »"""
    with Class() as room:
        player, screen = room.player("Ada"), room.player()
        phase(screen)
        for word in ("bornes", "scores", "aide", "ping"):
            screen.ask(word)
        room.director.start()
        assert player.ask(str(room.secret())) == "gagné"
        room.await_phase(Phase.PAUSE)


@pytest.mark.parametrize("words", [(), ("ping",), ("session",), ("session", "scores")])
def test_who_has_not_begun_to_play_is_no_player(words: tuple[str, ...]) -> None:
    """R33 — « Est un joueur qui a proposé un nombre, ou dit `nom` ou `pret`. Toute autre
    connexion, muette ou qui suit (`suivre`) et pose des questions, n'en est pas un : elle n'est
    pas comptée, et rien ne commence ni n'attend à cause d'elle. Qui suit sans jouer est un
    *écran*. Une session reprise est ce qu'elle était. »"""
    with Class(players=3) as room:
        silent, ada = room.player(), room.player("Ada")
        for word in words:
            silent.ask(word)
        bea = room.player("Bea")
        screen = room.player()
        state = screen.follow()
        assert (state["presents"], state["ici"]) == (2, ["Ada", "Bea"])
        assert phase(screen) == "salle"  # two of three
        cid = room.player("Cid")
        room.await_phase(Phase.ROUND)
        for player in (ada, bea, cid):
            assert player.ask(str(room.secret())) == "gagné"
        room.await_phase(Phase.PAUSE)  # though somebody is silent


def test_a_token_alone_makes_no_player_when_it_comes_back() -> None:
    """R33 — « Est un joueur qui a proposé un nombre, ou dit `nom` ou `pret`. Toute autre
    connexion, muette ou qui suit (`suivre`) et pose des questions, n'en est pas un : elle n'est
    pas comptée, et rien ne commence ni n'attend à cause d'elle. Qui suit sans jouer est un
    *écran*. Une session reprise est ce qu'elle était. »"""
    with Class() as room:
        silent, screen = room.player(), room.player()
        token = silent.open_session()
        silent.end()
        assert room.player().ask(f"session {token}").startswith("session ")
        assert screen.follow()["presents"] == 0


@pytest.mark.parametrize("line", ["1", "nom Bea", "pret", "session\n#1 1"])
def test_what_makes_a_player_of_a_screen(line: str) -> None:
    """R33 — « Est un joueur qui a proposé un nombre, ou dit `nom` ou `pret`. Toute autre
    connexion, muette ou qui suit (`suivre`) et pose des questions, n'en est pas un : elle n'est
    pas comptée, et rien ne commence ni n'attend à cause d'elle. Qui suit sans jouer est un
    *écran*. Une session reprise est ce qu'elle était. »"""
    with Class() as room:
        player, screen, other = room.player("Ada"), room.player(), room.player()
        phase(screen)
        phase(other)
        room.director.start()
        line = str(room.wrong()) if line == "1" else line
        screen.send(f"{line}\nping fait\n".encode())
        while screen.recv_line() != "pong fait":
            pass
        assert player.ask(str(room.secret())) == "gagné"
        assert player.is_silent(0.2)
        assert phase(other) == "manche"


def killed(file: Path, folder: Path) -> Path:
    """Copy what is on the disk now: what the host would find there, had it been killed now."""
    folder.mkdir()
    for part in file.parent.glob(f"{file.name}*"):
        shutil.copy(part, folder)
    return folder / file.name


@pytest.mark.parametrize("kill", [True, False])
def test_a_competition_survives_its_host(tmp_path: Path, kill: bool) -> None:
    """R34 — « Une compétition survit à son hôte, même tué net : relancé avec `--resume`, il la
    reprend dans la même phase, avec les secondes qui restaient, les places, les noms, les coups et
    les secrets. Le temps passé sans hôte ne compte pas, ni celui où il est suspendu plus de 1,5
    seconde : un ordinateur en veille n'est en retard pour personne. »"""
    file = tmp_path / "partie.db"
    with Class(db=file, time_limit=600) as room:
        id = room.contest.row.id
        secrets = room.secret(1), room.secret(2)
        ada, bea = room.player("Ada"), room.player("Bea")
        token = ada.open_session()
        room.director.start()
        seal = ada.ask("sceau")
        assert ada.ask(f"#1 {room.wrong()}") in ("resultat 1 plus", "resultat 1 moins")
        assert bea.ask(str(room.wrong())) in ("plus", "moins")
        left = ada.follow()["secondes"]
        if kill:
            file = killed(file, tmp_path / "copie")
    with Room(competition=id, db=file) as again:
        ada, bea = again.player(), again.player()
        assert error(bea.ask("nom Ada")) == "pris"
        assert ada.ask(f"session {token}") == f"session {token} 1 1"
        assert bea.ask("nom Bea") == "nom Bea"
        assert ada.ask("sceau") == seal
        assert ada.ask("pret") == bea.ask("pret") == "manche 1 entre 1 et 100"
        assert ada.ask(f"#2 {secrets[0]}") == "resultat 2 gagné"
        assert ada.ask("scores") == "scores 1. Ada 1/2, 2. Bea 0/1"
        state = ada.follow()
        assert (state["phase"], state["manche"]) == ("manche", 1)
        assert left - 2 <= state["secondes"] <= left + 1
        bea.ask(str(secrets[0]))
        screen = again.player()  # Bea follows nothing: the next round would come before her answer
        eventually(lambda: phase(screen), "pause")
        again.server.director.next()
        assert bea.ask(str(secrets[1])) == "gagné"


@pytest.mark.parametrize("moves", [[], ["start"], ["start", "stop"], ["start", "stop", "next"]])
def test_a_competition_survives_in_any_phase(tmp_path: Path, moves: list[str]) -> None:
    """R34 — « Une compétition survit à son hôte, même tué net : relancé avec `--resume`, il la
    reprend dans la même phase, avec les secondes qui restaient, les places, les noms, les coups et
    les secrets. Le temps passé sans hôte ne compte pas, ni celui où il est suspendu plus de 1,5
    seconde : un ordinateur en veille n'est en retard pour personne. »"""
    with Class(db=tmp_path / "partie.db") as room:
        for move in moves:
            getattr(room.director, move)()
        before = phase(room.player())
        file = killed(tmp_path / "partie.db", tmp_path / "copie")
        id = room.contest.row.id
    with Room(competition=id, db=file) as again:
        assert phase(again.player()) == before


def test_it_is_taken_up_with_an_option() -> None:
    """R34 — « Une compétition survit à son hôte, même tué net : relancé avec `--resume`, il la
    reprend dans la même phase, avec les secondes qui restaient, les places, les noms, les coups et
    les secrets. Le temps passé sans hôte ne compte pas, ni celui où il est suspendu plus de 1,5
    seconde : un ordinateur en veille n'est en retard pour personne. »"""
    from justeprix.cli.host import command as host

    assert re.search(r'"--resume"', inspect.getsource(host))
