"""The clauses of `rules.md` on limits and on the end, with shortened times."""

from __future__ import annotations

import select
import time
from contextlib import suppress
from pathlib import Path

import pytest

from justeprix.cli.host.orders import Desk, obey
from justeprix.game.competition import Phase, Settings
from justeprix.room.limits import Limits
from tests.support.player import PATIENCE, Player, error, parse_state
from tests.support.room import Class, Room, eventually


def test_how_many_players() -> None:
    """R78 — « Un hôte reçoit 1 000 joueurs à la fois, moins si le système lui donne moins de
    connexions. »"""
    assert Limits().max_players == 1000
    with Room(limits=Limits(max_players=3)) as room:
        players = [room.player() for _ in range(3)]
        for player in players:
            player.sync()
        assert error(room.player().greeting) == "complet"
        for player in players:
            player.sync()


def test_a_burst_is_answered_at_once() -> None:
    """R79 — « Une connexion peut envoyer 100 messages d'un coup, puis 1 000 par seconde ; un
    `scores` ou un `suivre`, qui demande plus de travail, compte pour 20. Au-delà l'hôte la lit
    plus tard : elle est ralentie, rien n'est perdu, et les autres n'en souffrent pas. »"""
    assert (Limits().burst, Limits().rate) == (100, 1000)
    with Room(limits=Limits(burst=100, rate=1)) as room:
        player = room.player()
        player.send(b"ping\n" * 50)
        player.send(b"ping\n" * 50)
        start = time.monotonic()
        assert [player.recv_line() for _ in range(100)] == ["pong"] * 100
        assert time.monotonic() - start < 5  # at one a second it would take 100


def test_a_flood_is_slowed_and_loses_nothing() -> None:
    """R79 — « Une connexion peut envoyer 100 messages d'un coup, puis 1 000 par seconde ; un
    `scores` ou un `suivre`, qui demande plus de travail, compte pour 20. Au-delà l'hôte la lit
    plus tard : elle est ralentie, rien n'est perdu, et les autres n'en souffrent pas. »"""
    with Room(limits=Limits(burst=10, rate=500)) as room:
        flood, other = room.player(), room.player()
        start = time.monotonic()
        flood.send(b"".join(b"ping %03d\n" % n for n in range(600)))
        for _ in range(20):
            other.sync()
        assert [flood.recv_line() for _ in range(600)] == [f"pong {n:03}" for n in range(600)]
        assert time.monotonic() - start > 0.4  # two rests of half a second at 2,048 bytes a read
        flood.sync()


@pytest.mark.parametrize("question", ["scores", "suivre"])
def test_questions_about_everybody_count_for_more(question: str) -> None:
    """R79 — « Une connexion peut envoyer 100 messages d'un coup, puis 1 000 par seconde ; un
    `scores` ou un `suivre`, qui demande plus de travail, compte pour 20. Au-delà l'hôte la lit
    plus tard : elle est ralentie, rien n'est perdu, et les autres n'en souffrent pas. »"""
    with Room(limits=Limits(burst=40, rate=1)) as room:
        curious, other = room.player(), room.player()
        for _ in range(3):
            curious.send(f"{question}\n".encode())
            assert curious.recv_line()
        curious.send(b"ping\n")
        other.sync()
        curious.is_silent(0.3)  # who follows may hear of the others
        assert b"pong" not in curious.unread()  # 60 messages against 40: a rest of 20 seconds


def test_the_others_do_not_feel_a_flood() -> None:
    """R79 — « Une connexion peut envoyer 100 messages d'un coup, puis 1 000 par seconde ; un
    `scores` ou un `suivre`, qui demande plus de travail, compte pour 20. Au-delà l'hôte la lit
    plus tard : elle est ralentie, rien n'est perdu, et les autres n'en souffrent pas. »"""
    with Room(limits=Limits(burst=10, rate=10)) as room:
        flood, other = room.player(), room.player()
        flood.send(b"ping\n" * 1000)
        flood.recv_line()
        start = time.monotonic()
        assert other.ask("ping") == "pong"
        assert time.monotonic() - start < 5  # the flood rests for half a minute by now


