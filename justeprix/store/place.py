"""Where a game file is: each state that a place can be in, and the sentence for it.

All of it is looked at before SQLite opens the file: a FIFO would hang, and a read-only file
would fail only at the first guess.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from justeprix.errors import StoreError
from justeprix.private import close_to_others, create, make_folder

__all__ = ["BESIDE", "MAGIC", "expanded", "readable", "writable"]

BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite writes beside a file, with the mode of the file."""

MAGIC = b"SQLite format 3\0"
"""How every SQLite file begins that is not empty."""

OTHER = "choisis --db AUTRE ou --db :memory:"


def expanded(name: str | Path) -> Path:
    """Return the path that a name means, with `~` read as a shell would. Raises StoreError."""
    if not str(name).strip() or "\0" in str(name):
        raise StoreError("--db demande le nom d'un fichier : donne-le, ou enlève --db")
    try:
        return Path(name).expanduser()
    except RuntimeError as error:
        raise StoreError(f"{name} : personne de ce nom sur cette machine ; {OTHER}") from error


def readable(path: Path) -> Path:
    """Return the one true path of a file that is there and can be read. Raises StoreError."""
    real, status = _looked_at(path)
    if status is None:
        raise StoreError(f"aucune partie n'est gardée dans {path} : choisis --db FICHIER")
    if not os.access(real, os.R_OK):
        raise StoreError(f"tu n'as pas le droit de lire {path} : choisis --db FICHIER")
    return real


def writable(path: Path) -> Path:
    """Return the one true path of a file, made if there is none, that only its user may read.

    Two names of one file, through links, have the same. Raises StoreError.
    """
    real, status = _looked_at(path)
    try:
        if status is None:
            make_folder(real.parent)
        if not os.access(real.parent, os.W_OK | os.X_OK):
            raise StoreError(
                f"tu n'as pas le droit d'écrire dans le dossier de {path}, et la partie y garde"
                f" aussi ce qu'elle note en chemin : {OTHER}"
            )
        if status is None:
            create(real)
    except OSError as error:
        raise StoreError(_because(path, error)) from error
    if not os.access(real, os.R_OK | os.W_OK):
        raise StoreError(f"{path} est en lecture seule : rends-le modifiable, ou {OTHER}")
    if status is not None and status.st_nlink > 1:
        # SQLite would keep a log beside each name, and each would ruin what the other wrote.
        raise StoreError(f"{path} a deux noms (un lien physique) : copie-le, ou {OTHER}")
    for file in (real, *(Path(f"{real}{end}") for end in BESIDE)):
        close_to_others(file)
    return real


def _looked_at(path: Path) -> tuple[Path, os.stat_result | None]:
    """Return the true path, and what is there; None: nothing. Raises StoreError."""
    try:
        real = Path(os.path.realpath(path))
        status = real.stat()
    except FileNotFoundError:
        return real, None
    except (OSError, ValueError) as error:
        raise StoreError(_because(path, error)) from error
    if stat.S_ISDIR(status.st_mode):
        raise StoreError(f"{path} est un dossier : nomme un fichier dedans, ou {OTHER}")
    if not stat.S_ISREG(status.st_mode):
        raise StoreError(f"{path} n'est pas un fichier ordinaire : {OTHER}")
    if status.st_size and os.access(real, os.R_OK):
        with real.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise StoreError(
                    f"{path} n'est pas un fichier de justeprix, ou il est abîmé : {OTHER}"
                )
    return real, status


REASONS: dict[type[Exception], str] = {
    NotADirectoryError: "un dossier de ce chemin n'en est pas un",
    PermissionError: "tu n'en as pas le droit",
}


def _because(path: Path, error: Exception) -> str:
    reason = REASONS.get(type(error)) or getattr(error, "strerror", None) or str(error)
    return f"impossible d'utiliser {path} ({reason}) : {OTHER}"
