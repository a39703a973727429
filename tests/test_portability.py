"""What other systems lack or want otherwise, by substitution: each fallback is run here."""

import selectors
import socket
import sys

import pytest

from justeprix import Client, Server
from justeprix.net.descriptors import descriptors
from justeprix.net.keepalive import OPTIONS
from justeprix.net.listener import listen
from justeprix.server import workers
from justeprix.server.connection import set_options


def test_where_only_select_exists_more_workers_share_the_sockets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(selectors, "DefaultSelector", selectors.SelectSelector)
    assert workers.best_count(1000) >= 2
    assert workers.best_count(100) >= 1


def test_without_a_global_lock_there_is_a_worker_a_processor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    monkeypatch.setattr(workers.os, "cpu_count", lambda: 4)
    assert workers.best_count(1000) == 4


def test_a_system_that_counts_no_descriptors_sets_no_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert descriptors() == sys.maxsize


def test_on_windows_the_port_is_ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # SO_KEEPALIVE stands in for an option that exists there only.
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_KEEPALIVE, raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    with listen("127.0.0.1", 0) as listener:
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert not listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)


def test_a_system_without_keepalive_times_still_has_keepalive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in OPTIONS:
        monkeypatch.delattr(socket, name, raising=False)
    with socket.socket() as sock:
        set_options(sock)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_a_game_is_played_through_plain_select(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "DefaultSelector", selectors.SelectSelector)
    monkeypatch.delattr("select.epoll", raising=False)
    with Server(port=0, low=5, high=5) as server, Client(port=server.address[1]) as client:
        assert client.propose(5) == "gagné"
