"""A bot on the `Client` class: every round by itself, a line for each guess that was answered.

python robot.py PORT NAME SEED [ROUND GUESSES]     waits there for a line on its input
"""

import random
import sys

from justeprix import Client, Manche
from justeprix.errors import Refused, SessionOver

port, name, seed, *hold = sys.argv[1:]
halt = tuple(map(int, hold))
rng = random.Random(seed)


def tell(*words: object) -> None:
    print(*words, flush=True)


def search(client: Client, manche: Manche) -> None:
    low, high = manche.bas, manche.haut
    count, answer = 0, ""
    while answer != "gagné":
        if (manche.numero, count) == halt:
            tell("waits")
            sys.stdin.readline()
        if low > high:  # that was the next round already
            low, high = manche.bas, manche.haut
        margin = (high - low) // 4
        guess = rng.randint(low + margin, high - margin)
        answer = client.propose(guess)
        tell("told", guess, answer)
        count += 1
        if answer == "plus":
            low = guess + 1
        elif answer == "moins":
            high = guess - 1


try:
    with Client(port) as client:
        client.demande(f"nom {name}")
        tell("token", client.demande("session").split()[1])
        for manche in client:
            try:
                search(client, manche)
            except Refused:  # the round is closed
                continue
except SessionOver as error:
    tell("over", error)
