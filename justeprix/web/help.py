"""The help: the documents of `docs/` and `rules.md`, as pages under /aide.

They are read and rendered when somebody first asks for one, all at once, and then kept.
"""

from __future__ import annotations

import posixpath
import re
import threading
from collections.abc import Callable
from html import escape
from importlib import resources
from importlib.resources.abc import Traversable
from string import Template
from typing import TYPE_CHECKING

from justeprix.web.answers import FOLDER, Answer

if TYPE_CHECKING:
    from justeprix.web.markdown import Page

__all__ = ["Help"]

PACKAGE = resources.files("justeprix")

DOCS = "justeprix/docs"
RULES = "rules.md"

ORDER = (
    *("eleve", "professeur", "atelier", "heberger"),
    *("regles", "promesses", "vitesse", "nouveautes"),
)
"""The pages in the order of who comes to read; another comes after them."""

TITLE = "Aide"

ELSEWHERE = re.compile(r"[a-z]+:|#", re.IGNORECASE)
"""How a link begins that is no path."""


class Help:
    """The pages and their pictures, by name; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()  # a whole class may ask at once: one thread renders
        self._answers: dict[str, Answer] = {}

    def answer(self, name: str | None) -> Answer | None:
        """Return a page, or the list of all for None; None if there is nothing of that name."""
        with self._lock:
            self._answers = self._answers or _answers(_files())
        return self._answers.get(name or "")


def _files() -> dict[str, Traversable]:
    """Return the documents and pictures that are here, each under its path in the repository.

    A wheel holds the rules among the others; in a checkout they lie beside the package.
    """
    folder = PACKAGE / "docs"
    files = list(folder.iterdir()) if folder.is_dir() else []
    found = {f"{DOCS}/{file.name}": file for file in files if file.name.endswith((".md", ".svg"))}
    rules = found.pop(f"{DOCS}/{RULES}", PACKAGE / ".." / RULES)
    return found | ({RULES: rules} if rules.is_file() else {})


def _answers(files: dict[str, Traversable]) -> dict[str, Answer]:
    """Return all as it is sent, by name; the list of the pages under no name."""
    from justeprix.web.markdown import render  # what it imports is for readers only

    names = {path: _name(path) for path in files}
    pages: dict[str, Page] = {}
    answers: dict[str, Answer] = {}
    frame = Template(FOLDER.joinpath("help.html").read_text(encoding="utf-8"))
    for path, file in sorted(files.items(), key=lambda item: _rank(names[item[0]])):
        name = names[path]
        if path.endswith(".md"):
            pages[name] = render(file.read_text(encoding="utf-8"), _resolver(path, names))
            answers[name] = _page(frame, pages[name].title, pages[name].html)
        else:
            answers[name] = Answer(200, "svg", file.read_bytes())
    return {"": _page(frame, TITLE, _list(pages)), **answers}


def _name(path: str) -> str:
    return "regles" if path == RULES else posixpath.basename(path).removesuffix(".md")


def _rank(name: str) -> tuple[int, str]:
    return ORDER.index(name) if name in ORDER else len(ORDER), name


def _resolver(path: str, names: dict[str, str]) -> Callable[[str], str | None]:
    """Return where the links of a document lead: to pages, away, or nowhere."""

    def resolve(target: str) -> str | None:
        if ELSEWHERE.match(target):
            return target
        file, mark, anchor = target.partition("#")
        name = names.get(posixpath.normpath(posixpath.join(posixpath.dirname(path), file)))
        return name and f"/aide/{name}{mark}{anchor}"

    return resolve


def _page(frame: Template, title: str, body: str) -> Answer:
    return Answer(200, "html", frame.substitute(title=escape(title), body=body).encode())


def _list(pages: dict[str, Page]) -> str:
    items = (
        f'<li><a href="/aide/{name}">{escape(page.title)}</a><br>{escape(page.sentence)}</li>\n'
        for name, page in pages.items()
    )
    return f'<h1>{TITLE}</h1>\n<ul id="pages">\n{"".join(items)}</ul>\n'
