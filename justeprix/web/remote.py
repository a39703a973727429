"""The teacher's remote: who may hold it, and what its buttons do.

The host prints a link with a key of 128 random bits. The first to open it gets a cookie, and the
key is spent. The page comes at once, not after a redirection: a browser that came from another
site's link would follow that without the cookie (SameSite=Strict).

An order is a line of the console, carried out by the console's own code; only those in ORDERS, for
others write files or close the host.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable

from justeprix.errors import JustePrixError
from justeprix.results import FORMATS
from justeprix.server.server import Server
from justeprix.web.answers import Answer, load, sentence

__all__ = ["COOKIE", "MAX_ORDER", "ORDERS", "Remote"]

ORDERS = {
    *("depart", "suivante", "stop", "prolonge"),
    *("exclure", "renomme", "libere", "muet", "parole"),
}
"""The words of the console that the remote may say."""

MAX_ORDER = 512
"""Bytes of an order, as of a line on the wire."""

COOKIE = "animateur"

MAX_KEYS = 8
"""Links and cookies that are good at one time; a new one ends the oldest."""


class Keys:
    """Secrets that were given out; any thread may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: list[bytes] = []

    def new(self) -> str:
        """Return a fresh key: 128 random bits in hex."""
        key = secrets.token_hex(16)
        with self._lock:
            self._keys = [*self._keys[1 - MAX_KEYS :], key.encode()]
        return key

    def holds(self, key: str) -> bool:
        """Whether a key is good."""
        with self._lock:
            return any(secrets.compare_digest(known, key.encode()) for known in self._keys)

    def spend(self, key: str) -> bool:
        """Whether a key was good; it is no more."""
        with self._lock:
            before = len(self._keys)
            self._keys = [k for k in self._keys if not secrets.compare_digest(k, key.encode())]
            return len(self._keys) < before


class Remote:
    """`obey` carries out a line of the console and returns what it would print."""

    def __init__(self, server: Server, obey: Callable[[str], str | None]) -> None:
        self._server = server
        self._obey = obey
        self._secure = server.tls is not None
        self._links = Keys()
        self._cookies = Keys()
        self._page = load("remote.html")
        self._refused = load("refused.html", status=403)

    def link(self) -> str:
        """Return the path, with its key, that opens the remote once."""
        return f"/animateur?cle={self._links.new()}"

    def enter(self, key: str, cookies: str) -> Answer:
        """Show the page; spend the key of the link, if it is one, for a cookie."""
        if key and self._links.spend(key):
            rules = "HttpOnly; SameSite=Strict; Path=/animateur" + "; Secure" * self._secure
            given = ("Set-Cookie", f"{COOKIE}={self._cookies.new()}; {rules}")
            return self._page._replace(headers=(given,))
        return self._page if self.may(cookies) else self._refused

    def may(self, cookies: str) -> bool:
        """Whether a `Cookie` header is that of a teacher, whatever else stands there."""
        pairs = (pair.strip().partition("=") for pair in cookies.split(";"))
        return any(name == COOKIE and self._cookies.holds(value) for name, _, value in pairs)

    def order(self, line: str) -> Answer:
        """Carry out an order; the answer tells what the console would."""
        if line.partition(" ")[0].lower() not in ORDERS:
            return sentence(400, "Cet ordre n'est pas de ceux de la télécommande.")
        return sentence(200, self._obey(line) or "")

    def players(self) -> Answer:
        """Tell who is here, who was, and who may not come back."""
        players = [
            {"nom": player.name, "present": player.present, "exclu": player.excluded}
            for player in self._server.director.players()
            if not player.watches
            and (player.present or player.returns or player.scored or player.excluded)
        ]
        return Answer(200, "json", json.dumps(players).encode())

    def results(self, format: str) -> Answer:
        """Return the results of the closed rounds as a file."""
        try:
            report = self._server.director.report()
            if not report.rounds:
                return sentence(409, "Aucune manche n'est finie : les résultats viennent après.")
            text = FORMATS[format](report, None)
        except JustePrixError as error:
            return sentence(409, f"Impossible : {error}.")
        name = f"justeprix-{report.competition}.{format}"
        saved = ("Content-Disposition", f'attachment; filename="{name}"')
        return Answer(200, format, text.encode(), (saved,))
