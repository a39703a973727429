"""The servers to compare: justeprix, and the same game in as few lines as each library needs.

python -m tests.bench.servers asyncio-streams     # prints its port; ends when its stdin closes,
                                                  # c-epoll when its parent ends

The small ones answer as justeprix does (greeting, digits and bounds checked, a new secret after
each win) but remember nothing: no store, no names, no sessions, no limits. All have the same
backlog, and as many descriptors as they may; all set TCP_NODELAY, asyncio and uvloop unasked.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import random
import resource
import socket
import socketserver
import sys
import threading
from collections.abc import Callable
from typing import Any, cast

OURS = "justeprix"

ADDRESS = "127.0.0.1"
BACKLOG = 1024
GREETING = b"hello justeprix/1 entre 1 et 100\n"
MAX_LINE = 512
STACK = 256 * 1024
"""Bytes of stack a thread: with the usual 8 MB, 10,000 of them ask for 80 GB of addresses."""


class Game:
    """One client's secret: a line in, a line out."""

    def __init__(self) -> None:
        self.secret = random.randint(1, 100)

    def answer(self, line: bytes) -> bytes:
        line = line.strip()
        if not line.isdigit() or len(line) > 12:
            return b"erreur nombre envoie un nombre entier\n"
        number = int(line)
        if not 1 <= number <= 100:
            return b"erreur bornes joue entre 1 et 100\n"
        if number < self.secret:
            return b"plus\n"
        if number > self.secret:
            return b"moins\n"
        self.secret = random.randint(1, 100)
        return "gagné\n".encode()


# asyncio, as its tutorial does it: streams.


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    game = Game()
    writer.write(GREETING)
    try:
        while line := await reader.readline():
            writer.write(game.answer(line))
            await writer.drain()
    except (ConnectionError, ValueError):
        pass  # gone, or a line without end
    finally:
        writer.close()


async def serve_streams() -> None:
    server = await asyncio.start_server(converse, ADDRESS, 0, limit=MAX_LINE, backlog=BACKLOG)
    announce(server.sockets[0].getsockname()[1])
    await server.serve_forever()


# Callbacks, on asyncio's loop or on uvloop, written in C: the fastest that Python offers.


class GameProtocol(asyncio.Protocol):
    """One client, called by the loop whenever bytes have come."""

    def __init__(self) -> None:
        self.game = Game()
        self.pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own kind, like it
        self.transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        *lines, self.pending = (self.pending + data).split(b"\n")
        if len(self.pending) > MAX_LINE:
            self.transport.abort()
        for line in lines:
            self.transport.write(self.game.answer(line))


async def serve_callbacks() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(GameProtocol, ADDRESS, 0, backlog=BACKLOG)
    announce(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def serve_uvloop() -> None:
    import uvloop

    uvloop.run(serve_callbacks())


# Twisted: callbacks too, on its own loop, and lines cut by the library.


def serve_twisted() -> None:
    from twisted.internet import reactor as typed_as_a_module
    from twisted.internet.protocol import Factory
    from twisted.protocols.basic import LineOnlyReceiver

    reactor: Any = typed_as_a_module

    class Talk(LineOnlyReceiver):
        transport: Any
        delimiter = b"\n"
        MAX_LENGTH = MAX_LINE

        def connectionMade(self) -> None:
            self.game = Game()
            self.transport.setTcpNoDelay(True)
            self.transport.write(GREETING)

        def lineReceived(self, line: bytes) -> None:
            self.transport.write(self.game.answer(line))

    factory = Factory.forProtocol(Talk)
    port = reactor.listenTCP(0, factory, backlog=BACKLOG, interface=ADDRESS)
    announce(port.getHost().port)
    reactor.run()


# A thread for each client, as the first lesson on sockets does it.


def talk(sock: socket.socket) -> None:
    game = Game()
    with sock, sock.makefile("rb") as lines:
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.sendall(GREETING)
            while line := lines.readline(MAX_LINE):
                sock.sendall(game.answer(line))
        except OSError:
            pass  # gone


def serve_threads() -> None:
    threading.stack_size(STACK)
    with socket.create_server((ADDRESS, 0), backlog=BACKLOG) as listener:
        announce(listener.getsockname()[1])
        while True:
            sock, _ = listener.accept()
            threading.Thread(target=talk, args=(sock,), daemon=True).start()


# gevent: the same words, but what looks like a thread is a coroutine.


def serve_gevent() -> None:
    from gevent.server import StreamServer  # type: ignore[import-untyped]

    server = StreamServer((ADDRESS, 0), lambda sock, _: talk(sock), backlog=BACKLOG)
    server.start()
    announce(server.server_port)
    server.serve_forever()


# socketserver: a thread for each client, by the standard library.


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self) -> None:
        game = Game()
        try:
            self.wfile.write(GREETING)
            while line := self.rfile.readline(MAX_LINE):
                self.wfile.write(game.answer(line))
        except OSError:
            pass  # gone


class ThreadingServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = BACKLOG


def serve_socketserver() -> None:
    threading.stack_size(STACK)
    with ThreadingServer((ADDRESS, 0), Handler) as server:
        announce(server.server_address[1])
        server.serve_forever()


# C, for the most that one thread can do on this machine.


def serve_c() -> None:
    """Become the program: what is measured is all its own."""
    # Imported here, as below: the servers in Python are to be measured without them.
    import tempfile
    from pathlib import Path

    from tests.bench.measure import compile_load

    with tempfile.TemporaryDirectory(prefix="justeprix-bench-") as folder:
        [path] = compile_load(Path(folder), "server") or sys.exit("there is no C compiler")
        program = os.open(path, os.O_RDONLY)  # outlives its folder
    os.execve(program, ["server"], os.environ)


# justeprix itself, no player slowed and none turned away.


def serve_justeprix(db: str) -> None:
    # Imported here: the small servers are to be measured as they are, alone in their process.
    from justeprix.room.limits import Limits
    from justeprix.server.server import Server

    limits = Limits(rate=0, max_players=1_000_000)
    with Server(ADDRESS, 0, db=db, limits=limits) as server:
        announce(server.address[1])
        threading.Event().wait()


SERVERS: dict[str, Callable[[str], None]] = {
    OURS: serve_justeprix,
    "justeprix-memory": lambda _: serve_justeprix(":memory:"),
    "asyncio-streams": lambda _: asyncio.run(serve_streams()),
    "asyncio-protocol": lambda _: asyncio.run(serve_callbacks()),
    "uvloop": lambda _: serve_uvloop(),
    "twisted": lambda _: serve_twisted(),
    "gevent": lambda _: serve_gevent(),
    "threads": lambda _: serve_threads(),
    "socketserver": lambda _: serve_socketserver(),
    "c-epoll": lambda _: serve_c(),
}
"""Each serves for ever; it gets a path for its file, should it want one."""


LIBRARIES = {"uvloop": "uvloop", "gevent": "gevent", "twisted": "twisted"}
"""What a server imports that justeprix does not need."""


def missing(name: str) -> str:
    """Return why a server cannot run here, or nothing."""
    from tests.bench.measure import compiler

    if name in LIBRARIES and importlib.util.find_spec(LIBRARIES[name]) is None:
        return f"{LIBRARIES[name]} is not installed (pip install justeprix[bench])"
    if name == "c-epoll" and compiler() is None:
        return "there is no C compiler"
    return ""


def announce(port: int) -> None:
    print(port, flush=True)


def end_with_parent() -> None:
    """End this process, whatever it does, once nobody holds the other end of its stdin."""
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    threading.Thread(target=end_with_parent, daemon=True).start()
    SERVERS[sys.argv[1]](sys.argv[2] if len(sys.argv) > 2 else ":memory:")
