"""`justeprix host`: the game room, practice or a competition, and its console."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from justeprix.bots import HouseBots
from justeprix.cli.announcer import Announcer
from justeprix.cli.console import Console, say
from justeprix.cli.files import default_file
from justeprix.cli.teacher import COMMANDS, Desk, obey, words
from justeprix.competition import Settings
from justeprix.errors import ServerError
from justeprix.limits import Limits
from justeprix.protocol import PORT, Phase
from justeprix.server import Server
from justeprix.step import CompetitionRow
from justeprix.store import SqliteStore
from justeprix.store.sqlite import MEMORY
from justeprix.web.addresses import (
    EVERYWHERE,
    WEB_PORT,
    addresses,
    blocks,
    play_command,
    web_address,
)

if TYPE_CHECKING:
    from justeprix.web.site import Site

__all__ = ["host"]

YES, NO = ("o", "oui"), ("n", "non")


class Durable(StrEnum):
    """What a power cut may take: the last moments, or nothing."""

    normal = "normal"
    full = "full"


class Start(StrEnum):
    """Who opens the rounds: the clock, or the teacher."""

    auto = "auto"
    manual = "manual"


def host(
    port: Annotated[int, typer.Option(help="Port du jeu.", min=0, max=65535)] = PORT,
    web_port: Annotated[
        int, typer.Option(help="Port des pages, pour les navigateurs.", min=0, max=65535)
    ] = WEB_PORT,
    no_web: Annotated[bool, typer.Option("--no-web", help="N'ouvre pas de pages.")] = False,
    bind: Annotated[str, typer.Option(help="Adresse d'écoute.")] = EVERYWHERE,
    low: Annotated[int, typer.Option("--min", help="Plus petit nombre secret.")] = 1,
    high: Annotated[int, typer.Option("--max", help="Plus grand nombre secret.")] = 100,
    rounds: Annotated[
        int | None,
        typer.Option(help="Compétition en tant de manches ; sans : entraînement.", min=1, max=100),
    ] = None,
    time_limit: Annotated[
        int | None, typer.Option(help="Secondes par manche.", min=1, max=86400)
    ] = None,
    start: Annotated[
        Start | None,
        typer.Option(help="auto : dès que --players joueurs sont là, puis de manche en manche."),
    ] = None,
    players: Annotated[
        int | None, typer.Option(help="Joueurs attendus par --start auto.", min=1)
    ] = None,
    pause: Annotated[
        int, typer.Option(help="Secondes entre deux manches, avec --start auto.", min=0, max=3600)
    ] = 10,
    bots: Annotated[int, typer.Option(help="Robots de la maison.", min=0, max=100)] = 0,
    resume: Annotated[
        bool, typer.Option("--resume", help="Reprend la compétition inachevée du fichier.")
    ] = False,
    new: Annotated[
        bool, typer.Option("--new", help="N'en reprend pas : elle est close comme elle est.")
    ] = False,
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
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Tait les conseils sur les clients des élèves.")
    ] = False,
) -> None:
    """Ouvre une partie : les joueurs se connectent à cette machine."""
    file = db or str(default_file())
    settings = _settings(rounds, time_limit, start, players, pause)
    console = Console()
    announcer = Announcer(hints=not quiet)
    with ExitStack() as stack:
        store = SqliteStore(file, durable=durable is Durable.full)
        stack.callback(store.close)
        unfinished = _unfinished(store)
        resumed = _is_resumed(unfinished, file, console, resume=resume, new=new)
        server = Server(
            bind,
            port,
            low=low,
            high=high,
            db=store,
            seed=seed,
            competition=unfinished.id if unfinished and resumed else settings,
            workers=workers,
            limits=Limits(max_players=max_players, rate=rate),
            on_news=announcer.announce,
        )
        stack.callback(server.close)
        site = None if no_web else _site(server, bind, web_port)
        stack.callback(say, "Partie fermée.")
        stack.enter_context(server)
        if site:
            stack.enter_context(site)
        stack.enter_context(announcer)
        if unfinished and not resumed:
            server.director.abandon(unfinished.id)
        desk = Desk(server, site.contents.link if site else None)
        console.words = lambda: words(desk)
        try:
            _welcome(server, site, file, console)
            if bots:
                stack.enter_context(HouseBots(server.address, bots, seed=seed))
            _serve(desk, console)
        except KeyboardInterrupt:
            say()
        # From here on a second Ctrl-C would only spoil the goodbye.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        announcer.quiet()
    _farewell(server, file)


def _site(server: Server, bind: str, port: int) -> Site:
    from justeprix.web.site import Site  # it brings the ssl of http.client along

    return Site(server, bind, port, partial(obey, Desk(server, None)))


# Which competition.


def _settings(
    rounds: int | None,
    time_limit: int | None,
    start: Start | None,
    players: int | None,
    pause: int,
) -> Settings | None:
    if rounds is None:
        if time_limit or start or players:
            raise typer.BadParameter(
                "--time-limit, --start et --players vont avec --rounds, par exemple --rounds 5"
            )
        return None
    if start is Start.auto and players is None:
        raise typer.BadParameter("--start auto demande --players, par exemple --players 30")
    wanted = None if start is Start.manual else players
    return Settings(rounds=rounds, time_limit=time_limit, players=wanted, pause=pause)


def _is_resumed(
    row: CompetitionRow | None, file: str, console: Console, *, resume: bool, new: bool
) -> bool:
    """Return whether the unfinished competition of the file goes on."""
    if resume and new:
        raise typer.BadParameter("choisis entre --resume et --new")
    if row is None and resume:
        raise ServerError(f"{file} n'a pas de compétition à reprendre : enlève --resume")
    return row is not None and (resume or (not new and _wanted(row, console)))


def _unfinished(store: SqliteStore) -> CompetitionRow | None:
    rows = store.competitions()
    # What another host runs on the same file is not ours to take up, or to close.
    return next((row for row in rows if not row.ended and store.claim(row.id)), None)


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


# While it is open.


def _serve(desk: Desk, console: Console) -> None:
    """Obey the console until `fin`, Ctrl-C or a signal; a pipe that ends stops nothing."""
    while True:
        for line in console.lines(lambda: "hôte> "):
            answer = obey(desk, line)
            if answer is None:
                return
            if answer:
                say(answer)
        if not console.terminal:
            _wait_for_signal()
        say("Pour fermer la partie : fin")


def _wait_for_signal() -> None:
    while True:  # on Windows a wait without limit can't be interrupted
        threading.Event().wait(0.5)


def _welcome(server: Server, site: Site | None, db: str, console: Console) -> None:
    bounds = server.room.bounds
    contest = server.room.competition
    kind = "Le juste prix est ouvert"
    if contest is not None:
        again = " reprise" if contest.phase is not Phase.LOBBY or contest.results else ""
        kind = f"Compétition {contest.row.id}{again}, en {contest.row.rounds} manches"
    say(f"{kind} : un nombre entre {bounds.low} et {bounds.high}.")
    say("Les joueurs tapent :")
    ways = addresses(server.address[0])
    for ip in ways:
        say(f"  {play_command(ip, server.address[1])}")
    if site:
        _welcome_browsers(site, ways, console)
    kept = "n'est pas gardée" if db == MEMORY else f"est gardée dans {db}"
    say(f"La partie {kept}. Commandes : {', '.join(COMMANDS)}.")
    say(_what_next(server))


def _welcome_browsers(site: Site, ways: list[str], console: Console) -> None:
    urls = [web_address(ip, site.port) for ip in ways]
    say("Dans un navigateur, sur un téléphone par exemple :")
    for url in urls:
        say(f"  {url}")
    if console.terminal:
        code = blocks(urls[0])
        if _can_show(code):
            say(code)
    say(f"Le tableau, pour le projecteur : {urls[0]}tableau")
    say(f"La télécommande, pour toi seul et bonne pour une fois : {site.contents.link()}")


def _can_show(text: str) -> bool:
    """Whether the terminal has signs for a text: one on Windows may not."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _what_next(server: Server) -> str:
    """Say what starts the game."""
    contest = server.room.competition
    if contest is None:
        return "Entraînement : chacun joue quand il veut. Pour une compétition : --rounds 5."
    if contest.row.players is not None:
        return f"La première manche part avec {contest.row.players} joueurs, ou par depart."
    return {
        Phase.LOBBY: "Quand tout le monde est là : depart.",
        Phase.PAUSE: "Quand tout le monde est revenu : suivante.",
    }.get(contest.phase, f"La manche {contest.next_number - 1} continue.")


def _farewell(server: Server, file: str) -> None:
    """Say where the results are, or how to go on."""
    contest = server.room.competition
    if contest is None or file == MEMORY:
        return
    option = "" if file == str(default_file()) else f" --db {file}"
    if contest.phase is Phase.FINISHED:
        say(f"Les résultats : justeprix results {contest.row.id}{option}")
    else:
        say(f"Pour reprendre la compétition : justeprix host --resume{option}")
