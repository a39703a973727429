"""The pictures of the README, from a real competition on this machine.

JUSTEPRIX_CHROMIUM=/usr/bin/chromium python -m tests.screenshots

Bots of the house, players on `Client` and two pages play three rounds of one host; it takes a
minute. The pictures are in `tests/pictures/`.
"""

from __future__ import annotations

import base64
import heapq
import itertools
import os
import random
import socket
import struct
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from justeprix import Client
from justeprix.web.invitation import WEB_PORT
from tests.support.processes import running, unused_port

PICTURES = Path(__file__).parent / "pictures"
MOST = 120_000
"""Bytes of a picture."""

PHONE = {"width": 390, "height": 844}
PROJECTOR = {"width": 1280, "height": 720}
STILL = {"device_scale_factor": 1, "reduced_motion": "reduce"}
SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")

HIGH = 1000
BOTS = 4
NAMES = (
    "Éloïse",
    "Jean-Baptiste",
    "Maëlle",
    "Noé",
    "Anne-Charlotte Dupré",
    "Raphaël",
    "Inès",
    "Soña",
)
SEED = 3
PACE = 700, 1900
"""Milliseconds, at least and at most, that somebody thinks before a guess."""

SEVERAL = 7
"""Guesses on the picture of the player's page."""


class Player:
    """Somebody who plays near the middle of what is left; how depends on the kind."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.begin()
        self.rng = random.Random(f"{SEED} {name}")

    def begin(self) -> None:
        self.found = False
        self.count = 0
        self._low, self._high = 1, HIGH

    def turn(self) -> None:
        third = (self._high - self._low) // 3
        guess = self.rng.randint(self._low + third, self._high - third)
        answer = self.guess(guess)
        self.count += 1
        self.found = answer == "gagné"
        if answer == "plus":
            self._low = guess + 1
        else:
            self._high = guess - 1

    def guess(self, number: int) -> str:
        raise NotImplementedError


class ClientPlayer(Player):
    """In a program."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(name)
        self._client = Client(port)
        self._client.demande(f"nom {name}")
        self._client.demande("session")

    def guess(self, number: int) -> str:
        return self._client.propose(number)

    def close(self) -> None:
        self._client.arret()


class PagePlayer(Player):
    """On a page."""

    def __init__(self, name: str, browser: Browser, url: str) -> None:
        super().__init__(name)
        self.page = browser.new_page(viewport=PHONE, **STILL)
        self.page.goto(url)
        self.page.locator("#name-field").fill(name)
        self.page.locator("#name-field").press("Enter")
        expect(self.page.locator("#me")).to_have_text(name)

    def guess(self, number: int) -> str:
        self.page.locator("#number").fill(str(number))
        self.page.locator("#number").press("Enter")
        items = self.page.locator("#guesses > li")
        expect(items).to_have_count(self.count + 1)
        return str(items.first.get_attribute("class"))

    def close(self) -> None:
        self.page.close()


class Contest:
    """Three rounds, seen on the board."""

    def __init__(self, board: Page, players: Sequence[Player], order: Callable[[str], None]):
        self._board = board
        self._players = players
        self._order = order
        self._number = 0
        self._turns: list[tuple[float, str, Player]] = []
        self._now = 0.0

    def open_round(self) -> None:
        self._order("suivante" if self._number else "depart")
        self._number += 1
        expect(self._board.locator("#round")).to_have_text(f"Manche {self._number} sur 3")
        self._now, self._turns = 0.0, []
        for player in self._players:
            player.begin()
            self._think(player)

    def play(self, until: Callable[[], bool] = lambda: False) -> None:
        """Go on until everybody here has found, or earlier."""
        while self._turns and not until():
            when, _, player = heapq.heappop(self._turns)
            self._board.wait_for_timeout(when - self._now)
            self._now = when
            player.turn()
            if not player.found:
                self._think(player)

    def close_round(self) -> None:
        """Wait for the bots."""
        self.play()
        phase = "finie" if self._number == 3 else "pause"
        body = self._board.locator("body")
        expect(body).to_have_attribute("data-phase", phase, timeout=60_000)

    def _think(self, player: Player) -> None:
        heapq.heappush(self._turns, (self._now + player.rng.uniform(*PACE), player.name, player))


