"""The examples for pupils, as a person starts them: real processes, read line by line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from processes import Process

__all__ = [
    "ASKED",
    "BOT",
    "CLIENT",
    "CLIENTS",
    "EXAMPLES",
    "LINES",
    "NO_SIGNALS",
    "SERVER",
    "THREADS",
    "UNFRAMED",
    "Example",
    "example",
]

EXAMPLES = Path(__file__).parent / "examples"
UNFRAMED, LINES, THREADS, CLIENT, BOT, SERVER = sorted(path.stem for path in EXAMPLES.glob("*.py"))
CLIENTS = [UNFRAMED, LINES, THREADS, CLIENT, BOT]

ASKED = "Ton nombre : "

NO_SIGNALS = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")


class Example(Process):
    """One of the examples, its streams as pipes: a person at the keyboard, or a file."""

    def __init__(self, name: str, *arguments: object) -> None:
        self.program = (str(EXAMPLES / f"{name}.py"),)
        super().__init__(*arguments, PYTHONPATH=str(EXAMPLES.parent.parent))

    def said(self) -> list[str]:
        """Return what it printed, without what it asked."""
        return [line for text in self.lines if (line := text.removeprefix(ASKED))]


@contextmanager
def example(name: str, address: tuple[str, int], *more: object) -> Iterator[Example]:
    program = Example(name, *address, *more)
    try:
        yield program
    finally:
        program.kill()