def test_silence_ends_a_connection() -> None:
    """R80 — « Sans un octet de ta part pendant 10 minutes, l'hôte met fin à la connexion comme s'il
    fermait la partie. Suivre ne suffit pas : envoie un `ping`. »"""
    assert Limits().idle == 600
    with Room(limits=Limits(idle=1.0)) as room:
        plain, resumable, follower = room.player(), room.player(), room.player()
        token = resumable.open_session()
        follower.follow()
        assert plain.rest() == b"FIN\n"
        assert resumable.rest().startswith(b"shutdown ")
        assert follower.rest().endswith(b"\nFIN\n")
        assert room.player().ask(f"session {token}") == f"session {token} 0 0"


def test_a_byte_now_and_then_is_enough() -> None:
    """R80 — « Sans un octet de ta part pendant 10 minutes, l'hôte met fin à la connexion comme s'il
    fermait la partie. Suivre ne suffit pas : envoie un `ping`. »"""
    with Room(limits=Limits(idle=1.0)) as room:
        player = room.player()
        start = time.monotonic()
        while time.monotonic() - start < 2.5:  # the host looks once a second
            player.sync()
            assert player.is_silent(0.1)


def test_the_lobby_is_patient() -> None:
    """R81 — « Dans la salle d'une compétition le silence peut durer 30 minutes. Qui attend la
    réponse à `pret` n'est jamais coupé pour son silence. Quand la première manche commence, et
    quand `pret` reçoit sa réponse, les 10 minutes commencent. »"""
    assert Limits().idle_lobby == 1800
    with Class(limits=Limits(idle=0.3, idle_lobby=3.0)) as room:
        silent, waiting = room.player(), room.player()
        waiting.send(b"pret\n")
        assert silent.is_silent(1.5)  # the host looks once a second
        assert silent.rest() == b"FIN\n"
        assert waiting.is_silent(1.2)
        room.director.finish()
        assert waiting.rest() == b"FIN\n"


def test_silence_begins_when_the_round_does() -> None:
    """R81 — « Dans la salle d'une compétition le silence peut durer 30 minutes. Qui attend la
    réponse à `pret` n'est jamais coupé pour son silence. Quand la première manche commence, et
    quand `pret` reçoit sa réponse, les 10 minutes commencent. »"""
    with Class(limits=Limits(idle=2.0, idle_lobby=60.0)) as room:
        silent, waiting = room.player(), room.player()
        waiting.send(b"pret\n")
        assert waiting.is_silent(2.2)
        room.director.start()
        assert waiting.recv_line() == "manche 1 entre 1 et 100"
        assert waiting.is_silent(1.2)
        assert silent.is_silent(0.1)
        assert waiting.rest() == silent.rest() == b"FIN\n"


def chat_until_cut(room: Room, deaf: Player) -> None:
    """Have new players talk, until the one who asks and asks and reads nothing is gone."""
    deadline = time.monotonic() + PATIENCE
    there = 1
    while there:
        assert time.monotonic() < deadline
        shout(deaf, b"aide\n", 40_000)  # 5 MB of answers, as soon as the system takes it all
        talker = room.player()
        assert talker.ask("dire il y a quelqu'un ?") == "ok"
        talker.end()
        with room.server.room.lock:
            there = len(room.server.room.roster.present)


