"""The clock: one thread that ends rounds, and shows what has changed to all who follow."""

from __future__ import annotations

import threading
import time
from contextlib import suppress

from justeprix.errors import CommitError
from justeprix.french import counted
from justeprix.room.director import Director
from justeprix.room.refresh import Refresh
from justeprix.room.room import Room
from justeprix.room.snapshot import Snapshot
from justeprix.server.workers import Workers
from justeprix.session.events import Trouble

__all__ = ["Timekeeper"]

TICK = 0.05
"""Seconds between two looks: how late a round may begin or end by itself."""

TOLD = 1.0
"""Seconds for which the host must have stood still to speak of it."""

LOOK = 2.0
"""Seconds between two looks at whether the game file is still there."""


class Timekeeper:
    """Looks every TICK; shows at once when `woken` is set: then a phase has just begun."""

    def __init__(
        self, room: Room, director: Director, workers: Workers, woken: threading.Event
    ) -> None:
        self._room = room
        self._director = director
        self._workers = workers
        self._woken = woken
        self._closing = False
        self._refresh = Refresh()
        self._shown: Snapshot | None = None
        self._next_look = 0.0
        self._thread = threading.Thread(target=self._run, name="clock")

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closing = True
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        self._room.clock.stood()  # what passed before we began is no news
        while not self._closing:
            woken = self._woken.wait(TICK)
            try:
                self._tell_of_a_stop()
                self._look_after_the_file(time.monotonic())
                if not woken:  # a phase that has just begun asks for nothing but to be seen
                    self._director.tick()
                self._woken.clear()  # before we look: what begins from here on is seen next time
                self._show(time.monotonic())
            except Exception as bug:  # rounds must end, whatever happened in one of them
                self._room.confess(bug)

    def _tell_of_a_stop(self) -> None:
        stood = self._room.clock.stood()
        if stood >= TOLD:
            sentence = f"l'hôte n'a pas tourné pendant {counted(round(stood), 'seconde')}"
            with self._room.lock:
                self._room.tell(
                    Trouble(
                        f"{sentence} (en veille, ou suspendu) : ce temps n'est compté à personne"
                    )
                )

    def _look_after_the_file(self, now: float) -> None:
        if now < self._next_look:
            return
        self._next_look = now + LOOK
        books = self._room.books
        with self._room.lock:
            try:
                place = books.store.moved()  # a look that finds all well proves no writing
            except CommitError:
                with suppress(CommitError), books:
                    raise
                return
            if place is not None:
                self._room.tell(
                    Trouble(
                        "le fichier de la partie a été effacé ou remplacé : rien n'est perdu, elle"
                        f" continue dans {place} ; la suite et les résultats y sont (--db {place})"
                    )
                )

    def _show(self, now: float) -> None:
        """Send the state to those who follow, if it changed."""
        if not self._workers.has_followers:
            return
        with self._room.lock:
            scene = self._room.scene
            if not self._refresh.due(scene, now):
                return
            snapshot = self._room.snapshot()
            if snapshot is not self._shown:
                self._shown = snapshot
                self._refresh.note(scene, now)
                self._workers.show(snapshot)  # under the lock: none overtakes the last one
