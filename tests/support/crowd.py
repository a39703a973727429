"""Many players at a server, who never wait for one another: all they say and hear is noted.

with Crowd(server, book, seed, plain=32, numbered=8) as crowd, clients(server, book, seed, 3):
    crowd.wait(500)                 # until they have heard that many lines more
    ...
    crowd.finish()
"""

from __future__ import annotations

import random
import selectors
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Self

from justeprix.server.server import Server
from tests.faults.players import Caller, Seat
from tests.faults.proxy import FaultProxy
from tests.faults.recorder import Noted, Recorder
from tests.support.player import PATIENCE, Lines

COUNTED = (b"plus", b"moins", "gagné".encode(), b"resultat ")
"""How the answer to a guess begins that was counted."""


class Runner:
    """A player of a crowd: says something as soon as it has heard all it is owed.

    Who is `patient` may wait for a round; the others keep the host busy whatever happens.
    """

    def __init__(self, crowd: Crowd, name: str, *, numbered: bool, patient: bool) -> None:
        self.name = name
        self.counted = 0  # answers so far
        self.owed = 0
        self._crowd = crowd
        self._rng = random.Random(f"{crowd.seed} {name}")
        self._numbered, self._patient = numbered, patient
        self._rest = b""
        sock = socket.create_connection(crowd.server.address, timeout=PATIENCE)
        self.socket = Noted(sock, crowd.book.open(name))
        hello = sock.makefile("rb", buffering=0).readline()
        self.socket.link.got(hello)
        self._bounds = int(hello.split()[-3]), int(hello.split()[-1])
        self.say(f"nom {name}")
        if numbered:
            self.say("session")

    def say(self, *lines: str) -> None:
        self.owed += len(lines)
        with suppress(OSError):  # thrown out: the end comes next
            self.socket.sendall("".join(f"{line}\n" for line in lines).encode())

    def go_on(self) -> None:
        """Say the next thing: nearly always a guess, alone or with others."""
        whim = self._rng.random()
        if whim < 0.03 and self._patient:
            self.say("pret")
        elif whim < 0.06:
            self.say("scores")
        elif whim < 0.2:
            self.say(*(str(self._guess()) for _ in range(3)))
        elif self._numbered and whim < 0.5:
            self.say(f"#{self.counted + 1} {self._guess()}")
        else:
            self.say(str(self._guess()))

    def _guess(self) -> int:
        """Choose a number; sometimes whisper the secret, so that there are wins."""
        round = self._crowd.server.room.competition.current
        if round is not None and self._rng.random() < 0.03:
            return int(round.secret)
        return self._rng.randint(*self._bounds)

    def hear(self) -> int:
        """Read; return how many lines came, -1 at the end."""
        try:
            data = self.socket.recv(65536)
        except OSError:
            data = b""
        if not data:
            return -1
        *lines, self._rest = (self._rest + data).split(b"\n")
        self.owed -= len(lines)
        self.counted += sum(line.startswith(COUNTED) for line in lines)
        return len(lines)


class Crowd:
    """Plain players and numbered ones, all on one selector, in a thread of their own."""

    def __init__(self, server: Server, book: Recorder, seed: int, plain: int, numbered: int):
        self.server, self.book, self.seed = server, book, seed
        self.runners = [
            Runner(self, f"Coureur {n}", numbered=n >= plain, patient=n % 3 == 0)
            for n in range(plain + numbered)
        ]
        self._news = threading.Condition()
        self._heard = 0
        self._enough = False
        self._thread = threading.Thread(target=self._run, name="crowd")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        for runner in self.runners:
            with suppress(OSError):  # whoever has been thrown out
                runner.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(PATIENCE)
        for runner in self.runners:
            runner.socket.close()

    def wait(self, lines: int) -> None:
        """Return when all together have heard that many more."""
        with self._news:
            wanted = self._heard + lines
            assert self._news.wait_for(lambda: self._heard >= wanted, PATIENCE)

    def finish(self) -> None:
        """Ask nothing more; return when all have heard what they are owed."""
        self._enough = True
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for runner in self.runners:
                selector.register(runner.socket, selectors.EVENT_READ, runner)
            busy = set(self.runners)
            while busy:
                for key, _ in selector.select(PATIENCE):
                    if not self._serve(key.data):
                        selector.unregister(key.fileobj)
                        busy.discard(key.data)

    def _serve(self, runner: Runner) -> bool:
        """Hear one, and have it go on; return whether it is still there."""
        lines = runner.hear()
        if lines < 0:
            return False
        with self._news:
            self._heard += lines
            self._news.notify_all()
        if runner.owed <= 0:
            if self._enough:
                return False
            runner.go_on()
        return True


class Flood:
    """One link of a session: plays as fast as it is answered, until it is cut or told to stop."""

    def __init__(self, mover: Mover) -> None:
        self.answers = threading.Semaphore(0)
        self.thread = threading.Thread(target=self._play)
        self.stop = False
        self._mover = mover
        sock = socket.create_connection(mover.server.address, timeout=PATIENCE)
        self._lines = Lines(Noted(sock, mover.book.open(mover.name)))
        self._lines.recv_line()  # the greeting

    def ask(self, line: str) -> str:
        self._lines.say(line)
        return self._lines.recv_line()

    def _play(self) -> None:
        with self._lines, suppress(ConnectionError, EOFError):
            while not self.stop:
                self.ask(self._mover.guess())
                self.answers.release()


class Mover(threading.Thread):
    """A session that goes from link to link, while the old ones play on."""

    LINKS = 15

    def __init__(self, server: Server, book: Recorder, name: str, seed: int) -> None:
        super().__init__(name=name)
        self.server, self.book = server, book
        self.error: BaseException | None = None
        self._rng = random.Random(f"{seed} {name}")

    def guess(self) -> str:
        return str(self._rng.randint(self.server.room.bounds.low, self.server.room.bounds.high))

    def run(self) -> None:
        links: list[Flood] = []
        try:
            self._move(links)
        except BaseException as error:  # told to the test, which fails with it
            self.error = error
        for link in links:
            link.stop = True
            link.thread.join(PATIENCE)

    def _move(self, links: list[Flood]) -> None:
        token = ""
        for _ in range(self.LINKS):
            link = Flood(self)
            token = link.ask(f"session {token}".strip()).split()[1]
            link.thread.start()
            links.append(link)
            for _ in range(self._rng.randrange(1, 25)):
                assert link.answers.acquire(timeout=PATIENCE), "cut, and nobody came instead"


@contextmanager
def clients(server: Server, book: Recorder, seed: int, count: int) -> Iterator[None]:
    """Have Clients play the whole competition meanwhile, and wait for its end."""
    with ExitStack() as proxies:
        players = []
        for name in (f"Client {n}" for n in range(count)):
            proxy = FaultProxy(server.address, iter(()), book=book, who=name)
            address = "127.0.0.1", proxies.enter_context(proxy).port
            rng = random.Random(f"{seed} {name}")
            players.append(Caller(Seat(name=name, address=address, rng=rng, book=book, timeout=5)))
        for player in players:
            player.start()
        try:
            yield
            for player in players:
                player.thread.join(PATIENCE)
        finally:
            for player in players:
                player.leave()
    assert [player.error for player in players] == [None] * count
