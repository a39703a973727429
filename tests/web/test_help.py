"""The help: documents as pages, in a checkout and in an archive; Markdown as our policy allows."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

import justeprix
from justeprix.web.help import ORDER, Help
from justeprix.web.markdown import render
from tests.support.browser import Web
from tests.support.places import ROOT


class Outline(HTMLParser):
    """What a page has: its ids, where it leads, what it loads, tags and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in ("href", "src") and value]


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with Web() as web:
        yield web


@pytest.fixture(scope="module")
def pages(web: Web) -> dict[str, Outline]:
    """All pages of the help, each under its path."""
    contents = Outline(web.get("/aide").text)
    paths = [link for link in contents.links if link.startswith("/aide/")]
    return {"/aide": contents, **{path: Outline(web.get(path).text) for path in paths}}


# The pages.


def test_every_document_has_its_page(pages: dict[str, Outline]) -> None:
    files = (ROOT / "justeprix" / "docs").glob("*.md")
    names = {"regles", *(file.stem for file in files)}
    assert pages.keys() == {"/aide", *(f"/aide/{name}" for name in names)}


def test_they_are_in_the_order_of_who_reads(pages: dict[str, Outline]) -> None:
    names = [path.removeprefix("/aide/") for path in pages if path != "/aide"]
    assert names == sorted(names, key=lambda n: (ORDER.index(n) if n in ORDER else len(ORDER), n))


def test_they_come_as_every_page(web: Web, pages: dict[str, Outline]) -> None:
    player = web.get("/")
    for path in pages:
        reply = web.get(path)
        assert reply.status == 200
        same = [pair for pair in player.headers if pair[0] != "content-length"]
        assert [pair for pair in reply.headers if pair[0] != "content-length"] == same
        assert reply.text.startswith('<!doctype html>\n<html lang="fr">')


def test_whatever_they_lead_to_is_there(web: Web, pages: dict[str, Outline]) -> None:
    for path, page in pages.items():
        for link in page.links:
            if re.match("https?:", link):
                continue
            target, _, anchor = link.partition("#")
            if target and target not in pages:
                assert web.get(target).status == 200, f"{path} leads to {link}"
            if anchor:
                assert unquote(anchor) in pages[target or path].ids, f"{path} leads to {link}"


def test_nothing_in_them_is_against_the_policy(pages: dict[str, Outline]) -> None:
    for path, page in pages.items():
        assert not page.tags & {"script", "style", "iframe", "form"}, path
        assert not {name for name in page.attributes if name == "style" or name.startswith("on")}
        assert len(page.ids) == len(set(page.ids)), path


def test_pictures_among_the_documents_are_served(web: Web, pages: dict[str, Outline]) -> None:
    shown = {link for page in pages.values() for link in page.links}
    for file in (ROOT / "justeprix" / "docs").glob("*.svg"):
        reply = web.get(f"/aide/{file.name}")
        assert (reply["Content-Type"], reply.body) == ("image/svg+xml", file.read_bytes())
        assert f"/aide/{file.name}" in shown


def test_a_slash_behind_it_does_no_harm(web: Web) -> None:
    assert web.get("/aide/").text == web.get("/aide").text
    assert web.get("/aide/eleve/").text == web.get("/aide/eleve").text


@pytest.mark.parametrize(
    "path", ["/aide//", "/aide/rien", "/aide/rules.md", "/aide/../aide", "/aides"]
)
def test_other_names_are_not_there(web: Web, path: str) -> None:
    assert web.get(path).status == 404


def test_pages_are_made_once(web: Web) -> None:
    answers = web.site.contents.help
    assert answers.answer("regles") is answers.answer("regles")


@pytest.mark.parametrize("page", ["player.html", "remote.html"])
def test_the_help_is_a_link_away(page: str) -> None:
    text = (ROOT / "justeprix" / "web" / "pages" / page).read_text(encoding="utf-8")
    assert re.search(r'<a href="/aide" target="_blank" rel="noopener">Aide\b', text)


def run(program: str, *before: str) -> str:
    done = subprocess.run(
        [sys.executable, *before, "-c", program], capture_output=True, encoding="utf-8", cwd=ROOT
    )
    assert done.stderr == ""
    return done.stdout


def test_what_renders_is_imported_by_the_first_who_asks() -> None:
    assert (
        run(
            "import sys; from justeprix.web.site import Site; from justeprix.web.help import Help\n"
            "pages = Help(); print('markdown_it' in sys.modules)\n"
            "pages.answer(None); print('markdown_it' in sys.modules)"
        )
        == "False\nTrue\n"
    )


