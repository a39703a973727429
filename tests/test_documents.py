"""What the documents say is so: links lead somewhere, commands run, options are there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
from markdown_it import MarkdownIt
from markdown_it.token import Token
from typer.core import TyperCommand, TyperGroup

from justeprix import __version__
from justeprix.cli import app
from justeprix.web.help import ORDER
from justeprix.web.markdown import render
from tests.support.places import ROOT
from tests.support.reports import SMALL, keep
from tests.support.room import Room

TESTS = ROOT / "tests"
DOCS = ROOT / "justeprix" / "docs"

DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "justeprix").rglob("*.md"), *TESTS.rglob("*.md"))
)
FOR_USERS = [
    name for name in DOCUMENTS if name == "README.md" or name.startswith("justeprix/docs/")
]
RUN = ("README.md", "justeprix/docs/professeur.md", "justeprix/docs/eleve.md")
"""The documents whose shell blocks are typed as they stand there."""

OTHERS = {"--svg"}
"""Options of other programs that documents name: python -m tests.bench."""


@cache
def tokens(document: str) -> list[Token]:
    """Return all that a document is made of, one after the other; HTML is known for what it is."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return list(_flat(MarkdownIt("js-default", {"html": True}).parse(text)))


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


def codes(document: str) -> list[str]:
    return [token.content for token in tokens(document) if token.type == "code_inline"]


def blocks(document: str, language: str) -> list[str]:
    return [
        token.content
        for token in tokens(document)
        if token.type == "fence" and token.info.split()[:1] == [language]
    ]


# Links.


def targets(document: str) -> set[str]:
    """Return what a document points to, a link or a picture, but not what is elsewhere."""
    found = set()
    for token in tokens(document):
        found |= {str(token.attrs[name]) for name in ("href", "src") if name in token.attrs}
        if token.type.startswith("html"):
            found |= set(re.findall(r'\b(?:href|src|srcset)="([^"\s]+)', token.content))
    return {target for target in found if not re.match("[a-z]+:", target)}


@cache
def anchors(file: Path) -> set[str]:
    """Return the ids of the headings of a document; what is no document has none."""
    if file.suffix != ".md":
        return set()
    page = render(file.read_text(encoding="utf-8"), str)
    return set(re.findall(r'<h\d id="([^"]+)">', page.html))


def broken(document: str) -> list[str]:
    """Return the links of a document that lead nowhere."""
    home = ROOT / document
    lost = []
    for target in targets(document):
        path, mark, anchor = unquote(target).partition("#")
        file = (home.parent / path).resolve() if path else home
        here = file.is_relative_to(ROOT) and file.exists()
        if not here or (mark and anchor not in anchors(file)):
            lost.append(unquote(target))
    return sorted(lost)


def test_there_are_documents() -> None:
    assert {"README.md", "rules.md", *RUN} <= set(DOCUMENTS)
    assert {f"justeprix/docs/{name}.md" for name in set(ORDER) - {"regles"}} <= set(DOCUMENTS)


def test_the_first_of_them_is_short() -> None:
    assert (ROOT / "README.md").stat().st_size <= 12_000


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_anchors_and_pictures_resolve(document: str) -> None:
    assert broken(document) == []


# Commands.

BEHIND = '#!/bin/sh\nexec "{python}" "{program}" {name} "$@"\n'


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of results, of a competition that is not over."""
    file = tmp_path_factory.mktemp("kept") / "parties.db"
    keep(SMALL, file)
    return file


@pytest.fixture
def desk(tmp_path: Path, kept: Path) -> Iterator[dict[str, str]]:
    """The environment of who types at a machine where everything is installed and a host runs."""
    programs, home = tmp_path / "bin", tmp_path / "home"
    programs.mkdir()
    home.mkdir()
    for name in ("justeprix", "python"):
        file = programs / name
        file.write_text(
            BEHIND.format(python=sys.executable, program=TESTS / "support" / "typed.py", name=name)
        )
        file.chmod(0o755)
    mine = shutil.copy(kept, tmp_path / "parties.db")
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    with Room() as room:
        yield {
            **os.environ,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": path,
            "PYTHONUTF8": "1",
            "HOME": str(home),
            "KEPT": str(mine),
            "SERVER": "{}:{}".format(*room.server.address),
        }


def type_block(block: str, desk: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Type a block into a shell, in an empty folder; a game that asks for numbers gets two."""
    return subprocess.run(
        ["sh", "-e", "-c", block],
        input="50\nFIN\n",
        capture_output=True,
        encoding="utf-8",
        cwd=desk["HOME"],
        env=desk,
        timeout=120,
    )


needs_sh = pytest.mark.skipif(not shutil.which("sh"), reason="Windows has no sh")


