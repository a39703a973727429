"""Players of every kind, a thread each, who play on whatever breaks: by binary search, with a whim.

Each goes by an address of its own and plays until `enough` says so, or in a competition until it is
over. What they say and hear is noted by the proxy they go through, or in a namespace on their own
sockets; what Clients tell their callers is noted here.

    players = [Caller(seat), Numberer(seat), Liner(seat), Bare(seat)]
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from justeprix import Client
from justeprix.errors import Refused
from tests.faults.recorder import Noted, Recorder
from tests.faults.wire import enter
from tests.support.player import Lines

__all__ = ["Bare", "Caller", "Liner", "Numberer", "Player", "Seat"]

CUT = (OSError, EOFError)
"""How a link ends, a timeout included."""

TRIES = 200
"""Links that a player opens in a row, at most, to get one question answered."""

PAUSE = 0.05
"""Seconds between two of them."""

ROUND_TIME = 60.0
"""Seconds for which who says `pret` waits for an answer."""


@dataclass(kw_only=True)
class Seat:
    """What a player is given."""

    name: str
    address: tuple[str, int]
    rng: random.Random
    book: Recorder
    enough: Callable[[], bool] = lambda: False  # looked at between two games
    contest: bool = False
    timeout: float = 0.3  # seconds for an answer
    code: str = ""  # of the room, if it has one
    namespace: str = ""  # the network it lives in; its own sockets are noted, for no proxy does
    stop: threading.Event = field(default_factory=threading.Event)


class ToldToLeave(Exception):
    """Nobody waits for the answer any more."""


class Player:
    """One player; `error` is what went wrong."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name=f"player {seat.name}")

    def start(self) -> None:
        self.thread.start()

    def _run(self) -> None:
        try:
            if self.seat.namespace:
                enter(self.seat.namespace)
            self.play()
        except ToldToLeave:
            pass
        except BaseException as error:  # told to the experiment, which fails with it
            self.error = error

    def play(self) -> None:
        raise NotImplementedError

    def leave(self) -> None:
        """End, from another thread, whatever it waits for."""
        self.seat.stop.set()

    @property
    def goes_on(self) -> bool:
        return not (self.seat.enough() or self.seat.stop.is_set())

    def guess_between(self, low: int, high: int) -> int:
        margin = (high - low) // 4
        return self.seat.rng.randint(low + margin, high - margin)


class NotedClient(Client):
    """A Client whose links are noted."""

    def __init__(self, seat: Seat, **options: Any) -> None:
        self._seat = seat
        host, port = seat.address
        super().__init__(port, host, code=seat.code, **options)

    def __setattr__(self, name: str, value: object) -> None:
        if name == "client_socket" and value is not None and self._seat.namespace:
            assert self._link
            self._link.socket = value = Noted(value, self._seat.book.open(self._seat.name))  # type: ignore[assignment,arg-type]
        super().__setattr__(name, value)


