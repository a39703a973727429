"""`justeprix replay`: what each guess of one player was worth."""

from __future__ import annotations

import difflib
import unicodedata
from typing import Annotated

import typer

from justeprix.cli.files import kept, report_of
from justeprix.errors import ResultsError
from justeprix.french import optimum
from justeprix.results import moves
from justeprix.results.narrowing import closed_round
from justeprix.results.report import PlayerReport, Report

__all__ = ["replay"]

NAMED = 30
"""Players named to who asks for another one."""


def replay(
    id: Annotated[int, typer.Argument(help="Numéro de la compétition.", metavar="ID")],
    number: Annotated[
        int | None, typer.Option("--round", help="Manche ; sans elle, la dernière.", metavar="N")
    ] = None,
    nom: Annotated[str, typer.Option(help="Nom du joueur.")] = "",
    db: Annotated[str | None, typer.Option(help="Fichier des parties.", metavar="FICHIER")] = None,
) -> None:
    """Rejoue une manche d'un joueur : ce que chaque coup a appris."""
    with kept(db) as store:
        report = report_of(store, id)
    played = closed_round(report, number)
    player = _player(report, nom)
    if played.number not in player.games:
        rounds = ", ".join(map(str, sorted(player.games)))
        raise ResultsError(f"{player.name} n'a pas joué la manche {played.number}, mais : {rounds}")
    print(
        f"{player.name}, manche {played.number} de la compétition {id} :"
        f" le secret était {played.secret}.\n"
    )
    print("\n".join(moves.table(player.games[played.number], report.bounds)))
    print(optimum(report.bounds.worst, report.bounds.mean))


def _player(report: Report, name: str) -> PlayerReport:
    """Return the player of that name, whatever its case."""
    players = {_folded(player.name): player for player in report.players}
    wanted = _folded(name)
    if wanted in players:
        return players[wanted]
    near = difflib.get_close_matches(wanted, players, n=1)
    names = [player.name for player in report.players]
    some = ", ".join([*names[:NAMED], *(["…"] if len(names) > NAMED else [])])
    hint = f"tu voulais dire {players[near[0]].name} ?" if near else f"il y a {some}"
    who = f"qui est « {name} » ?" if name else "qui rejouer ?"
    raise ResultsError(f"{who} Avec --nom : {hint}")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()
