"""Storms over several workers: many players at once, then what they were told against the file."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from justeprix.errors import CompetitionError
from justeprix.game.competition import Phase, Settings
from justeprix.server.server import Server
from tests.faults.checker import check, report
from tests.faults.onlookers import Screen, ask_at_the_end
from tests.faults.recorder import Recorder
from tests.support.crowd import Crowd, Mover, clients
from tests.support.player import PATIENCE, error
from tests.support.room import Room, eventually
from tests.support.sharing import FREE, SETTINGS, TEN_DIGITS, Diary, restless


def test_rounds_that_open_and_close_in_a_storm(tmp_path, seed) -> None:
    """All that was said fits the file, and the file its rounds; nothing is lost or too much."""
    rng, book, diary = random.Random(seed), Recorder(), Diary(tmp_path / "game.db")
    server = Server(
        port=0, workers=4, limits=FREE, db=diary, competition=Settings(rounds=10), **TEN_DIGITS
    )
    with restless(), server, Crowd(server, book, seed, plain=32, numbered=8) as crowd:
        with Screen(server.address, book), clients(server, book, seed, 3):
            thrown_out = crowd.runners[28:34:2]  # plain ones and numbered ones
            for round in range(10):
                crowd.wait(rng.randrange(300))
                (server.director.next if round else server.director.start)()
                crowd.wait(rng.randrange(1500))
                if round % 3 == 1:
                    server.director.exclude(thrown_out[round // 3].name)
                crowd.wait(rng.randrange(300))
                with suppress(CompetitionError):  # all have found it
                    server.director.stop()
            crowd.finish()
        assert server.room.competition.phase is Phase.FINISHED
        ask_at_the_end(server.address, book)
    found = check(book, tmp_path / "game.db")
    assert not found, f"{seed}:\n{report(found)}"
    counts = guesses_by_name(tmp_path / "game.db")
    for runner in crowd.runners:
        if runner not in thrown_out:
            assert counts[runner.name] == runner.counted, runner.name
    assert {session: diary.count(session) for session in diary.then} == diary.then


@pytest.mark.parametrize("contest", [False, True], ids=["practice", "competition"])
def test_sessions_that_move_from_worker_to_worker(tmp_path, seed, contest) -> None:
    """The old link floods on until it is cut; what it was told counts, and nothing else."""
    book = Recorder()
    options = TEN_DIGITS | {"competition": SETTINGS if contest else None}
    with restless(), Room(workers=4, limits=FREE, db=tmp_path / "game.db", **options) as room:
        if contest:
            room.server.director.start()
        movers = [Mover(room.server, book, f"Nomade {n}", seed) for n in range(4)]
        for mover in movers:
            mover.start()
        for mover in movers:
            mover.join(PATIENCE)
            assert mover.error is None, mover.error
        ask_at_the_end(room.server.address, book)
    found = check(book, tmp_path / "game.db")
    assert not found, f"{seed}:\n{report(found)}"


def guesses_by_name(db: Path) -> dict[str, int]:
    with closing(sqlite3.connect(db)) as file:
        return dict(
            file.execute(
                "SELECT name, count(seq) FROM session JOIN game ON session = session.id"
                " JOIN guess ON game = game.id GROUP BY name"
            )
        )


# Names.

NAMES = ("Ada", "ada", "ADA", "Bea", "BEA", "Cléo", "CLÉO")


@pytest.mark.parametrize("contest", [False, True], ids=["practice", "competition"])
def test_names_that_all_ask_for_at_once_stay_unique(contest: bool) -> None:
    """Who is told a name has it until told another one, and nobody else does."""
    with (
        restless(),
        Room(workers=4, limits=FREE, competition=SETTINGS if contest else None) as room,
    ):
        players = [room.player() for _ in range(16)]
        called = [f"Joueur {n}" for n in range(1, 17)]
        for turn in range(30):
            wishes = [NAMES[(turn + place) % len(NAMES)] for place in range(16)]
            for player, wish in zip(players, wishes, strict=True):
                player.send(f"nom {wish}\n".encode())
            for place, player in enumerate(players):
                reply = player.recv_line()
                if reply.startswith("nom "):
                    called[place] = reply.removeprefix("nom ")
                else:
                    assert error(reply) == "pris"
            with room.server.room.lock:
                names = [player.name for player in room.server.room.roster]
            assert names == called
            assert len({name.casefold() for name in names}) == 16


def test_of_all_who_ask_for_a_vacant_seat_at_once_one_gets_it() -> None:
    with restless(), Room(workers=4, limits=FREE, competition=SETTINGS, **TEN_DIGITS) as room:
        room.server.director.start()
        ada = room.player("Ada")
        seat = room.server.room.roster.find("Ada")
        for guesses in range(1, 11):
            assert ada.ask("1000000000") == "plus"
            ada.end()
            eventually(lambda: seat.present, False)
            heirs = [room.player() for _ in range(8)]
            for heir in heirs:
                heir.send(b"nom Ada\n")
            replies = [heir.recv_line() for heir in heirs]
            assert sorted(reply.split()[0] for reply in replies) == ["erreur"] * 7 + ["nom"]
            ada = heirs[replies.index("nom Ada")]
            assert ada.ask("scores") == f"scores 1. Ada 0/{guesses}"
