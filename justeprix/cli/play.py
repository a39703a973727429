"""`justeprix play`: a person (or a pipe) plays."""

from __future__ import annotations

import sys
import threading
from functools import partial
from typing import Annotated

import typer

from justeprix.cli.console import Console
from justeprix.client import TRIES, Client
from justeprix.errors import ProtocolError, Refused, SessionOver
from justeprix.game import Bounds
from justeprix.protocol import PORT, Ask, Guess, Name, Say, parse

__all__ = ["play"]

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
        print(f"Sans --server, j'essaie cette machine ({HERE}).")
    address, _, own_port = (server or HERE).partition(":")
    client = Client(
        own_port or port, address, on_state=partial(_tell_state, "connexion", "connecté")
    )
    try:
        client.connect()
        client.on_state = partial(_tell_state, "reconnexion", "reconnecté")
        game = Game(client)
        if nom is not None:
            _take_name(client, nom)
        _converse(client, game)
    except SessionOver as error:
        print(f"Terminé : {error}.")
    except KeyboardInterrupt:
        print()
    finally:
        client.arret()
    print("Au revoir !")


def _tell_state(trying: str, done: str, state: str, attempt: int) -> None:
    text = f"{done}." if state == "running" else f"{trying} {attempt}/{TRIES}…"
    print(text, file=sys.stderr, flush=True)


def _take_name(client: Client, name: str) -> None:
    try:
        print(f"Bienvenue, {client.demande(f'nom {name}').removeprefix('nom ')} !")
    except Refused as error:
        print(f"Le nom {name} est refusé : {error}. Pour réessayer : nom AUTRE")


def _converse(client: Client, game: Game) -> None:
    """Play what is typed until FIN, the end of the input, or the end of the game."""
    print(f"Un nombre entre {game.bounds.low} et {game.bounds.high}. FIN pour quitter.", flush=True)
    console = Console()
    receiver = client.recois()
    threading.Thread(target=_end_with, args=(receiver, console), daemon=True).start()
    for line in console.lines(game.prompt):
        if line.strip().upper() == "FIN":
            return
        if line.strip():
            print(game.answer(line.strip()), flush=True)
    if client.state == "shutdown":
        raise SessionOver("l'hôte a fermé la partie")


def _end_with(receiver: threading.Thread, console: Console) -> None:
    """Take the prompt away when the host closes, also while nothing is typed."""
    receiver.join()
    console.end()


class Game:
    """What the player knows: the interval left, the guesses made."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.bounds = Bounds(*client.bornes)
        self._start()

    def _start(self) -> None:
        self.low, self.high = self.bounds.low, self.bounds.high
        self.guesses = 0

    def prompt(self) -> str:
        """Return what stands before the next guess."""
        return f"coup {self.guesses + 1}, entre {self.low} et {self.high} > "

    def answer(self, line: str) -> str:
        """Play or ask what was typed, and say what came of it. Rubbish never leaves the machine."""
        try:
            command = parse(line.encode("utf-8", "replace"))
            if isinstance(command, Guess):
                return self._guess(command.number)
            if isinstance(command, Name | Say | Ask):
                return self._client.demande(line)
        except (ProtocolError, Refused) as error:
            return f"Refusé : {error}."
        return "Tape un nombre, comme 50 (ou : nom Ada, scores, aide, FIN)."

    def _guess(self, number: int) -> str:
        if number not in self.bounds:
            low, high = self.bounds.low, self.bounds.high
            return f"{number} n'est pas entre {low} et {high} : ce coup ne compte pas."
        return self._played(number, self._client.propose(number))

    def _played(self, number: int, answer: str) -> str:
        self.guesses += 1
        count = f"{self.guesses} coup{'s' * (self.guesses > 1)}"
        if answer == "plus":
            self.low = max(self.low, number + 1)
        elif answer == "moins":
            self.high = min(self.high, number - 1)
        else:
            mean = f"{self.bounds.mean:.1f}".replace(".", ",")
            self._start()
            return (
                f"{number} : gagné en {count} ! La dichotomie en demande {self.bounds.worst}"
                f" au pire, {mean} en moyenne.\nUn nouveau nombre t'attend."
            )
        return f"{number} : {answer} — entre {self.low} et {self.high} ({count})"
