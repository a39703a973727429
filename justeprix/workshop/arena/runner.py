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

A request begins with the seconds it may take. Past them the fault is `stalled`, and the end; if
the bot is lost in C, there is no reply but the stack as `faulthandler` writes it.
"""

from __future__ import annotations

import ast
import codecs
import contextlib
import faulthandler
import io
import json
import operator
import os
import random
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any, BinaryIO, NoReturn

MEMORY = 2 << 30
"""Bytes a bot may take, where the system can hold it to that: numpy alone asks for half of it."""

LOOK, LATER = 0.02, 0.3
"""Seconds between two looks of the watch, and those that `faulthandler` waits longer."""

NAME = "__robot__"
"""What the bot's file is called as a module: not `__main__`, so a test at its end is not run."""

NOTE = "__rendu__"
"""What the function is called in the bot's file that notes where a value was returned."""

MOST_SAID = 1000
"""Characters of what a bot prints that are passed on with one move."""


MOST_TOLD = 200
"""Characters of an error or a value that are passed on."""


class Keyboard(BaseException):
    """The bot waits for somebody at the keyboard. No `except Exception` of its own hides that."""


class Wrong(Exception):
    """What `joue` gave is no guess: its fault, the line that gave it, and the value."""


class NoKeyboard(io.TextIOBase):
    """Stands in for standard input: nobody is there."""

    def readline(self, size: int = -1, /) -> NoReturn:  # type: ignore[override]
        """Say that somebody is asked, instead of waiting for ever."""
        raise Keyboard

    def read(self, size: int | None = -1, /) -> NoReturn:
        """Say the same."""
        raise Keyboard


class Printed(io.RawIOBase):
    """Stands in for standard output: keeps the start of what the bot prints, as UTF-8."""

    name = "<print>"

    def __init__(self) -> None:
        self._kept = b""

    def writable(self) -> bool:
        """Say that one may write here."""
        return True

    def close(self) -> None:
        """Stay open: the next game prints as well."""

    def write(self, data: Any, /) -> int:
        """Keep what there is room for."""
        text = bytes(data)
        self._kept += text[: MOST_SAID - len(self._kept)]
        return len(text)

    def take(self) -> str:
        """Return what was said since the last time."""
        data, self._kept = self._kept, b""
        return data.decode("utf-8", "replace")

    def as_text(self) -> io.TextIOWrapper:
        """Return it as what `print` writes to."""
        return io.TextIOWrapper(self, "utf-8", "backslashreplace", "\n", write_through=True)


class BotFile:
    """The pupil's file, and the game it plays."""

    def __init__(self, file: str) -> None:
        self.said = Printed()
        self._file = file
        self._code: CodeType | None = None
        self._play: Callable[[int, int, list[tuple[int, str]]], object] = _missing
        self._bounds = (0, 0)
        self._history: list[tuple[int, str]] = []
        self._line = 0  # of the last return

    def load(self) -> None:
        """Run the file: each game starts with it as it was written."""
        if self._code is None:
            self._code = compiled(self._file)
        output = self.said.as_text()
        sys.stdin, sys.stdout, sys.stderr = NoKeyboard(), output, output
        module = sys.modules[NAME] = ModuleType(NAME)  # dataclasses look for it there
        module.__dict__.update({"__file__": self._file, NOTE: self._note})
        exec(self._code, module.__dict__)  # noqa: S102 (a pupil's file: this is what we are for)
        self._play = module.__dict__.get("joue", _missing)
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

    @property
    def line(self) -> int:
        """Where `joue` begins in the file; 0 if it cannot be told."""
        method = type(self._play).__call__  # of an instance
        code = getattr(self._play, "__code__", None) or getattr(method, "__code__", None)
        return code.co_firstlineno if code and code.co_filename == self._file else 0

    def _note(self, line: int, value: object) -> object:
        self._line = line
        return value

    def _guess(self) -> int:
        low, high = self._bounds
        self._line = 0
        value = self._play(low, high, list(self._history))
        line = self._line if self._line and value is not None else self.line
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


def source_of(file: str) -> bytes:
    """Return the text of a file, in whatever its first bytes say it is."""
    with open(file, "rb") as stream:
        text = stream.read()
    if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as PowerShell's > writes
        return text.decode("utf-16", "replace").encode()
    return text


def compiled(file: str) -> CodeType:
    """Return the code of a file, whose returns note their lines. Raises SyntaxError."""
    text = source_of(file)
    compile(text, file, "exec", dont_inherit=True)  # some mistakes show only here
    return compile(noting(ast.parse(text, file)), file, "exec", dont_inherit=True)


