"""The commands. A command a file; only this folder prints.

Exit codes: 0 all is well, 1 the network or the file refused, 2 the command line is wrong.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated

import typer

from justeprix import __version__
from justeprix.cli.arena import arena
from justeprix.cli.bench import bench
from justeprix.cli.bot import bot
from justeprix.cli.check import check
from justeprix.cli.host.command import host
from justeprix.cli.play.command import play
from justeprix.cli.replay import replay
from justeprix.cli.results import results
from justeprix.cli.verify import verify
from justeprix.errors import JustePrixError

__all__ = ["app", "main"]

app = typer.Typer(
    help="Le juste prix en réseau : un hôte, des joueurs, un nombre secret.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        print(f"justeprix {__version__}")
        raise typer.Exit


@app.callback()
def _before(
    version: Annotated[
        bool,
        typer.Option("--version", help="Dit la version.", is_eager=True, callback=_version),
    ] = False,
) -> None:
    """Take what stands before the command."""


app.command()(host)
app.command()(play)
app.command()(results)
app.command()(replay)
app.command()(verify)
app.command()(bot)
app.command()(arena)
app.command()(bench)
app.add_typer(check, name="check")


def main() -> None:
    """Run the command line; every failure is one sentence and an exit code."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A console that can't show é shows ?; rubbish on stdin is the game's to refuse.
            stream.reconfigure(errors="replace")
    # A polite kill, or a window that is closed, is a Ctrl-C: the commands know how to end.
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, signal.default_int_handler)
    try:
        app()
    except JustePrixError as error:
        print(f"justeprix : {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has left. Python would complain once more while exiting.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
