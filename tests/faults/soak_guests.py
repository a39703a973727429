"""Who comes during a soak: all kinds of clients at once, a thread each, on links that break.

Each comes again and again until the party is over; see soak_party.py.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

from justeprix.client import Client
from justeprix.errors import Refused
from tests.faults.proxy import BARE, LINES, LINGER_NONE, Fault
from tests.faults.recorder import Noted
from tests.faults.soak_game import Game, between
from tests.faults.soak_party import STAY, TIMEOUT, Guest
from tests.support.browser import Browser as Page
from tests.support.places import ROOT
from tests.support.player import Lines

__all__ = ["GUESTS"]

INSIST = 30.0
"""Seconds for which it tries on: the machine may be busy."""

GAMES = 3
"""Games after which it leaves practice, and comes again as somebody new."""

POLITE = 0.3
"""How often somebody says FIN who might as well just leave."""

PATIENCE = 10.0
"""Seconds in which the others get an answer; `pret` waits for a round of 4 seconds."""

POURED, AT_ONCE = 60_000, 2000
"""Guesses of a flood: in all, and on their way at once."""

GONE = (OSError, EOFError)


class Library(Guest):
    """The `Client` class, as pupils' bots use it: no fault shows."""

    def visit(self) -> None:
        name = self.visitor()
        with (
            self.proxy(name, LINES) as proxy,
            Client(proxy.port, timeout=TIMEOUT, insist=INSIST) as client,
        ):
            client.demande(f"nom {name}")
            for _ in self._rounds(client):
                with suppress(Refused):  # too late: the round is over
                    self._search(client, name)

    def _rounds(self, client: Client) -> Iterator[object]:
        if not self.party.contest:
            yield from range(GAMES)
            return
        for manche in client:
            if self.party.over.is_set():
                return
            yield manche

    def _search(self, client: Client, name: str) -> None:
        low, high = client.bornes
        answer = ""
        while answer != "gagné" and self.think():
            if low > high:  # that was the next round already
                low, high = client.bornes
            guess = between(self.rng, low, high)
            answer = client.propose(guess)
            self.party.book.told(name, guess, answer)
            if answer == "plus":
                low = guess + 1
            elif answer == "moins":
                high = guess - 1


class Typist(Guest):
    """Lines over a plain socket, as pupils write them: a link that breaks is a game that ends.

    Without a token a seat is that of its link, until the host sees the link end: in a black hole
    that is never.
    """

    kinds = tuple(fault for fault in LINES if fault is not Fault.BLACK_HOLE)
    end = "\n"

    def visit(self) -> None:
        with (
            self.proxy(self.name, self.kinds) as proxy,
            suppress(*GONE),
            Lines(socket.create_connection(("127.0.0.1", proxy.port), PATIENCE)) as link,
        ):
            game = Game(lambda line: self._ask(link, line), self._hear(link), self.rng)
            if self._begin(game):
                self.stay(game)
            if self.rng.random() < POLITE:
                self._ask(link, "FIN")

    def _begin(self, game: Game) -> bool:
        """Return whether we have the seat that is ours in a competition."""
        return not self.party.contest or game.take_seat(self.name)

    def _ask(self, link: Lines, line: str) -> str:
        link.send(f"{line}{self.end}".encode())
        return self._hear(link)

    def _hear(self, link: Lines) -> str:
        return link.recv_line()


class Bare(Typist):
    """No newline anywhere, one recv for each send."""

    kinds = tuple(fault for fault in BARE if fault is not Fault.BLACK_HOLE)
    end = ""

    def _hear(self, link: Lines) -> str:
        data = link.socket.recv(1024)
        if not data:
            raise EOFError
        return data.decode("utf-8", "replace").rstrip("\n")


class Screen(Guest):
    """Follows the state; some read it, some do not."""

    def visit(self) -> None:
        reads = self.rng.random() < 0.7
        with suppress(*GONE), self._open() as sock:
            sock.settimeout(TIMEOUT)
            sock.sendall(b"suivre\n")
            for _ in range(self.rng.randint(1, int(STAY / TIMEOUT))):
                with suppress(TimeoutError):
                    if reads and not sock.recv(65536):
                        return
                if self.party.over.wait(0 if reads else TIMEOUT):
                    return

    def _open(self) -> Noted:
        sock = socket.create_connection(self.party.address, PATIENCE)
        return Noted(sock, self.party.book.open(self.name))


