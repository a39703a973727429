"""A pupil's bot as we see it: a process of its own that is asked for guesses, and watched.

with BotProcess(Path("mon_bot.py")) as bot:
    move = bot.begin(Bounds(1, 100), "7")
    move = bot.go_on(move.number, "plus")
"""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, Self

from justeprix.errors import BotError
from justeprix.game.secret import Bounds
from justeprix.programs import kill, start
from justeprix.protocol.words import printable
from justeprix.workshop import LIMIT
from justeprix.workshop.arena import runner
from justeprix.workshop.arena.faults import BotFault, Kind

__all__ = ["LONGEST", "BotProcess", "Proposal"]

GRACE = 1.0
"""Seconds after which a bot is killed that should have ended itself."""

LONGEST = 1000
"""Guesses after which a game is lost; with fewer numbers than that, as many as there are numbers:
who tries one after the other is done by then."""

MOST_SAID = 2000
"""Characters kept of what a bot prints."""

FIRST_RUN = 5.0
"""Seconds for Python to be up and the file to run once: it may import what is slow."""

STACK = b"Timeout"
"""How `faulthandler` begins."""

WATCH = 0.2
"""Seconds between two looks at whether a bot is overdue."""


class Proposal(NamedTuple):
    """What a bot proposes, and the seconds it took to think."""

    number: int
    seconds: float


class BotProcess:
    """One file, one process; started by `begin` when it does not run, killed by `close`.

    After a fault the next game may go better: `begin` starts it again.
    """

    def __init__(self, file: Path, *, limit: float = LIMIT) -> None:
        self.file = file
        self.said = ""  # what it has printed since somebody looked
        self._limit = limit
        self._path = os.path.abspath(file)
        self._bounds = Bounds(0, 0)
        self._guesses = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._overdue_at = float("inf")
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        try:
            self.load()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def find(self) -> None:
        """Raise BotError if there is no file."""
        if not self.file.is_file():
            raise BotError(f"{printable(str(self.file))} : ce fichier n'existe pas")

    def load(self) -> None:
        """Run the file once; raises BotFault, or BotError if there is no file."""
        self.find()
        self._start()
        self._ask(max(FIRST_RUN, self._limit), "load")

    def begin(self, bounds: Bounds, seed: str) -> Proposal:
        """Start a new game; return the first guess. Raises BotFault."""
        self._bounds, self._guesses = bounds, 0
        if self._process is None:
            self.load()
        return self._guess("game", bounds.low, bounds.high, seed)

    def go_on(self, number: int, answer: str) -> Proposal:
        """Tell what the last guess got; return the next one. Raises BotFault."""
        limit = min(LONGEST, self._bounds.size)
        if self._guesses == limit:
            raise self._fault(Kind.ENDLESS, limit=limit)
        return self._guess("answer", number, answer)

    def close(self) -> None:
        """End the process; a second call does nothing."""
        self._closed.set()
        self._overdue_at = float("inf")
        process, self._process = self._process, None
        if process is not None:
            kill(process)
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # a request that nobody read
                        pipe.close()

    # The process.

    def _start(self) -> None:
        self.close()
        self._closed = threading.Event()
        self._process = start(
            [sys.executable, "-P", "-X", "utf8", runner.__file__, self._path],
            stderr=subprocess.DEVNULL,
            environment={"PYTHONHASHSEED": "0"},  # the same seed, the same game
            buffer=io.DEFAULT_BUFFER_SIZE,
        )
        watch = threading.Thread(target=self._watch, args=(self._process, self._closed))
        watch.daemon = True
        watch.start()

    def _watch(self, process: subprocess.Popen[bytes], closed: threading.Event) -> None:
        """Kill a bot that neither answers nor ends."""
        while not closed.wait(WATCH):
            if time.monotonic() > self._overdue_at:
                kill(process)
                return

    def _guess(self, *request: object) -> Proposal:
        reply = self._ask(self._limit, *request)
        self._guesses += 1
        return Proposal(reply["number"], reply["seconds"])

    def _ask(self, patience: float, *request: object) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise self._fault(Kind.GONE, code="?")
        deadline = self._overdue_at = time.monotonic() + patience + GRACE
        line = b""
        try:
            process.stdin.write(json.dumps([patience, *request]).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            reply: dict[str, Any] = json.loads(line)
            said = reply["said"]
        except (OSError, ValueError, LookupError, TypeError):  # ended, or wrote where it must not
            is_overdue = time.monotonic() > deadline or line.startswith(STACK)
            raise self._death(process, patience if is_overdue else None) from None
        self._overdue_at = float("inf")
        self.said += said[: MOST_SAID - len(self.said)]
        if reply.get("fault") == Kind.STALLED:
            raise self._stalled(patience, reply["line"])
        if "fault" in reply:
            raise self._fault(Kind(reply["fault"]), **reply)
        return reply

    def _stalled(self, patience: float, line: int) -> BotFault:
        self.close()
        limit = f"{patience:g}".replace(".", ",")
        return self._fault(Kind.STALLED, limit=limit, line=self._loop_at(line))

    def _death(self, process: subprocess.Popen[bytes], patience: float | None) -> BotFault:
        """Say why the process has ended: it was too slow for our patience, or went by itself."""
        stack = b""
        if patience is not None and process.stdout is not None:
            stack = process.stdout.read()  # up to its end, which our watch sees to
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
        self.close()
        if patience is None:
            return self._fault(Kind.GONE, code=process.returncode)
        return self._stalled(patience, self._line_in(stack))

    def _line_in(self, stack: bytes) -> int:
        """Return the innermost line of the bot's file in what faulthandler wrote, 0 if none.

        The main thread, in which the bot plays, comes last.
        """
        name = self._path.encode("ascii", "backslashreplace")
        frame = rb'  File "' + re.escape(name) + rb'", line (\d+)'
        found = re.search(frame, stack.rpartition(b"Thread ")[2])
        return int(found[1]) if found else 0

    def _loop_at(self, line: int) -> int:
        """Return where the innermost loop around a line begins, else the line.

        In which of its lines the time ran out is chance; the loop is what to look at.
        """
        try:
            tree = ast.parse(runner.source_of(self._path))
        except (OSError, SyntaxError, ValueError, RecursionError):  # it has changed meanwhile
            return line
        loops = (node for node in ast.walk(tree) if isinstance(node, ast.While | ast.For))
        heads = [loop.lineno for loop in loops if loop.lineno <= line <= (loop.end_lineno or 0)]
        return max(heads, default=line)

    def _fault(self, kind: Kind, **details: object) -> BotFault:
        low, high = self._bounds.low, self._bounds.high
        return BotFault(printable(self.file.name), kind, {"low": low, "high": high, **details})
