"""`justeprix results`: the competitions that were kept, and each of them in a format to choose."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from justeprix.cli.files import Format, deliver, format_of, kept, report_of
from justeprix.errors import ResultsError
from justeprix.french import aligned
from justeprix.results import FORMATS
from justeprix.results.report import Report
from justeprix.store import Store

__all__ = ["export", "results"]

WINNERS = 3
"""Winners named in the list; of more, the number is told."""


def results(
    id: Annotated[
        int | None,
        typer.Argument(help="Numéro de la compétition ; sans lui, la liste.", metavar="ID"),
    ] = None,
    format: Annotated[
        Format | None,
        typer.Option(help="csv : pour un tableur ; json : pour verify ; svg : le dessin."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Fichier à écrire.", metavar="FICHIER")
    ] = None,
    number: Annotated[
        int | None, typer.Option("--round", help="Une seule manche.", metavar="N")
    ] = None,
    db: Annotated[str | None, typer.Option(help="Fichier des parties.", metavar="FICHIER")] = None,
) -> None:
    """Montre les compétitions gardées, ou exporte l'une d'elles."""
    if id is None and (format, output, number) != (None, None, None):
        raise ResultsError("quelle compétition ? Donne son numéro : justeprix results ID")
    with kept(db) as store:
        if id is None:
            _list(store)
            return
        report = report_of(store, id)
    export(report, format, output, number)
    if output is not None:
        print(f"La compétition {id} est dans {output}.")


def export(
    report: Report, format: Format | None, output: Path | None, number: int | None = None
) -> None:
    """Write a report, in the format that the end of the file's name tells if none is given."""
    format = format or format_of(output)
    deliver(FORMATS[format](report, number), format, output, private=not report.ended)


def _list(store: Store) -> None:
    rows = [["n°", "date", "manches", "joueurs", "", "première place"]]
    for competition in store.competitions():
        report = store.report(competition.id)
        if report is not None:
            rows.append(_row(report))
    if len(rows) == 1:
        print("Aucune compétition dans ce fichier.")
    else:
        print("\n".join(aligned(rows, left=[1, 4, 5])))


def _row(report: Report) -> list[str]:
    date = datetime.fromtimestamp(report.started_at / 1000, UTC).astimezone()
    return [
        str(report.competition),
        f"{date:%d/%m/%Y %H:%M}",
        f"{len(report.rounds)}/{report.planned}",
        str(len(report.players)),
        "" if report.ended else "inachevée",
        _winners(report),
    ]


def _winners(report: Report) -> str:
    names = [s.name for s in report.standings if s.rank == 1 and s.found]
    if len(names) > WINNERS:
        return f"{len(names)} à égalité"
    return ", ".join(names)
