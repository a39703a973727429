"""Who follows sees the state that must be seen last, however the game ends and whatever they do."""

from __future__ import annotations

import time

import pytest

from justeprix.room.limits import Limits
from tests.support.player import Player, parse_state
from tests.support.room import Class, eventually


def ended(player: Player) -> tuple[dict, str]:
    """Return the last state of who follows, and the last line, which ends the link."""
    *_, state, last = player.rest().decode().splitlines()
    return parse_state(state), last


def test_who_asks_for_another_round_at_the_end_sees_it_too() -> None:
    """Two states a second at most: a bot would be gone before the third."""
    with Class(rounds=1) as room:
        bot = room.player("Robo")
        bot.follow()
        room.director.start()
        bot.until(lambda state: state["phase"] == "manche")
        assert bot.ask(str(room.wrong())) in ("plus", "moins")
        room.director.stop()
        bot.say("pret")
        state, last = ended(bot)
        assert (state["phase"], last) == ("finie", "FIN")


def test_who_is_faster_than_the_news_of_the_end_sees_it_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worker hears `pret` while what tells it of the end is still in its mailbox."""
    with Class(rounds=1) as room:
        bot, plain = room.player("Robo"), room.player("Ada")
        bot.follow()
        room.director.start()
        bot.until(lambda state: state["phase"] == "manche")
        (worker,) = room.server.workers
        for late in ("release", "show"):
            monkeypatch.setattr(worker, late, lambda *_, **__: None)
        room.director.finish()
        bot.say("pret")
        state, last = ended(bot)
        assert (state["phase"], last) == ("finie", "FIN")
        assert plain.ask("pret") == "FIN"


def test_nobody_is_shown_the_last_state_twice() -> None:
    with Class(rounds=1) as room:
        ada = room.player("Ada")
        ada.follow()
        room.director.finish()
        ada.until(lambda state: state["phase"] == "finie")
        room.server.close()
        assert ada.rest() == b"FIN\n"


def test_a_host_that_closes_shows_what_has_changed_since() -> None:
    with Class() as room:
        ada = room.player("Ada")
        ada.follow()
        bob = room.player("Bob")  # within the second that a lobby waits
        room.server.close()
        state, last = ended(ada)
        assert (state["ici"], last) == (["Ada", "Bob"], "FIN")
        bob.rest()


def test_a_screen_that_reads_nothing_holds_nobody_up() -> None:
    with Class(rounds=1, limits=Limits(rate=0)) as room:
        deaf = room.player(receive_buffer=4096)
        deaf.follow()
        (worker,) = room.server.workers
        (connection,) = worker._followers._followers
        deaf.say(*["aide"] * 10_000)
        eventually(lambda: bool(connection.outbox), True)
        other = room.player("Ada")
        other.follow()
        room.director.finish()
        began = time.monotonic()
        room.server.close()
        assert time.monotonic() - began < 5  # a second; a busy machine is slow
        assert ended(other)[0]["phase"] == "finie"