def main() -> None:
    chromium = os.environ.get("JUSTEPRIX_CHROMIUM")
    if not chromium:
        sys.exit("JUSTEPRIX_CHROMIUM must be the path of a Chromium")
    PICTURES.mkdir(exist_ok=True)
    web = usual_port()
    words = ("--bind", "127.0.0.1", "--port", 0, "--web-port", web, "--db", ":memory:")
    contest = ("--rounds", 3, "--time-limit", 90, "--max", HIGH, "--bots", BOTS, "--seed", SEED)
    with (
        running("host", *words, *contest) as host,
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path=chromium, args=SWITCHES)) as browser,
    ):
        port = int(host.wait_for("justeprix play").rpartition(":")[2])
        show(browser, f"http://127.0.0.1:{web}/", port, host.type)


def show(browser: Browser, url: str, port: int, order: Callable[[str], None]) -> None:
    board = browser.new_page(viewport=PROJECTOR, **STILL)
    board.goto(f"{url}tableau")
    ada, zoe = (PagePlayer(name, browser, url) for name in ("Ada", "Zoé"))
    others = [ClientPlayer(name, port) for name in NAMES]
    players = [*others, ada, zoe]
    expect(board.locator("#count")).to_have_text(f"{len(players) + BOTS} présents")
    contest = Contest(board, players, order)

    contest.open_round()
    contest.close_round()
    contest.open_round()
    contest.play(until=lambda: ada.found or ada.count == SEVERAL)
    take(ada.page, "player")
    contest.play(until=lambda: sum(player.found for player in players) == 4)
    take(board, "board")
    contest.close_round()
    contest.open_round()
    contest.close_round()
    take(board, "podium")
    for player in players:
        player.close()


def usual_port() -> int:
    """Return the web port that a host has by itself; another one if somebody else has it."""
    try:
        socket.create_server(("127.0.0.1", WEB_PORT)).close()
    except OSError:
        return unused_port()
    return WEB_PORT


# Pictures.


def take(page: Page, name: str) -> None:
    """Take the picture of a page; tell its size."""
    page.wait_for_timeout(600)  # the state that follows the last guess
    picture = PICTURES / f"{name}.png"
    picture.write_bytes(smaller(page, page.screenshot()))
    size = picture.stat().st_size
    print(f"{picture}: {size:,} bytes{', which is too much' if size > MOST else ''}")


PIXELS = """async (png) => {
  const picture = new Image();
  picture.src = "data:image/png;base64," + png;
  await picture.decode();
  const { width, height } = picture;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const bytes = canvas.getImageData(0, 0, width, height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096) {
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  }
  return [width, height, btoa(text)];
}"""


def smaller(page: Page, png: bytes) -> bytes:
    """Return the picture with 256 colours: half the bytes, and nobody sees it."""
    width, height, text = page.evaluate(PIXELS, base64.b64encode(png).decode())
    pixels = base64.b64decode(text)
    points = [pixels[at : at + 3] for at in range(0, len(pixels), 4)]
    palette, places = reduced([colour for colour, _ in Counter(points).most_common()])
    data = bytes(places[point] for point in points)
    rows = b"".join(b"\0" + data[at : at + width] for at in range(0, len(data), width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)  # 8 bits, with a palette
    parts = ((b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(rows, 9)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in (*parts, (b"IEND", b"")))


def reduced(colours: Sequence[bytes]) -> tuple[list[bytes], dict[bytes, int]]:
    """Return 256 of the colours at most, and the place of the one that stands for each colour.

    A colour goes to the first that is near enough; how near, depends on how many there are.
    """
    for near in itertools.count(0, 2):
        palette: list[bytes] = []
        places: dict[bytes, int] = {}
        for colour in colours:
            like = (n for n, known in enumerate(palette) if distance(colour, known) <= near)
            places[colour] = next(like, len(palette))
            if places[colour] == len(palette):
                palette.append(colour)
            if len(palette) > 256:
                break
        else:
            return palette, places
    raise AssertionError


def distance(one: bytes, other: bytes) -> int:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]), abs(one[2] - other[2]))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


if __name__ == "__main__":
    main()
