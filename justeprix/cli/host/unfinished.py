"""The competition that a host left unfinished: whether this one takes it up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import typer

from justeprix.cli.console import Console, say
from justeprix.client.house_bots import HouseBots
from justeprix.errors import ServerError
from justeprix.game.records import CompetitionRow
from justeprix.store import Store

if TYPE_CHECKING:
    from justeprix.server import Server

__all__ = ["MAX_BOTS", "is_resumed", "seated", "unfinished"]

MAX_BOTS = 100
"""House bots of one host."""

YES, NO = ("o", "oui"), ("n", "non")


def unfinished(store: Store) -> CompetitionRow | None:
    """Return the competition of a file that has not ended, and is nobody else's."""
    rows = store.competitions()
    # What another host runs on the same file is not ours to take up, or to close.
    return next((row for row in rows if not row.ended and store.claim(row.id)), None)


def is_resumed(
    store: Store,
    row: CompetitionRow | None,
    file: str,
    console: Console,
    *,
    resume: bool,
    new: bool,
) -> bool:
    """Return whether the unfinished competition of the file goes on."""
    if resume and new:
        raise typer.BadParameter("choisis entre --resume et --new")
    if row is None and resume:
        led = next((other.id for other in store.competitions() if not other.ended), None)
        if led is not None:
            raise ServerError(f"un autre hôte mène déjà la compétition {led} de {file}")
        raise ServerError(f"{file} n'a pas de compétition à reprendre : enlève --resume")
    return row is not None and (resume or (not new and _wanted(row, console)))


def seated(server: Server) -> int:
    """Return how many house bots have a seat in a competition that goes on."""
    seats = server.director.players()  # a pupil who has that name, in an older file, has a token
    names = {seat.name for seat in seats if not (seat.excluded or seat.returns)}
    bots = HouseBots(server.address, MAX_BOTS).names
    return max((count for count, name in enumerate(bots, start=1) if name in names), default=0)


def _wanted(row: CompetitionRow, console: Console) -> bool:
    """Ask until there is an answer; no input at all means yes, for that loses nothing."""
    day = datetime.fromtimestamp(row.started_at / 1000).strftime("%d/%m à %H:%M")
    say(f"La compétition {row.id}, du {day}, n'est pas finie.")
    while True:
        answer = console.ask("La reprendre (oui ou non) ? ")
        if answer is None or answer.strip().lower() in YES:
            return True
        if answer.strip().lower() in NO:
            return False
