"""Lines typed by a person or a pipe, while news is printed above them.

On a real terminal prompt_toolkit keeps the half-typed line below what is printed. Anywhere else
(a pipe, an editor's shell) lines are read as they come. A thread blocked in `input` would make
Python die noisily at exit, so a pipe is read below that level, and `end` need not wait for it.
"""

from __future__ import annotations

import codecs
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

__all__ = ["Console", "say"]

REFRESH = 0.5
"""Seconds between two looks at what the prompt should say."""

POLL = 0.5
"""Seconds between two chances for Ctrl-C: on Windows a wait without limit has none."""


def say(text: str = "") -> None:
    """Print in one piece: another thread's line must not come between a text and its end."""
    print(f"{text}\n", end="", flush=True)


class Console:
    """One stream of lines; `end` may be called from any thread.

    `words` returns what may be typed, whole lines: on a terminal the tab key completes them.
    """

    def __init__(self) -> None:
        self.words: Callable[[], list[str]] = list
        self.terminal = all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout))
        self.ended = threading.Event()
        self._session: Any = None
        self._reader: threading.Thread | None = None
        self._coming: queue.Queue[str | None] = queue.Queue()

    def lines(self, prompt: Callable[[], str]) -> Iterator[str]:
        """Yield what is typed until it ends; on a terminal behind a prompt."""
        yield from self._typed(prompt) if self.terminal else self._piped()

    def ask(self, question: str) -> str | None:
        """Return the next line, None if there is none any more."""
        if not self.terminal:
            say(question)
        return next(self.lines(lambda: question), None)

    def end(self) -> None:
        """Stop waiting for lines; only a stdin that is no file notices with its next line."""
        self.ended.set()
        self._coming.put(None)
        if self._session is not None and self._session.app.loop is not None:
            with suppress(RuntimeError):  # it has just ended by itself
                self._session.app.loop.call_soon_threadsafe(self._leave_prompt)

    def _leave_prompt(self) -> None:
        if self._session.app.is_running and not self._session.app.future.done():
            self._session.app.exit(exception=EOFError)

    def _typed(self, prompt: Callable[[], str]) -> Iterator[str]:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import WordCompleter
        from prompt_toolkit.patch_stdout import patch_stdout

        self._session = PromptSession(
            completer=WordCompleter(self.words, ignore_case=True, sentence=True),
            complete_while_typing=False,
            refresh_interval=REFRESH,
        )
        while not self.ended.is_set():
            try:
                with patch_stdout():
                    line = self._session.prompt(prompt)
            except EOFError:
                return
            yield line

    def _piped(self) -> Iterator[str]:
        try:
            descriptor = sys.stdin.fileno()
        except (AttributeError, OSError, ValueError):  # no input at all, or an editor's shell
            yield from self._read_shell()
            return
        if self._reader is None:
            self._reader = threading.Thread(target=self._read_file, args=(descriptor,), daemon=True)
            self._reader.start()
        while not self.ended.is_set():
            with suppress(queue.Empty):
                line = self._coming.get(timeout=POLL)
                if line is None:
                    self.ended.set()
                    return
                yield line

    def _read_file(self, descriptor: int) -> None:
        """Pass on the lines of a pipe, the last one also without its end."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = ""
        while data := _read(descriptor):
            *lines, text = (text + decoder.decode(data)).split("\n")
            for line in lines:
                self._coming.put(line.rstrip("\r"))
        if text:
            self._coming.put(text)
        self._coming.put(None)

    def _read_shell(self) -> Iterator[str]:
        for line in sys.stdin or ():
            if self.ended.is_set():
                return
            yield line.rstrip("\r\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""
