"""`justeprix bench` against a host, and how many players that host still has."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from justeprix.server.server import Server
from tests.support.processes import Process, running

StartServer = Callable[..., Server]
"""The fixture `server`."""


def benching(port: int, *options: object, players: int = 10) -> AbstractContextManager[Process]:
    return running("bench", "--port", port, "--players", players, *options, COLUMNS="200")


def links(server: Server) -> int:
    return server.workers.load
