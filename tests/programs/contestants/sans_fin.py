"""No newline anywhere, one recv(1024) per send, `pret` before each round.

python sans_fin.py PORT NAME SEED [ROUND GUESSES [leave]]     waits there for a line, or leaves
"""

import random
import socket
import sys

port, name, seed, *rest = sys.argv[1:]
halt, leaves = tuple(map(int, rest[:2])), bool(rest[2:])
rng = random.Random(seed)


def tell(*words: object) -> None:
    print(*words, flush=True)


def ask(message: str) -> str:
    try:
        client.send(message.encode())
        reply = client.recv(1024).decode()
    except OSError:
        reply = ""
    if not reply:
        tell("cut")
        sys.exit()
    return reply


def search(low: int, high: int, number: int) -> None:
    first, last = low, high
    count, answer = 0, ""
    while answer != "gagné":
        if (number, count) == halt:
            if leaves:
                sys.exit()
            tell("waits")
            sys.stdin.readline()
        if low > high:  # that was the next round already
            low, high = first, last
        margin = (high - low) // 3
        guess = rng.randint(low + margin, high - margin)
        tell("sent", guess)
        answer = ask(str(guess))
        tell("told", guess, answer)
        count += 1
        if answer == "plus":
            low = guess + 1
        elif answer == "moins":
            high = guess - 1
        elif answer != "gagné":  # the round is closed
            return


client = socket.create_connection(("127.0.0.1", int(port)), timeout=60)
client.recv(1024)
assert ask(f"nom {name}") == f"nom {name}", "another name"
while (reply := ask("pret")) != "FIN":
    words = reply.split()
    search(int(words[3]), int(words[5]), int(words[1]))
client.close()
