"""What all workers share, and the one lock that guards it.

Everything in here, roster and store included, is changed under `lock` only; nobody reads or
writes a socket while holding it. A worker takes it once a step, to store what was decided and for
all that concerns others. A guess in an open game concerns nobody else: for that a worker holds
only its own `turn`, and looks at nothing but what says that it is callable without the lock. Who
moves the competition on, or throws a player out, holds `everything`: the turns of all workers, so
that what guesses rely on stays as it is from the decision to the commit.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from justeprix.game.competition import Change, Competition, Phase
from justeprix.game.roster import Player, Roster
from justeprix.game.secret import Bounds, Game
from justeprix.game.standings import Standing
from justeprix.room.admission import Door
from justeprix.room.books import Books
from justeprix.room.clock import Clock
from justeprix.room.dealer import Dealer
from justeprix.room.limits import Limits
from justeprix.room.refresh import Scene
from justeprix.room.snapshot import Snapshot, View
from justeprix.session.events import News, Trouble, Won
from justeprix.session.session import Session
from justeprix.store import Store

__all__ = ["Carrier", "Room", "hash_token"]

Fenced = frozenset[tuple[int, int]]
"""The (session, epoch) whose rows the store refused: they go on elsewhere."""


class Carrier(Protocol):
    """What carries a session: its connection."""

    @property
    def end(self) -> Callable[[], None]:
        """Ends it; callable from any thread."""


class Room:
    """One game room: who plays, what is stored, how secrets are drawn."""

    def __init__(
        self,
        bounds: Bounds,
        store: Store,
        limits: Limits,
        *,
        seed: int | None = None,
        code: str = "",
        competition: Competition | None = None,
        on_news: Callable[[News], None] | None = None,
    ) -> None:
        self.lock = threading.Lock()
        self._turns: list[threading.Lock] = []
        self.bounds = bounds
        self.books = Books(store, self.tell)
        self.limits = limits
        self.competition = competition
        self.roster = Roster(lasting=competition is not None)
        if self.phase is Phase.FINISHED:
            self.roster.conclude()
        self.door = Door(code, limits)
        self.quiet = False  # the teacher wants no chat
        self.carriers: dict[int, Carrier] = {}  # of the resumable sessions that are connected
        self._dealer = Dealer(bounds, seed)
        self.clock = Clock(time.time() if competition is None else competition.row.clock / 1000)
        self._view = View(bounds, self.roster, competition)
        self._on_news = on_news
        self._confessed: set[str] = set()

    def new_turn(self) -> threading.Lock:
        """Return the lock that one more worker holds during its steps; take it before `lock`."""
        self._turns.append(threading.Lock())
        return self._turns[-1]

    @contextmanager
    def everything(self) -> Iterator[None]:
        """Hold all turns and the lock, between two steps of every worker; never inside one."""
        with ExitStack() as stack:
            for lock in (*self._turns, self.lock):  # always in this order
                stack.enter_context(lock)
            yield

    def time_at(self, now: float) -> int:
        """Return the room's time at `now` (running seconds), but not before the round opened.

        Callable without the lock, in a turn.
        """
        round = self.competition.current if self.competition else None
        opened_at = round.opened_at if round else None
        return max(opened_at or 0, self.clock.at(now))

    def deal(self, ordinal: int) -> Game:
        """Return a fresh game: in a competition that of the round, else with a new secret.

        Callable without the lock. It has no id yet: few games are stored.
        """
        if self.competition is not None:
            round = self.competition.rounds[ordinal - 1]
            return Game(0, ordinal, self.bounds, round.secret, round.nonce)
        return Game(0, ordinal, self.bounds, *self._dealer.draw())

    def new_token(self) -> tuple[str, bytes]:
        """Return 128 random bits in hex, and what the store keeps of them."""
        token = secrets.token_hex(16)
        return token, hash_token(token)

    def confess(self, bug: Exception) -> None:
        """Tell of a bug of ours, once a place; never what was in its hands. Takes the lock."""
        place = traceback.extract_tb(bug.__traceback__)[-1]
        where = f"{type(bug).__name__}, {Path(place.filename).name}:{place.lineno}"
        with self.lock:
            if where not in self._confessed:
                self._confessed.add(where)
                self.tell(
                    Trouble(
                        f"justeprix a un défaut ({where}) : dis-le à ses auteurs ; des liens sont"
                        " coupés, les joueurs reviennent"
                    )
                )

    def knows(self, code: str, address: str) -> bool:
        """Whether a visitor of the pages knows the code, if there is one. Takes the lock.

        A wrong one counts as in the game; an empty one is no try: a page seen for the first time.
        """
        with self.lock:
            if self.door.open:
                return True
            return bool(code) and self.door.admits(code, address, self.clock.running())

    def tell(self, item: News) -> None:
        """Pass a piece of news to whoever watches this room."""
        if self._on_news is not None:
            self._on_news(item)

    # What is stored comes true here, and nowhere before.

    def settle(self, news: list[News], fenced: Fenced) -> None:
        """Make true for all, and tell, what a step has stored."""
        for item in news:
            if type(item) is Won:
                if (item.session, item.epoch) in fenced:
                    continue  # it was not stored
                if self.competition is None:
                    self.roster.won(item.session, item.epoch, item.guesses)
            self.tell(item)

    def record(self, sessions: Iterable[Session], at: int, fenced: Fenced) -> None:
        """Enter how far players have come into what a competition knows of them."""
        contest = self.competition
        if contest is None:
            return
        for session in sessions:
            id, game = session.id, session.plays.game
            if game.guesses and not (fenced and session.key in fenced):
                self.roster[id].scored = True
                contest.record(id, game.ordinal, game.guesses, game.found, at)

    def move(self, contest: Competition, change: Change) -> None:
        """Move the competition on; who waited for the round waits no more."""
        opens = contest.phase is not Phase.ROUND and change.phase is Phase.ROUND
        contest.apply(change)
        if change.phase is Phase.FINISHED:
            self.roster.conclude()
        if opens:
            self.roster.unready()

    def exclude(self, player: Player) -> None:
        """Count a player out."""
        self.roster.exclude(player)

    # What everybody may know.

    @property
    def phase(self) -> Phase:
        """Where the room is."""
        return Phase.PRACTICE if self.competition is None else self.competition.phase

    @property
    def scene(self) -> Scene:
        """What is played."""
        round = self.competition.current if self.competition else None
        return Scene(self.phase, round.number if round else 0)

    @property
    def muted(self) -> str:
        """Why nobody may chat now; empty if they may."""
        if self.quiet:
            return "l'animateur a coupé la parole : attends qu'il la rende"
        if self.phase is Phase.ROUND:
            return "on se tait pendant la manche : parle quand elle est finie"
        return ""

    def standings(self) -> list[Standing]:
        """Return the ranking."""
        return self._view.standings()

    def snapshot(self, *, returns: bool = False) -> Snapshot:
        """Return the whole state; `returns`: the host is about to pause."""
        # The true time in µs grows from one host to the next, and faster than any host changes.
        stamp = time.time_ns() // 1_000
        now, talk = self.clock.now(), not self.muted
        return self._view.snapshot(now, talk=talk, stamp=stamp, returns=returns)


def hash_token(token: str) -> bytes:
    """Return what the store keeps of a token: who reads the file can't resume a session."""
    return hashlib.sha256(token.encode()).digest()
