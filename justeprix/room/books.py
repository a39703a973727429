"""The store of a room, watched over: what is written, which ids are left, whether it fails."""

from __future__ import annotations

import time
from collections.abc import Callable

from justeprix.errors import CommitError
from justeprix.game.competition import Settings
from justeprix.game.records import CompetitionRow, RoundRow, Rows, SavedCompetition
from justeprix.game.secret import Bounds
from justeprix.room.dealer import Dealer
from justeprix.session.events import News, Recovered, Trouble
from justeprix.session.step import Step
from justeprix.store import Store

__all__ = ["Books", "begin"]

IDS_AT_ONCE = 10_000
"""Ids reserved in one write: those left over when the host dies are never used."""


class Books:
    """`with books as store:` is one use of the store: the host hears when that fails, once.

    And when it is over. Not thread-safe: the room's lock guards it. `tell` passes news to the host.
    """

    def __init__(self, store: Store, tell: Callable[[News], None]) -> None:
        self.store = store
        self._tell = tell
        self._ids = iter(range(0))
        self._fails = False

    def new_id(self) -> int:
        """Return an id that no session or game has. Raises CommitError."""
        id = next(self._ids, None)
        if id is None:
            with self as store:
                self._ids = iter(store.reserve(IDS_AT_ONCE))
            id = next(self._ids)
        return id

    def commit(self, step: Step) -> frozenset[tuple[int, int]]:
        """Store what the step decided so far; return the (session, epoch) that are fenced.

        Raises CommitError if nothing could be stored.
        """
        if not step.rows:
            return frozenset()
        with self as store:
            fenced = store.commit(step.rows, step.at)
        step.rows = Rows()
        return fenced

    def __enter__(self) -> Store:
        return self.store

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> None:
        if kind is None and self._fails:
            self._fails = False
            self._tell(Recovered("l'enregistrement marche de nouveau"))
        elif isinstance(error, CommitError) and not self._fails:
            self._fails = True
            self._tell(
                Trouble(
                    f"l'enregistrement échoue ({error}) : libère de la place, ou ferme le"
                    " programme qui tient le fichier ; les joueurs reviendront d'eux-mêmes"
                )
            )


def begin(store: Store, settings: Settings, bounds: Bounds, seed: int | None) -> SavedCompetition:
    """Store a new competition with all its secrets, and return it. Raises CommitError."""
    id, rounds = store.number_competition(), store.reserve(settings.rounds)
    now = time.time_ns() // 1_000_000
    dealer = Dealer(bounds, seed)
    row = CompetitionRow(
        id,
        now,
        settings.rounds,
        bounds.low,
        bounds.high,
        settings.time_limit,
        settings.players,
        settings.pause,
        ended=False,
        clock=now,
    )
    drawn = [RoundRow(r, id, n, *dealer.draw()) for n, r in enumerate(rounds, start=1)]
    store.commit(Rows(competitions=[row], rounds=drawn), now)
    return SavedCompetition(row, drawn, [])
