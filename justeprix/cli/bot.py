"""`justeprix bot`: a pupil's bot plays against a host."""

from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated

import typer

from justeprix.cli.calling import HERE, Ca, Code, Fingerprint, Tls, caller, join
from justeprix.cli.console import say
from justeprix.cli.files import write
from justeprix.client import Client, Manche
from justeprix.errors import BotError, Refused, SessionOver
from justeprix.french import counted
from justeprix.game.competition import Phase
from justeprix.game.secret import Bounds
from justeprix.protocol.replies import State, read
from justeprix.protocol.words import PORT, Word
from justeprix.workshop import LIMIT

if TYPE_CHECKING:
    from justeprix.workshop.arena.bot import BotProcess

__all__ = ["Limit", "bot"]


SHOWN = 12
"""Guesses told of a round: the last ones."""


class Example(StrEnum):
    """The bots to start from."""

    dichotomie = "dichotomie"
    lineaire = "lineaire"
    hasard = "hasard"


def _a_number(limit: float) -> float:
    if math.isnan(limit):  # no bound of an option catches that
        raise typer.BadParameter("un nombre de secondes")
    return limit


Limit = Annotated[
    float, typer.Option(help="Secondes par coup.", min=0.1, max=60, callback=_a_number)
]


def bot(
    file: Annotated[
        Path | None, typer.Argument(help="Le fichier qui définit joue.", metavar="ROBOT.py")
    ] = None,
    server: Annotated[
        str, typer.Option(help="Adresse de l'hôte : IP ou IP:PORT.", metavar="IP[:PORT]")
    ] = HERE,
    port: Annotated[int, typer.Option(help="Port de l'hôte.", min=1, max=65535)] = PORT,
    nom: Annotated[str | None, typer.Option(help="Son nom dans le classement.")] = None,
    code: Code = "",
    tls: Tls = False,
    ca: Ca = "",
    fingerprint: Fingerprint = "",
    games: Annotated[
        int, typer.Option("--parties", help="Parties à l'entraînement.", min=1, max=100_000)
    ] = 10,
    limit: Limit = LIMIT,
    example: Annotated[
        Example | None, typer.Option("--exemple", help="Écrit un robot pour commencer.")
    ] = None,
) -> None:
    """Fait jouer ton robot contre un hôte : une fonction joue(bas, haut, historique) suffit."""
    from justeprix.workshop.arena.bot import BotProcess
    from justeprix.workshop.arena.starts import start

    if example is not None:
        write(start(example), None)
        return
    if file is None:
        raise typer.BadParameter("quel robot ? Pour commencer : bot --exemple dichotomie")
    match = _Match(BotProcess(file, limit=limit), games)
    client = caller(
        server, port, code=code, tls=tls, ca=ca, fingerprint=fingerprint, on_line=match.heard
    )
    try:
        with match.robot:
            join(client, nom, again="--nom AUTRE")
            match.play(client)
    except SessionOver as error:
        say(f"Terminé : {error}.")
    except KeyboardInterrupt:
        say()
    finally:
        client.arret()


class _Match:
    """A bot and what it plays: a competition to its end, or so many games of practice."""

    def __init__(self, robot: BotProcess, games: int) -> None:
        self.robot = robot
        self._games = games
        self._is_practice = False

    def heard(self, line: str) -> None:
        """Take in an `etat`: it tells whether this is practice, which never ends by itself."""
        told = read(line)
        if isinstance(told, State):
            with told.opened() as state:
                self._is_practice = state["phase"] == Phase.PRACTICE

    def play(self, client: Client) -> None:
        """Play until there is nothing more to play. Raises BotFault if the bot cannot go on."""
        client.demande(Word.BORNES)  # before its answer comes the first `etat`
        if not self._is_practice:
            say("Le robot attend les manches. Ctrl-C arrête.")
        for count, manche in enumerate(client, start=1):
            try:
                self._play_round(client, manche)
            except BotError:
                if not self._is_practice:  # to stay would hold up the round for all
                    say("Le robot quitte la partie. Relance-le corrigé : --nom lui rend sa place.")
                raise
            if self._is_practice and count == self._games:
                return
        say("La compétition est finie.")

    def _play_round(self, client: Client, manche: Manche) -> None:
        """Play one round and tell its guesses."""
        bounds = Bounds(manche.bas, manche.haut)
        told: list[str] = []
        end = ""
        try:
            guess = self.robot.begin(bounds, token_hex())
            while (answer := self._answer(client, guess.number, told)) != Word.GAGNE:
                guess = self.robot.go_on(guess.number, answer)
            end = f" en {counted(len(told), 'coup')}"
        except Refused as error:  # too late: the round is over
            end = f" ; {error}"
        finally:
            self._repeat()
            shown = told if len(told) <= SHOWN else ["…", *told[-SHOWN:]]
            moves = ", ".join(shown) or "aucun coup"
            say(f"Manche {manche.numero}, entre {bounds.low} et {bounds.high} : {moves}{end}")

    def _answer(self, client: Client, number: int, told: list[str]) -> str:
        self._repeat()
        answer = client.propose(number)
        told.append(f"{number} {answer}")
        return answer

    def _repeat(self) -> None:
        """Show what the bot has printed."""
        if self.robot.said:
            say(self.robot.said.rstrip())
            self.robot.said = ""