def noting(tree: ast.Module) -> ast.Module:
    """Make each `return x` of line 7 `return __rendu__(7, x)`: a wrong value is told with its line.

    Without recursion: 600 `elif` are 600 levels deep.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and node.value is not None:
            name, line = ast.Name(NOTE, ast.Load()), ast.Constant(node.lineno)
            call = ast.Call(name, [line, node.value], [])
            for new in (name, line, call):
                ast.copy_location(new, node.value)
            node.value = call
    return tree


# What went wrong.


def tell(error: BaseException, file: str, start: int = 0) -> dict[str, object]:
    """Return what went wrong, and in which line of the bot's file, else in `start` (0: unknown)."""
    line = _line(error.__traceback__, file) or start
    name = type(error).__name__
    if isinstance(error, Wrong):
        kind, line, value = error.args
        return {"fault": kind, "line": line, "error": type(value).__name__, "text": _short(value)}
    if isinstance(error, SyntaxError):
        text = str(error.msg)
        if error.filename in (None, file):
            line = error.lineno or 0
        else:  # in a file that the bot imports
            text += f", dans {os.path.basename(error.filename)}, ligne {error.lineno}"
        return {"fault": "syntax", "line": line, "error": name, "text": text}
    kinds = {Keyboard: "keyboard", SystemExit: "exit", MemoryError: "memory"}
    kind = next((kinds[base] for base in type(error).__mro__ if base in kinds), "exception")
    return {"fault": kind, "line": line, "error": name, "text": _short(error, str)}


def _line(trace: TracebackType | None, file: str) -> int:
    """Return the innermost line of the file in a traceback."""
    line = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _short(value: object, show: Callable[[object], str] = repr) -> str:
    """Return a value in one short line, the same in each process."""
    try:
        text = re.sub(r" at 0x[0-9A-Fa-f]+", "", show(value))
    except BaseException:  # the pupil's own class, or a number of more digits than Python shows
        return "…"
    text = text if len(text) <= MOST_TOLD else f"{text[:MOST_TOLD]}…"
    return "".join(sign if sign.isprintable() else " " for sign in text)


class Watch:
    """A thread that ends a bot which takes too long, and tells where it was.

    It needs the interpreter for that. Of a bot that is lost in C, `faulthandler` makes an end a
    little later; it cannot read a stack that changes, and so is no good for a loop in Python.
    """

    def __init__(self, file: str, said: Printed, replies: BinaryIO) -> None:
        self._file, self._said, self._replies = file, said, replies
        self._lock = threading.Lock()
        self._ends_at = float("inf")
        threading.Thread(target=self._run, daemon=True).start()

    def begin(self, patience: float) -> None:
        """Give the bot so many seconds from now on."""
        faulthandler.dump_traceback_later(patience + LATER, exit=True, file=self._replies.fileno())
        self._ends_at = time.monotonic() + patience

    def end(self) -> None:
        """Note that the bot is done."""
        with self._lock:
            self._ends_at = float("inf")
        faulthandler.cancel_dump_traceback_later()

    def _run(self) -> None:
        main = threading.main_thread().ident
        while True:
            time.sleep(LOOK)
            with self._lock:
                if time.monotonic() > self._ends_at:
                    self._stop(sys._current_frames().get(main or 0))

    def _stop(self, frame: FrameType | None) -> None:
        while frame is not None and frame.f_code.co_filename != self._file:
            frame = frame.f_back
        line = frame.f_lineno if frame else 0
        reply = {"fault": "stalled", "line": line, "said": self._said.take()}
        self._replies.write(json.dumps(reply).encode() + b"\n")
        os._exit(1)


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
    sys.path.insert(0, os.path.dirname(file))
    limit_memory()
    bot = BotFile(file)
    watch = Watch(file, bot.said, replies)
    actions: dict[str, Callable[..., object]] = {
        "load": bot.load,
        "game": bot.begin,
        "answer": bot.go_on,
    }
    for line in requests:
        patience, action, *arguments = json.loads(line)
        watch.begin(patience)
        began = time.perf_counter()
        try:
            reply: dict[str, object] = {"number": actions[action](*arguments)}
        except BaseException as error:  # whatever a pupil's file may raise
            reply = tell(error, file, bot.line)
        reply["seconds"] = time.perf_counter() - began
        watch.end()
        reply["said"] = bot.said.take()
        replies.write(json.dumps(reply).encode() + b"\n")
    os._exit(0)  # nobody is there any more: no thread of the bot's holds us up


if __name__ == "__main__":
    main(sys.argv[1])
