"""Who waits for a round is called for that one, however late the call reaches their worker."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from justeprix.server.referee import Referee
from tests.support.player import PATIENCE
from tests.support.room import Class


def test_who_finds_a_round_before_the_call_for_it_waits_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Class() as room:
        ada, bea = room.player("Ada"), room.player("Bea")
        bea.say("pret")
        room.await_ready(1)
        heard = threading.Event()
        judge = Referee.judge

        def judge_later(*said: Any) -> Any:
            heard.set()  # and wait for the room, which the teacher has
            return judge(*said)

        def be_faster() -> None:
            ada.say(str(room.secret()), "pret")
            assert heard.wait(PATIENCE)

        monkeypatch.setattr(Referee, "judge", judge_later)
        monkeypatch.setattr(room.director, "_wake", be_faster)
        room.director.start()
        assert ada.recv_line() == "gagné"
        assert bea.recv_line() == "manche 1 entre 1 et 100"
        monkeypatch.undo()
        room.director.stop()
        room.director.next()
        assert ada.recv_line() == "manche 2 entre 1 et 100"
