"""Players on a bad network: whatever breaks, nothing is lost and nothing counts twice."""

from __future__ import annotations

import itertools
import queue
from collections.abc import Iterator

import pytest

from justeprix.client import Client
from justeprix.room.limits import Limits
from justeprix.session.events import Resumed
from tests.faults.ledger import audit
from tests.faults.network import TIMEOUT, network
from tests.faults.proxy import Fault, FaultProxy

LIMITS = Limits(rate=0)


@pytest.mark.long
def test_no_guess_is_lost_or_counted_twice(seed, full) -> None:
    """Promises 1 to 4, in a competition and in practice, for players of every kind."""
    print(*network(seed, full=full))


@pytest.mark.parametrize("fault", Fault)
def test_one_fault_does_not_show(server, fault, tmp_path) -> None:
    """A dropped link is invisible to `propose`: each answer once, in its place."""
    running = server(low=1, high=1000, limits=LIMITS)
    with FaultProxy(running.address, on_requests(fault, 4, 6)) as proxy:
        with Client(proxy.port, timeout=TIMEOUT) as client:
            token = client.demande("session").split()[1]
            told = [(guess, client.propose(guess)) for guess in (500, 123, 987, 250)]
            assert client.demande("session") == f"session {token} 4 {games_guesses(told)}"
        assert proxy.made == {fault: 2}
    running.close()
    assert not audit(tmp_path / "game.db", {token: told}).faults


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_while_the_session_opens(server, fault, tmp_path) -> None:
    """`connect` and the resuming after it meet the fault themselves."""
    running = server(limits=LIMITS)
    plan = iter([fault, None, Fault.RESET_BEFORE, fault, fault])  # session; 1st; session, session
    with FaultProxy(running.address, plan) as proxy, Client(proxy.port, timeout=TIMEOUT) as client:
        told = [(guess, client.propose(guess)) for guess in (11, 99, 22)]
        token = client.demande("session").split()[1]
        assert proxy.made.total() == 4
    running.close()
    assert not audit(tmp_path / "game.db", {token: told}).faults


def test_a_late_resume_does_not_end_the_game(server, tmp_path) -> None:
    """A `session <token>` that its sender gave up on arrives after the one that took its place.

    The host must believe it: it cannot know. The client must come back all the same.
    """
    back: queue.Queue[Resumed] = queue.Queue()
    running = server(
        limits=LIMITS, on_news=lambda item: isinstance(item, Resumed) and back.put(item)
    )
    plan = iter([None, Fault.RESET_BEFORE, Fault.LATENCY])  # session; a guess; session <token>
    with (
        FaultProxy(running.address, plan, latency=lambda: 4 * TIMEOUT) as proxy,
        Client(proxy.port, timeout=TIMEOUT) as client,
    ):
        told = [(1, client.propose(1))]
        for _ in range(2):  # the client, then the late one in its place
            back.get(timeout=10)
        told.append((2, client.propose(2)))
        token, seq = client.demande("session").split()[1:3]
    running.close()
    assert int(seq) == len(told)
    assert not audit(tmp_path / "game.db", {token: told}).faults


def on_requests(fault: Fault, *numbers: int) -> Iterator[Fault | None]:
    """A plan that harms these requests of all the client makes, counted from 1."""
    return (fault if number in numbers else None for number in itertools.count(1))


def games_guesses(told: list[tuple[int, str]]) -> int:
    """How many guesses the last game of a transcript has."""
    last_win = max(
        (n for n, (_, answer) in enumerate(told[:-1], 1) if answer == "gagné"), default=0
    )
    return len(told) - last_win
