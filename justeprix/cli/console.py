"""Lines typed by a person or a pipe, while news is printed above them.

On a real terminal prompt_toolkit keeps the half-typed line below what is printed. Anywhere else
(a pipe, an editor's shell) lines are read as they come. Reading stays in the main thread: a
thread blocked in a read would make Python die noisily at exit.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

__all__ = ["Console"]


class Console:
    """One stream of lines; `end` may be called from any thread."""

    def __init__(self) -> None:
        self.terminal = all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout))
        self.ended = threading.Event()
        self._session: Any = None

    def lines(self, prompt: Callable[[], str]) -> Iterator[str]:
        """Yield what is typed until it ends; on a terminal behind a prompt."""
        yield from self._typed(prompt) if self.terminal else self._piped()

    def end(self) -> None:
        """Stop waiting for lines. A pipe or a plain shell notices with its next line."""
        self.ended.set()
        if self._session is not None and self._session.app.loop is not None:
            with suppress(RuntimeError):  # it has just ended by itself
                self._session.app.loop.call_soon_threadsafe(self._leave_prompt)

    def _leave_prompt(self) -> None:
        if self._session.app.is_running and not self._session.app.future.done():
            self._session.app.exit(exception=EOFError)

    def _typed(self, prompt: Callable[[], str]) -> Iterator[str]:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.patch_stdout import patch_stdout

        self._session = PromptSession()
        while not self.ended.is_set():
            try:
                with patch_stdout():
                    line = self._session.prompt(prompt())
            except EOFError:
                return
            yield line

    def _piped(self) -> Iterator[str]:
        for line in sys.stdin or ():  # a service may have no input at all
            if self.ended.is_set():
                return
            yield line.rstrip("\r\n")
