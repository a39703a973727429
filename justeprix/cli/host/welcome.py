"""What the host says first and last: the ways to come in, what starts the game, how to go on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from justeprix.cli.console import Console, say
from justeprix.cli.files import default_file
from justeprix.cli.host.again import shell
from justeprix.cli.host.guard import Guard
from justeprix.cli.host.orders import COMMANDS
from justeprix.game.competition import Phase
from justeprix.net.addresses import addresses
from justeprix.web.invitation import blocks, fragment, play_command, web_address

if TYPE_CHECKING:
    from justeprix.server import Server
    from justeprix.web.site import Site

__all__ = ["farewell", "welcome"]


def welcome(server: Server, site: Site | None, guard: Guard, console: Console) -> None:
    """Say how to come in, where the game is kept, and what to do next."""
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
        say(f"  {play_command(ip, server.address[1], guard.options)}")
    if site:
        _welcome_browsers(site, ways, guard, console)
    if guard.home_made:
        say("Le certificat est fait ici : chaque navigateur demandera s'il peut s'y fier.")
    if guard.code:
        say(f"Le code de la partie : {guard.code}")
    place = server.room.books.store.place
    kept = "n'est pas gardée" if place is None else f"est gardée dans {place}"
    say(f"La partie {kept}. Commandes : {', '.join(COMMANDS)}.")
    if server.room.quiet:
        say("La parole est restée coupée : parole la rend.")
    say(_what_next(server))


def _welcome_browsers(site: Site, ways: list[str], guard: Guard, console: Console) -> None:
    urls = [web_address(ip, site.port, secure=guard.tls is not None) for ip in ways]
    behind = fragment(guard.code)
    say("Dans un navigateur, sur un téléphone par exemple :")
    for url in urls:
        say(f"  {url}")
    if console.terminal:
        picture = blocks(urls[0] + behind)
        if _can_show(picture):
            say(picture)
    say(f"Le tableau, pour le projecteur : {urls[0]}tableau{behind}")
    say(f"L'aide, pour tous : {urls[0]}aide")
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


def farewell(server: Server, again: Callable[..., str]) -> None:
    """Say where the results are, or how to go on: `again(resume=…)` is the command for that."""
    contest, place = server.room.competition, server.room.books.store.place
    if server.may_go_on and contest is None:
        say(f"Pour reprendre l'entraînement : {again(resume=False)}")
    elif server.may_go_on:
        say(f"Pour reprendre la compétition : {again(resume=True)}")
    elif contest is not None and place is not None:
        kept = [] if place == str(default_file()) else ["--db", place]
        say(f"Les résultats : {shell(['justeprix', 'results', str(contest.row.id), *kept])}")
