"""A client process to be killed: plays the numbered game until then.

python -m tests.faults.soak_victim PORT NAME SEED [TOKEN]     prints its token
"""

from __future__ import annotations

import random
import socket
import sys
import time

from tests.faults.soak_game import Game

LIFE = 30.0
"""Seconds after which it ends by itself, should nobody kill it."""

PAUSE = 0.03


def main(port: str, name: str, seed: str, token: str = "") -> None:
    rng, end = random.Random(seed), time.monotonic() + LIFE
    with socket.create_connection(("127.0.0.1", int(port)), LIFE) as sock:
        lines = sock.makefile("r", encoding="utf-8", newline="\n")

        def ask(line: str) -> str:
            sock.sendall(f"{line}\n".encode())
            return lines.readline().rstrip("\n")

        game = Game(ask, lines.readline(), rng)
        if not token:
            game.take_seat(name)
        print(game.resume(token), flush=True)
        while time.monotonic() < end and game.turn():
            time.sleep(rng.uniform(0, 2 * PAUSE))


if __name__ == "__main__":
    main(*sys.argv[1:])
