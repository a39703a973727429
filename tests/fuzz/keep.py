"""Which inputs are worth keeping: the shortest few that reach all steps that all of them do."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from tests.fuzz.targets import CORPUS, TARGETS, corpus

__all__ = ["keep"]

FILES = 60
SIZE = 200

PACKAGES = ("/justeprix/", "/websockets/")


def keep(name: str, found: Path) -> int:
    """Choose from the kept corpus and the new inputs; return how many files there are now."""
    inputs = {*corpus(name), *(file.read_bytes() for file in found.glob("*"))}
    short = sorted((data for data in inputs if 0 < len(data) <= SIZE), key=lambda d: (len(d), d))
    known: set[tuple[str, int, int]] = set()
    chosen = []
    for data in short:
        reached = _reached(name, data)
        if reached - known and len(chosen) < FILES:
            known |= reached
            chosen.append(data)
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*"):
        file.unlink()
    for data in chosen:
        (folder / hashlib.sha1(data).hexdigest()[:12]).write_bytes(data)
    return len(chosen)


def _reached(name: str, data: bytes) -> set[tuple[str, int, int]]:
    """Run a target once; return the steps from line to line that it took in the packages."""
    steps: set[tuple[str, int, int]] = set()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        file = frame.f_code.co_filename
        if not any(package in file for package in PACKAGES):
            return None
        before = frame.f_lineno

        def step(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal before
            steps.add((file, before, frame.f_lineno))
            before = frame.f_lineno
            return step

        return step

    sys.settrace(trace)
    try:
        TARGETS[name].run(data)
    finally:
        sys.settrace(None)
    return steps
