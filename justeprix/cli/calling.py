"""How a player, or a bot, gets to its host: what is told while the link is made, and the name."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial

from justeprix.cli.console import say
from justeprix.client import TRIES, Client
from justeprix.conversation import HOST_AWAY
from justeprix.errors import Refused

__all__ = ["HERE", "caller", "join"]

HERE = "127.0.0.1"


def caller(server: str, port: int, on_line: Callable[[str], None] | None = None) -> Client:
    """Return a client for `IP` or `IP:PORT`, not connected yet."""
    address, _, own_port = server.partition(":")
    return Client(
        own_port or port,
        address,
        on_state=partial(_tell_state, "connexion", "connecté"),
        on_line=on_line,
        insist=HOST_AWAY,
    )


def join(client: Client, name: str | None, *, again: str) -> None:
    """Connect, and take a name if one is wanted; `again` is how to ask for another one."""
    client.connect()
    client.on_state = partial(_tell_state, "reconnexion", "reconnecté")
    if name is None:
        return
    try:
        say(f"Bienvenue, {client.demande(f'nom {name}').removeprefix('nom ')} !")
    except Refused as error:
        say(f"Le nom {name} est refusé : {error}. Pour réessayer : {again}")


def _tell_state(trying: str, done: str, state: str, attempt: int) -> None:
    """Tell of the tries to connect, apart from what the game says."""
    of = f"/{TRIES}" if attempt <= TRIES else ""
    text = f"{done}." if state == "running" else f"{trying} {attempt}{of}…"
    print(text, file=sys.stderr, flush=True)
