"""A command at a real terminal: what a person at the keyboard sees, and types. Not on Windows."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.player import PATIENCE

__all__ = ["Terminal", "at_a_terminal"]

WHERE = b"\x1b[6n"
"""The question where the cursor is, which a terminal answers."""

_SIGNS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>78]|\x1b\][^\x07]*\x07|\r")


class Terminal:
    """`python -m justeprix …` whose three streams are a terminal."""

    def __init__(self, *arguments: object) -> None:
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (50, 200))
        self._text = ""
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "justeprix", *map(str, arguments)],
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                env={**os.environ, "PYTHONUTF8": "1", "TERM": "xterm"},
                start_new_session=True,
            )
        finally:
            os.close(theirs)

    @property
    def text(self) -> str:
        """All that was shown so far, without what moves the cursor."""
        return _SIGNS.sub("", self._text)

    def type(self, line: str) -> None:
        os.write(self._ours, line.encode() + b"\r")

    def wait_for(self, text: str) -> str:
        """Return what was shown before the text, since the last call."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.text:
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} never came:\n{self.text}"
            assert self._read(left), f"{text!r} never came:\n{self.text}"
        before, _, self._text = self.text.partition(text)
        return before

    def end(self) -> int:
        """Wait for the end; return the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(max(0.0, deadline - time.monotonic())):
            assert time.monotonic() < deadline, self.text
        code = self.process.wait(PATIENCE)
        assert "Traceback" not in self.text, self.text
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
        os.close(self._ours)

    def _read(self, patience: float) -> bool:
        """Take in what is shown; return False at the end."""
        if not select.select([self._ours], [], [], patience)[0]:
            return True
        try:
            data = os.read(self._ours, 65536)
        except OSError:  # Linux: nobody has the other side any more
            return False
        if WHERE in data:
            os.write(self._ours, b"\x1b[1;1R")
        self._text += data.decode("utf-8", "replace")
        return bool(data)


@contextmanager
def at_a_terminal(*arguments: object) -> Iterator[Terminal]:
    """Start a command at a terminal; kill it at the end if it still runs."""
    terminal = Terminal(*arguments)
    try:
        yield terminal
    finally:
        terminal.close()
