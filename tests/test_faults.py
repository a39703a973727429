"""Players on a bad network: whatever breaks, nothing is lost and nothing counts twice.

Each player goes through a proxy of their own, which harms about every third request. The script
of faults is a function of the seed (the moments are not: threads and sockets have their own).
"""

from __future__ import annotations

import itertools
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest
from ledger import audit
from proxy import Fault, FaultProxy, faults

from justeprix.client import Client
from justeprix.limits import Limits
from justeprix.news import Resumed

PLAYERS = 5
FAULTS, FAULTS_FULL = 150, 1000
GAMES = 3
"""Games after which a player leaves and comes again as somebody new."""

TIMEOUT = 0.3
"""Seconds a Client waits for an answer here. Its growing waits are left as they are: a run of
three faults costs 1.2 s, and the players wait side by side."""

LIMITS = Limits(rate=0)


class Player:
    """Plays by binary search until its proxy has made enough faults; keeps what it was told."""

    def __init__(self, server, seed: str, share: int) -> None:
        rng = random.Random(seed)
        self.proxy = FaultProxy(
            server.address, faults(rng), latency=lambda: rng.uniform(0, 4 * TIMEOUT)
        )
        self.told: dict[str, list[tuple[int, str]]] = {}
        self.error: Exception | None = None
        self._share = share
        self.thread = threading.Thread(target=self._run, name=f"player {seed}")

    def _run(self) -> None:
        try:
            with self.proxy:
                while self.proxy.made.total() < self._share:
                    self._play_session()
        except Exception as error:  # told to the test, which fails with it
            self.error = error

    def _play_session(self) -> None:
        told: list[tuple[int, str]] = []
        with Client(self.proxy.port, timeout=TIMEOUT) as client:
            token = client.demande("session").split()[1]
            self.told[token] = told
            for _ in range(GAMES):
                play(client, told)
            assert client.demande("session").split()[1:3] == [token, str(len(told))]


def play(client: Client, told: list[tuple[int, str]]) -> None:
    """Find one secret by binary search, writing down every answer."""
    low, high = client.bornes
    answer = ""
    while answer != "gagné":
        guess = (low + high) // 2
        answer = client.propose(guess)
        told.append((guess, answer))
        if answer == "plus":
            low = guess + 1
        elif answer == "moins":
            high = guess - 1
        assert low <= high or answer == "gagné", f"no secret fits these answers: {told}"


def test_no_guess_is_lost_or_counted_twice(server, seed, full, tmp_path) -> None:
    """Promise 1: acknowledged ⊆ stored ⊆ sent; each (session, seq) has one answer, for ever."""
    running = server(limits=LIMITS)
    total = FAULTS_FULL if full else FAULTS
    began = time.monotonic()
    players = [Player(running, f"{seed}-{n}", total // PLAYERS) for n in range(PLAYERS)]
    for player in players:
        player.thread.start()
    for player in players:
        player.thread.join(600 if full else 60)
    assert not any(player.thread.is_alive() for player in players), "a player hangs"
    running.close()
    errors = [player.error for player in players if player.error is not None]
    made = sum((player.proxy.made for player in players), Counter())
    told = {token: answers for player in players for token, answers in player.told.items()}
    found = audit(tmp_path / "game.db", told)
    print(f"{made.total()} faults in {time.monotonic() - began:.1f} s: {found}")
    print(", ".join(f"{fault.name} {count}" for fault, count in made.most_common()))
    assert not found.faults
    assert not errors
    assert made.total() >= total
    assert len(made) == len(Fault)


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
