"""Markdown to what stands in a page: HTML that our policy allows, with the ids that GitHub gives.

No raw HTML, no styles in attributes. What is wider than the page scrolls inside itself, and with a
keyboard too. A picture that the host has not is said in its words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

__all__ = ["Page", "render"]

SENTENCE = re.compile(r".+?[.!?…](?=\s|$)")

SIDES = {"text-align:right": "right", "text-align:center": "center"}
"""The class of a cell for what would be its style."""


class Page(NamedTuple):
    """A document: its first title and first sentence as text, and all of it as HTML."""

    title: str
    sentence: str
    html: str


class _Renderer(RendererHTML):
    """Writes tokens as HTML; a method is the way to write the tokens of its name."""

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<pre tabindex="0"><code>{escapeHtml(tokens[idx].content)}</code></pre>\n'

    code_block = fence

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return '<div class="wide" tabindex="0">\n<table>\n'

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "</table>\n</div>\n"

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        source, words = str(tokens[idx].attrs["src"]), escapeHtml(_words(tokens[idx]))
        return f'<img src="{escapeHtml(source)}" alt="{words}">' if source else words


def render(text: str, resolve: Callable[[str], str | None]) -> Page:
    """Render a document; `resolve` says where a link leads, or None for only its words.

    A picture is shown if it leads to a path of the host.
    """
    markdown = MarkdownIt("js-default", renderer_cls=_Renderer)  # tables, and no raw HTML
    tokens = markdown.parse(text)
    _name_headings(tokens)
    for token in tokens:
        token.children = token.children and list(_linked(token.children, resolve))
        if side := SIDES.get(str(token.attrs.pop("style", ""))):
            token.attrSet("class", side)
    title, sentence = _first(tokens, "heading_open"), _first(tokens, "paragraph_open")
    start = SENTENCE.match(sentence)
    html: str = markdown.renderer.render(tokens, markdown.options, {})
    return Page(title, start[0] if start else sentence, html)


def _name_headings(tokens: Sequence[Token]) -> None:
    """Give headings their ids: as GitHub makes them, the second of a name gets -1."""
    taken: Counter[str] = Counter()
    for token, inner in pairwise(tokens):
        if token.type == "heading_open":
            name = re.sub(r"[^\w\- ]", "", _words(inner).lower()).replace(" ", "-")
            token.attrSet("id", f"{name}-{taken[name]}" if taken[name] else name)
            taken[name] += 1


def _linked(tokens: Iterable[Token], resolve: Callable[[str], str | None]) -> Iterable[Token]:
    """Yield the tokens of a text, links leading where they are to lead; never one in another."""
    href: str | None = None
    for token in tokens:
        if token.type == "link_open":
            href = resolve(str(token.attrs["href"]))
            token.attrs["href"] = href or ""
        elif token.type == "image":
            source = resolve(str(token.attrs["src"])) or ""
            token.attrs["src"] = source if source.startswith("/") else ""
        if href or token.type not in ("link_open", "link_close"):
            yield token


def _first(tokens: Sequence[Token], kind: str) -> str:
    """Return the text of the first title, or the first paragraph outside of lists and quotes."""
    texts = (_words(b) for a, b in pairwise(tokens) if a.type == kind and a.level == 0)
    return next(texts, "")


def _words(inline: Token) -> str:
    """Return a text without its marks."""
    children = inline.children or []
    return "".join(" " if token.type.endswith("break") else token.content for token in children)
