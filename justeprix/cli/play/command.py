"""`justeprix play`: a person (or a pipe) plays."""

from __future__ import annotations

import threading
from functools import partial
from typing import Annotated

import typer

from justeprix.cli.calling import HERE, Ca, Code, Fingerprint, Tls, caller, join
from justeprix.cli.console import Console, say
from justeprix.cli.play.screen import PlayerScreen
from justeprix.client import Client
from justeprix.client.conversation import GOODBYE_TIME
from justeprix.errors import AllPlayed, SessionOver
from justeprix.protocol.words import PORT

__all__ = ["play"]


def play(
    server: Annotated[
        str | None, typer.Option(help="Adresse de l'hôte : IP ou IP:PORT.", metavar="IP[:PORT]")
    ] = None,
    port: Annotated[int, typer.Option(help="Port de l'hôte.", min=1, max=65535)] = PORT,
    nom: Annotated[str | None, typer.Option(help="Ton nom dans le classement.")] = None,
    code: Code = "",
    tls: Tls = False,
    ca: Ca = "",
    fingerprint: Fingerprint = "",
) -> None:
    """Joue : trouve le nombre secret de l'hôte."""
    if server is None:
        say(f"Sans --server, j'essaie cette machine ({HERE}).")
    console = Console()
    screen = PlayerScreen(patient=not console.terminal)
    client = caller(server or HERE, port, code=code, tls=tls, ca=ca, fingerprint=fingerprint)
    try:
        join(client, nom, again="nom AUTRE", ask=console.ask if console.terminal else None)
        low, high = client.bornes
        say(f"Un nombre entre {low} et {high}. FIN pour quitter.")
        screen.join(client)
        client.on_line = partial(_hear, screen, console)
        _converse(client, screen, console)
    except AllPlayed:
        if not screen.over:  # else it has said so, with the ranking
            say("La compétition est finie.")
    except SessionOver as error:
        say(f"Terminé : {error}.")
    except KeyboardInterrupt:
        say()
    finally:
        client.arret()
    say("Au revoir !")


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
    if screen.over:
        return
    if client.state == "shutdown":
        receiver.join(GOODBYE_TIME)  # it is about to know why
    if client.fault is not None:
        raise client.fault


def _end_with(receiver: threading.Thread, console: Console) -> None:
    """Take the prompt away when the host closes, also while nothing is typed."""
    receiver.join()
    console.end()
