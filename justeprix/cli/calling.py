"""How a player, or a bot, gets to its host: what is told while the link is made, and the name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer

from justeprix.cli.console import say
from justeprix.client import Client
from justeprix.client.client import TRIES
from justeprix.client.conversation import HOST_AWAY, paused
from justeprix.errors import ClientError, ErrorCode, Refused
from justeprix.protocol.replies import NameGiven, read
from justeprix.protocol.words import Word

__all__ = ["HERE", "Ca", "Code", "Fingerprint", "Tls", "caller", "join"]

Code = Annotated[str, typer.Option(help="Code de la partie, si elle en a un.")]
Tls = Annotated[bool, typer.Option("--tls", help="L'hôte chiffre (TLS).")]
Ca = Annotated[str, typer.Option(help="Certificat PEM que l'hôte doit prouver.", metavar="FICHIER")]
Fingerprint = Annotated[str, typer.Option(help="Empreinte du certificat, que l'hôte affiche.")]

HERE = "127.0.0.1"


def caller(
    server: str,
    port: int,
    *,
    code: str = "",
    tls: bool = False,
    ca: str = "",
    fingerprint: str = "",
    on_line: Callable[[str], None] | None = None,
) -> Client:
    """Return a client for `IP` or `IP:PORT`, not connected yet."""
    address, _, own_port = server.partition(":")
    return Client(
        own_port or port,
        address,
        code=code,
        tls=tls,
        ca=ca,
        fingerprint=fingerprint,
        on_state=partial(_tell_state, "connexion", "connecté"),
        on_line=on_line,
        on_pause=_tell_pause,
        insist=HOST_AWAY,
    )


def join(
    client: Client,
    name: str | None,
    *,
    again: str,
    ask: Callable[[str], str | None] | None = None,
) -> None:
    """Connect, and take a name if one is wanted; `again` is how to ask for another one.

    `ask` is how to ask a person for the code, if one is there.
    """
    _enter(client, ask)
    client.on_state = partial(_tell_state, "reconnexion", "reconnecté")
    if name is None:
        return
    try:
        told = read(client.demande(f"{Word.NOM} {name}"))
        say(f"Bienvenue, {told.name if isinstance(told, NameGiven) else told} !")
    except Refused as error:
        say(f"Le nom {name} est refusé : {error}. Pour réessayer : {again}")
        if error.code == ErrorCode.PRIS:
            say(f"Si c'est ta place d'avant, l'animateur peut te la rendre : libere {name}")


def _enter(client: Client, ask: Callable[[str], str | None] | None) -> None:
    """Connect; ask for the code until it is the right one."""
    while True:
        try:
            return client.connect()
        except Refused as error:
            if error.code != ErrorCode.CODE:
                raise
            wrong = f"{error}." if client.code else "Cet hôte demande un code : lis-le au tableau."
            code = ask(f"{wrong}\nCode : ") if ask else None
            if not code and client.code:
                raise  # it says what is wrong with that one
            if not code:
                raise ClientError("cet hôte demande un code : --code, suivi du bon") from error
            client.code = code.strip()


def _tell_pause(reason: str) -> None:
    """Tell that the host stops for a while, what happens now, and how to leave."""
    print(paused(reason), file=sys.stderr, flush=True)


def _tell_state(trying: str, done: str, state: str, attempt: int) -> None:
    """Tell of the tries to connect, apart from what the game says."""
    of = f"/{TRIES}" if attempt <= TRIES else ""
    text = f"{done}." if state == "running" else f"{trying} {attempt}{of}…"
    print(text, file=sys.stderr, flush=True)
