"""Which sockets are ready: epoll where the system has it, selectors everywhere else.

A socket is watched for one thing at a time, to read it or to write it, so that who is ready
says it all: `poll` returns the watchers' own data, nothing to look up, nothing to unpack. With
a thousand busy players that is where `selectors` spends half a microsecond a guess.
"""

from __future__ import annotations

import select
import selectors
import socket
from typing import Generic, Protocol, TypeVar

__all__ = ["READ", "WRITE", "EpollPoller", "Poller", "SelectorPoller", "new_poller"]

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE

T = TypeVar("T")


class Poller(Protocol[T]):
    """Sockets, each with what to watch it for and whose it is."""

    def watch(self, sock: socket.socket, event: int, data: T) -> None:
        """Watch a socket for READ, for WRITE, or for nothing (0) any more."""

    def poll(self, timeout: float) -> list[T]:
        """Return the data of the sockets that are ready, within `timeout` seconds."""

    def close(self) -> None:
        """Free everything but the sockets."""


class SelectorPoller(Generic[T]):
    """On what `selectors` has: kqueue, poll or select."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def watch(self, sock: socket.socket, event: int, data: T) -> None:
        known = sock in self._selector.get_map()
        if not event:
            self._selector.unregister(sock)
        elif known:
            self._selector.modify(sock, event, data)
        else:
            self._selector.register(sock, event, data)

    def poll(self, timeout: float) -> list[T]:
        return [key.data for key, _ in self._selector.select(timeout)]

    def close(self) -> None:
        self._selector.close()


class EpollPoller(Generic[T]):
    """On Linux's epoll."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._data: dict[int, T] = {}

    def watch(self, sock: socket.socket, event: int, data: T) -> None:
        number = sock.fileno()
        flag = select.EPOLLIN if event == READ else select.EPOLLOUT
        if not event:
            self._epoll.unregister(number)
            del self._data[number]
        elif number in self._data:
            self._epoll.modify(number, flag)
        else:
            self._epoll.register(number, flag)
            self._data[number] = data

    def poll(self, timeout: float) -> list[T]:
        data = self._data
        return [data[number] for number, _ in self._epoll.poll(timeout)]

    def close(self) -> None:
        self._epoll.close()


def new_poller() -> Poller[T]:
    """Return the best poller of this system."""
    return EpollPoller() if hasattr(select, "epoll") else SelectorPoller()
