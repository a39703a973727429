"""`Server` as Python code uses it: start, address, close."""

import threading

import pytest

from justeprix import Client, Server
from justeprix.errors import ServerError, StoreError
from justeprix.room.limits import Limits


def test_port_0_takes_a_free_port_and_tells_it() -> None:
    with Server(port=0) as first, Server(port=0) as second:
        assert first.address[1] != second.address[1]
        with Client(port=first.address[1]) as client:
            assert client.bornes == (1, 100)


def test_close_may_be_called_again_and_from_many_threads() -> None:
    server = Server(port=0)
    server.start()
    threads = [threading.Thread(target=server.close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.close()


def test_a_server_that_never_started_leaves_nothing_open() -> None:
    Server(port=0).close()  # the leak watch of conftest.py looks


def test_a_server_that_cannot_start_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(port=0)
    server.room.books.store.close()
    with pytest.raises(StoreError), server:
        pass


@pytest.mark.parametrize(("low", "high"), [(2, 1), (1, 10**12), (-(10**12), 1)])
def test_impossible_bounds_are_refused(low: int, high: int) -> None:
    with pytest.raises(ServerError):
        Server(port=0, low=low, high=high)


@pytest.mark.parametrize("port", [-1, 65536])
def test_an_impossible_port_is_refused(port: int) -> None:
    with pytest.raises(ServerError):
        Server(port=port)


def test_several_workers_serve_one_room() -> None:
    with Server(port=0, workers=3, limits=Limits(rate=0)) as server:
        clients = [Client(port=server.address[1]) for _ in range(6)]
        for number, client in enumerate(clients):
            client.connect()
            client.demande(f"nom Joueuse {number}")
            for guess in range(1, 101):
                if client.propose(guess) == "gagné":
                    break
        names = clients[0].demande("scores")
        for client in clients:
            client.arret()
    assert all(f"Joueuse {number} 1/" in names for number in range(6))