# In an archive.


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """What a wheel holds, by what `pyproject.toml` says of it."""
    file = tmp_path / "justeprix.pyz"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    with zipfile.ZipFile(file, "w") as target:
        for package in wheel["packages"]:
            for path in (ROOT / package).rglob("*"):
                if path.is_file() and "__pycache__" not in path.parts:
                    target.write(path, path.relative_to(ROOT))
        for source, place in wheel["force-include"].items():
            target.write(ROOT / source, place)
        target.writestr("__main__.py", "import justeprix.__main__")
    return file


def test_an_archive_says_its_version(archive: Path) -> None:
    done = subprocess.run(
        [sys.executable, archive, "--version"], capture_output=True, encoding="utf-8"
    )
    assert (done.stdout, done.stderr) == (f"justeprix {justeprix.__version__}\n", "")


def test_an_archive_has_the_same_pages(archive: Path) -> None:
    shown = run(
        f"import sys; sys.path.insert(0, {str(archive)!r}); import justeprix\n"
        f"assert justeprix.__file__.startswith({str(archive)!r})\n"
        "from justeprix.web.help import Help\n"
        "sys.stdout.reconfigure(encoding='utf-8', newline='\\n')\n"
        "print(Help().answer(None).body.decode(), Help().answer('regles').body.decode())"
    )
    here = Help()
    contents, rules = here.answer(None), here.answer("regles")
    assert contents
    assert rules
    assert shown == f"{contents.body.decode()} {rules.body.decode()}\n"


def test_what_is_installed_has_the_documents() -> None:
    """The wheel as it was built; a checkout that is installed as such lists none of our files."""
    files = {file.as_posix() for file in importlib.metadata.files("justeprix") or ()}
    documents = {f"justeprix/docs/{file.name}" for file in (ROOT / "justeprix/docs").glob("*.md")}
    assert "justeprix/__init__.py" not in files or files >= documents | {"justeprix/docs/rules.md"}


# Markdown.


def html(text: str) -> str:
    return render(text, lambda target: None if target == "nowhere" else f"to:{target}").html


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("## Un titre simple", "un-titre-simple"),
        ("## Les codes d'erreur", "les-codes-derreur"),
        ("## Ce qui est promis, et à qui", "ce-qui-est-promis-et-à-qui"),
        ("## `justeprix host` : **tout**", "justeprix-host--tout"),
        ("## 0.1.0 — [la première](x)", "010--la-première"),
        ("## snake_case & tiret-", "snake_case--tiret-"),
    ],
)
def test_headings_have_the_ids_of_github(heading: str, name: str) -> None:
    assert f'<h2 id="{name}">' in html(heading)


def test_headings_of_one_name_have_ids_of_their_own() -> None:
    assert Outline(html("# Avant\n## Après\n# Avant\n### Avant")).ids == [
        *("avant", "après", "avant-1", "avant-2")
    ]


def test_html_is_shown_and_not_meant() -> None:
    text = html('<script>alert(1)</script>\n\n<b onclick="x">gras</b> `<i>`\n\n```\n<u>\n```')
    assert Outline(text).tags == {"p", "code", "pre"}
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("target", ["javascript:alert(1)", "data:text/html,x", "file:///etc"])
def test_a_link_that_runs_is_none(target: str) -> None:
    assert "<a" not in html(f"[mot]({target})")


def test_links_lead_where_they_are_to_lead() -> None:
    assert html("[**un**](a.md#x) et [deux](nowhere)") == (
        '<p><a href="to:a.md#x"><strong>un</strong></a> et deux</p>\n'
    )


@pytest.mark.parametrize("source", ["a.png", "nowhere", "https://example.org/a.png"])
def test_a_picture_that_is_not_here_is_its_words(source: str) -> None:
    assert html(f"![Un *téléphone* & co]({source})") == "<p>Un téléphone &amp; co</p>\n"


def test_a_picture_that_is_here_is_shown() -> None:
    shown = render('!["Un" `coup`](a.svg)', lambda target: f"/aide/{target}").html
    assert shown == '<p><img src="/aide/a.svg" alt="&quot;Un&quot; coup"></p>\n'


def test_what_is_wide_scrolls_inside_itself_for_a_keyboard_too() -> None:
    table = html("| a | b |\n|--:|:-:|\n| 1 | 2 |")
    assert table.startswith('<div class="wide" tabindex="0">\n<table>')
    assert '<td class="right">1</td>\n<td class="center">2</td>' in table
    assert html("```sh\nls\n```") == '<pre tabindex="0"><code>ls\n</code></pre>\n'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("# T\n\nUne phrase `x` **et\nsa** suite. Une autre.", "Une phrase x et sa suite."),
        ("# T\n\n- une liste\n\nOui ? Non.", "Oui ?"),
        ("# T\n\nLa version 0.1.0 est là", "La version 0.1.0 est là"),
        ("# T", ""),
    ],
)
def test_the_first_sentence_is_found(text: str, sentence: str) -> None:
    page = render(text, str)
    assert (page.title, page.sentence) == ("T", sentence)
