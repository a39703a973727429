"""The command that goes on with a game: what this host was started with, but what the file keeps.

And the other way round: options of a host that takes a competition up, which must say the same as
the file, or nothing.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping

import typer

from justeprix.game.records import CompetitionRow

__all__ = ["again", "given", "refuse_what_cannot_hold", "shell"]

KEPT: dict[str, Callable[[CompetitionRow], object]] = {
    "rounds": lambda row: row.rounds,
    "time_limit": lambda row: row.time_limit,
    "start": lambda row: "manual" if row.players is None else "auto",
    "players": lambda row: row.players,
    "pause": lambda row: row.pause,
    "low": lambda row: row.low,
    "high": lambda row: row.high,
    "seed": lambda _: "déjà tirés",
}
"""What a competition keeps of the options that it was begun with, by their names in `host`."""

ONCE = {"resume", "new"}
"""Options that say what to do with an older competition."""


def given(context: typer.Context, name: str) -> bool:
    """Whether an option stands on the command line."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def refuse_what_cannot_hold(context: typer.Context, row: CompetitionRow) -> None:
    """See that no option contradicts the competition that goes on. Raises BadParameter."""
    for parameter in context.command.params:
        name = parameter.name or ""
        if name not in KEPT or not given(context, name):
            continue
        kept, option = KEPT[name](row), parameter.opts[0]
        if str(context.params[name]) == str(kept):
            continue
        how = f"sans {option}" if kept is None else f"avec {option} {kept}"
        if name == "seed":
            how = "avec ses secrets, déjà tirés"
        raise typer.BadParameter(
            f"{option} {context.params[name]} : la compétition {row.id} reprend {how}. Enlève"
            f" {option}, ou commence une autre compétition avec --new"
        )


def again(context: typer.Context, true: Mapping[str, object], *, resume: bool) -> str:
    """Return the command, ready for a shell.

    `resume`: a competition goes on, which keeps some options itself. `true` has what an option
    has become: the port that was free, the code that was drawn. None: what it is by itself.
    """
    words, operands = ["justeprix", context.info_name or "host", *["--resume"] * resume], []
    for parameter in context.command.params:
        name = parameter.name or ""
        value = true.get(name, context.params.get(name))
        if name in ONCE or (resume and name in KEPT):
            continue
        if value is None or str(value) == str(parameter.get_default(context)):
            continue
        if parameter.param_type_name == "argument":
            operands.append(str(value))
        else:
            words += [parameter.opts[0], *([] if value is True else [str(value)])]
    return shell([*words, *operands])


def shell(words: list[str]) -> str:
    """Return words as they are typed into the shell of this system."""
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
