"""Who loses the link comes back to the same seat at once, whatever became of the old link.

Between player and host stands a proxy that harms one request. The player never waits: the next
link resumes while the host may still believe in the one before.
"""

import itertools
import time

import pytest

from justeprix.client import Client
from justeprix.game.competition import Settings
from tests.faults.proxy import Fault, FaultProxy
from tests.support.player import Player, error
from tests.support.room import Room, eventually

AT_ONCE = 10.0
"""Seconds until the seat is back; a host that waits for the old link to die takes minutes."""

UNKNOWN = {Fault.RESET_AFTER, Fault.HALF_REPLY}
"""Faults after which the host has counted a guess whose answer never arrived."""

KINDS = (Fault.BLACK_HOLE, Fault.RESET_BEFORE, Fault.RESET_AFTER, Fault.HALF_REPLY)


class Contest(Room):
    """A room with a competition in it, and Bob, who is ahead."""

    def __init__(self) -> None:
        super().__init__(low=1, high=1000, competition=Settings(rounds=2, time_limit=600))

    def bob(self) -> Player:
        bob = self.player("Bob")
        bob.sync()
        return bob

    def through(self, proxy: FaultProxy) -> Player:
        """Connect somebody by that way."""
        return self._stack.enter_context(Player(("127.0.0.1", proxy.port)))

    def start(self) -> None:
        self.server.director.start()

    def secret(self) -> int:
        return self.server.room.competition.rounds[0].secret


def own(player: Player) -> dict:
    return player.state_now()["moi"]


def harmed(contest: Contest, fault: Fault, request: int) -> FaultProxy:
    """A way to the host on which that request, counted from 1, meets the fault."""
    plan = (fault if n == request else None for n in itertools.count(1))
    return FaultProxy(contest.server.address, plan)


def resume(contest: Contest, token: str) -> tuple[Player, str]:
    """Come back on a new link; return it with the host's answer, which must be quick."""
    began = time.monotonic()
    player = contest.player()
    answer = player.ask(f"session {token}")
    assert time.monotonic() - began < AT_ONCE
    return player, answer


@pytest.mark.parametrize("fault", KINDS)
def test_in_the_lobby(fault) -> None:
    with Contest() as contest, harmed(contest, fault, 3) as proxy:
        contest.bob()
        old = contest.through(proxy)
        token = old.open_session()
        assert old.ask("nom Ada") == "nom Ada"
        old.send(b"ping\n")
        ada, answer = resume(contest, token)
        assert answer == f"session {token} 0 0"
        assert own(ada)["nom"] == "Ada"
        with contest.player() as rival:
            assert error(rival.ask("nom Ada")) == "pris"
        contest.start()
        ada.send(b"pret\n")
        while (line := ada.recv_line()).startswith("etat "):  # she follows
            pass
        assert line == "manche 1 entre 1 et 1000"


@pytest.mark.parametrize("fault", KINDS)
def test_in_a_round_after_a_guess_whose_answer_was_lost(fault) -> None:
    """The same number again gets the same answer and counts once, whether it had counted or not."""
    with Contest() as contest, harmed(contest, fault, 5) as proxy:
        bob = contest.bob()
        contest.start()
        secret = contest.secret()
        old = contest.through(proxy)
        token = old.open_session()
        assert old.ask("nom Ada") == "nom Ada"
        assert bob.ask(str(secret)) == "gagné"  # now: alone he would have ended the round
        wrong = secret % 1000 + 1
        told = [old.ask(f"#{n} {wrong}") for n in (1, 2)]
        assert [line.split()[:2] for line in told] == [["resultat", "1"], ["resultat", "2"]]
        old.send(f"#3 {wrong}\n".encode())
        if fault in UNKNOWN:
            eventually(lambda: bob.ask("scores"), "scores 1. Bob 1/1, 2. Ada 0/3")
        ada, answer = resume(contest, token)
        counted = 3 if fault in UNKNOWN else 2
        assert answer == f"session {token} {counted} {counted}"
        assert ada.ask(f"#3 {wrong}") == told[0].replace(" 1 ", " 3 ")
        mine = own(ada)
        assert (mine["nom"], mine["rang"], mine["coups"]) == ("Ada", 2, 3)
        assert mine["manche"] == {"coups": 3, "trouve": False}
        assert ada.ask(f"#4 {secret}") == "resultat 4 gagné"


