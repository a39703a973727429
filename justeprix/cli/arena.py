"""`justeprix arena`: pupils' bots against the same secrets, without a network."""

from __future__ import annotations

import io
import os
import random
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from justeprix.cli.bot import Limit
from justeprix.cli.files import Format, deliver, format_of
from justeprix.errors import ResultsError
from justeprix.game.secret import Bounds
from justeprix.protocol.words import MAX_DIGITS, printable
from justeprix.workshop import LIMIT

__all__ = ["arena"]

MOST_GAMES = 1_000_000


def arena(
    files: Annotated[list[Path], typer.Argument(help="Les robots.", metavar="ROBOT.py…")],
    games: Annotated[
        str, typer.Option(help="Nombre de parties, ou all : chaque secret une fois.", metavar="N")
    ] = "1000",
    low: Annotated[int, typer.Option("--min", help="Plus petit nombre secret.")] = 1,
    high: Annotated[int, typer.Option("--max", help="Plus grand nombre secret.")] = 1000,
    seed: Annotated[
        int | None, typer.Option(help="Graine : la même arène à chaque fois.", metavar="N")
    ] = None,
    limit: Limit = LIMIT,
    format: Annotated[
        Format | None, typer.Option(help="csv : pour un tableur ; svg : le dessin.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Fichier à écrire.", metavar="FICHIER")
    ] = None,
) -> None:
    """Fait jouer des robots entre eux, sans réseau : mêmes secrets pour tous."""
    from justeprix.workshop.arena.bot import BotProcess
    from justeprix.workshop.arena.games import draw, play
    from justeprix.workshop.arena.results import FORMATS

    format = format or format_of(output)
    if output is not None and not output.absolute().parent.is_dir():
        raise ResultsError(f"impossible d'écrire {output} : ce dossier n'existe pas")
    bounds = _bounds(low, high)
    seed = random.randrange(100_000) if seed is None else seed  # noqa: S311 (it is told)
    secrets = draw(bounds, _games(games, bounds), seed)
    bots = [(name, BotProcess(file, limit=limit)) for name, file in _named(files)]
    for _, bot in bots:
        bot.find()
    with _progress(len(bots) * len(secrets)) as advance:
        outcome = play(bots, bounds, secrets, seed, at_once=os.cpu_count() or 1, on_game=advance)
    deliver(FORMATS[format](outcome), format, output)
    if output is not None:
        print(f"L'arène est dans {output}.")


@contextmanager
def _progress(games: int) -> Iterator[Callable[[int], None]]:
    """Show a bar, if there is a screen; give what moves it on, from any thread."""
    screen = sys.stderr if sys.stderr.isatty() else io.StringIO()
    lock = threading.Lock()
    with typer.progressbar(length=games, label="Arène", file=screen) as bar:

        def advance(games: int) -> None:
            with lock:
                bar.update(games)

        yield advance


def _bounds(low: int, high: int) -> Bounds:
    if low > high:
        raise typer.BadParameter(f"--min {low} est plus grand que --max {high}")
    if max(abs(low), abs(high)) >= 10**MAX_DIGITS:
        raise typer.BadParameter(f"un nombre a {MAX_DIGITS} chiffres au plus")
    return Bounds(low, high)


def _games(text: str, bounds: Bounds) -> int | None:
    """Return how many games are wanted, None for one a secret."""
    if text == "all":
        if bounds.size > MOST_GAMES:
            raise typer.BadParameter(f"--games all : {MOST_GAMES} secrets au plus")
        return None
    if not re.fullmatch("[0-9]{1,7}", text) or not 1 <= int(text) <= MOST_GAMES:
        raise typer.BadParameter(f"--games : un nombre de 1 à {MOST_GAMES}, ou all")
    return int(text)


def _named(files: list[Path]) -> list[tuple[str, Path]]:
    """Return what each bot is called: its file, with the folder if two are called the same."""
    names = [printable(file.name) for file in files]
    if len(set(files)) < len(files):
        raise typer.BadParameter("le même robot deux fois")
    return [
        (name if names.count(name) == 1 else printable(str(file)), file)
        for name, file in zip(names, files, strict=True)
    ]
