"""Who takes part: the host with its pages, a pupil at a page, the board, the teacher's remote."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.contest.contest import Host, Stage
from tests.support.processes import free_port

PHONE = {"width": 390, "height": 844}
PROJECTOR = {"width": 1280, "height": 720}


class WebHost(Host):
    """A host whose web port is the same each time it is started."""

    def __init__(self, stage: Stage, db: Path, *options: object) -> None:
        super().__init__(stage, db, *options)
        self.web_port = self.port
        while self.web_port == self.port:
            self.web_port = free_port()
        self.scheme = "https" if "--tls" in options else "http"
        self.origin = f"{self.scheme}://127.0.0.1:{self.web_port}"
        self.link = ""  # opens the remote, once

    def start(self, *options: object) -> None:
        super().start(*(options or self._options), "--web-port", self.web_port)
        self.link = self.process.wait_for("La télécommande").split()[-1]

    def close(self) -> None:
        """End as with Ctrl-C: everybody is told."""
        os.kill(self.process.pid, signal.SIGINT)
        assert self.process.end() == 0

    def new_link(self) -> str:
        """Ask the console for another link."""
        self.type("animateur")
        return self.process.wait_for("Télécommande, bon pour une fois").split()[-1]


class Wire:
    """What went over the links of a page: lines, the number of links, the addresses asked for."""

    def __init__(self, page: Page) -> None:
        self.sent: list[str] = []
        self.heard: list[str] = []
        self.links = 0
        self.requests: list[str] = []
        page.on("websocket", self._watch)
        page.on("request", lambda request: self.requests.append(request.url))

    def _watch(self, link: WebSocket) -> None:
        self.links += 1
        link.on("framesent", lambda line: self.sent.append(str(line)))
        link.on("framereceived", lambda line: self.heard.append(str(line)))

    def codes(self) -> list[str]:
        """Return the codes that were said."""
        return [line.partition(" ")[2] for line in self.sent if line.startswith("code")]


class CodeForm:
    """What asks for the code, on any page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.field = page.locator("#code-field")
        self.note = page.locator("#code-note")

    def asks(self) -> None:
        expect(self.field).to_be_visible()
        expect(self.field).to_be_focused()

    def give(self, code: str) -> None:
        self.field.fill(code)
        self.field.press("Enter")

    def refuses(self, code: str, sentence: str | re.Pattern[str]) -> None:
        """Wait until a code is refused: it stands there still, and typing replaces it."""
        expect(self.note).to_have_text(sentence)
        self.asks()
        expect(self.field).to_have_value(code)
        selected = self.field.evaluate("field => [field.selectionStart, field.selectionEnd]")
        assert selected == [0, len(code)]


class Pupil:
    """Somebody who plays on a page. `told` is the transcript of the rounds that were noted."""

    def __init__(self, page: Page, host: WebHost, name: str, origin: str = "") -> None:
        self.page = page
        self.name = name
        self.told: list[tuple[int, str]] = []
        self._origin = origin or host.origin

    def start(self) -> None:
        """Open the page and give the name; a host may ask for more."""
        self.page.goto(self._origin)
        self.ask_for_name()

    def enter(self) -> None:
        self.start()
        expect(self.page.locator("#me")).to_have_text(self.name)

    def ask_for_name(self) -> None:
        self.page.locator("#name-field").fill(self.name)
        self.page.locator("#name-field").press("Enter")

    @property
    def items(self) -> Locator:
        return self.page.locator("#guesses > li")

    def guesses(self) -> list[tuple[int, str]]:
        """Return the page's own list of the round on it, the oldest first."""
        lines = [text.split() for text in self.items.all_text_contents()]
        return [(int(line[0]), line[-1]) for line in reversed(lines)]

    def send(self, number: int) -> None:
        """Play without waiting for the answer."""
        self.page.locator("#number").fill(str(number))
        self.page.locator("#number").press("Enter")

    def guess(self, number: int) -> str:
        before = self.items.count()
        self.send(number)
        # `expect` would look again only after 0.1, 0.25, 0.5 s, and there are hundreds of guesses.
        self.page.wait_for_function(
            "count => document.querySelectorAll('#guesses > li').length === count",
            arg=before + 1,
            polling=10,
        )
        played, answer = self.guesses()[-1]
        assert played == number
        return answer

    def search(self, low: int, high: int, most: int = 100) -> bool:
        """Halve what the page's list leaves possible, `most` times; return whether it is found."""
        for _ in range(most):
            for number, answer in self.guesses():
                low = max(low, number + 1) if answer == "plus" else low
                high = min(high, number - 1) if answer == "moins" else high
            if self.guess((low + high) // 2) == "gagné":
                return True
        return False

    def note(self) -> None:
        """Take the round on the page into the transcript."""
        self.told += self.guesses()

    def is_here(self) -> None:
        """Wait until the page is linked, and shows the game."""
        expect(self.page.locator("#room")).to_be_visible()
        expect(self.page.locator("#link")).to_be_empty()


class Board:
    """The page for the projector."""

    def __init__(self, page: Page, host: WebHost) -> None:
        self.page = page
        self._host = host

    def open(self, query: str = "") -> None:
        self.page.goto(f"{self._host.origin}/tableau{query}")

    def text(self, id: str) -> str:
        return self.page.locator(f"#{id}").text_content() or ""

    def shows(self, id: str, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator(f"#{id}")).to_have_text(text)

    def podium(self) -> list[tuple[int, list[str]]]:
        """Return (rank, names) of each step, the first first."""
        steps = self.page.locator("#podium > li")
        return [
            (int(step.locator("p strong").inner_text()), step.locator("ul li").all_inner_texts())
            for step in steps.all()
        ]

    def standings(self) -> list[dict[str, Any]]:
        """Return the lines of the table, with the words of an export."""
        keys = ("rang", "nom", "trouves", "coups")
        rows = self.page.locator("#standings tr").all()
        lines = [row.locator("th, td").all_inner_texts()[:4] for row in rows]
        return [
            {key: text if key == "nom" else int(text) for key, text in zip(keys, line, strict=True)}
            for line in lines
        ]

    def picture_is_loaded(self) -> None:
        self.page.wait_for_function(
            "() => { const p = document.getElementById('picture');"
            " return p.complete && p.naturalWidth > 0 && p.checkVisibility(); }"
        )


class Remote:
    """The teacher's page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, link: str) -> None:
        self.page.goto(link)
        expect(self.page.locator("#link")).to_have_text("Relié à l'hôte")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def says(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("#said")).to_contain_text(text)

    def row(self, name: str) -> Locator:
        named = self.page.locator(".name", has_text=re.compile(f"^{re.escape(name)}$"))
        return self.page.locator("#players > li", has=named)

    def rename(self, name: str, new: str) -> None:
        self.press(f"Renommer {name}")
        self.page.get_by_label(f"Nouveau nom de {name}").fill(new)
        self.press("Valider")

    def download(self, name: str) -> str:
        """Return the text of the results in one of the formats."""
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name=name, exact=True).click()
        return download.value.path().read_text(encoding="utf-8")
