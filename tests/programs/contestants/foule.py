"""A thousand bots in one loop: lockstep with `pret`, every third without newlines.

python foule.py PORT BOTS SEED     prints one line: what each was told, and how long it took
"""

import json
import random
import selectors
import socket
import sys
import time

port, bots, seed = map(int, sys.argv[1:])
AT_ONCE = 200
"""Bots that connect before the first of them is greeted: less than the host's backlog."""


class Bot:
    """One player, told one message at a time."""

    def __init__(self, number: int) -> None:
        self.name = f"Robot {number}"
        self.told: list[tuple[int, str]] = []
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setblocking(False)
        self._rng = random.Random(f"{seed} {number}")
        self._ending = "" if number % 3 == 0 else "\n"
        self._buffer = ""
        self._guess = 0
        self.began = 0.0  # when the first round did

    def read(self) -> bool:
        """Take in what came; return whether that was the end."""
        data = self.socket.recv(1024)
        assert data, f"{self.name} was cut"
        self._buffer += data.decode()
        if not self._buffer.endswith(self._ending):
            return False
        message, self._buffer = self._buffer.strip(), ""
        return self._heard(message)

    def _heard(self, message: str) -> bool:
        word, *rest = message.split()
        match word:
            case "hello":
                self._say(f"nom {self.name}")
            case "nom":
                self._say("pret")
            case "manche":
                self.began = self.began or time.monotonic()
                self._low, self._high = int(rest[2]), int(rest[4])
                self._play()
            case "plus" | "moins" | "gagné":
                self.told.append((self._guess, word))
                self._next(word)
            case "FIN":
                return True
            case _:
                raise ValueError(f"{self.name} heard {message}")
        return False

    def _next(self, answer: str) -> None:
        if answer == "gagné":
            self._say("pret")
            return
        if answer == "plus":
            self._low = self._guess + 1
        else:
            self._high = self._guess - 1
        self._play()

    def _play(self) -> None:
        """Play near the middle, each bot with a whim of its own."""
        margin = (self._high - self._low) // 3
        self._guess = self._rng.randint(self._low + margin, self._high - margin)
        self._say(str(self._guess))

    def _say(self, message: str) -> None:
        self.socket.send(f"{message}{self._ending}".encode())


def main() -> None:
    crowd: list[Bot] = []
    playing = 0
    with selectors.DefaultSelector() as selector:
        while playing or len(crowd) < bots:
            for _ in range(min(AT_ONCE, bots - len(crowd))):
                bot = Bot(len(crowd) + 1)
                crowd.append(bot)
                selector.register(bot.socket, selectors.EVENT_READ, bot)
                playing += 1
            for key, _ in selector.select(60):
                if key.data.read():
                    selector.unregister(key.data.socket)
                    key.data.socket.close()
                    playing -= 1
    told = {bot.name: bot.told for bot in crowd}
    seconds = time.monotonic() - min(bot.began for bot in crowd)
    print(json.dumps({"seconds": seconds, "told": told}, ensure_ascii=False), flush=True)


try:
    import resource
except ImportError:  # Windows has no such limit
    pass
else:
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
main()
