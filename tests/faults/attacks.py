"""The attackers: `python -m tests.faults.attacks NAME PORT WEB_PORT SECONDS SEED COUNTER LEAST`.

An attack prepares itself, prints `start`, goes on for so many seconds and until it has done the
least that makes it one, and prints what it did as `done {json}`. What it is promised it checks on
the way. It gives way to others (nice): what is tested is the host, not the machine.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable

from tests.faults import attacks_flood, attacks_game, attacks_web
from tests.faults.attacks_aim import Aim
from tests.faults.holdings import open_all

__all__ = ["ATTACKS"]

NICE = 10

ATTACKS: dict[str, Callable[[Aim], None]] = {
    attack.__name__: attack
    for attack in (
        attacks_game.churn,
        attacks_game.drip,
        attacks_game.deaf,
        attacks_game.hold,
        attacks_game.hold_many,
        attacks_game.knock,
        attacks_game.names,
        attacks_game.tokens,
        attacks_flood.flood,
        attacks_flood.floods,
        attacks_flood.flood_websocket,
        attacks_web.drip_web,
        attacks_web.visits,
        attacks_web.visits_in_vain,
        attacks_web.silent_browsers,
    )
}


def main(
    name: str, port: str, web_port: str, seconds: str, seed: str, counter: str, least: str
) -> None:
    os.nice(NICE)
    open_all()
    number = int(seed)
    aim = Aim(
        port=int(port),
        web_port=int(web_port),
        seconds=float(seconds),
        proof=(counter, int(least)),
        rng=random.Random(number),
        district=1 + number % 250,
    )
    ATTACKS[name](aim)
    took = time.monotonic() - aim.began
    print("done", json.dumps({**aim.done, "seconds": round(took, 3)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
