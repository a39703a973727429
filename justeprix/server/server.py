"""The server: one acceptor, a few workers, one clock. Start it, read its address, close it.

    with Server(port=0, db=":memory:") as server:
        print(server.address)

The threads:
  acceptor   accepts, hands each connection to the worker with the fewest; never dies
  workers    a loop over its sockets each, see worker.py
  clock      ends rounds, shows the state to those who follow: at once where a phase begins

What they share, and why:
  nothing    of a connection: socket, codec, session and game are its worker's alone. So reading,
             decoding, playing a guess and sending hold no lock that another worker wants, but
             for the moment in which a practice secret is drawn.
  the room   names, scores, seats, the competition's books and the file, under `room.lock`: all
             players see the same ones, and the file takes one writer. A worker holds it once a
             step, to store all that was decided; whoever says more than a guess is answered then.
  the turns  one lock a worker, held from the first decision of a step to its commit. Only who
             changes what guesses rely on takes them all: no round ends between the two.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from justeprix.errors import ServerError
from justeprix.game.competition import Competition, Phase, Settings
from justeprix.game.records import SavedCompetition
from justeprix.game.secret import Bounds
from justeprix.net.descriptors import descriptors
from justeprix.net.listener import listen
from justeprix.protocol.replies import Shutdown
from justeprix.protocol.words import MAX_DIGITS, PORT
from justeprix.room.admission import check_code
from justeprix.room.books import begin
from justeprix.room.director import Director
from justeprix.room.limits import Limits
from justeprix.room.room import Room
from justeprix.room.snapshot import Snapshot
from justeprix.server.acceptor import Acceptor
from justeprix.server.timekeeper import Timekeeper
from justeprix.server.workers import Workers, best_count
from justeprix.session.events import News
from justeprix.store import Store, open_store

if TYPE_CHECKING:
    import ssl

__all__ = ["Server"]

SPARE_DESCRIPTORS = 64
"""Descriptors kept for the store, the console and the pipes."""

REMEMBERED = 12 * 3600
"""Seconds for which a restarted host looks back: for names, exclusions, and a `muet`."""


class Server:
    """One game room on one port.

    Port 0 takes a free one; `address` tells it once started. `on_news` is called from the
    server's threads, with its lock held: it must return at once and not call back.
    `db` is a file, or a store that is closed with the server. Who comes in must say the `code`, if
    there is one; with `tls` both ports speak it. `competition` begins one, or takes up the one of
    that id, whose bounds then hold.
    Starting raises ServerError (port, bounds, code) or StoreError (file).
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = PORT,
        *,
        low: int = 1,
        high: int = 100,
        db: str | Path | Store = ":memory:",
        durable: bool = False,
        seed: int | None = None,
        code: str = "",
        tls: ssl.SSLContext | None = None,
        competition: Settings | int | None = None,
        workers: int | None = None,
        limits: Limits | None = None,
        on_news: Callable[[News], None] | None = None,
    ) -> None:
        bounds = _checked_bounds(low, high)
        if code:
            check_code(code)
        limits = _affordable(limits or Limits())
        self.tls = tls
        with ExitStack() as opened:
            listener = opened.enter_context(listen(host, port))
            store = db if isinstance(db, Store) else open_store(db, durable=durable)
            opened.callback(store.close)
            saved = _competition(store, competition, bounds, seed)
            opened.pop_all()  # from here on they are closed by those who have them
        self.address: tuple[str, int] = listener.getsockname()[:2]
        contest = None if saved is None else Competition(saved)
        self.room = Room(
            contest.bounds if contest else bounds,
            store,
            limits,
            seed=seed,
            code=code,
            competition=contest,
            on_news=on_news,
        )
        self._expected = [] if saved is None else saved.players
        self.workers = Workers(self.room, workers or best_count(limits.max_players))
        woken = threading.Event()
        self.director = Director(self.room, self.workers, woken.set)
        self._timekeeper = Timekeeper(self.room, self.director, self.workers, woken)
        self.acceptor = Acceptor(listener, self.room, self.workers, tls)
        self.for_good = False  # to close is no pause, even where the game could go on
        self._closing = threading.Lock()
        self._closed = False

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def start(self) -> None:
        """Begin to serve. Raises StoreError if the file fails at once."""
        with self.room.lock:
            self._expect_players()
        self.workers.start()
        self._timekeeper.start()
        self.acceptor.start()

    def _expect_players(self) -> None:
        """Keep the seats of those who were here before the host restarted."""
        now, roster = self.room.clock.running(), self.room.roster
        store, since = self.room.books.store, self.room.clock.now() - REMEMBERED * 1000
        contest = self.room.competition
        for player in self._expected if contest else store.names(since):
            roster.expect(player, now)
        muted = store.muted_since()
        taken_up = contest is not None and bool(self._expected or contest.current)
        self.room.quiet = muted is not None and (taken_up or muted >= since)

    @property
    def may_go_on(self) -> bool:
        """Whether a host that is started on the same file goes on with this game."""
        kept = self.room.books.store.place is not None
        return kept and not self.for_good and self.room.phase is not Phase.FINISHED

    def close(self, reason: str = "") -> None:
        """Say goodbye to everybody, join all threads, close the store. May be called again.

        Who follows sees the state first. Who does not read holds that up for a second. If the game
        may go on, they are told that this is a pause.
        """
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self.acceptor.close()
            self._timekeeper.close()
            pause = self.may_go_on
            goodbye = Shutdown(reason or self._why(pause), pause)
            self.workers.close(goodbye, self._last_state(returns=pause))
            self.room.books.store.close()

    def _why(self, pause: bool) -> str:
        """Say why the host closes."""
        if pause:
            return "l'hôte s'arrête, la partie reprend quand il revient"
        over = self.room.phase is Phase.FINISHED
        return "la compétition est finie" if over else "l'hôte a fermé la partie"

    def _last_state(self, *, returns: bool) -> Snapshot | None:
        """Return what all who follow are to see last, if anybody does."""
        if not self.workers.has_followers:
            return None
        with self.room.lock:
            return self.room.snapshot(returns=returns)


def _checked_bounds(low: int, high: int) -> Bounds:
    if not -(10**MAX_DIGITS) < low <= high < 10**MAX_DIGITS:
        raise ServerError(
            f"impossible de choisir entre {low} et {high} : le minimum ne doit pas dépasser"
            f" le maximum, et {MAX_DIGITS} chiffres suffisent"
        )
    return Bounds(low, high)


def _affordable(limits: Limits) -> Limits:
    """Let in no more players than there are descriptors for."""
    spare = max(1, descriptors() - SPARE_DESCRIPTORS)
    return replace(limits, max_players=min(limits.max_players, spare))


def _competition(
    store: Store, wanted: Settings | int | None, bounds: Bounds, seed: int | None
) -> SavedCompetition | None:
    """Begin a competition, or load the one of that id."""
    if wanted is None:
        return None
    saved = store.load(wanted) if isinstance(wanted, int) else begin(store, wanted, bounds, seed)
    if not store.claim(saved.row.id):
        raise ServerError(
            f"un autre hôte mène déjà la compétition {saved.row.id} : ferme-le d'abord"
        )
    return saved
