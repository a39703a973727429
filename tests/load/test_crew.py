"""The processes of a load: what fails is told, and however it ends nothing of it is left."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from justeprix.bench.crew import Crew
from justeprix.bench.load import Load, Order, Said
from justeprix.bench.measure import Plan, _orders
from justeprix.bench.scout import Sighting
from justeprix.bench.tally import Tally
from justeprix.errors import ClientError
from justeprix.session.events import Noticed
from tests.support.bench import StartServer, benching, links
from tests.support.room import Class, eventually

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")


@pytest.fixture
def room() -> Iterator[Class]:
    with Class() as room:
        yield room


def test_players_are_divided_among_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    def sizes(players: int) -> list[int]:
        plan = Plan("127.0.0.1", 2300, "", players, 1.0, own=True)
        return [order.players for order in _orders(plan, Sighting(contest=False, round=0))]

    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert sizes(2) == [1, 1]
    assert sizes(1000) == [334, 333, 333]
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert sizes(1000) == [1000]
    # Where only select exists, it holds no more.
    monkeypatch.setattr(selectors, "DefaultSelector", selectors.SelectSelector)
    assert sizes(1001) == [334, 334, 333]


def test_a_load_plays_through_plain_select(
    server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selectors, "DefaultSelector", selectors.SelectSelector)
    monkeypatch.delattr("select.epoll", raising=False)
    host = server()
    said: Said = SimpleQueue()
    told: list[dict[str, Any]] = []

    def hear(message: dict[str, Any]) -> None:
        told.append(message)
        if "ready" in message:
            now = time.perf_counter_ns()
            said.put({"begin": now, "end": now + 200_000_000})

    Load(Order(*host.address, 5, 0.2, "", False), said, hear).run()
    result = Tally.from_json(told[-1]["tally"])
    assert (result.came, result.faults) == (5, {})
    assert result.guesses > 0
    eventually(lambda: links(host), 0)


def test_a_process_that_fails_is_told() -> None:
    wrong = Order("127.0.0.1", 2300, "dix", 0.1, "", False)  # type: ignore[arg-type]
    with Crew([wrong]) as crew, pytest.raises(ClientError, match="TypeError"):
        list(crew.until_ready())


@posix
def test_a_process_that_is_killed_is_told(room: Class) -> None:
    with benching(room.server.address[1]) as bench:
        room.await_ready(10)
        for child in children(bench._process.pid):
            os.kill(child, signal.SIGKILL)
        assert bench.end() == 1
    assert "un processus de la charge a échoué (il s'est arrêté)" in bench.output


# Nothing is left.


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    return [child for child, parent, state in _table() if parent == pid and state != "Z"]


def alive(pids: list[int]) -> list[int]:
    return [pid for pid, _, state in _table() if pid in pids and state != "Z"]


def _table() -> list[tuple[int, int, str]]:
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [(int(pid), int(parent), state[0]) for pid, parent, state in rows]


@posix
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)]
)
def test_however_it_ends_no_process_and_no_player_is_left(
    room: Class, number: signal.Signals, code: int
) -> None:
    with benching(room.server.address[1]) as bench:
        room.await_ready(10)
        crew = children(bench._process.pid)
        assert crew
        bench.send(number)
        assert bench.end() == code
    eventually(lambda: alive(crew), [])
    eventually(lambda: links(room.server), 0)
    assert Noticed not in room.news.count  # that somebody left without FIN


@posix
def test_ctrl_c_while_they_play(server: StartServer) -> None:
    host = server()
    with benching(host.address[1], "--seconds", 60) as bench:
        bench.wait_for("10 joueurs, ")
        crew = children(bench._process.pid)
        bench.send(signal.SIGINT)
        assert bench.end() == 130
    assert alive(crew) == []
    eventually(lambda: links(host), 0)
