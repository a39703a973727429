"""`justeprix bench`: many players at once, and how fast the host answers them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

import typer

from justeprix.cli.calling import HERE, Code
from justeprix.errors import CheckError
from justeprix.french import aligned, counted
from justeprix.net.addresses import EVERYWHERE, addresses
from justeprix.protocol.words import PORT

if TYPE_CHECKING:
    from justeprix.bench.measure import Progress
    from justeprix.bench.verdict import Measurement, Rows

__all__ = ["bench"]

MOST_PLAYERS = 10_000


def bench(
    server: Annotated[
        str, typer.Option(help="Adresse de l'hôte : IP ou IP:PORT.", metavar="IP[:PORT]")
    ] = HERE,
    port: Annotated[int, typer.Option(help="Port de l'hôte.", min=1, max=65535)] = PORT,
    players: Annotated[int, typer.Option(help="Joueurs.", min=1, max=MOST_PLAYERS)] = 300,
    seconds: Annotated[
        float,
        typer.Option(
            help="Durée de la mesure : après une demi-seconde d'échauffement ; dans une"
            " compétition, depuis la première manche.",
            min=0.1,
            max=3600,
        ),
    ] = 10.0,
    code: Code = "",
    mine: Annotated[
        bool,
        typer.Option("--oui-c-est-le-mien", help="Mesure aussi un hôte sur le réseau."),
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Écrit tout en JSON.")] = False,
) -> None:
    """Mesure un hôte : des joueurs par centaines, chacun en recherche dichotomique."""
    from justeprix.bench.measure import Plan, measure
    from justeprix.bench.verdict import as_json, faults

    ip, number, own = _target(server, port, mine)
    plan = Plan(ip, number, code, players, seconds, own)
    with _progress(seconds) as tell:
        measured = measure(plan, tell)
    if json_:
        print(json.dumps(as_json(measured), ensure_ascii=False, indent=2))
    else:
        _show(measured)
    if any(faults(measured)):
        raise typer.Exit(1)


def _target(server: str, port: int, mine: bool) -> tuple[str, int, bool]:
    """Return the address to connect to, and whether it is this very machine's."""
    from justeprix.net.target import find_server

    try:
        ip, number = find_server(server if ":" in server else f"{server}:{port}", mine=True)
    except CheckError as error:
        raise typer.BadParameter(str(error)) from None
    loopback = ip_address(ip).is_loopback
    if not loopback and not mine:
        raise typer.BadParameter(
            f"{server} est sur le réseau, qu'une telle charge peut gêner : si cet hôte est à"
            " toi, ajoute --oui-c-est-le-mien"
        )
    return ip, number, loopback or ip in addresses(EVERYWHERE)


# While it lasts.


@contextmanager
def _progress(seconds: float) -> Iterator[Callable[[Progress], None]]:
    """Give what tells how far it is: a line that changes on a terminal, else one a second."""
    if not sys.stderr.isatty():
        yield lambda progress: print(_sentence(progress), file=sys.stderr, flush=True)
        return
    from rich.console import Console

    with Console(stderr=True).status(f"Mesure de {seconds:g} s…") as status:
        yield lambda progress: status.update(_sentence(progress))


def _sentence(progress: Progress) -> str:
    report = progress.report
    if progress.connecting:
        return f"connexion : {counted(report.greeted, 'joueur')}…"
    if progress.contest and report.waiting == report.greeted:
        order = "suivante" if report.guesses else "depart"
        return f"{counted(report.waiting, 'joueur')} en attente : tape {order} chez l'hôte."
    return f"{counted(report.greeted, 'joueur')}, {progress.rate:.0f} coups par seconde…"


# At the end.


def _show(measured: Measurement) -> None:
    from justeprix.bench.verdict import advice, faults, rows, spread

    _table(("", ""), rows(measured))
    if measured.tally.guesses:
        _table(("attente jusqu'à (ms)", "des coups"), spread(measured))
    for sentence in (*advice(measured), *faults(measured)):
        print(sentence)


def _table(titles: tuple[str, str], body: Rows) -> None:
    """Print two columns: as a table on a terminal, as plain lines through a pipe."""
    if not sys.stdout.isatty():
        head = [titles] if any(titles) else []
        print(*aligned([*head, *body], left=(0,)), "", sep="\n")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*titles, show_header=any(titles))
    table.columns[1].justify = "right"
    for row in body:
        table.add_row(*row)
    Console().print(table)
