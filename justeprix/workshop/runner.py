"""Runs a pupil's bot, in a process of its own: `python runner.py mon_bot.py`.

It is started by its path and imports nothing of ours, so that it is up in a moment and a pupil's
`random.py` beside the bot harms nobody. It never learns the secret.

Requests and replies are lines of JSON, on what were standard input and output before the bot could
get at them:

    [10, "load"]                     a first run of the file
    [2, "game", low, high, seed]     a new game: the file is run anew
    [2, "answer", number, "plus"]    what the last number got
    -> {"number": 50, "seconds": 0.00001, "said": "…"}
    -> {"fault": "exception", "line": 3, "error": "NameError", "text": "…", "said": "…"}

A request begins with the seconds it may take. Past them there is no reply, but the stack as
`faulthandler` writes it, and the end.
"""

from __future__ import annotations

import ast
import contextlib
import faulthandler
import io
import json
import operator
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from types import CodeType, TracebackType
from typing import Any, BinaryIO, NoReturn

MEMORY = 2 << 30
"""Bytes a bot may take, where the system can hold it to that: numpy alone asks for half of it."""

NOTE = "__rendu__"
"""What the function is called in the bot's file that notes where a value was returned."""

MOST_SAID = 1000
"""Characters of what a bot prints that are passed on with one move."""


MOST_TOLD = 200
"""Characters of an error or a value that are passed on."""


class Keyboard(Exception):
    """The bot waits for somebody at the keyboard."""


class Wrong(Exception):
    """What `joue` gave is no guess: its fault, the line that gave it, and the value."""


class Returns(ast.NodeTransformer):
    """Has each `return` note its line: a wrong value can then be told with it."""

    def visit_Return(self, node: ast.Return) -> ast.Return:
        """Make `return x` of line 7 `return __rendu__(7, x)`."""
        self.generic_visit(node)
        if node.value is not None:
            name, line = ast.Name(NOTE, ast.Load()), ast.Constant(node.lineno)
            call = ast.Call(name, [line, node.value], [])
            node.value = ast.fix_missing_locations(ast.copy_location(call, node.value))
        return node


class NoKeyboard(io.TextIOBase):
    """Stands in for standard input: nobody is there."""

    def readline(self, size: int = -1, /) -> NoReturn:  # type: ignore[override]
        """Say that somebody is asked, instead of waiting for ever."""
        raise Keyboard

    def read(self, size: int | None = -1, /) -> NoReturn:
        """Say the same."""
        raise Keyboard


class Said(io.TextIOBase):
    """Stands in for standard output: keeps the start of what the bot prints."""

    def __init__(self) -> None:
        self.text = ""

    def writable(self) -> bool:
        """Say that one may write here."""
        return True

    def write(self, text: str, /) -> int:
        """Keep what there is room for."""
        self.text += text[: MOST_SAID - len(self.text)]
        return len(text)

    def take(self) -> str:
        """Return what was said since the last time."""
        text, self.text = self.text, ""
        return text


class Bot:
    """The pupil's file, and the game it plays."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._code: CodeType | None = None
        self._play: Callable[[int, int, list[tuple[int, str]]], object] = _missing
        self._bounds = (0, 0)
        self._history: list[tuple[int, str]] = []
        self._line = 0

    def load(self) -> None:
        """Run the file: each game starts with it as it was written."""
        if self._code is None:
            self._code = self._compiled()
        module: dict[str, Any] = {"__name__": "robot", "__file__": self._file, NOTE: self._note}
        exec(self._code, module)  # noqa: S102 (running a pupil's file is what this is for)
        self._play = module.get("joue", _missing)
        if self._play is _missing or not callable(self._play):
            _missing()

    def begin(self, low: int, high: int, seed: str) -> int:
        """Start a game; return the first guess."""
        random.seed(seed)
        self.load()
        self._bounds, self._history = (low, high), []
        return self._guess()

    def go_on(self, number: int, answer: str) -> int:
        """Take in what the last guess got; return the next one."""
        self._history.append((number, answer))
        return self._guess()

    def _compiled(self) -> CodeType:
        with open(self._file, "rb") as source:
            text = source.read()
        compile(text, self._file, "exec", dont_inherit=True)  # some mistakes show only here
        tree = Returns().visit(ast.parse(text, self._file))
        return compile(tree, self._file, "exec", dont_inherit=True)

    def _note(self, line: int, value: object) -> object:
        self._line = line
        return value

    def _guess(self) -> int:
        low, high = self._bounds
        value = self._play(low, high, list(self._history))
        code = getattr(self._play, "__code__", None)
        line = self._line if value is not None or code is None else code.co_firstlineno
        if isinstance(value, bool):
            raise Wrong("type", line, value)
        try:
            number = operator.index(value)  # type: ignore[arg-type]
        except TypeError:
            raise Wrong("type", line, value) from None
        if not low <= number <= high:
            raise Wrong("bounds", line, number)
        return number


def _missing(*_: object) -> NoReturn:
    raise Wrong("missing", 0, None)


def tell(error: BaseException, file: str) -> dict[str, object]:
    """Return what went wrong, and in which line of the bot's file (0: in none)."""
    line = _line(error.__traceback__, file)
    if isinstance(error, Wrong):
        kind, line, value = error.args
        return {"fault": kind, "line": line, "error": type(value).__name__, "text": _short(value)}
    if isinstance(error, SyntaxError):
        line = (error.lineno or 0) if error.filename == file else line
        text = f"{error.msg} : {os.path.basename(error.filename or '')}"
        text = error.msg if error.filename == file else text
        return {"fault": "syntax", "line": line, "error": type(error).__name__, "text": text}
    kinds = {Keyboard: "keyboard", SystemExit: "exit", MemoryError: "memory"}
    kind = next((kinds[base] for base in type(error).__mro__ if base in kinds), "exception")
    return {"fault": kind, "line": line, "error": type(error).__name__, "text": _short(error, str)}


def _line(trace: TracebackType | None, file: str) -> int:
    """Return the innermost line of the file in a traceback."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _short(value: object, show: Callable[[object], str] = repr) -> str:
    try:
        text = show(value)
    except BaseException:  # the pupil's own class, or a number of more digits than Python shows
        return "…"
    return text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD]}…"


def limit_memory() -> None:
    """Have a bot that asks for too much get a MemoryError, where the system can do that."""
    try:
        import resource
    except ImportError:  # Windows: the time limit is all there is
        return
    with contextlib.suppress(OSError, ValueError):  # macOS may not want to
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))


def take_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep the two pipes for us; what the bot reads and prints goes nowhere."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    return requests, replies


def main(file: str) -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us
    requests, replies = take_streams()
    said = Said()
    sys.stdin, sys.stdout, sys.stderr = NoKeyboard(), said, said
    sys.path.insert(0, os.path.dirname(file))
    limit_memory()
    bot = Bot(file)
    actions: dict[str, Callable[..., object]] = {
        "load": bot.load,
        "game": bot.begin,
        "answer": bot.go_on,
    }
    for line in requests:
        patience, action, *arguments = json.loads(line)
        faulthandler.dump_traceback_later(patience, exit=True, file=replies.fileno())
        began = time.perf_counter()
        try:
            reply: dict[str, object] = {"number": actions[action](*arguments)}
        except BaseException as error:  # whatever a pupil's file may raise
            reply = tell(error, file)
        reply["seconds"] = time.perf_counter() - began
        faulthandler.cancel_dump_traceback_later()
        reply["said"] = said.take()
        replies.write(json.dumps(reply).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