def shout(player: Player, line: bytes, times: int) -> None:
    """Send a line again and again, as far as the system takes it, and read nothing."""
    player.socket.setblocking(False)
    data = line * times
    with suppress(BlockingIOError, ConnectionError):  # full, or cut
        while data:
            data = data[player.socket.send(data) :]
    player.socket.settimeout(PATIENCE)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(rate=0, arrivals=10**6, stuck=0.3),
        Limits(rate=0, arrivals=10**6, stuck=60.0, outbox=10),
    ],
    ids=["takes nothing", "too far behind"],
)
def test_who_does_not_read_is_cut_and_may_resume(limits: Limits) -> None:
    """R82 — « Qui ne lit pas ses réponses est coupé quand plus de 64 Kio l'attendent, ou quand il
    n'a rien pris pendant 5 secondes. Une session reprenable peut alors être reprise. »"""
    assert (Limits().outbox, Limits().stuck) == (65536, 5.0)
    with Room(limits=limits) as room:
        deaf = room.player("Ada", receive_buffer=4096)
        token = deaf.open_session()
        assert deaf.follow()["presents"] == 1
        chat_until_cut(room, deaf)  # what is said has to wait behind the answers
        back = room.player()
        assert back.ask(f"session {token}") == f"session {token} 0 0"


def test_who_reads_is_never_cut() -> None:
    """R83 — « Lire ses réponses suffit pour ne jamais être coupé, quel que soit le nombre de
    messages envoyés d'un coup. »"""
    with Room(low=5, high=5) as room:
        for n in range(45):
            assert room.player(f"Joueuse numéro {n}").ask("5") == "gagné"
        player = room.player()
        player.send(b"suivre\n" * 250)  # 2 KB of state each
        states = 0
        deadline = time.monotonic() + PATIENCE
        while states < 250 and time.monotonic() < deadline:
            states += player.recv_line().startswith("etat ")
        assert states >= 250


@pytest.mark.parametrize("word", ["FIN", "fin", "Fin"])
def test_the_goodbye(word: str) -> None:
    """R84 — « `FIN`, en majuscules ou en minuscules, reçoit `FIN` ; la session est finie et l'hôte
    ferme la connexion. Ce que tu envoies après ne compte pas. »"""
    with Room(low=5, high=5) as room:
        player, other = room.player(), room.player()
        player.send(f"ping\n{word}\n5\nping\n".encode())
        assert player.rest() == b"pong\nFIN\n"
        assert other.ask("scores") == "scores"


def test_the_host_says_goodbye() -> None:
    """R85 — « Quand l'hôte ferme la partie, une session reprenable reçoit `shutdown <raison>`, les
    autres reçoivent `FIN`. S'il s'arrête et que la partie peut continuer, la raison commence par le
    mot `pause` : `shutdown pause <phrase>` ; garde alors ton jeton, et essaie de revenir pendant 5
    minutes au moins. »"""
    with Room() as room:
        plain, resumable = room.player(), room.player()
        plain.sync()
        resumable.open_session()
        room.server.close("c'est l'heure")
        assert plain.rest() == b"FIN\n"
        assert resumable.rest() == b"shutdown c'est l'heure\n"


@pytest.mark.parametrize("phase", [Phase.LOBBY, Phase.ROUND, Phase.PAUSE])
def test_a_host_that_stops_says_that_it_may_come_back(phase: Phase, tmp_path: Path) -> None:
    """R85 — « Quand l'hôte ferme la partie, une session reprenable reçoit `shutdown <raison>`, les
    autres reçoivent `FIN`. S'il s'arrête et que la partie peut continuer, la raison commence par le
    mot `pause` : `shutdown pause <phrase>` ; garde alors ton jeton, et essaie de revenir pendant 5
    minutes au moins. »"""
    with Class(db=tmp_path / "game.db") as room:
        plain, resumable = room.player("Ada"), room.player("Bob")
        screen = room.player()
        token = resumable.open_session()
        if phase is not Phase.LOBBY:
            room.director.start()
        if phase is Phase.PAUSE:
            room.director.stop()
        for follower in (plain, resumable, screen):
            assert follower.follow()["retour"] is False
        room.server.close()
        for follower in (plain, resumable, screen):
            *_, state, last = follower.rest().decode().splitlines()
            told = parse_state(state)
            assert (told["phase"], told["retour"]) == (phase, True)
            assert last.startswith("shutdown pause l'hôte " if follower is resumable else "FIN")
    with Room(db=tmp_path / "game.db", competition=1) as room:
        assert room.player().ask(f"session {token}").startswith(f"session {token} ")


