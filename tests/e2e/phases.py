"""One competition of one round and a half, phase after phase, with something on every page.

for phase in Show(host, new_context).phases():
    ...                                    # look at show.player, show.board, show.remote
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

from playwright.sync_api import BrowserContext, expect

from tests.contest.books import secrets
from tests.e2e.actors import PHONE, PROJECTOR, Board, Pupil, Remote, WebHost
from tests.support.player import Player

OPTIONS = ("--rounds", 2, "--time-limit", 300, "--min", -(10**11), "--max", 10**11)
"""Bounds of which the page writes long numbers."""

NAMES = ("W" * 20, "Jean-Noël de l'Étang", "zoé", "Ünal_2")
CHAT = "M" * 200
"""A word that no line can hold."""


class Show:
    """A page of each kind, and four more players who write on plain sockets."""

    def __init__(self, host: WebHost, new_context: Callable[..., BrowserContext]) -> None:
        self.host = host
        # Things in motion are not what these tests are about: half faded in they have no contrast.
        still = {"reduced_motion": "reduce"}
        self.pupil = Pupil(new_context(viewport=PHONE, **still).new_page(), host, "Éloïse")
        self.board = Board(new_context(viewport=PROJECTOR, **still).new_page(), host)
        self.remote = Remote(new_context(viewport=PHONE, **still).new_page())

    def phases(self) -> Iterator[str]:
        """Go on to the next phase each time; all pages show it then."""
        with ExitStack() as stack:
            others = [stack.enter_context(Player(self.host.address)) for _ in NAMES]
            for player, name in zip(others, NAMES, strict=True):
                assert player.ask(f"nom {name}") == f"nom {name}"
            self.board.open()
            self.remote.open(self.host.link)
            self.pupil.enter()
            expect(self.remote.page.locator("#players > li")).to_have_count(1 + len(NAMES))
            assert others[0].ask(f"dire {CHAT}") == "ok"
            expect(self.pupil.page.locator("#messages > li")).to_have_count(1)
            yield self._shown("salle")

            self.remote.press("Départ")
            self._shown("manche")
            secret = secrets(self.host.db)[0].secret
            for player in others[:3]:
                assert player.ask(str(secret - 1)) == "plus"
                assert player.ask(str(secret)) == "gagné"
            self.pupil.guess(secret - 10)
            self.pupil.guess(secret + 10)
            self.board.shows("found", "3 sur 5 ont trouvé")
            yield self._shown("manche")

            self.pupil.guess(secret)
            self.remote.press("Stop")
            self._shown("pause")
            self.board.picture_is_loaded()
            yield "pause"

            self.remote.press("Suivante")
            self._shown("manche")
            self.remote.press("Stop")
            self._shown("finie")
            self.board.picture_is_loaded()
            yield "finie"

    def _shown(self, phase: str) -> str:
        for page in (self.pupil.page, self.board.page, self.remote.page):
            expect(page.locator("body")).to_have_attribute("data-phase", phase)
        return phase
