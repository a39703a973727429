"""`justeprix check`: tries out a client or a server that a pupil wrote.

The checks are imported by those who run them: the other commands start without them.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from justeprix.errors import CheckError
from justeprix.protocol.words import PORT

if TYPE_CHECKING:
    from justeprix.workshop.check.finding import Check
    from justeprix.workshop.check.inspection import Inspected

__all__ = ["check"]

check = typer.Typer(help="Essaie un client ou un serveur écrit par un élève.", no_args_is_help=True)

T = TypeVar("T", bound="Inspected")

Only = Annotated[
    list[str] | None, typer.Option("--only", help="Un seul essai (répétable).", metavar="NOM")
]
Listed = Annotated[bool, typer.Option("--list", help="Nomme les essais, sans rien lancer.")]
Json = Annotated[bool, typer.Option("--json", help="Écrit tout en JSON.")]


@check.command("client", context_settings={"allow_interspersed_args": False})
def client(
    command: Annotated[
        list[str] | None,
        typer.Argument(
            help="Ce qui lance le client ; {port} y devient le port.", metavar="-- COMMANDE…"
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(help="Port où le client va se connecter.", min=0, max=65535)
    ] = PORT,
    saisie: Annotated[
        list[str] | None,
        typer.Option(help="Ligne à taper d'abord, si le client pose une question (répétable)."),
    ] = None,
    only: Only = None,
    list_: Listed = False,
    json_: Json = False,
) -> None:
    """Lance ton client contre un hôte qui le met à l'épreuve, sur cette machine."""
    from justeprix.workshop.check.client.checks import CLIENT_CHECKS
    from justeprix.workshop.check.client.subject import Subject

    checks = _chosen(CLIENT_CHECKS, only)
    if list_:
        _name(checks)
        return
    if not command:
        raise typer.BadParameter("quel client ? Par exemple : check client -- python mon_client.py")
    with Subject(command, port, saisie or []) as subject:
        _inspect(shlex.join(command), checks, subject, json_)


@check.command("server")
def server(
    address: Annotated[
        str | None, typer.Argument(help="Adresse du serveur, IP:PORT.", metavar="ADRESSE")
    ] = None,
    mine: Annotated[
        bool,
        typer.Option("--oui-c-est-le-mien", help="Essaie aussi un serveur d'une autre machine."),
    ] = False,
    only: Only = None,
    list_: Listed = False,
    json_: Json = False,
) -> None:
    """Joue contre ton serveur, que tu as lancé, et le met à l'épreuve."""
    from justeprix.net.target import find_server
    from justeprix.workshop.check.server.checks import SERVER_CHECKS
    from justeprix.workshop.check.server.visitor import Visitors

    checks = _chosen(SERVER_CHECKS, only)
    if list_:
        _name(checks)
        return
    if not address:
        raise typer.BadParameter("quel serveur ? Par exemple : check server 127.0.0.1:5566")
    visitors = Visitors(find_server(address, mine=mine))
    _inspect(address, checks, visitors, json_)


def _chosen(checks: Sequence[Check[T]], only: list[str] | None) -> list[Check[T]]:
    names = [check.name for check in checks]
    for name in only or ():
        if name not in names:
            raise CheckError(f"pas d'essai « {name} » : il y a {', '.join(names)}")
    return [check for check in checks if not only or check.name in only]


def _name(checks: Sequence[Check[T]]) -> None:
    for check in checks:
        print(f"{check.name:<12} {check.title}")


def _inspect(target: str, checks: Sequence[Check[T]], inspected: T, as_json: bool) -> None:
    """Run the checks, tell each as it ends; exit with 1 if one failed."""
    from justeprix.workshop.check.finding import Outcome
    from justeprix.workshop.check.inspection import inspect
    from justeprix.workshop.check.summary import details, document, headline, total

    started = time.monotonic()
    findings = []
    for finding in inspect(checks, inspected):
        findings.append(finding)
        if not as_json:
            print(headline(finding), flush=True)
    seconds = time.monotonic() - started
    if as_json:
        print(document(target, findings, seconds), end="")
    else:
        for finding in findings:
            if finding.outcome in (Outcome.FAILED, Outcome.ADVICE):
                print("", *details(finding), sep="\n")
        print(f"\n{total(findings, seconds)}")
    if any(finding.outcome is Outcome.FAILED for finding in findings):
        raise typer.Exit(1)
