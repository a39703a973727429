"""`justeprix host`: the game room, practice or a competition, and its console."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from justeprix.cli.console import Console, say
from justeprix.cli.files import default_file
from justeprix.cli.host.again import again, given, refuse_what_cannot_hold
from justeprix.cli.host.announcer import Announcer
from justeprix.cli.host.guard import AUTO, guard, refuse_the_open
from justeprix.cli.host.linger import linger
from justeprix.cli.host.orders import Desk, obey, words
from justeprix.cli.host.unfinished import MAX_BOTS, is_resumed, seated, unfinished
from justeprix.cli.host.welcome import farewell, welcome
from justeprix.game.competition import Settings
from justeprix.net.addresses import EVERYWHERE
from justeprix.protocol.words import PORT
from justeprix.room.limits import Limits
from justeprix.store import open_store
from justeprix.web.invitation import WEB_PORT

if TYPE_CHECKING:
    from justeprix.server import Server
    from justeprix.web.site import Site

__all__ = ["host"]

LOBBY = 3
"""How many times longer silence may last before a competition begins."""


class Durable(StrEnum):
    """What a power cut may take: the last moments, or nothing."""

    normal = "normal"
    full = "full"


class Start(StrEnum):
    """Who opens the rounds: the clock, or the teacher."""

    auto = "auto"
    manual = "manual"


def host(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port du jeu.", min=0, max=65535)] = PORT,
    web_port: Annotated[
        int, typer.Option(help="Port des pages, pour les navigateurs.", min=0, max=65535)
    ] = WEB_PORT,
    no_web: Annotated[bool, typer.Option("--no-web", help="N'ouvre pas de pages.")] = False,
    bind: Annotated[str, typer.Option(help="Adresse d'écoute.")] = EVERYWHERE,
    code: Annotated[
        str | None, typer.Option(help="Code à dire pour entrer ; auto : l'hôte en tire un.")
    ] = None,
    tls: Annotated[
        str | None,
        typer.Option(help="Chiffre les deux ports ; auto : certificat fait ici.", metavar="CERT"),
    ] = None,
    key: Annotated[
        str | None, typer.Argument(help="La clé de --tls CERT.", metavar="[CLÉ]")
    ] = None,
    exposed: Annotated[
        bool, typer.Option("--open", help="Écoute sur une adresse publique même sans code.")
    ] = False,
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
    bots: Annotated[int, typer.Option(help="Robots de la maison.", min=0, max=MAX_BOTS)] = 0,
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
    per_address: Annotated[
        int | None,
        typer.Option(help="Connexions par adresse ; sans : 500, cette machine à volonté.", min=1),
    ] = None,
    idle: Annotated[
        float, typer.Option(help="Secondes de silence permises ; trois fois plus en salle.", min=1)
    ] = 600.0,
    rate: Annotated[
        float, typer.Option(help="Coups par seconde et par joueur ; 0 : sans limite.", min=0)
    ] = 1000.0,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Tait les conseils sur les clients des élèves.")
    ] = False,
) -> None:
    """Ouvre une partie : les joueurs se connectent à cette machine."""
    from justeprix.server import Server  # who only plays starts without

    file = str(default_file()) if db is None else db
    if not exposed:
        refuse_the_open(bind, code)
    doors = guard(code, tls, key, bind)
    settings = None if resume else _settings(rounds, time_limit, start, players, pause)
    console = Console()
    announcer = Announcer(hints=not quiet)
    with ExitStack() as stack:
        store = open_store(file, durable=durable is Durable.full)
        stack.callback(store.close)
        left = unfinished(store)
        resumed = is_resumed(store, left, file, console, resume=resume, new=new)
        if left and resumed:
            refuse_what_cannot_hold(context, left)
        server = Server(
            bind,
            port,
            low=low,
            high=high,
            db=store,
            seed=seed,
            code=doors.code,
            tls=doors.tls,
            competition=left.id if left and resumed else settings,
            workers=workers,
            limits=_limits(max_players, per_address, rate, idle),
            on_news=announcer.announce,
        )
        stack.callback(server.close)
        site = None if no_web else _site(server, bind, web_port)
        stack.callback(say, "Partie fermée.")
        stack.enter_context(server)
        if site:
            stack.enter_context(site)
        stack.enter_context(announcer)
        if left and not resumed:
            server.director.abandon(left.id)
        desk = Desk(server, site.contents.link if site else None)
        console.words = lambda: words(desk)
        try:
            welcome(server, site, doors, console)
            if not given(context, "bots"):
                bots = seated(server)
            if bots:
                stack.enter_context(doors.bots(server.address, bots, seed))
            _serve(desk, console)
            linger(server, console)
        except KeyboardInterrupt:
            say()
        # From here on a second Ctrl-C would only spoil the goodbye.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        announcer.quiet()
    true = {
        "port": server.address[1],
        "web_port": site.port if site else web_port,
        "code": doors.code or None,
        "bots": bots,
        "tls": _absolute(tls),
        "key": _absolute(key),
        "db": _place(server),
    }
    farewell(server, partial(again, context, true))


def _absolute(file: str | None) -> str | None:
    return file if file in (None, AUTO) else str(Path(file).absolute())


def _place(server: Server) -> str | None:
    """Return where the game is kept, None where it is without a choice."""
    place = server.room.books.store.place
    return None if place is None or place == str(default_file()) else str(Path(place).absolute())


def _site(server: Server, bind: str, port: int) -> Site:
    from justeprix.web.site import Site  # it brings the ssl of http.client along

    return Site(server, bind, port, partial(obey, Desk(server, None)))


def _limits(max_players: int, per_address: int | None, rate: float, idle: float) -> Limits:
    return Limits(
        max_players=max_players,
        per_address=per_address,
        rate=rate,
        idle=idle,
        idle_lobby=LOBBY * idle,
    )


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
