"""A peer that vanished is noticed: what the system is asked for, on each system."""

from __future__ import annotations

import socket
import sys

import pytest

from justeprix.net.keepalive import OPTIONS, keep_alive


@pytest.fixture
def sock():
    with socket.socket() as sock:
        yield sock


def asked(sock: socket.socket) -> dict[str, int]:
    return {
        name: sock.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))
        for name in OPTIONS
        if hasattr(socket, name)
    }


def test_what_the_system_was_asked_for(sock) -> None:
    keep_alive(sock)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert asked(sock) == {name: value for name, value in OPTIONS.items() if hasattr(socket, name)}


def test_half_a_minute_is_all_it_takes() -> None:
    times = OPTIONS["TCP_KEEPIDLE"] + OPTIONS["TCP_KEEPCNT"] * OPTIONS["TCP_KEEPINTVL"]
    assert times == OPTIONS["TCP_USER_TIMEOUT"] / 1000 == 30


def test_a_system_that_has_none_of_them(sock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OPTIONS:
        monkeypatch.delattr(socket, name, raising=False)
    keep_alive(sock)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


@pytest.mark.skipif(sys.platform != "linux", reason="knows Linux's number of the option")
def test_the_name_that_macos_has(sock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "TCP_KEEPIDLE")
    monkeypatch.setattr(socket, "TCP_KEEPALIVE", 4, raising=False)
    keep_alive(sock)
    assert sock.getsockopt(socket.IPPROTO_TCP, 4) == OPTIONS["TCP_KEEPALIVE"]
