"""A sound server in this process, a thread a client: what is overridden is its one quirk."""

from __future__ import annotations

import random
import socket
import threading
from contextlib import suppress
from typing import Self

__all__ = ["Game", "Quirky"]

REFUSAL = "erreur nombre envoie un nombre\n"


class Game:
    """What the server knows of one client."""

    def __init__(self, number: int, secret: int) -> None:
        self.number = number  # how many came before
        self.secret = secret
        self.wins = 0


class Quirky:
    """Listens on a free port of loopback until the end of the `with`."""

    greeting = "hello justeprix/1 entre 1 et 100\n"
    gagne = "gagné\n"

    def __init__(self) -> None:
        self.games: list[Game] = []
        self._random = random.Random(7)
        self._sockets: list[socket.socket] = []
        self._closing = False
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads[0].start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._closing = True
        with suppress(OSError):
            socket.create_connection(self._listener.getsockname(), timeout=5).close()
        self._threads[0].join()
        self._listener.close()
        for sock in self._sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    # To be overridden.

    def draw(self) -> int:
        """Return a secret; neither of the bounds, which are played first."""
        return self._random.randrange(2, 100)

    def greet(self, game: Game) -> str | None:
        return self.greeting

    def lines(self, received: bytes) -> list[bytes]:
        """Return the whole lines of what has come, all of it, and the rest at the end."""
        return received.split(b"\n")

    def read(self, line: bytes) -> str:
        return line.decode("utf-8", "replace").strip()

    def answer(self, game: Game, message: str) -> str | None:
        """Return what is sent back; None closes the connection."""
        if message.upper() == "FIN":
            return self.fin(game, message)
        if not message.isdecimal():
            return self.rubbish(game, message)
        if not 1 <= int(message) <= 100:
            return "erreur bornes entre 1 et 100\n"
        return self.compare(game, int(message))

    def fin(self, game: Game, message: str) -> str | None:
        return "FIN\n"

    def closes_after(self, answer: str) -> bool:
        return answer == "FIN\n"

    def rubbish(self, game: Game, message: str) -> str | None:
        return REFUSAL

    def compare(self, game: Game, number: int) -> str | None:
        if number == game.secret:
            self.win(game)
            return self.gagne
        return "plus\n" if number < game.secret else "moins\n"

    def win(self, game: Game) -> None:
        game.secret = self.draw()
        game.wins += 1

    def gone(self, game: Game, *, politely: bool) -> None:
        """Hear that a client has left."""

    # What never changes.

    def send_to_all(self, message: str) -> None:
        for sock in self._sockets:
            with suppress(OSError):
                sock.sendall(message.encode())

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._closing:
                sock.close()
                return
            self._sockets.append(sock)
            self.games.append(Game(len(self.games), self.draw()))
            thread = threading.Thread(target=self._serve, args=(sock, self.games[-1]))
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, game: Game) -> None:
        politely = False
        with sock, suppress(OSError):
            politely = self._play(sock, game)
        self.gone(game, politely=politely)

    def _play(self, sock: socket.socket, game: Game) -> bool:
        """Play until one of both has enough; return whether it ended with an answer of ours."""
        greeting = self.greet(game)
        if greeting is None:
            return True
        sock.sendall(greeting.encode())
        pending = b""
        while received := sock.recv(1024):
            *lines, pending = self.lines(pending + received)
            for line in lines:
                answer = self.answer(game, self.read(line))
                sock.sendall((answer or "").encode())
                if answer is None or self.closes_after(answer):
                    return True
        return False