@needs_sh
@pytest.mark.parametrize(
    "block",
    [
        pytest.param(block, id=f"{document}-{number}")
        for document in RUN
        if document in DOCUMENTS
        for number, block in enumerate(blocks(document, "sh"), 1)
    ],
)
def test_shell_blocks_run(block: str, desk: dict[str, str]) -> None:
    done = type_block(block, desk)
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


def commands(document: str) -> list[str]:
    """Return all commands of ours that a document names, in its blocks and in its text."""
    shown = [
        line.removeprefix("$ ")
        for block in blocks(document, "text")
        for line in block.splitlines()
        if line.startswith("$ justeprix")
    ]
    return [*shown, *(code for code in codes(document) if code.startswith("justeprix "))]


def parse(line: str) -> None:
    """Fail where a command is none of ours, or has an option that we have not."""
    words = shlex.split(line, comments=True)[1:]
    end = next((i for i, word in enumerate(words) if re.match("[<>|&]", word)), len(words))
    command: TyperCommand | TyperGroup = typer.main.get_command(app)
    words = words[:end]
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        name, *words = words
        assert name in command.commands, f"there is no command {name!r}"
        command = command.commands[name]
    command.make_parser(typer.Context(command)).parse_args(list(words))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_and_their_options_are_there(document: str) -> None:
    for line in commands(document):
        parse(line)


def options(command: TyperCommand | TyperGroup) -> set[str]:
    """Return the options of a command and of all below it."""
    own = {name for parameter in command.params for name in parameter.opts}
    below = command.commands.values() if isinstance(command, TyperGroup) else ()
    return own.union({"--help"}, *map(options, below))


@pytest.mark.parametrize("document", FOR_USERS)
def test_options_named_alone_are_there(document: str) -> None:
    named = {code.split()[0] for code in codes(document) if re.match("--[a-z]", code)}
    assert named <= options(typer.main.get_command(app)) | OTHERS


# The news.


def newest(text: str) -> str:
    """Return the version of the first heading that has one: what is not out yet may stand above."""
    match = re.search(r"^## [^\n]*?\b(\d+\.\d+\.\d+)\b", text, re.M)
    return match[1] if match else ""


def test_the_news_begin_with_this_version() -> None:
    assert newest((DOCS / "nouveautes.md").read_text(encoding="utf-8")) == __version__


@pytest.mark.parametrize("above", ["", "## À venir\n\nUn mot en 0.9.0.\n\n"])
def test_the_newest_version_is_found(above: str) -> None:
    text = f"# Nouveautés\n\n{above}## 0.2.0 — 3 mars 2027\n\nUn mot.\n\n## 0.1.0\n"
    assert newest(text) == "0.2.0"


# The checks themselves can fail.


@pytest.mark.parametrize(
    "line",
    ["justeprix host --rond 5", "justeprix hote", "justeprix check klient", "justeprix --sans"],
)
def test_what_we_have_not_is_seen(line: str) -> None:
    with pytest.raises((AssertionError, typer.TyperException), match=r"no command|No such option"):
        parse(line)


@needs_sh
@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("justeprix host --rond 5", "No such option: --rond"),
        ("justeprix play --rond 5\njusteprix host", "No such option: --rond"),
        ('python -m pip install ".[tls,nope]" && justeprix host', "no such extra"),
        ("python -m pip install justprix", "no such extra"),
        ("python -m pytest -n 4 tests/test_nope.py", "no such tests"),
        ("python -m pytest --nope", "no such tests"),
        ("pas_un_programme", "not found"),
    ],
)
def test_a_block_that_does_not_run_is_seen(
    block: str, complaint: str, desk: dict[str, str]
) -> None:
    done = type_block(block, desk)
    assert done.returncode != 0
    assert complaint in done.stdout + done.stderr


@needs_sh
def test_blocks_run_as_they_are_written(desk: dict[str, str]) -> None:
    done = type_block(
        'python -m pip install ".[test]" && python -m pytest -n 4 tests/e2e\n'
        "python -m pip install 'justeprix[tls]' && justeprix host --rounds 3 --web-port 8000\n"
        "justeprix host --resume # la même\n"
        "justeprix play --server 192.0.2.2 --nom Ada\n"
        "justeprix bot --exemple dichotomie > mon_bot.py\n"
        "justeprix bot mon_bot.py --server 192.0.2.2 --parties 1\n"
        "justeprix results 1 --format csv -o classe.csv && test -s classe.csv\n"
        "justeprix --version",
        desk,
    )
    assert done.returncode == 0, done.stderr
    for said in ("en 3 manches", "reprise", "50 : ", f"justeprix {__version__}\n"):
        assert said in done.stdout


@pytest.mark.parametrize(
    "target", ["nulle_part.md", "#nulle-part", "rules.md#nulle-part", "justeprix#x", "../dehors"]
)
def test_a_link_to_nowhere_is_seen(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.targets", lambda _: {target, "rules.md#équité", "justeprix"})
    assert broken("README.md") == [target]
