"""What every attacker has: whom to attack and for how long, and connections.

Attackers come from addresses of their own and end their connections with a reset: they leave no
port in TIME_WAIT.
"""

from __future__ import annotations

import random
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.proxy import LINGER_NONE

__all__ = ["Aim"]

SOURCES = "127.{}.{}.1"
PER_SOURCE = 400
"""Where attackers come from: Linux has all of 127.0.0.0/8, and every attack its own part of it, so
that none profits from the limits that the one before has met. An address may hold 500."""

PATIENCE = 10.0

PROOF_TIME = 15.0
"""Seconds that an attack may go on until it has done enough to be one."""

IP_BIND_ADDRESS_NO_PORT = 24  # the port is chosen while connecting: as many as there are


@dataclass(kw_only=True)
class Aim:
    """Whom to attack, and for how long."""

    port: int
    web_port: int
    seconds: float
    proof: tuple[str, int]  # what must be done, and how often; else it was no attack
    rng: random.Random
    district: int
    done: Counter[str] = field(default_factory=Counter)
    began: float = 0.0

    def start(self) -> None:
        """Say that the attack is under way from now on."""
        print("start", flush=True)
        self.began = time.monotonic()

    @property
    def in_time(self) -> bool:
        return time.monotonic() < self.began + self.seconds

    @property
    def lasts(self) -> bool:
        """Whether there is time left, or too little done: a busy machine takes longer for it."""
        counter, least = self.proof
        late = time.monotonic() >= self.began + self.seconds + PROOF_TIME
        return self.in_time or (self.done[counter] < least and not late)

    def paced(self, rate: float) -> Iterator[int]:
        """Count up at that rate until the end; who is late does not wait."""
        number = 0
        while self.lasts:
            ahead = number / rate - (time.monotonic() - self.began)
            if ahead > 0.0005:
                time.sleep(ahead)
            yield number
            number += 1

    def caller(self, number: int = 0) -> socket.socket:
        """Return a socket that is not connected yet; a high number has another address."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        sock.bind((SOURCES.format(self.district, number // PER_SOURCE), 0))
        return sock

    def call(self, port: int = 0, number: int = 0, *, receive_buffer: int = 0) -> socket.socket:
        """Open a connection, to the game's port unless told otherwise."""
        sock = self.caller(number)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.settimeout(PATIENCE)
        sock.connect(("127.0.0.1", port or self.port))
        self.done["connections"] += 1
        return sock

    @contextmanager
    def refusals(self, what: str = "refused") -> Iterator[None]:
        """Count what ends because the host has had enough of us."""
        try:
            yield
        except (OSError, EOFError):
            self.done[what] += 1
