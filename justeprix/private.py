"""Files and folders that only their user may read, whatever the umask.

On Windows modes say nothing of who may read: the folder of the user is closed to others already.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["close_to_others", "create", "make_folder"]

FILE, FOLDER = 0o600, 0o700


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing. Raises OSError."""
    missing = [folder, *folder.parents]
    for part in reversed([part for part in missing if not part.exists()]):
        part.mkdir(FOLDER, exist_ok=True)


def create(file: Path) -> None:
    """Make an empty file if there is none, and leave one that is there alone. Raises OSError."""
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE))
    except FileExistsError:
        return


def close_to_others(place: Path) -> None:
    """Take from others what an older version let them do with our file or folder.

    One that is not there, or is another user's, stays as it is.
    """
    if not hasattr(os, "geteuid"):  # Windows
        return
    try:
        status = place.stat()
        if status.st_uid == os.geteuid() and status.st_mode & 0o077:
            place.chmod(status.st_mode & FOLDER)
    except OSError:  # gone, or on a disk that knows no modes
        return
