"""After the end of a competition: the room stays open for a moment, for those who look at it."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

from justeprix.cli.console import Console, say
from justeprix.french import counted
from justeprix.game.competition import Phase

if TYPE_CHECKING:
    from justeprix.server import Server

__all__ = ["LINGER", "linger"]

LINGER = 20
"""Seconds from the end: a board shows the last round, then the podium, a step at a time."""

LOOK = 0.1
"""Seconds between two looks at whether to stay."""


def linger(server: Server, console: Console) -> None:
    """Keep a room whose competition has just ended open, while anybody follows it.

    For who types at a terminal only: a script that says `fin` means now. A line, whatever it says,
    is enough of it.
    """
    closes_at = time.monotonic() + _left(server)
    if not console.terminal or not _stays(server, closes_at):
        return
    say(
        f"Le podium est sur les écrans : fermeture dans {counted(_until(closes_at), 'seconde')}."
        " Tout de suite : Entrée, fin ou Ctrl-C."
    )
    typed = threading.Event()
    watch = threading.Thread(
        target=_end_in_time, args=(server, console, closes_at, typed), daemon=True
    )
    try:
        watch.start()
        next(console.lines(lambda: f"fermeture dans {_until(closes_at)} s > "), None)
    finally:
        typed.set()
    watch.join()


def _left(server: Server) -> float:
    """Return the seconds that are left since the competition ended, 0 if there is none."""
    contest = server.room.competition
    if contest is None or contest.phase is not Phase.FINISHED:
        return 0.0
    return LINGER - (server.room.clock.now() - contest.row.clock) / 1000


def _until(closes_at: float) -> int:
    return max(0, math.ceil(closes_at - time.monotonic()))


def _stays(server: Server, closes_at: float) -> bool:
    return time.monotonic() < closes_at and server.workers.has_followers


def _end_in_time(
    server: Server, console: Console, closes_at: float, typed: threading.Event
) -> None:
    while not typed.wait(LOOK):
        if not _stays(server, closes_at):
            console.end()  # again, if the prompt was not there yet
