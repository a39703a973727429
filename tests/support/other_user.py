"""What an ordinary user may do, tried by root too, who may do everything."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["open_folder", "ordinary"]

NOBODY = 65534


@contextmanager
def ordinary() -> Iterator[None]:
    """Have no more rights than an ordinary user for a while."""
    if os.geteuid():
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that an ordinary user can reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="justeprix-test-"))
    folder.chmod(0o777)
    try:
        yield folder
    finally:
        folder.chmod(0o777)
        shutil.rmtree(folder)
