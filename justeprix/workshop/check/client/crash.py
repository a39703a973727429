"""Why a Python program stopped, read from what it wrote on its stderr."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = ["Crash", "find_crash"]

MESSAGE = 160
"""Signs of an error's message that are told."""

LIBRARIES = {"lib", "lib64", "Lib", "site-packages"}
"""Folders of a virtual environment that may lie beside the pupil's file: none of their code."""

_FRAME = re.compile(r'^ +File "(?P<file>.+)", line (?P<line>[0-9]+)', re.MULTILINE)
_ERROR = re.compile(r"^(?P<kind>[A-Za-z_][\w.]*)(?:: (?P<text>.*))?$", re.MULTILINE)
_BLOCK = re.compile(r"^Traceback \(most recent call last\):\n", re.MULTILINE)
_CHAINED = re.compile(r"^(During handling of|The above exception was)", re.MULTILINE)
_IGNORED = re.compile(r"^Exception ignored .*(?:\n(?:Traceback|[ ]).*)*\n.*", re.MULTILINE)


class Crash(NamedTuple):
    """An exception that nobody caught: `file` and `line` are the pupil's, if any is."""

    kind: str
    text: str
    file: str
    line: int
    in_thread: bool

    def __str__(self) -> str:
        """Return where and what, as in `ligne 12 de mon_client.py : ValueError: …`."""
        where = f"ligne {self.line} de {self.file} : " if self.line else ""
        return f"{where}{self.kind}{': ' if self.text else ''}{self.text}"


def find_crash(stderr: str, folders: Sequence[str]) -> Crash | None:
    """Return the first exception nobody caught; its line is the last one in a file of `folders`."""
    stderr = _IGNORED.sub("", stderr.replace("\r\n", "\n"))
    in_thread = False
    for block in _BLOCK.split(stderr):
        first = _FRAME.search(block)
        error = _ERROR.search(block, first.end()) if first else None
        if first is None or error is None:
            in_thread |= "Exception in thread" in block  # it is said before the first block
            continue
        if _CHAINED.search(block):
            continue  # the next block tells what came of it
        frames = _FRAME.finditer(block, first.start(), error.start())
        return _crash(
            error, [frame for frame in frames if _within(frame["file"], folders)], in_thread
        )
    return None


def _crash(error: re.Match[str], own: Sequence[re.Match[str]], in_thread: bool) -> Crash:
    file, line = (Path(own[-1]["file"]).name, int(own[-1]["line"])) if own else ("", 0)
    kind = error["kind"].rpartition(".")[2]
    return Crash(kind, (error["text"] or "")[:MESSAGE], file, line, in_thread)


def _within(file: str, folders: Sequence[str]) -> bool:
    real = os.path.realpath(file)
    for folder in folders:
        if real.startswith(os.path.join(folder, "")):
            return not LIBRARIES.intersection(Path(os.path.relpath(real, folder)).parts)
    return False
