"""Both pollers keep one contract; the server plays on either."""

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from justeprix import Client, Server
from justeprix.net.poller import READ, WRITE, EpollPoller, Poller, SelectorPoller, new_poller
from justeprix.server import connections as pool

has_epoll = pytest.mark.skipif(not hasattr(select, "epoll"), reason="this system has no epoll")
KINDS = [pytest.param(EpollPoller, marks=has_epoll), SelectorPoller]


@pytest.fixture(params=KINDS)
def poller(request: pytest.FixtureRequest) -> Iterator[Poller[str]]:
    poller = request.param()
    yield poller
    poller.close()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with ExitStack() as stack:
        one, two = socket.socketpair()
        yield stack.enter_context(one), stack.enter_context(two)


Pair = tuple[socket.socket, socket.socket]


def test_who_has_something_to_read_is_named(poller: Poller[str], pair: Pair) -> None:
    poller.watch(pair[0], READ, "Ada")
    assert poller.poll(0) == []
    pair[1].send(b"x")
    assert poller.poll(1) == ["Ada"]
    assert poller.poll(1) == ["Ada"]  # until it is read
    pair[0].recv(1)
    assert poller.poll(0) == []


def test_a_watch_can_change_and_end(poller: Poller[str], pair: Pair) -> None:
    poller.watch(pair[0], READ, "Ada")
    poller.watch(pair[0], WRITE, "Ada")
    assert poller.poll(1) == ["Ada"]
    poller.watch(pair[0], 0, "Ada")
    pair[1].send(b"x")
    assert poller.poll(0) == []
    poller.watch(pair[0], READ, "Ada again")
    assert poller.poll(1) == ["Ada again"]


def test_who_hung_up_is_named_too(poller: Poller[str], pair: Pair) -> None:
    poller.watch(pair[0], READ, "Ada")
    pair[1].close()
    assert poller.poll(1) == ["Ada"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_game_is_played_on_either(
    kind: type[Poller[object]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "new_poller", kind)
    with Server(port=0, low=1, high=3) as server, Client(port=server.address[1]) as client:
        assert "gagné" in [client.propose(number) for number in (1, 2, 3)]


def test_the_best_of_the_system_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "epoll", raising=False)
    poller: Poller[str] = new_poller()
    poller.close()
    assert isinstance(poller, SelectorPoller)
