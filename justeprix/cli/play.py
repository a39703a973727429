"""`justeprix play`: a person (or a pipe) plays."""

from __future__ import annotations

import sys
import threading
from functools import partial
from typing import Annotated

import typer

from justeprix.cli.console import Console, say
from justeprix.cli.player import PlayerScreen
from justeprix.client import TRIES, Client
from justeprix.conversation import HOST_AWAY, PATIENCE
from justeprix.errors import AllPlayed, Refused, SessionOver
from justeprix.protocol import PORT

__all__ = ["HERE", "play", "take_name", "tell_state"]

HERE = "127.0.0.1"


def play(
    server: Annotated[
        str | None, typer.Option(help="Adresse de l'hôte : IP ou IP:PORT.", metavar="IP[:PORT]")
    ] = None,
    port: Annotated[int, typer.Option(help="Port de l'hôte.", min=1, max=65535)] = PORT,
    nom: Annotated[str | None, typer.Option(help="Ton nom dans le classement.")] = None,
) -> None:
    """Joue : trouve le nombre secret de l'hôte."""
    if server is None:
        say(f"Sans --server, j'essaie cette machine ({HERE}).")
    address, _, own_port = (server or HERE).partition(":")
    console = Console()
    screen = PlayerScreen(patient=not console.terminal)
    client = Client(
        own_port or port,
        address,
        on_state=partial(tell_state, "connexion", "connecté"),
        insist=HOST_AWAY,
    )
    try:
        client.connect()
        client.on_state = partial(tell_state, "reconnexion", "reconnecté")
        if nom is not None:
            take_name(client, nom)
        low, high = client.bornes
        say(f"Un nombre entre {low} et {high}. FIN pour quitter.")
        screen.join(client)
        client.on_line = partial(_hear, screen, console)
        _converse(client, screen, console)
    except AllPlayed:
        say("La compétition est finie.")
    except SessionOver as error:
        say(f"Terminé : {error}.")
    except KeyboardInterrupt:
        say()
    finally:
        client.arret()
    say("Au revoir !")


def tell_state(trying: str, done: str, state: str, attempt: int) -> None:
    """Tell of the tries to connect, apart from what the game says."""
    of = f"/{TRIES}" if attempt <= TRIES else ""
    text = f"{done}." if state == "running" else f"{trying} {attempt}{of}…"
    print(text, file=sys.stderr, flush=True)


def take_name(client: Client, name: str, again: str = "nom AUTRE") -> None:
    """Ask for a name, and tell what came of it; `again` is how to ask for another one."""
    try:
        say(f"Bienvenue, {client.demande(f'nom {name}').removeprefix('nom ')} !")
    except Refused as error:
        say(f"Le nom {name} est refusé : {error}. Pour réessayer : {again}")


def _hear(screen: PlayerScreen, console: Console, line: str) -> None:
    screen.heard(line)
    if screen.over:
        console.end()


def _converse(client: Client, screen: PlayerScreen, console: Console) -> None:
    """Play what is typed until FIN, the end of the input, or the end of the game."""
    if screen.over:
        return
    receiver = client.recois()
    threading.Thread(target=_end_with, args=(receiver, console), daemon=True).start()
    for line in console.lines(screen.prompt):
        if line.strip().upper() == "FIN":
            return
        if line.strip():
            said = screen.answer(line.strip())
            if said:
                say(said)
    if client.state == "shutdown":
        receiver.join(PATIENCE)  # it is about to know why
    if client.fault is not None:
        raise client.fault


def _end_with(receiver: threading.Thread, console: Console) -> None:
    """Take the prompt away when the host closes, also while nothing is typed."""
    receiver.join()
    console.end()
