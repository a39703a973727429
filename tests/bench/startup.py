"""Starting, as people start it: the installed command, a real terminal, a host that answers.

Each starts in turn, a round of all after the other; the first round only warms up.
"""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.bench.contest import read_port, running_host
from tests.bench.measure import Failed
from tests.bench.report import holds, layout, span

__all__ = ["Start", "measure", "table"]

BARE, TYPER, HELP = "python -c pass", 'python -c "import typer"', "justeprix --help"
TERMINAL, PIPE = "justeprix play, on a terminal, to its prompt", "justeprix play, in a pipe"
PROMISED = (HELP, TERMINAL, PIPE)

PROMISE = 300
"""Milliseconds."""

PATIENCE = 20.0
"""Seconds for one start and its end."""

ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[a-zA-Z]|[>=])")
FIN = b"FIN\n"
PROMPT = "coup 1, entre 1 et 100 >"  # the cursor is moved over the space behind it
BOUNDS = "Un nombre entre 1 et 100."


class Start(NamedTuple):
    """One start, in milliseconds."""

    took: float  # until it had said what was awaited, or had ended
    cpu: float  # of its whole life


def measure(rounds: int, tell: Callable[[str], None]) -> dict[str, list[Start]]:
    """Start each so many times. Raises Failed."""
    with running_host(10, "--no-web") as (host, _):
        play = [entry(), "play", "--port", str(read_port(host))]
        starts: dict[str, Callable[[], Start]] = {
            BARE: lambda: through_pipe([sys.executable, "-c", "pass"]),
            TYPER: lambda: through_pipe([sys.executable, "-c", "import typer"]),
            HELP: lambda: through_pipe([entry(), "--help"]),
            TERMINAL: lambda: on_terminal(play, PROMPT),
            PIPE: lambda: through_pipe(play, BOUNDS),
        }
        found: dict[str, list[Start]] = {name: [] for name in starts}
        for turn in range(rounds + 1):
            tell(f"[{turn}/{rounds}] starts\n")
            for name, start in starts.items():
                one = start()
                if turn:
                    found[name].append(one)
    return found


def entry() -> str:
    """Return the command as pip has installed it. Raises Failed."""
    beside = Path(sys.executable).with_name("justeprix")
    command = str(beside) if beside.exists() else shutil.which("justeprix")
    if command is None:
        raise Failed("justeprix is not installed: pip install .")
    return command


def through_pipe(command: Sequence[str], text: str = "") -> Start:
    """Start a command with its streams as pipes; wait for a text, or else for its end."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        return follow(process, began, text, process.stdout.fileno(), process.stdin.fileno())


def on_terminal(command: Sequence[str], text: str) -> Start:
    """Start a command on a terminal of its own; wait for a text."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    try:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color"},
        )
        os.close(theirs)
        return follow(process, began, text, ours, ours)
    finally:
        os.close(ours)


def follow(
    process: subprocess.Popen[bytes], began: float, text: str, output: int, keyboard: int
) -> Start:
    """Read what a process says, type FIN when it has said the text. Raises Failed."""
    said, took = b"", None
    try:
        while data := read(output, began + PATIENCE):
            said += data
            if text and took is None and text in ESCAPES.sub("", said.decode(errors="replace")):
                took = time.perf_counter() - began
                with suppress(BrokenPipeError):  # it has ended: its code will tell
                    os.write(keyboard, FIN)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
    if process.returncode or (text and took is None):
        raise Failed(f"{process.args!r} ended with {process.returncode}: {said[-200:]!r}")
    took = time.perf_counter() - began if took is None else took
    return Start(took * 1000, (usage.ru_utime + usage.ru_stime) * 1000)


def read(descriptor: int, deadline: float) -> bytes:
    """Read what comes next; nothing at the end. Raises Failed if that is too late."""
    left = max(0.0, deadline - time.perf_counter())
    if not select.select([descriptor], [], [], left)[0]:
        raise Failed("a command neither said what was awaited nor ended")
    try:
        return os.read(descriptor, 65536)
    except OSError:  # so a terminal ends
        return b""


def table(found: dict[str, list[Start]]) -> str:
    """Lay out what was measured; ratios are those within a round."""
    bare = found[BARE]
    columns = ["promise ms", "start", "ms", "CPU ms", f"ms / {BARE}", "starts", "holds"]
    rows: list[Sequence[str]] = [columns]
    for name, starts in found.items():
        took = [start.took for start in starts]
        ratio = span([one.took / other.took for one, other in zip(starts, bare, strict=True)])
        promised = (f"< {PROMISE}", holds(PROMISE, took)) if name in PROMISED else ("", "")
        cpu = span([start.cpu for start in starts])
        rows.append([promised[0], name, span(took), cpu, ratio, str(len(took)), promised[1]])
    return layout(rows)