class Browser(Guest):
    """A page: the numbered game in WebSocket messages, and the state; it comes back by token."""

    _token = ""

    def visit(self) -> None:
        link = self.party.book.open(self.name)
        with suppress(*GONE), closing(Page(self.party.web_port, greet=False)) as page:

            def hear() -> str:
                while True:
                    line = page.recv_line()
                    link.got(f"{line}\n".encode())
                    if not line.startswith(("etat ", "message ")):
                        return line

            def ask(line: str) -> str:
                link.sent(f"{line}\n".encode())
                page.send(line)
                return hear()

            def follow() -> None:
                link.sent(b"suivre\n")
                page.send("suivre")

            self._play(Game(ask, hear(), self.rng), follow)
        link.ended()

    def _play(self, game: Game, follow: Callable[[], None]) -> None:
        if not self._token:
            game.take_seat(self.name)
        self._token = game.resume(self._token)
        follow()
        self.stay(game)


class Vandal(Guest):
    """Sends what nobody should, and leaves as nobody should."""

    def visit(self) -> None:
        with suppress(*GONE), socket.create_connection(self.party.address, PATIENCE) as plain:
            link = self.party.book.open(self.name, rubbish=True)
            sock = Noted(plain, link)
            sock.settimeout(self.rng.choice(HOLDS))
            sock.sendall(self.rng.choice(RUBBISH))
            if self.rng.random() < 0.3:
                plain.shutdown(socket.SHUT_WR)
            with suppress(TimeoutError):
                while sock.recv(65536):
                    pass
            if self.rng.random() < 0.5:
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
            link.ended()


HOLDS = (0.05, 0.05, 0.05, 0.2, 0.2, 1.0, 6.0)
"""Seconds that a vandal waits for more; a line that has begun must end within 5."""

RUBBISH = (
    b"\x00\xff\xfe" * 100,
    b"a" * 5000 + b"\n",
    b"4" * 512 + b"\n50\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"half a line",
    "٥٠\n５０\n1_000\n".encode(),
    b"#1 50\n#99 1\nsession 0123456789abcdef0123456789abcdef\n",
    b"nom \x1b[31mX\nnom " + b"n" * 300 + b"\n",
    b"\n" * 300,
    b"ping x\n" * 200,
    b"suivre\n" * 20,
    b"session\nsession\nfin\n",
    b"",
)


class Victim(Guest):
    """A client process that is killed with SIGKILL, and started again with its token."""

    _token = ""

    def visit(self) -> None:
        with self.proxy(self.name) as proxy, self._start(proxy.port) as process:
            assert process.stdout
            self._token = process.stdout.readline().strip() or self._token
            self.think(2.0)
            process.kill()
            self.party.killed += 1

    def _start(self, port: int) -> subprocess.Popen[str]:
        words = map(str, (port, self.name, self.rng.random(), self._token))
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.soak_victim", *filter(None, words)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )


class Flood(Guest):
    """Pours guesses once, as fast as they are answered: the pages that SQLite keeps are full then.

    They are 2 MB of memory, and otherwise fill slowly, which looks like a leak for ten minutes.
    """

    _poured = 0

    def visit(self) -> None:
        if self._poured >= POURED:
            return
        with socket.create_connection(self.party.address, PATIENCE) as plain:
            sock = Noted(plain, self.party.book.open(self.name, rubbish=True))
            low = sock.recv(1024).split()[-3]
            while self._poured < POURED and self.think():
                sock.sendall((low + b"\n") * AT_ONCE)
                replies = b""
                while replies.count(b"\n") < AT_ONCE:
                    replies += sock.recv(65536)
                self._poured += replies.count(b"plus\n")
            sock.link.ended()


GUESTS: tuple[type[Guest], ...] = (
    *(Library, Library, Library),
    *(Typist, Typist),
    *(Bare, Bare),
    *(Screen, Screen),
    *(Browser, Browser),
    *(Vandal, Vandal),
    Victim,
    Flood,
)
"""Who is invited."""
