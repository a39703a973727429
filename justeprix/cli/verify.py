"""`justeprix verify`: checks an exported competition without believing it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from justeprix.cli.files import read
from justeprix.french import counted
from justeprix.results.verify import faults

__all__ = ["verify"]


def verify(
    file: Annotated[
        str, typer.Argument(help="Export json d'une compétition ; - : l'entrée.", metavar="FICHIER")
    ],
) -> None:
    """Vérifie un export json : sceaux, réponses, classement, empreinte."""
    text = read(file)
    told = faults(text)
    for fault in told:
        print(fault)
    if told:
        raise typer.Exit(1)
    print(_summary(text))


def _summary(text: str) -> str:
    content = json.loads(text)
    games = [game for player in content["joueurs"] for game in player["parties"]]
    moves = sum(len(game["coups"]) for game in games)
    return (
        f"Tout concorde : {counted(len(content['manches']), 'manche')},"
        f" {counted(len(content['joueurs']), 'joueur')}, {counted(moves, 'coup')}.\n"
        f"Empreinte : {content['empreinte']}"
    )