@pytest.mark.parametrize("competition", [None, Settings(rounds=1)], ids=["practice", "finished"])
def test_a_host_that_ends_the_game_says_no_such_thing(
    competition: Settings | None, tmp_path: Path
) -> None:
    """R85 — « Quand l'hôte ferme la partie, une session reprenable reçoit `shutdown <raison>`, les
    autres reçoivent `FIN`. S'il s'arrête et que la partie peut continuer, la raison commence par le
    mot `pause` : `shutdown pause <phrase>` ; garde alors ton jeton, et essaie de revenir pendant 5
    minutes au moins. »"""
    with Room(db=tmp_path / "game.db", competition=competition) as room:
        resumable = room.player()
        resumable.open_session()
        resumable.follow()
        assert obey(Desk(room.server, None), "fin") is None
        room.server.close()
        *states, last = resumable.rest().decode().splitlines()
        assert not any(parse_state(state)["retour"] for state in states)
        assert last in ("shutdown l'hôte a fermé la partie", "shutdown la compétition est finie")


def test_nothing_comes_after_the_last_line() -> None:
    """R86 — « La ligne qui met fin à une connexion est la dernière. Ensuite l'hôte ferme son sens
    d'écriture, te laisse 1 seconde pour fermer le tien, et coupe. »"""
    with Room() as room:
        player = room.player()
        player.send(b"suivre\ndire salut\nFIN\n")
        assert player.rest().endswith(b"\nok\nFIN\n")


def insist(player: Player, seconds: float) -> None:
    """Send again and again, until the system says that nobody is there."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        player.send(b"trop tard\n")
        select.select([], [], [], 0.01)  # not to fill the link meanwhile


def test_our_side_has_a_moment_to_close() -> None:
    """R86 — « La ligne qui met fin à une connexion est la dernière. Ensuite l'hôte ferme son sens
    d'écriture, te laisse 1 seconde pour fermer le tien, et coupe. »"""
    assert Limits().linger == 1.0
    with Room(limits=Limits(linger=0.3)) as room:
        player = room.player()
        assert player.ask("FIN") == "FIN"
        start = time.monotonic()
        assert player.recv_raw() == b""  # the host's side is closed, ours is not
        with pytest.raises(ConnectionError):
            insist(player, PATIENCE)
        assert time.monotonic() - start > 0.2


@pytest.mark.parametrize("last", ["", "session faux", "GET / HTTP/1.1"])
def test_only_fin_ends_a_resumable_session(last: str) -> None:
    """R87 — « Une session reprenable ne finit que par `FIN`, ou quand l'animateur exclut son joueur
    ou libère son nom : après une coupure, `shutdown` ou une erreur, son jeton la reprend. »"""
    with Room(limits=Limits(wrong_codes=0)) as room:
        player = room.player()
        token = player.open_session()
        player.ask("1")
        if last:
            assert error(player.ask(last))
            assert player.rest() == b""
        player.close()
        back = room.player()
        assert back.ask(f"session {token}") == f"session {token} 1 1"
        assert back.ask("FIN") == "FIN"
        back.end()
        assert error(room.player().ask(f"session {token}")) == "finie"


@pytest.mark.parametrize("act", ["exclude", "free"])
def test_the_teacher_may_end_a_resumable_session(act: str) -> None:
    """R87 — « Une session reprenable ne finit que par `FIN`, ou quand l'animateur exclut son joueur
    ou libère son nom : après une coupure, `shutdown` ou une erreur, son jeton la reprend. »"""
    with Class() as room:
        player = room.player("Ada")
        token = player.open_session()
        getattr(room.director, act)("Ada")
        player.rest()
        if act == "free":
            heir = room.player()
            eventually(lambda: heir.ask("nom Ada"), "nom Ada")
        code = "exclu" if act == "exclude" else "jeton"
        assert error(room.player().ask(f"session {token}")) == code