@pytest.mark.parametrize("fault", KINDS)
def test_after_a_win_whose_answer_was_lost(fault) -> None:
    """The round waits for who just lost the link: the win counts, or can still be had."""
    with Contest() as contest, harmed(contest, fault, 3) as proxy:
        bob = contest.bob()
        contest.start()
        secret = contest.secret()
        old = contest.through(proxy)
        token = old.open_session()
        assert old.ask("nom Ada") == "nom Ada"
        old.send(f"#1 {secret}\n".encode())
        if fault in UNKNOWN:
            eventually(lambda: bob.ask("scores"), "scores 1. Ada 1/1")
        assert bob.ask(str(secret)) == "gagné"
        ada, answer = resume(contest, token)
        assert answer.startswith(f"session {token} ")
        assert ada.ask(f"#1 {secret}") == "resultat 1 gagné"
        eventually(lambda: bob.ask("sceau").split()[:2], ["secret", str(secret)])
        mine = own(ada)
        assert (mine["trouves"], mine["coups"]) == (1, 1)


@pytest.mark.parametrize("fault", KINDS)
def test_in_a_pause(fault) -> None:
    with Contest() as contest, harmed(contest, fault, 4) as proxy:
        bob = contest.bob()
        contest.start()
        secret = contest.secret()
        old = contest.through(proxy)
        token = old.open_session()
        assert old.ask("nom Ada") == "nom Ada"
        assert old.ask(f"#1 {secret}") == "resultat 1 gagné"
        assert bob.ask(str(secret)) == "gagné"
        eventually(lambda: bob.ask("sceau").split()[:2], ["secret", str(secret)])
        old.send(b"pret\n")
        ada, answer = resume(contest, token)
        assert answer == f"session {token} 1 1"
        mine = own(ada)
        assert (mine["nom"], mine["rang"], mine["coups"]) == ("Ada", 1, 1)


def test_a_round_waits_for_who_has_just_lost_the_link() -> None:
    with Contest() as contest:
        bob, screen = contest.bob(), contest.player()
        old = contest.player("Ada")
        token = old.open_session()
        contest.start()
        assert screen.follow()["presents"] == 2
        old.close()
        screen.until(lambda state: state["presents"] != 2)
        secret = contest.secret()
        assert bob.ask(str(secret)) == "gagné"
        found = screen.until(lambda state: state["trouve"])
        screen.until(lambda state: state["secondes"] != found["secondes"])  # all present have found
        ada, _ = resume(contest, token)
        assert ada.ask(f"#1 {secret}") == "resultat 1 gagné"
        screen.until(lambda state: state["phase"] != "manche")


def test_a_bot_in_a_black_hole_plays_the_round_to_its_end() -> None:
    """`propose` knows of nothing: the answer, once, in its place."""
    with Contest() as contest:
        guesses = iter([])
        plan = (next(guesses, None) for _ in itertools.count())
        with (
            FaultProxy(contest.server.address, plan) as proxy,
            Client(proxy.port, timeout=0.3) as ada,
        ):
            assert ada.demande("nom Ada") == "nom Ada"
            bob = contest.bob()
            contest.start()
            assert ada.pret() == (1, 1, 1000)
            secret = contest.secret()
            guesses = iter([Fault.BLACK_HOLE, None, None, Fault.BLACK_HOLE])
            told = [ada.propose(number) for number in (1, 1000, secret)]
            assert told[2] == "gagné"
            assert proxy.made[Fault.BLACK_HOLE] == 2
            assert bob.ask("scores") == "scores 1. Ada 1/3"


def test_the_old_link_counts_nothing_more() -> None:
    """Two links of one player: who resumed last plays, the other is cut."""
    with Contest() as contest:
        contest.bob()
        contest.start()
        secret = contest.secret()
        old = contest.player("Ada")
        token = old.open_session()
        assert old.ask("#1 1").startswith("resultat 1 ")
        ada, _ = resume(contest, token)
        assert old.rest() == b""
        assert ada.ask(f"#2 {secret}") == "resultat 2 gagné"
        assert own(ada)["coups"] == 2
