"""Bystanders: a few who play normally while others are attacked with them, and what they wait.

python -m tests.faults.bystander PORT PLAYERS SEED     # then on stdin: the seconds of a window

A guess, its answer, a short think, the next guess. For each window one line comes back: how many
microseconds each answer took, as JSON. An answer has come when the kernel received it, not when
this process gets to read it: it shares a processor with the attackers, the host does not. The
thinks are random and long beside a stall, so that a stall meets as many guesses as its length
says; who asked only after each answer would meet it once.
"""

from __future__ import annotations

import heapq
import json
import random
import select
import socket
import struct
import sys
import time

__all__ = ["THINK"]

THINK = 0.005
"""Seconds that a player thinks on average: far from the rate at which the host slows one down."""

PATIENCE = 15.0
"""Seconds without any answer after which the bystanders call the host dead."""

SO_TIMESTAMPNS = 35  # Linux; the socket module has no name for it
LOW, HIGH = 1, 100


class Player:
    """One connection and its binary search."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        greeting = self.socket.recv(256)
        assert greeting.startswith(b"hello"), greeting
        self.low, self.high = LOW, HIGH
        self.guess = self.sent_at = 0

    def fileno(self) -> int:
        return self.socket.fileno()

    def send_guess(self) -> None:
        self.guess = (self.low + self.high) // 2
        self.sent_at = time.time_ns()
        self.socket.sendall(b"%d\n" % self.guess)

    def hear(self) -> int:
        """Take the answer, which must be right; return the microseconds it took."""
        reply, extra, _, _ = self.socket.recvmsg(256, 128)
        came_at = time.time_ns()
        for level, kind, data in extra:
            if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                seconds, nanoseconds = struct.unpack("ll", data)
                came_at = seconds * 1_000_000_000 + nanoseconds
        self._learn(reply)
        return (came_at - self.sent_at) // 1000

    def _learn(self, reply: bytes) -> None:
        if reply == b"plus\n":
            self.low = self.guess + 1
        elif reply == b"moins\n":
            self.high = self.guess - 1
        else:
            assert reply == "gagné\n".encode(), f"not an answer: {reply!r}"
            self.low, self.high = LOW, HIGH
        assert self.low <= self.high, "the answers fit no secret"


def play(players: list[Player], seconds: float, rng: random.Random) -> list[int]:
    """Let all play for that long and get their last answers; return what each answer took."""
    end = time.monotonic() + seconds
    thinking = [(time.monotonic() + rng.expovariate(1 / THINK), n) for n in range(len(players))]
    heapq.heapify(thinking)
    waiting: dict[Player, int] = {}
    took: list[int] = []
    while (now := time.monotonic()) < end or waiting:
        while now < end and thinking and thinking[0][0] <= now:
            _, number = heapq.heappop(thinking)
            players[number].send_guess()
            waiting[players[number]] = number
        due = thinking[0][0] if thinking and now < end else now + PATIENCE
        ready, _, _ = select.select(list(waiting), [], [], due - now)
        assert ready or due < now + PATIENCE, f"no answer for {PATIENCE} seconds"
        for player in ready:
            took.append(player.hear())
            think = rng.expovariate(1 / THINK)
            heapq.heappush(thinking, (time.monotonic() + think, waiting.pop(player)))
    return took


def main(port: int, count: int, seed: int) -> None:
    rng = random.Random(seed)
    players = [Player(port) for _ in range(count)]
    print("ready", flush=True)
    for line in sys.stdin:
        print(f"window {json.dumps(play(players, float(line), rng))}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
