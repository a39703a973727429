"""A Client under observation, and two ways to ask how far it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from justeprix.client import Client


class Watched(Client):
    """A Client that remembers each state it was in."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "state":
            states = self.__dict__.setdefault("states", [])
            if states[-1:] != [value]:
                states.append(value)
        super().__setattr__(name, value)


def session_of(client: Client) -> tuple[str, int, int]:
    """(token, last seq, guesses of this game), as the host knows them."""
    _, token, seq, guesses = client.demande("session").split()
    return token, int(seq), int(guesses)


def stored(db: Path) -> list[tuple[int, int]]:
    """(number, its secret) of each stored guess, in order."""
    with closing(sqlite3.connect(db)) as file:
        return file.execute(
            "SELECT number, secret FROM guess JOIN game ON game.id = game ORDER BY seq"
        ).fetchall()
