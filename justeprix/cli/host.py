"""`justeprix host`: the game room, its news and its console."""

from __future__ import annotations

import difflib
import signal
import threading
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from justeprix.cli.console import Console
from justeprix.limits import Limits
from justeprix.news import Arrived, Gone, Named, News, Recovered, Resumed, Said, Trouble, Won
from justeprix.protocol import PORT
from justeprix.server import Server
from justeprix.store.sqlite import MEMORY

__all__ = ["host"]

WAITING_NEWS = 1000
"""News kept for a console that prints more slowly than bots play; the rest is only counted."""

NEWS_PAUSE = 0.01
"""Seconds between two printed lines: a hundred a second is more than anyone reads."""

NEWS_LATE = 0.1
"""Seconds by which the first news after a silence may be late."""

LAST_NEWS = 100
"""News still printed once the room is closed."""

URGENT = (Trouble, Recovered)


class Durable(StrEnum):
    """What a power cut may take: the last moments, or nothing."""

    normal = "normal"
    full = "full"


def host(
    port: Annotated[int, typer.Option(help="Port du jeu.", min=0, max=65535)] = PORT,
    bind: Annotated[str, typer.Option(help="Adresse d'écoute.")] = "0.0.0.0",  # noqa: S104
    low: Annotated[int, typer.Option("--min", help="Plus petit nombre secret.")] = 1,
    high: Annotated[int, typer.Option("--max", help="Plus grand nombre secret.")] = 100,
    db: Annotated[
        str | None, typer.Option(help="Fichier de la partie, ou :memory: pour n'en garder rien.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Graine : les mêmes secrets à chaque fois.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Boucles de service.", min=1, max=64)] = None,
    durable: Annotated[
        Durable, typer.Option(help="full : même une coupure de courant ne perd rien.")
    ] = Durable.normal,
    max_players: Annotated[int, typer.Option(help="Joueurs au plus.", min=1)] = 1000,
    rate: Annotated[
        float, typer.Option(help="Coups par seconde et par joueur ; 0 : sans limite.", min=0)
    ] = 1000.0,
) -> None:
    """Ouvre une partie : les joueurs se connectent à cette machine."""
    file = db or _default_file()
    announcer = Announcer()
    server = Server(
        bind,
        port,
        low=low,
        high=high,
        db=file,
        durable=durable is Durable.full,
        seed=seed,
        workers=workers,
        limits=Limits(max_players=max_players, rate=rate),
        on_news=announcer.announce,
    )
    try:
        with server, announcer:
            _welcome(server, file)
            _serve(server)
            # From here on a second Ctrl-C would only spoil the goodbye.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            announcer.quiet()
    finally:
        print("Partie fermée.", flush=True)


def _serve(server: Server) -> None:
    """Obey the console until `fin`, Ctrl-C or a signal; a pipe that ends stops nothing."""
    console = Console()
    try:
        while True:
            for line in console.lines(lambda: "hôte> "):
                if not _obey(server, line.strip()):
                    return
            if not console.terminal:
                _wait_for_signal()
            print("Pour fermer la partie : fin")
    except KeyboardInterrupt:
        print()


def _wait_for_signal() -> None:
    while True:  # on Windows a wait without limit can't be interrupted
        threading.Event().wait(0.5)


# The console.


def _help(server: Server) -> str:
    return "Commandes : " + ", ".join(f"{word} ({what})" for word, (_, what) in COMMANDS.items())


def _players(server: Server) -> str:
    with server.room.lock:
        names = [player.name for player in server.room.roster.present]
    if not names:
        return "Personne pour l'instant."
    return f"{len(names)} joueur{'s' * (len(names) > 1)} : {', '.join(names)}"


def _scores(server: Server) -> str:
    with server.room.lock:
        standings = server.room.roster.standings()
    rows = [
        f"{rank:>3}. {name:<20} {found} trouvé{'s' * (found > 1)} en {guesses} coups"
        for rank, name, found, guesses in standings
    ]
    return "\n".join(rows) or "Personne n'a encore trouvé."


def _end(server: Server) -> None:
    """Answer nothing: that ends the game."""


COMMANDS: dict[str, tuple[Callable[[Server], str | None], str]] = {
    "aide": (_help, "cette ligne"),
    "joueurs": (_players, "qui est là"),
    "scores": (_scores, "le classement"),
    "fin": (_end, "ferme la partie"),
}


def _obey(server: Server, line: str) -> bool:
    """Carry out one console line; return False if it ends the game."""
    word = line.lower()
    if word in COMMANDS:
        answer = COMMANDS[word][0](server)
        if answer is None:
            return False
        print(answer, flush=True)
    elif word:
        near = difflib.get_close_matches(word, COMMANDS, n=1)
        hint = f"tu voulais dire {near[0]} ?" if near else "essaie aide"
        print(f"Commande inconnue : {line[:40]} ({hint})", flush=True)
    return True


# What is printed.


def _default_file() -> Path:
    from platformdirs import user_data_path

    return user_data_path("justeprix", appauthor=False) / "justeprix.db"


def _welcome(server: Server, db: str | Path) -> None:
    bounds = server.room.bounds
    print(f"Le juste prix est ouvert : un nombre entre {bounds.low} et {bounds.high}.")
    print("Les joueurs tapent :")
    port = server.address[1]
    for address in _addresses(server.address[0]):
        print(f"  justeprix play --server {address}{'' if port == PORT else f':{port}'}")
    kept = "n'est pas gardée" if str(db) == MEMORY else f"est gardée dans {db}"
    print(f"La partie {kept}. Commandes : {', '.join(COMMANDS)}.", flush=True)


def _addresses(bound: str) -> list[str]:
    """Return the IPv4 addresses at which the host can be reached, loopback last."""
    if bound != "0.0.0.0":  # noqa: S104
        return [bound]
    import ifaddr

    found = [ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    # The names of a machine tell nothing: its own often resolves to 127.0.0.1 only.
    return sorted({str(ip) for ip in found}, key=lambda ip: (ip.startswith("127."), ip))


SENTENCES: dict[type, Callable[..., str]] = {
    Arrived: lambda name, address: f"{name} arrive ({address})",
    Named: lambda before, name: f"{before} s'appelle {name}",
    Resumed: lambda name: f"{name} est de retour",
    Won: lambda session, epoch, name, guesses: (
        f"{name} gagne en {guesses} coup{'s' * (guesses > 1)}"
    ),
    Said: lambda name, text: f"{name} dit : {text}",
    Gone: lambda name, may_return: name + (" a perdu le lien" if may_return else " s'en va"),
    Trouble: lambda sentence: f"Attention : {sentence}",
    Recovered: lambda sentence: f"C'est réparé : {sentence}",
}


class Announcer:
    """Prints news from a thread of its own: a slow terminal must not slow the game."""

    def __init__(self) -> None:
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
        if self._quiet:
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
        print(SENTENCES[type(item)](*item), flush=True)
        if self._dropped and not self._waiting:
            dropped, self._dropped = self._dropped, 0
            print(f"… et {dropped} autres nouvelles, trop rapides pour cet écran", flush=True)
