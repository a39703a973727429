"""`justeprix replay`: what each guess of one player was worth."""

from __future__ import annotations

import difflib
import math
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Annotated, NamedTuple

import typer

from justeprix.cli.files import kept, report_of
from justeprix.errors import ResultsError
from justeprix.formats.french import aligned, counted, decimal, optimum
from justeprix.formats.narrowing import closed_round
from justeprix.game import Answer, Bounds
from justeprix.protocol import ANSWERS
from justeprix.report import Move, PlayerReport, Report

__all__ = ["replay"]

BAR = 40
"""Signs of the bar that stands for all numbers."""


NAMED = 30
"""Players named to who asks for another one."""


class Step(NamedTuple):
    """One guess and what it left. `wasted`: the number could no longer be the secret."""

    move: Move
    left: Bounds
    bits: float
    wasted: bool


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
    steps = list(_steps(player.games[played.number], report.bounds))
    print(
        f"{player.name}, manche {played.number} de la compétition {id} :"
        f" le secret était {played.secret}.\n"
    )
    print("\n".join(_table(steps, report.bounds)))
    print(f"\n{_total(steps)}\n{optimum(report.bounds)}")


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


def _steps(moves: Sequence[Move], bounds: Bounds) -> Iterator[Step]:
    left = bounds
    for move in moves:
        before = left
        wasted = move.number not in before
        if not wasted:
            left = _narrowed(before, move)
        yield Step(move, left, math.log2(before.size / left.size), wasted)


def _narrowed(left: Bounds, move: Move) -> Bounds:
    match move.answer:
        case Answer.HIGHER:
            return Bounds(move.number + 1, left.high)
        case Answer.LOWER:
            return Bounds(left.low, move.number - 1)
        case Answer.FOUND:
            return Bounds(move.number, move.number)


def _table(steps: Sequence[Step], bounds: Bounds) -> list[str]:
    rows = [["coup", "nombre", "réponse", "il reste", "combien", "", "bits", ""]]
    for count, (move, left, bits, wasted) in enumerate(steps, start=1):
        rows.append(
            [
                str(count),
                str(move.number),
                ANSWERS[move.answer],
                f"{left.low} à {left.high}",
                str(left.size),
                _bar(left, bounds, move.number),
                decimal(bits, 2),
                "perdu" if wasted else "",
            ]
        )
    return aligned(rows, left=[2, 5, 7])


def _bar(left: Bounds, bounds: Bounds, number: int) -> str:
    """Draw all numbers as dots, those left as `=`, the guess as `|`."""
    first, last, guess = (
        (place - bounds.low) * BAR // bounds.size for place in (left.low, left.high, number)
    )
    signs = ["=" if first <= place <= last else "." for place in range(BAR)]
    signs[guess] = "|"
    return f"[{''.join(signs)}]"


def _total(steps: Sequence[Step]) -> str:
    found = steps[-1].move.answer is Answer.FOUND
    bits = decimal(sum(step.bits for step in steps), 2)
    wasted = sum(step.wasted for step in steps)
    return (
        f"{'Trouvé' if found else 'Pas trouvé'} : {bits} bits en"
        f" {counted(len(steps), 'coup')}, dont {counted(wasted, 'perdu')}."
    )
