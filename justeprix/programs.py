"""A program as a group of its own: whatever it starts ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

__all__ = ["kill", "start"]


def start(
    command: Sequence[str], *, stderr: int, environment: Mapping[str, str], buffer: int = 0
) -> subprocess.Popen[bytes]:
    """Start a program with pipes to its input and output. Raises OSError if that cannot be.

    `buffer`: bytes of a pipe that are read ahead; with none, each read returns what there is.
    """
    return subprocess.Popen(  # noqa: S603 (to run a pupil's program is what was asked for)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        bufsize=buffer,
        env={**os.environ, **environment},
        start_new_session=True,  # not known on Windows, which has the flag below
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a program and what it left behind, also when it has ended by itself."""
    if not hasattr(os, "killpg"):  # Windows: a grandchild lives on
        process.kill()
        return
    with suppress(ProcessLookupError, PermissionError):  # macOS forbids it for zombies alone
        os.killpg(process.pid, signal.SIGKILL)
