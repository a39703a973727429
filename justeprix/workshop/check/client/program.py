"""A pupil's program as a process: started, typed to, listened to, and ended with all it started."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from justeprix.errors import CheckError
from justeprix.programs import kill, start
from justeprix.workshop.check.client.crash import Crash, find_crash

__all__ = ["Program"]

KEPT = 1 << 16
"""Bytes of its output that are kept, the last ones: one that prints for ever fills no memory."""

MOST_TYPED = 4000
"""Bytes typed at most: what nobody reads must fit in the pipe, which holds 4096 on Windows."""

KILL_TIME = 2.0
"""Seconds in which a killed process is gone, and its pipes with it."""

SETTLE = 0.3
"""Seconds in which the last words of an ended program are read; a child of it may hold the pipe."""


class Program:
    """Starts at once; a context manager that ends it. Raises CheckError if it cannot start."""

    def __init__(self, command: Sequence[str], **environment: str) -> None:
        self._folders = _folders(command)
        self._typed = 0
        try:
            self._process = start(command, stderr=subprocess.PIPE, environment=environment)
        except OSError as error:
            raise CheckError(f"impossible de lancer {command[0]} ({error.strerror})") from error
        self._output = _Tail(self._process.stdout)
        self._errors = _Tail(self._process.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        kill(self._process)
        with suppress(subprocess.TimeoutExpired):  # the system holds it: nothing more to do
            self._process.wait(KILL_TIME)
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        self._output.close()
        self._errors.close()

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    @property
    def last_line(self) -> str:
        """The last line it wrote, on stderr rather than stdout; call it once it has ended."""
        self._errors.join(SETTLE)
        self._output.join(SETTLE)
        lines = (self._errors.text.strip() or self._output.text.strip()).splitlines()
        return lines[-1] if lines else ""

    @property
    def crash(self) -> Crash | None:
        """The exception that ended it, or one of its threads."""
        if self.code is not None:
            self._errors.join(SETTLE)
        found = find_crash(self._errors.text, self._folders)
        return found if found is not None and (self.code or found.in_thread) else None

    def type(self, line: str) -> None:
        """Type a line; one that listens to nobody ignores it."""
        data = f"{line}\n".encode(errors="replace")
        self._typed += len(data)
        if self._process.stdin is not None and self._typed <= MOST_TYPED:
            with suppress(OSError, ValueError):  # it has closed its ears, or ended
                self._process.stdin.write(data)


def _folders(command: Sequence[str]) -> list[str]:
    """Return where the pupil's files are: beside those that the command names, else here."""
    # Not Path.is_file(): a long `python -c …` is no name of a file, and it would raise for that.
    files = [Path(argument) for argument in command[1:] if os.path.isfile(argument)]
    return [os.path.realpath(file.parent) for file in files] or [os.path.realpath(".")]


class _Tail:
    """Reads a pipe in a thread and keeps its end."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        assert pipe is not None  # noqa: S101 (Popen was asked for one)
        self._pipe = pipe
        self._kept = b""
        # A daemon: a grandchild in a group of its own may hold the pipe for ever.
        self._thread = threading.Thread(target=self._read, name="client output", daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        return self._kept.decode(errors="replace")

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def close(self) -> None:
        self.join(KILL_TIME)
        if not self._thread.is_alive():
            self._pipe.close()

    def _read(self) -> None:
        while data := self._pipe.read(4096):
            self._kept = (self._kept + data)[-KEPT:]
