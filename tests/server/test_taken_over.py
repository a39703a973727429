"""A session that goes on elsewhere at once: who sat on it before may say what they like.

Found by fuzzing: both killed the worker, and with it the room.
"""

from __future__ import annotations

from justeprix.game.competition import Settings
from tests.faults.proxy import reset
from tests.support.player import Player
from tests.support.room import Room, eventually


def test_resumed_and_ended_while_the_old_link_lives() -> None:
    with Room() as room:
        bystander, owner = room.player(), room.player()
        token = owner.open_session()
        with Player(room.server.address) as thief:
            thief.send(f"session {token}\nFIN\n".encode())
            reset(thief.socket)
        assert owner.rest() == b""
        assert bystander.ask("1") == "plus"
        eventually(lambda: len(present(room)), 1)


def test_resumed_and_given_up_in_one_breath() -> None:
    with Room(competition=Settings(rounds=2)) as room:
        bystander, gone, owner = map(room.player, ("Bob", "Vera", "Cid"))
        room.server.director.start()
        assert gone.ask(str(wrong(room))) in ("plus", "moins")
        gone.send(b"FIN\n")
        assert gone.rest() == b"FIN\n"
        gone.close()
        eventually(lambda: len(present(room)), 2)
        token = owner.open_session()
        with Player(room.server.address) as heir:
            heir.send(f"session {token}\nnom Vera\n".encode())
            assert heir.recv_line() == f"session {token} 0 0"
            assert heir.recv_line() == "nom Vera"
            assert owner.rest() == b""
            assert heir.ask(str(wrong(room))) in ("plus", "moins")
        assert bystander.ask(str(wrong(room))) in ("plus", "moins")


def wrong(room: Room) -> int:
    contest = room.server.room.competition
    assert contest is not None
    return contest.rounds[0].secret % 100 + 1


def present(room: Room) -> list[object]:
    with room.server.room.lock:
        return list(room.server.room.roster.present)
