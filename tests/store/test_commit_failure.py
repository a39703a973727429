"""When the file cannot be written: cut, say so once, live on, and tell the truth afterwards.

A real failure: a second program that locks the file. The full disk is in test_disk_full.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from justeprix.client import Client
from justeprix.room.limits import Limits
from justeprix.session.events import Recovered, Resumed, Trouble
from tests.faults.ledger import audit, play_on
from tests.support.player import PATIENCE, Player
from tests.support.room import Newspaper, locked


@contextmanager
def plain_players(address: tuple[str, int], count: int) -> Iterator[list[Player]]:
    """Connections that have read their greeting, each with one stored guess."""
    with ExitStack() as stack:
        players = [stack.enter_context(Player(address)) for _ in range(count)]
        for player in players:
            assert player.ask("50") in ("plus", "moins", "gagné")
        yield players


def last_words(player: Player) -> bytes:
    """What comes before the end of the link, however it ends."""
    with suppress(ConnectionResetError):
        return player.recv_raw()
    return b""


# Another program holds the file.


def test_unstored_guesses_are_cut_unanswered(server, tmp_path) -> None:
    """No answer leaves before its guess is stored: the connections of that step are cut."""
    news = Newspaper()
    running = server(on_news=news)
    with plain_players(running.address, 5) as players:
        with locked(tmp_path / "game.db"):
            for player in players:
                player.say("60")
            assert [last_words(player) for player in players] == [b""] * 5
            told = news.wait_for(Trouble)
        assert "game.db" in told.sentence
        assert "\n" not in told.sentence
        assert news.count[Trouble] == 1


def test_the_host_lives_on_while_it_cannot_store(server, tmp_path) -> None:
    """Those who ask for nothing that must be stored notice nothing but a pause."""
    news = Newspaper()
    running = server(on_news=news)
    with plain_players(running.address, 2) as (bystander, victim):
        with locked(tmp_path / "game.db"):
            victim.say("60")
            assert last_words(victim) == b""
            assert bystander.ask("ping toujours") == "pong toujours"
            with Player(running.address) as newcomer:
                assert newcomer.greeting.startswith("hello justeprix/1")
        assert bystander.ask("70") in ("plus", "moins", "gagné")
        assert news.count[Recovered] == 1


def test_clients_get_the_truth_afterwards(server, tmp_path) -> None:
    """A Client asks again under the same number; the host hears of it twice: bad, then good."""
    news, told = Newspaper(), []
    running = server(on_news=news)
    with Client(running.address[1]) as client:
        token = client.demande("session").split()[1]
        told.append((50, client.propose(50)))
        with locked(tmp_path / "game.db"):
            playing = play_on(client, [10, 20, 30], told)
            news.wait_for(Trouble)
        playing.join(PATIENCE)
        assert not playing.is_alive()
        assert client.demande("session").split()[1:3] == [token, "4"]
    running.close()
    assert [number for number, _ in told] == [50, 10, 20, 30]
    assert (news.count[Trouble], news.count[Recovered]) == (1, 1)
    assert not audit(tmp_path / "game.db", {token: told}).faults


def test_a_second_failure_is_told_again(server, tmp_path) -> None:
    """Once until it is over; then it is news again."""
    news = Newspaper()
    running = server(on_news=news)
    with plain_players(running.address, 4) as [one, two, three, bystander]:
        for troubles, victims in ((1, [one, two]), (2, [three])):
            with locked(tmp_path / "game.db"):
                for victim in victims:  # one after the other: two failures, told once
                    victim.say("60")
                    assert last_words(victim) == b""
            assert news.count[Trouble] == troubles
            assert bystander.ask("70") in ("plus", "moins", "gagné")
            assert news.count[Recovered] == troubles


def test_a_resume_that_cannot_be_stored_is_told_too(server, tmp_path) -> None:
    """A class that comes back to a locked file finds no way in: the host must know why."""
    news = Newspaper()
    running = server(on_news=news)
    with Client(running.address[1]) as client:
        token = client.demande("session").split()[1]
        with plain_players(running.address, 1) as [player], locked(tmp_path / "game.db"):
            player.say(f"session {token}")
            assert last_words(player) == b""
            assert news.count[Trouble] == 1
        assert news.count[Resumed] == 0
        assert client.propose(50) in ("plus", "moins", "gagné")  # nobody took its place


def test_who_finds_no_number_is_not_counted(server, tmp_path) -> None:
    """There was none for the session: the place of the address is free."""
    running = server(limits=Limits(per_address=1))
    with locked(tmp_path / "game.db"):
        running.room.books._ids = iter(())
        with Player(running.address, greet=False) as newcomer:
            assert last_words(newcomer) == b""
    with plain_players(running.address, 1):
        pass
