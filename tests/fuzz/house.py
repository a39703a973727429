"""A real host with both ports, on a file, and a neighbour who plays in it whatever others do."""

from __future__ import annotations

import hashlib
import threading
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

from justeprix.errors import CompetitionError
from justeprix.game.competition import Settings
from justeprix.room.limits import Limits
from justeprix.server.server import Server
from justeprix.session.events import News, Trouble
from justeprix.web.site import Site
from tests.support.player import Player
from tests.support.room import eventually

__all__ = ["House", "Neighbour"]

LIMITS = Limits(rate=0, linger=0.2, stuck=1.0, arrivals=1_000_000, wrong_codes=1_000_000)
"""As fast as it goes: slowing floods down is tested elsewhere."""

LOW, HIGH = 1, 999_999_999_999
"""A secret that nobody types by chance: seen where it should not be, it came from the host."""


class House:
    """The host, its threads' faults, and what must be back when the visitors are gone."""

    def __init__(self, folder: Path, *, rounds: int = 0, workers: int = 1, code: str = "") -> None:
        competition = Settings(rounds=rounds) if rounds else None
        self.rounds = rounds
        self.code = code
        self.faults: list[str] = []
        self._stack = ExitStack()
        self.server = Server(
            port=0,
            low=LOW,
            high=HIGH,
            db=folder / "game.db",
            limits=LIMITS,
            competition=competition,
            workers=workers,
            code=code,
            on_news=self._hear,
        )

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(_noting(self.faults))
            stack.enter_context(self.server)
            with patch("justeprix.web.site.POLL", 0.01):
                self.site = Site(self.server, "127.0.0.1", 0, lambda line: None)
                stack.enter_context(self.site)
            self.neighbour = stack.enter_context(Neighbour(self))
            self.threads = set(threading.enumerate())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def _hear(self, item: News) -> None:
        """Note what troubles the host: of a bug of ours it goes on, and says so here."""
        if isinstance(item, Trouble):
            self.faults.append(item.sentence)

    def direct(self, order: str, *arguments: Any) -> None:
        """Give the director an order; it may be impossible now."""
        try:
            getattr(self.server.director, order)(*arguments)
        except CompetitionError:
            return

    def check_alive(self) -> None:
        """Nothing was raised in any thread, none has ended, and the host has no trouble."""
        assert not self.faults, "\n".join(self.faults)
        ended = [thread.name for thread in self.threads if not thread.is_alive()]
        assert not ended, f"threads that ended: {ended}"

    def check_empty(self) -> None:
        """The visitors are gone: nobody but the neighbour is left, and the host greets."""
        self.check_alive()
        eventually(self._left, (1, {self.neighbour.name}, 1, 1, set()))
        with Player(self.server.address) as newcomer:
            assert newcomer.greeting == f"hello justeprix/1 entre {LOW} et {HIGH}"
            newcomer.end()
        self.neighbour.turn()
        self.check_alive()

    def _left(self) -> tuple[int, set[str], int, int, set[str]]:
        room = self.server.room
        with room.lock:
            present = {player.name for player in room.roster.present}
            carriers, counted = len(room.carriers), room.door._inside.total()
        load = self.server.workers.load
        extra = {t.name for t in threading.enumerate() if t not in self.threads}
        return load, present, carriers, counted, extra


class Neighbour:
    """Plays numbered guesses, one a turn, and believes nothing: seals, answers and counts fit."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.name = "Voisine"
        self.turns = self.games = 0
        self._player = Player(house.server.address)
        assert not house.code or self._player.ask(f"code {house.code}") == "ok"
        assert self._player.ask(f"nom {self.name}") == f"nom {self.name}"
        self.token = self._player.open_session()
        self.secrets: list[str] = []  # of its own games, with their nonces: for its eyes only
        self._seq = 0
        self._begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._player.close()

    def _begin(self) -> None:
        self._low, self._high = LOW, HIGH
        self._found: int | None = None
        self._seal = ""

    def turn(self) -> None:
        """Play one guess, or learn the secret of a game that is over."""
        try:
            self._turn()
        except (OSError, EOFError):
            self.house.check_alive()  # says why, if a thread has died
            raise

    def _turn(self) -> None:
        self.turns += 1
        sealed = self._player.ask("sceau").split(" ")
        if sealed[0] == "sceau":
            assert self._seal in ("", sealed[1]), "the seal changed"
            self._seal = sealed[1]
            if self._found is None:
                self._guess()
        elif sealed[0] == "secret":
            self._verify(int(sealed[1]), sealed[2])
        else:
            assert sealed[:2] == ["erreur", "attente"], sealed  # before the first round

    def _guess(self) -> None:
        guess = (self._low + self._high) // 2
        line = f"#{self._seq + 1} {guess}"
        reply = self._player.ask(line)
        if reply.startswith("erreur attente") and self.house.rounds:
            return  # the round has just ended
        assert reply in {f"resultat {self._seq + 1} {a}" for a in ("plus", "moins", "gagné")}, reply
        self._seq += 1
        if self.turns % 16 == 0:
            assert self._player.ask(line) == reply, "another answer to the same guess"
        self._narrow(guess, reply.rpartition(" ")[2])

    def _narrow(self, guess: int, answer: str) -> None:
        if answer == "gagné":
            self._found = guess
        elif answer == "plus":
            self._low = guess + 1
        else:
            self._high = guess - 1
        assert self._low <= self._high, "the answers fit no secret"

    def _verify(self, secret: int, nonce: str) -> None:
        """The game is over: its seal and all its answers fit the secret."""
        if self._seal:
            number = self.house.server.room.competition
            label = f"manche {number.current.number}" if number else "session"
            told = hashlib.sha256(f"{label}:{secret}:{nonce}".encode()).hexdigest()
            assert told == self._seal, "the secret is not the sealed one"
            assert self._low <= secret <= self._high, "the secret does not fit the answers"
            assert self._found in (None, secret)
            self.games += 1
            self.secrets += [str(secret), nonce]
        self._begin()
        if not self.house.rounds:
            assert self._player.ask("pret").startswith("manche ")


@contextmanager
def _noting(faults: list[str]) -> Any:
    """Note what is raised in a thread, instead of printing it."""
    before = threading.excepthook

    def note(args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread else "?"
        faults.append(f"{name}: {args.exc_type.__name__}: {args.exc_value}")

    threading.excepthook = note
    try:
        yield
    finally:
        threading.excepthook = before
