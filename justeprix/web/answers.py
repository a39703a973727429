"""What can be had without a question: the files of `pages/`, read once, each under its path."""

from __future__ import annotations

from importlib import resources
from typing import NamedTuple

__all__ = ["TYPES", "Answer", "load", "preload", "sentence"]

FOLDER = resources.files("justeprix.web") / "pages"

PAGES = {"/": "player.html", "/tableau": "board.html"}
"""The pages that everybody may have; what they load is under its own name."""

TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}
"""What a file is, by the end of its name."""


class Answer(NamedTuple):
    """What a request gets: a status, what the body is (a key of TYPES), and further headers."""

    status: int
    kind: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def load(file: str, status: int = 200) -> Answer:
    """Read one file of `pages/`."""
    return Answer(status, file.rpartition(".")[2], FOLDER.joinpath(file).read_bytes())


def preload() -> dict[str, Answer]:
    """Return all that everybody may have, each under its path."""
    names = [file.name for file in FOLDER.iterdir() if not file.name.endswith(".html")]
    icon = load("favicon.svg")  # browsers ask for the other name unasked
    files = {f"/{name}": load(name) for name in names} | {"/favicon.ico": icon}
    return files | {path: load(file) for path, file in PAGES.items()}


def sentence(status: int, text: str) -> Answer:
    """Answer with one line of text."""
    return Answer(status, "txt", f"{text}\n".encode())
