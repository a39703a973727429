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
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from justeprix.competition import Competition, Phase
from justeprix.connection import Connection
from justeprix.dealer import Dealer
from justeprix.door import Door
from justeprix.errors import CommitError
from justeprix.game import Bounds, Game
from justeprix.limits import Limits
from justeprix.news import News, Recovered, Trouble, Won
from justeprix.records import Rows
from justeprix.replies import Chat
from justeprix.roster import Roster
from justeprix.session import Session
from justeprix.shows import Scene
from justeprix.standings import Standing
from justeprix.state import Snapshot, snapshot, standings
from justeprix.step import Step
from justeprix.store import Store

__all__ = ["Room", "hash_token", "message_line"]

IDS_AT_ONCE = 10_000
"""Ids reserved in one write: those left over when the host dies are never used."""


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
        self.store = store
        self.limits = limits
        self.competition = competition
        self.roster = Roster(lasting=competition is not None)
        self.door = Door(code, limits)
        self.quiet = False  # the teacher wants no chat
        self.seats: dict[int, Connection] = {}  # resumable sessions that are connected
        self._dealer = Dealer(bounds, seed)
        began = time.time() if competition is None else competition.row.clock / 1000
        self._clock_offset = began - time.monotonic()
        self._ranking: tuple[int, list[Standing]] | None = None
        self._snapshot: tuple[tuple[int, int | None, bool], Snapshot] | None = None
        self._version = 0
        self._on_news = on_news
        self._ids = iter(range(0))
        self._confessed: set[str] = set()
        self._store_fails = False

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

    def new_id(self) -> int:
        """Return an id that no session or game has. Raises CommitError."""
        id = next(self._ids, None)
        if id is None:
            with self.storing():
                self._ids = iter(self.store.reserve(IDS_AT_ONCE))
            id = next(self._ids)
        return id

    def clock(self) -> int:
        """Return the room's time: ms since 1970, never stepping back while the host runs.

        A competition that is taken up again goes on from the time at which it stopped.
        """
        return self._clock_at(time.monotonic())

    def arrival(self, now: float) -> int:
        """Return the room's time at `now` (monotonic seconds), but not before the round opened.

        Callable without the lock, in a turn.
        """
        round = self.competition.current if self.competition else None
        opened_at = round.opened_at if round else None
        return max(opened_at or 0, self._clock_at(now))

    def _clock_at(self, now: float) -> int:
        return int((self._clock_offset + now) * 1000)

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

    def commit(self, step: Step) -> frozenset[tuple[int, int]]:
        """Store what the step decided so far; return the (session, epoch) that are fenced.

        Raises CommitError if nothing could be stored.
        """
        if not step.rows:
            return frozenset()
        with self.storing():
            fenced = self.store.commit(step.rows, step.at)
        step.rows = Rows()
        return fenced

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Watch over one use of the store: the host hears when it fails, and when it is over."""
        try:
            yield
        except CommitError as error:
            if not self._store_fails:
                self._store_fails = True
                self.tell(
                    Trouble(
                        f"l'enregistrement échoue ({error}) : libère de la place, ou ferme le"
                        " programme qui tient le fichier ; les joueurs reviendront d'eux-mêmes"
                    )
                )
            raise
        if self._store_fails:
            self._store_fails = False
            self.tell(Recovered("l'enregistrement marche de nouveau"))

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

    def settle(self, news: list[News], fenced: frozenset[tuple[int, int]]) -> None:
        """Make true for all what is now stored."""
        for item in news:
            if type(item) is Won:
                if (item.session, item.epoch) in fenced:
                    continue  # it was not stored
                if self.competition is None:
                    self.roster.won(item.session, item.epoch, item.guesses)
            self.tell(item)

    def record(self, session: Session, at: int) -> None:
        """Enter into the books how far a player has come, now that it is stored."""
        id, game = session.id, session.plays.game
        if self.competition is not None and game.guesses:
            self.roster[id].scored = True
            self.competition.record(id, game.ordinal, game.guesses, game.found, at)

    def tell(self, item: News) -> None:
        """Pass a piece of news to whoever watches this room."""
        if self._on_news is not None:
            self._on_news(item)

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

    @property
    def _changes(self) -> int:
        """Grows with every change that others can see."""
        return self.roster.version + (self.competition.version if self.competition else 0)

    def standings(self) -> list[Standing]:
        """Return the ranking, made anew only if something changed."""
        if self._ranking is None or self._ranking[0] != self._changes:
            self._ranking = self._changes, standings(self.roster, self.competition)
        return self._ranking[1]

    def snapshot(self) -> Snapshot:
        """Return the whole state, rendered anew only if it changed."""
        now, talk = self.clock(), not self.muted
        left = self.competition.seconds_left(now) if self.competition else None
        key = (self._changes, left, talk)
        if self._snapshot is None or self._snapshot[0] != key:
            # The true time in µs grows from one host to the next, and faster than any host changes.
            self._version = max(self._version + 1, time.time_ns() // 1_000)
            known = self.bounds, self.roster, self.competition, self.standings()
            self._snapshot = key, snapshot(self._version, *known, now=now, talk=talk)
        return self._snapshot[1]


def hash_token(token: str) -> bytes:
    """Return what the store keeps of a token: who reads the file can't resume a session."""
    return hashlib.sha256(token.encode()).digest()


def message_line(name: str, text: str) -> str:
    """Return the chat line that followers get."""
    return str(Chat(name, text))
