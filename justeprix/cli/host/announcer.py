"""What happens in the room, as lines for the teacher."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from justeprix.cli.console import say
from justeprix.french import counted, decimal
from justeprix.game.standings import Standing
from justeprix.session.events import (
    Arrived,
    Finished,
    Gone,
    Hint,
    Named,
    News,
    Noticed,
    Recovered,
    Resumed,
    RoundClosed,
    RoundOpened,
    Said,
    Trouble,
    Won,
)

__all__ = ["Announcer", "ranking"]

WAITING_NEWS = 1000
"""News kept for a console that prints more slowly than bots play; the rest is only counted."""

NEWS_PAUSE = 0.01
"""Seconds between two printed lines: a hundred a second is more than anyone reads."""

NEWS_LATE = 0.1
"""Seconds by which the first news after a silence may be late."""

LAST_NEWS = 100
"""News still printed once the room is closed."""

PODIUM = 10
"""Players shown when the competition is over; `scores` shows all."""

URGENT = (Trouble, Recovered)


def ranking(standings: list[Standing]) -> str:
    """Return the standings, a player a line."""
    return "\n".join(
        f"{rank:>3}. {name:<20} {counted(found, 'trouvé')} en {guesses} coups"
        + (f", {decimal(time / 1000, 1)} s" if time else "")
        for rank, name, found, guesses, time in standings
    )


def _opened(number: int, rounds: int, low: int, high: int, seconds: int | None) -> str:
    limit = "sans limite de temps" if seconds is None else f"{seconds} secondes"
    return f"── Manche {number} sur {rounds} : entre {low} et {high}, {limit}"


def _closed(number: int, secret: int, found: int, players: int) -> str:
    return f"── Manche {number} finie : le secret était {secret}, {found} sur {players} ont trouvé"


def _finished(standings: list[Standing]) -> str:
    return "── La compétition est finie\n" + (ranking(standings[:PODIUM]) or "Personne n'a joué.")


HINTS = {
    Hint.UNFRAMED: "{name} : messages sans fin de ligne (accepté)",
    Hint.GLUED: "{name} : deux messages collés : {sent} ?",
    Hint.NO_FIN: "{name} : client fermé sans FIN",
    Hint.HTTP: "Reçu une requête HTTP sur le port du jeu ({address}) : les pages sont sur l'autre"
    " port, celui de l'adresse http:// affichée au démarrage",
}
"""What a pupil's client could do better."""


def _noticed(hint: Hint, name: str, address: str, sent: str) -> str:
    return HINTS[hint].format(name=name, address=address, sent=sent)


SENTENCES: dict[type, Callable[..., str]] = {
    Arrived: lambda name, address: f"{name} arrive ({address})",
    Named: lambda before, name: f"{before} s'appelle {name}",
    Resumed: lambda name: f"{name} est de retour",
    Won: lambda session, epoch, name, guesses: f"{name} gagne en {counted(guesses, 'coup')}",
    Said: lambda name, text: f"{name} dit : {text}",
    Gone: lambda name, may_return: name + (" a perdu le lien" if may_return else " s'en va"),
    Noticed: _noticed,
    RoundOpened: _opened,
    RoundClosed: _closed,
    Finished: _finished,
    Trouble: lambda sentence: f"Attention : {sentence}",
    Recovered: lambda sentence: f"C'est réparé : {sentence}",
}


class Announcer:
    """Prints news from a thread of its own: a slow terminal must not slow the game.

    Without `hints` it leaves out what was noticed of the pupils' clients.
    """

    def __init__(self, *, hints: bool = True) -> None:
        self._hints = hints
        self._waiting: deque[News] = deque()
        self._dropped = 0
        self._quiet = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._print_all, name="announcer")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exc_info: object) -> None:
        self._ended.set()
        self._thread.join()

    def announce(self, item: News) -> None:
        """Take a piece of news; never waits."""
        if self._quiet or (type(item) is Noticed and not self._hints):
            return
        if type(item) in URGENT:
            self._waiting.appendleft(item)
        elif len(self._waiting) < WAITING_NEWS:
            self._waiting.append(item)
        else:
            self._dropped += 1

    def quiet(self) -> None:
        """Take no more news: the room is closing, everybody leaves."""
        self._quiet = True

    def _print_all(self) -> None:
        try:
            while not self._ended.wait(NEWS_PAUSE if self._waiting else NEWS_LATE):
                self._print_next()
            for _ in range(LAST_NEWS):
                self._print_next()
        except BrokenPipeError:  # nobody reads the news any more: the game goes on
            self.quiet()

    def _print_next(self) -> None:
        if self._waiting:
            self._print(self._waiting.popleft())

    def _print(self, item: News) -> None:
        say(SENTENCES[type(item)](*item))
        if self._dropped and not self._waiting:
            dropped, self._dropped = self._dropped, 0
            say(f"… et {dropped} autres nouvelles, trop rapides pour cet écran")
