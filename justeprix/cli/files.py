"""The files of the commands: where games are kept, how results are written and read, as what."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from justeprix.errors import ResultsError
from justeprix.private import close_to_others, create
from justeprix.results.report import Report
from justeprix.store import Store, open_store

__all__ = [
    "Format",
    "default_file",
    "deliver",
    "format_of",
    "kept",
    "read",
    "reason",
    "report_of",
    "write",
]


class Format(StrEnum):
    """What results can be written as: the keys of every table of formats."""

    table = "table"
    csv = "csv"
    json = "json"
    svg = "svg"


def default_file() -> Path:
    """Return the file in which this user's games are kept."""
    from platformdirs import user_data_path

    folder = user_data_path("justeprix", appauthor=False)
    close_to_others(folder)
    return folder / "justeprix.db"


@contextmanager
def kept(db: str | None) -> Iterator[Store]:
    """Open a file of games that exists: looking for results must not make an empty one."""
    store = open_store(default_file() if db is None else db, reading=True)
    try:
        yield store
    finally:
        store.close()


def report_of(store: Store, id: int) -> Report:
    """Return a competition of the file. Raises ResultsError if it is not there."""
    # SQLite knows no larger number, and would say so with an exception of its own.
    report = store.report(id) if abs(id) < 1 << 63 else None
    if report is None:
        raise ResultsError(
            f"la compétition {id} n'est pas dans ce fichier : justeprix results montre celles"
            " qui y sont"
        )
    return report


def format_of(output: Path | None) -> Format:
    """Return the format that the end of a file's name tells. Raises ResultsError if it does not."""
    ending = output.suffix.lower() if output else ".txt"
    if ending == ".txt":
        return Format.table
    try:
        return Format(ending[1:])
    except ValueError:
        known = ", ".join(f".{format}" for format in Format if format is not Format.table)
        raise ResultsError(
            f"quel format pour {output} ? Choisis --format, ou un nom qui finit par .txt, {known}"
        ) from None


def deliver(text: str, format: Format, output: Path | None, *, private: bool = False) -> None:
    """Write results to a file, or to standard output.

    A table there is text for whoever reads the screen; the others are files, also through a pipe.
    """
    if output is None and format is Format.table:
        print(text, end="")
    else:
        write(text, output, private=private)


def write(text: str, file: str | Path | None, *, private: bool = False) -> None:
    """Write an export as UTF-8, byte for byte the same on every system; None: standard output.

    `private`: only its user may read it.
    """
    try:
        if file is None:
            sys.stdout.buffer.write(text.encode())
            sys.stdout.flush()
        else:
            if private:
                create(Path(file))
                close_to_others(Path(file))
            Path(file).write_bytes(text.encode())
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        where = file or "sur la sortie"
        raise ResultsError(f"impossible d'écrire {where} : {reason(error)}") from error


def read(file: str) -> str:
    """Return the text of a file, or of standard input for `-`."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode("utf-8-sig")  # an editor on Windows may have put a BOM there
    except UnicodeDecodeError as error:
        raise ResultsError(f"{file} n'est pas un texte en UTF-8") from error
    except (OSError, ValueError) as error:
        raise ResultsError(f"impossible de lire {file} : {reason(error)}") from error


REASONS: dict[type[Exception], str] = {
    FileNotFoundError: "ce chemin n'existe pas",
    IsADirectoryError: "c'est un dossier",
    NotADirectoryError: "un dossier de ce chemin n'en est pas un",
    PermissionError: "tu n'en as pas le droit",
}


def reason(error: Exception) -> str:
    """Say in French why a file could not be used."""
    return REASONS.get(type(error), str(error))
