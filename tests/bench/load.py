"""The load: many players in one process, in lockstep, each in binary search over 1..100.

python -m tests.bench.load PORT PLAYERS SECONDS

The same program as load.c, for machines without a C compiler; change both. It is slower than
most servers it loads: the report tells how busy it was.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from collections import Counter
from time import monotonic_ns as now

LOW, HIGH = 1, 100
AT_ONCE = 500  # connections opened before their greetings are read: under any backlog
PER_ADDRESS = 5000  # connections from one loopback address: it has some 28,000 ports
PATIENCE = 30  # seconds for connecting and warming up together; then the load gives up
SECOND = 1_000_000_000

PLUS, MOINS, GAGNE = b"plus\n", b"moins\n", "gagné\n".encode()
LINES = [b"%d\n" % number for number in range(HIGH + 1)]
RESET = struct.pack("ii", 1, 0)  # end with a reset: no port stays in TIME_WAIT for a minute


class Player:
    """One connection and its binary search."""

    __slots__ = ("fd", "guess", "high", "low", "sent_at", "socket")

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.fd = sock.fileno()
        self.low, self.high = LOW, HIGH
        self.guess = 0
        self.sent_at = 0

    def send_guess(self) -> None:
        self.guess = (self.low + self.high) // 2
        self.sent_at = now()
        os.write(self.fd, LINES[self.guess])

    def hear(self) -> int:
        """Take the answer; return how many nanoseconds it took."""
        reply = os.read(self.fd, 64)
        waited = now() - self.sent_at
        if reply == PLUS:
            self.low = self.guess + 1
        elif reply == MOINS:
            self.high = self.guess - 1
        elif reply == GAGNE:
            self.low, self.high = LOW, HIGH
        else:
            sys.exit(f"load: not an answer: {reply!r}")
        if self.low > self.high:
            sys.exit("load: the answers fit no secret")
        return waited


class Load:
    """All players."""

    def __init__(self, port: int, count: int) -> None:
        self.players = {sock.fileno(): Player(sock) for sock in connect_all(port, count)}
        self.epoll = select.epoll()
        for fd in self.players:
            self.epoll.register(fd, select.EPOLLIN)
        self.histogram: Counter[int] = Counter()

    def play_once(self) -> int:
        """Let all who have an answer guess again; return how many had one."""
        ready = self.epoll.poll(0.1)
        histogram, players = self.histogram, self.players
        for fd, _ in ready:
            player = players[fd]
            histogram[bucket(player.hear())] += 1
            player.send_guess()
        return len(ready)

    def warm_up(self) -> None:
        earliest = now() + 3 * SECOND // 10
        for player in self.players.values():
            player.send_guess()
        answers = 0
        while now() < earliest or answers < 3 * len(self.players):
            answers += self.play_once()
        self.histogram.clear()

    def measure(self, seconds: float) -> dict[str, float]:
        cpu, start = time.process_time_ns(), now()
        end = start + int(seconds * SECOND)
        while now() < end:
            self.play_once()
        took, busy = now() - start, time.process_time_ns() - cpu
        return {
            "guesses": self.histogram.total(),
            "seconds": took / SECOND,
            "p50": self.quantile_us(0.5),
            "p99": self.quantile_us(0.99),
            "p999": self.quantile_us(0.999),
            "load_cpu": busy / took,
            # Players without any answer in all that time.
            "starved": sum(player.sent_at < start for player in self.players.values()),
        }

    def quantile_us(self, share: float) -> float:
        left = int(share * self.histogram.total())
        for index, count in sorted(self.histogram.items()):
            left -= count
            if left < 0:
                return bucket_us(index)
        return 0.0


def bucket(ns: int) -> int:
    """Return the histogram's bucket: 128 for each doubling, so each is less than 1 % wide."""
    shift = max(0, ns.bit_length() - 8)
    return shift * 128 + (ns >> shift)


def bucket_us(index: int) -> float:
    """Return the microseconds at which a bucket begins."""
    shift = max(0, index // 128 - 1)
    return (index - shift * 128 << shift) / 1000


def connect_all(port: int, count: int) -> list[socket.socket]:
    """Open that many connections to 127.0.0.1 and read their greetings."""
    socks: list[socket.socket] = []
    while len(socks) < count:
        several = range(len(socks), min(count, len(socks) + AT_ONCE))
        fresh = [open_connection(port, number) for number in several]
        for sock in fresh:
            if not sock.recv(128):
                sys.exit("load: no greeting")
        socks += fresh
    return socks


def open_connection(port: int, number: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.settimeout(PATIENCE)
    sock.bind((f"127.0.0.{2 + number // PER_ADDRESS}", 0))
    sock.connect(("127.0.0.1", port))
    return sock


def raise_descriptor_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main(port: int, count: int, seconds: float) -> None:
    raise_descriptor_limit()
    signal.alarm(PATIENCE + int(seconds) + 1)  # ends this process, whatever happens
    load = Load(port, count)
    load.warm_up()
    print("start", flush=True)
    print(json.dumps(load.measure(seconds)))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
