"""A pupil's bot as we see it: a process of its own that is asked for guesses, and watched.

with Bot(Path("mon_bot.py")) as bot:
    move = bot.begin(Bounds(1, 100), "7")
    move = bot.go_on(move.number, "plus")
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple, Self

from justeprix.errors import BotError
from justeprix.game import Bounds
from justeprix.workshop import LIMIT, runner
from justeprix.workshop.faults import BotFault, Kind

__all__ = ["LONGEST", "Bot", "Guess"]

GRACE = 1.0
"""Seconds after which a bot is killed that should have ended itself."""

LONGEST = 1000
"""Guesses after which a game is lost; with fewer numbers than that, as many as there are numbers:
who tries one after the other is done by then."""

MOST_SAID = 2000
"""Characters kept of what a bot prints."""

FIRST_RUN = 5.0
"""Seconds for Python to be up and the file to run once: it may import what is slow."""

WATCH = 0.2
"""Seconds between two looks at whether a bot is overdue."""


class Guess(NamedTuple):
    """What a bot proposes, and the seconds it took to think."""

    number: int
    seconds: float


class Bot:
    """One file, one process; started by `begin` when it does not run, killed by `close`.

    After a fault the next game may go better: `begin` starts it again.
    """

    def __init__(self, file: Path, *, limit: float = LIMIT) -> None:
        self.file = file
        self.said = ""  # what it has printed since somebody looked
        self._limit = limit
        self._bounds = Bounds(0, 0)
        self._guesses = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._overdue_at = float("inf")
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        self.load()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def load(self) -> None:
        """Run the file once; raises BotFault, or BotError if there is no file."""
        if not self.file.is_file():
            raise BotError(f"{self.file} : ce fichier n'existe pas")
        self._start()
        self._ask(max(FIRST_RUN, self._limit), "load")

    def begin(self, bounds: Bounds, seed: str) -> Guess:
        """Start a new game; return the first guess. Raises BotFault."""
        self._bounds, self._guesses = bounds, 0
        if self._process is None:
            self.load()
        return self._guess("game", bounds.low, bounds.high, seed)

    def go_on(self, number: int, answer: str) -> Guess:
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
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    # The process.

    def _start(self) -> None:
        self.close()
        self._closed = threading.Event()
        self._process = subprocess.Popen(  # noqa: S603 (the pupil's own file, as asked)
            [
                *(sys.executable, "-P", "-X", "utf8", runner.__file__),
                os.path.abspath(self.file),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONHASHSEED": "0"},  # the same seed, the same game
        )
        watch = threading.Thread(target=self._watch, args=(self._process, self._closed))
        watch.daemon = True
        watch.start()

    def _watch(self, process: subprocess.Popen[bytes], closed: threading.Event) -> None:
        """Kill a bot that neither answers nor ends."""
        while not closed.wait(WATCH):
            if time.monotonic() > self._overdue_at:
                process.kill()
                return

    def _guess(self, *request: object) -> Guess:
        reply = self._ask(self._limit, *request)
        self._guesses += 1
        return Guess(reply["number"], reply["seconds"])

    def _ask(self, patience: float, *request: object) -> dict[str, Any]:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise self._fault(Kind.GONE, code="?")
        self._overdue_at = time.monotonic() + patience + GRACE
        try:
            process.stdin.write(json.dumps([patience, *request]).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        is_overdue = time.monotonic() > self._overdue_at
        self._overdue_at = float("inf")
        if not line.startswith(b"{"):
            raise self._death(process, is_overdue or line.startswith(b"Timeout"), patience)
        reply: dict[str, Any] = json.loads(line)
        self.said += reply["said"][: MOST_SAID - len(self.said)]
        if "fault" in reply:
            raise self._fault(Kind(reply["fault"]), **reply)
        return reply

    def _death(
        self, process: subprocess.Popen[bytes], is_overdue: bool, patience: float
    ) -> BotFault:
        """Say why the process has ended: it was too slow, or it went by itself."""
        stack = process.stdout.read() if process.stdout else b""
        code = process.wait()
        self.close()
        if not is_overdue:
            return self._fault(Kind.GONE, code=code)
        limit = f"{patience:g}".replace(".", ",")
        return self._fault(Kind.STALLED, limit=limit, line=self._line_in(stack))

    def _line_in(self, stack: bytes) -> int:
        """Return the innermost line of the bot's file in what faulthandler wrote, 0 if none."""
        name = os.path.basename(self.file).encode("ascii", "backslashreplace")
        found = re.search(rb'File ".*' + re.escape(name) + rb'", line (\d+)', stack)
        return int(found[1]) if found else 0

    def _fault(self, kind: Kind, **details: object) -> BotFault:
        low, high = self._bounds.low, self._bounds.high
        return BotFault(self.file.name, kind, {"low": low, "high": high, **details})
