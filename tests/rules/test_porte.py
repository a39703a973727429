"""`rules.md`, the door: one test a clause, at least."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from justeprix.errors import ProtocolError
from justeprix.game.competition import Phase, Settings
from justeprix.room.admission import PER_ADDRESS, Arrivals, Door
from justeprix.room.limits import Limits
from justeprix.session.events import News
from tests.support.player import Player, error
from tests.support.room import Room, eventually

CODE = "4821"
ELSEWHERE = "127.0.0.9"
"""Another address of this machine."""

REFUSED = ("50", "#1 50", "nom Ada", "bornes", "scores", "pret", "dire salut", "sceau", "session")


def test_nothing_is_said_at_the_door_but_the_code() -> None:
    """R94 — « Un hôte peut demander un code. L'accueil vient comme toujours ; mais avant `code
    <code>`, ou un `session <jeton>` juste, tout message compris autre que `ping`, `aide` et `FIN`
    reçoit `erreur code …`. Rien n'est compté, et qui est à la porte n'est pas encore un joueur. »
    """
    news: list[News] = []
    with Room(code=CODE, on_news=news.append) as room, room.player() as player:
        assert player.greeting == "hello justeprix/1 entre 1 et 100"
        for message in (*REFUSED, "suivre", "vingt", "", "#"):
            assert player.ask(message).startswith("erreur ")
        for message in (*REFUSED, "suivre"):
            assert error(player.ask(message)) == "code"
        assert player.ask("ping porte") == "pong porte"
        assert player.ask("aide").startswith("aide ")
        assert error(player.ask("session abcdef")) == "jeton"
        assert room.server.room.roster.present == []
        assert not news
        assert player.ask(f"code {CODE}") == "ok"
        assert player.ask("#1 50").startswith("erreur session")
        word, _, seq, guesses = player.ask("session").split()
        assert (word, seq, guesses) == ("session", "0", "0")
        assert player.ask("nom Ada") == "nom Ada"
    assert [type(item).__name__ for item in news] == ["Arrived", "Named", "Gone"]


def test_goodbye_is_said_at_the_door() -> None:
    """R94 — « Un hôte peut demander un code. L'accueil vient comme toujours ; mais avant `code
    <code>`, ou un `session <jeton>` juste, tout message compris autre que `ping`, `aide` et `FIN`
    reçoit `erreur code …`. Rien n'est compté, et qui est à la porte n'est pas encore un joueur. »
    """
    with Room(code=CODE) as room, room.player() as player:
        player.send(b"FIN\n")
        assert player.rest() == b"FIN\n"


def test_a_token_opens_the_door() -> None:
    """R94 — « Un hôte peut demander un code. L'accueil vient comme toujours ; mais avant `code
    <code>`, ou un `session <jeton>` juste, tout message compris autre que `ping`, `aide` et `FIN`
    reçoit `erreur code …`. Rien n'est compté, et qui est à la porte n'est pas encore un joueur. »
    """
    with Room(code=CODE) as room, room.player() as player, room.player() as back:
        player.ask(f"code {CODE}")
        token = player.open_session()
        assert player.ask("1") == "plus"
        assert back.ask(f"session {token}") == f"session {token} 1 1"
        assert back.ask("#2 2") == "resultat 2 plus"


def test_who_comes_back_at_the_door_is_told_of_once() -> None:
    """R94 — « Un hôte peut demander un code. L'accueil vient comme toujours ; mais avant `code
    <code>`, ou un `session <jeton>` juste, tout message compris autre que `ping`, `aide` et `FIN`
    reçoit `erreur code …`. Rien n'est compté, et qui est à la porte n'est pas encore un joueur. »
    """
    news: list[News] = []
    with Room(code=CODE, on_news=news.append) as room:
        with room.player() as player:
            player.ask(f"code {CODE}")
            token = player.open_session()
            player.end()
        eventually(lambda: len(news), 2)
        with room.player() as back:
            assert error(back.ask("session abcdef")) == "jeton"
            back.ask(f"session {token}")
            back.sync()
    told = [type(item).__name__ for item in news]
    assert told == ["Arrived", "Gone", "Resumed", "Gone"]


def test_a_round_waits_for_nobody_at_the_door() -> None:
    """R94 — « Un hôte peut demander un code. L'accueil vient comme toujours ; mais avant `code
    <code>`, ou un `session <jeton>` juste, tout message compris autre que `ping`, `aide` et `FIN`
    reçoit `erreur code …`. Rien n'est compté, et qui est à la porte n'est pas encore un joueur. »
    """
    with Room(code=CODE, competition=Settings(rounds=2)) as room:
        ada, stranger = room.player(), room.player()
        ada.ask(f"code {CODE}")
        room.server.director.start()
        ada.win()
        eventually(lambda: room.server.room.phase, Phase.PAUSE)
        assert error(stranger.ask("50")) == "code"


def test_the_code_in_any_case() -> None:
    """R95 — « `code <code>` reçoit `ok` si c'est le bon, en majuscules ou en minuscules, et
    toujours sur un hôte qui n'en demande pas. Un code faux reçoit `erreur code …`. »
    """
    with Room(code="Zebre7") as room:
        for code in ("zebre7", "ZEBRE7", "  Zebre7 "):
            with room.player() as player:
                assert player.ask(f"CODE {code}") == "ok"
                assert player.ask("1") in ("plus", "gagné")
                assert player.ask(f"code {code}") == "ok"
                assert error(player.ask("code zebre")) == "code"
                assert player.ask("1") in ("plus", "moins", "gagné")
        with room.player() as bare:
            assert bare.ask_bare("code zebre7") == b"ok"
            assert bare.ask_bare("1") in (b"plus", "gagné".encode())


def test_any_code_where_none_is_asked() -> None:
    """R95 — « `code <code>` reçoit `ok` si c'est le bon, en majuscules ou en minuscules, et
    toujours sur un hôte qui n'en demande pas. Un code faux reçoit `erreur code …`. »
    """
    with Room() as room, room.player() as player:
        assert player.ask("code 1234") == "ok"
        assert player.ask("code") == "ok"
        assert player.ask("1") in ("plus", "gagné")


def test_who_guesses_codes_is_not_heard_for_a_minute() -> None:
    """R96 — « Après 5 codes faux de la même adresse en une minute, tout code de cette adresse
    reçoit `erreur code …`, même le bon, et l'hôte ferme la connexion ; la minute passée, elle
    peut réessayer. »
    """
    with Room(code=CODE) as room:
        inside = room.player()
        inside.ask(f"code {CODE}")
        with room.player() as player:
            for n in range(Limits().wrong_codes):
                assert error(player.ask("session abc")) == "jeton"  # counted apart
                assert error(player.ask(f"code 000{n}")) == "code"
            player.send(f"code {CODE}\nping\n".encode())
            assert error(player.recv_line()) == "code"
            assert player.rest() == b""
        with room.player() as again:
            assert error(again.ask(f"code {CODE}")) == "code"
        inside.sync()


def test_only_the_address_that_guessed_is_shut_out() -> None:
    """R96 — « Après 5 codes faux de la même adresse en une minute, tout code de cette adresse
    reçoit `erreur code …`, même le bon, et l'hôte ferme la connexion ; la minute passée, elle
    peut réessayer. »
    """
    with Room(code=CODE) as room:
        with room.player() as player:
            for _ in range(Limits().wrong_codes + 1):
                assert error(player.ask("code 0000")) == "code"
        with room.player(source=ELSEWHERE) as other:
            assert other.ask(f"code {CODE}") == "ok"


def test_a_minute_later_the_door_listens_again() -> None:
    """R96 — « Après 5 codes faux de la même adresse en une minute, tout code de cette adresse
    reçoit `erreur code …`, même le bon, et l'hôte ferme la connexion ; la minute passée, elle
    peut réessayer. »
    """
    wrong = Door(CODE, Limits()).wrong_codes
    for second in range(5):
        assert not wrong.too_many("a", second)
        wrong.add("a", second)
    assert wrong.too_many("a", 59.9)
    assert not wrong.too_many("a", 60.1)
    wrong.add("a", 60.2)
    assert wrong.too_many("a", 60.3)
    assert not wrong.too_many("b", 60.3)


def test_who_stays_at_the_door_is_sent_away() -> None:
    """R97 — « Qui est à la porte depuis 60 secondes est renvoyé comme pour un silence. »"""
    assert Limits().doorstep == 60
    with Room(code=CODE, limits=Limits(doorstep=1.0)) as room:
        inside, outside = room.player(), room.player()
        inside.ask(f"code {CODE}")
        outside.send(b"ping\n")  # talking does not help
        assert outside.rest() == b"pong\nFIN\n"
        inside.sync()


def test_an_address_has_so_many_connections() -> None:
    """R98 — « Une adresse peut tenir 500 connexions, ou ce que l'hôte a choisi ; s'il n'a rien
    choisi, sa propre machine en tient autant qu'elle veut. Une de plus reçoit `erreur complet …`
    (rien, si l'hôte chiffre), et l'hôte la ferme. »
    """
    with Room(limits=Limits(per_address=2)) as room:
        first, _ = room.player(), room.player()
        with Player(room.server.address) as third:
            assert error(third.greeting) == "complet"
            assert third.rest() == b""
        with room.player(source=ELSEWHERE) as other:
            assert other.greeting.startswith("hello")
        first.end()
        with Player(room.server.address) as next_one:
            assert next_one.greeting.startswith("hello")


def test_how_many_when_the_host_has_not_said() -> None:
    """R98 — « Une adresse peut tenir 500 connexions, ou ce que l'hôte a choisi ; s'il n'a rien
    choisi, sa propre machine en tient autant qu'elle veut. Une de plus reçoit `erreur complet …`
    (rien, si l'hôte chiffre), et l'hôte la ferme. »
    """
    door = Door("", Limits())
    for _ in range(PER_ADDRESS):
        door.come("192.0.2.7", local=False)
    with pytest.raises(ProtocolError, match="500 connexions"):
        door.come("192.0.2.7", local=False)
    door.come("192.0.2.8", local=False)
    for _ in range(2 * PER_ADDRESS):
        door.come("127.0.0.1", local=True)
    door.go("192.0.2.7")
    door.come("192.0.2.7", local=False)


def test_a_school_behind_one_address_gets_in() -> None:
    """R98 — « Une adresse peut tenir 500 connexions, ou ce que l'hôte a choisi ; s'il n'a rien
    choisi, sa propre machine en tient autant qu'elle veut. Une de plus reçoit `erreur complet …`
    (rien, si l'hôte chiffre), et l'hôte la ferme. »
    """
    with Room() as room, ExitStack() as stack:
        school = [stack.enter_context(Player(room.server.address)) for _ in range(400)]
        assert all(player.greeting.startswith("hello") for player in school)
        school[-1].sync()


def test_who_comes_too_often_is_not_greeted() -> None:
    """R99 — « Une adresse peut ouvrir d'un coup 1 000 connexions, ou autant que l'hôte reçoit de
    joueurs si c'est plus, puis un dixième de ce nombre par seconde ; sur le port web, dix fois
    plus. Au-delà une connexion est fermée sans un mot ; celles qui sont ouvertes n'en souffrent
    pas. »
    """
    with Room(limits=Limits(max_players=5, arrivals=5)) as room:
        inside = room.player()
        for _ in range(4):
            room.player().end()
        with Player(room.server.address, greet=False) as one_more:
            assert refused(one_more)
        with room.player(source=ELSEWHERE) as other:
            assert other.greeting.startswith("hello")
        inside.sync()


def refused(player: Player) -> bool:
    try:
        return player.rest() == b""
    except ConnectionResetError:
        return True


def test_how_many_may_come_at_once_and_later() -> None:
    """R99 — « Une adresse peut ouvrir d'un coup 1 000 connexions, ou autant que l'hôte reçoit de
    joueurs si c'est plus, puis un dixième de ce nombre par seconde ; sur le port web, dix fois
    plus. Au-delà une connexion est fermée sans un mot ; celles qui sont ouvertes n'en souffrent
    pas. »
    """
    assert Limits().arrivals == Limits().max_players == 1000
    arrivals = Arrivals(1000, 100)
    assert sum(arrivals.allows("a", 0.0) for _ in range(1500)) == 1000
    assert arrivals.allows("b", 0.0)
    assert sum(arrivals.allows("a", 1.0) for _ in range(500)) == pytest.approx(100, abs=1)
    assert sum(arrivals.allows("a", 1000.0) for _ in range(1500)) == 1000