class Caller(Player):
    """Plays with the Client class: nothing that breaks may show."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        self._client = NotedClient(seat, timeout=seat.timeout, insist=60.0)

    def leave(self) -> None:
        super().leave()
        if self.thread.is_alive():
            self._client.arret()

    def play(self) -> None:
        with self._client as client:
            client.demande(f"nom {self.seat.name}")
            for manche in client:
                with suppress(Refused):  # the round is over
                    self._search(client, manche.bas, manche.haut)
                if not self.goes_on:
                    break

    def _search(self, client: Client, low: int, high: int) -> None:
        answer = ""
        while answer != "gagné":
            guess = self.guess_between(low, high)
            answer = client.propose(guess)
            self.seat.book.told(self.seat.name, guess, answer)
            if answer == "plus":
                low = guess + 1
            elif answer == "moins":
                high = guess - 1
            if low > high:  # that was the next round already
                low, high = client.bornes


class Liner(Player):
    """Plain lines on a plain socket. Without a token what is lost is lost: it begins again."""

    ending = "\n"

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        self._link: Lines | None = None
        self._bounds = (0, 0)
        self._links = 0

    def play(self) -> None:
        try:
            while self.goes_on:
                if self.seat.contest and not self._await_round():
                    break
                self._search()
        finally:
            self._hang_up()

    def _await_round(self) -> bool:
        """Return whether there is another round."""
        reply = self.say("pret", ROUND_TIME)
        assert reply.startswith("manche ") or reply == "FIN", reply
        return reply != "FIN"

    def _search(self) -> None:
        """Play until the secret is found, or may not be played at any more."""
        links = 0
        answer = ""
        while answer != "gagné" and (self.seat.contest or self.goes_on):
            self._have_link()
            if links != self._links and (not links or self.forgets):
                links, (low, high) = self._links, self._bounds
            guess = self.guess_between(low, high)
            answer = self.guess(guess)
            if answer.startswith("erreur"):
                return
            if answer == "plus":
                low = guess + 1
            elif answer == "moins":
                high = guess - 1
            if low > high:  # that was the next round already: it was away when this one ended
                low, high = self._bounds
        if self.seat.contest:
            self.guess(self._bounds[0])  # after the win: the checker sees whether it counts

    @property
    def forgets(self) -> bool:
        """Whether another link finds another secret."""
        return not self.seat.contest

    def guess(self, number: int) -> str:
        return self.say(str(number))

    def _have_link(self) -> None:
        """Have a link before anything is chosen that a new one may change."""
        if self._link is None:
            self.say("ping")

    def say(self, message: str, patience: float = 0.0) -> str:
        """Return the reply to a message, over as many links as it takes."""
        for _ in range(TRIES):
            with suppress(*CUT):
                self._connected()
                return self._exchange(message, patience or self.seat.timeout)
            self._hang_up()
            if self.seat.stop.wait(PAUSE):
                raise ToldToLeave
        raise AssertionError(f"{self.seat.name}: no answer to {message}")

    def _exchange(self, message: str, patience: float) -> str:
        assert self._link
        self._link.socket.settimeout(patience)
        self._link.send(f"{message}{self.ending}".encode())
        return self._receive()

    def _receive(self) -> str:
        """Return the next line."""
        assert self._link
        return self._link.recv_line()

    def _connected(self) -> None:
        if self._link is not None:
            return
        seat = self.seat
        sock = socket.create_connection(seat.address, timeout=max(seat.timeout, 2.0))
        noted: Any = Noted(sock, seat.book.open(seat.name)) if seat.namespace else sock
        self._link = Lines(noted)
        hello = Liner._receive(self).split()
        assert hello[0] == "hello", hello
        self._bounds, self._links = (int(hello[-3]), int(hello[-1])), self._links + 1
        if seat.code:
            assert self._exchange(f"code {seat.code}", 2.0) == "ok"
        self._sit_down()

    def _sit_down(self) -> None:
        """Take the name; until the host sees its end, our own old link still has it.

        After the last round no seat is given back any more: what is left to say needs none.
        """
        wanted = f"nom {self.seat.name}"
        end = time.monotonic() + ROUND_TIME
        while (reply := self._exchange(wanted, 2.0)) != wanted:
            if reply.startswith("erreur finie"):
                return
            assert reply.startswith("erreur pris"), reply
            assert time.monotonic() < end, reply
            self.seat.stop.wait(PAUSE)

    def _hang_up(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = None


class Bare(Liner):
    """A client without newlines: what one `recv` gives is the reply."""

    ending = ""

    def _receive(self) -> str:
        assert self._link
        data = self._link.socket.recv(1024)
        if not data:
            raise EOFError
        return data.decode().strip()


class Numberer(Liner):
    """The numbered game on a plain socket, as somebody writes it who has read the rules."""

    def __init__(self, seat: Seat) -> None:
        super().__init__(seat)
        self._token = ""
        self._seq = 0
        self._named = False

    def guess(self, number: int) -> str:
        seq = self._seq + 1
        reply = self.say(f"#{seq} {number}")
        if reply.startswith(("erreur attente", "erreur finie")):
            return reply
        word, told, answer = reply.split()
        assert (word, int(told)) == ("resultat", seq), reply
        self._seq = seq
        return answer

    @property
    def forgets(self) -> bool:
        return False

    def _sit_down(self) -> None:
        reply = self._exchange(f"session {self._token}".strip(), 2.0)
        word, self._token, last, _ = reply.split()
        assert word == "session", reply
        assert int(last) in (self._seq, self._seq + 1), (reply, self._seq)
        if not self._named:  # before it has a token, nobody could come back to the name
            super()._sit_down()
            self._named = True
