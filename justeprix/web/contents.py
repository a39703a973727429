"""What the web port can answer: pages, the help, the ways to come here, pictures, the remote."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from justeprix.errors import ResultsError
from justeprix.net import addresses
from justeprix.results import picture
from justeprix.results.sheet import Sheet
from justeprix.server.server import Server
from justeprix.web import invitation
from justeprix.web.answers import preload
from justeprix.web.help import Help
from justeprix.web.remote import Remote

__all__ = ["Contents"]

PICTURES = 16
"""Pictures of rounds that are kept."""


class Contents:
    """All that a visitor may ask for; any thread may."""

    def __init__(
        self, server: Server, bound: str, port: int, obey: Callable[[str], str | None]
    ) -> None:
        self.pages = preload()
        self.help = Help()
        self.remote = Remote(server, obey)
        self._server = server
        self._bound = bound
        self._port = port
        self._drawn = lru_cache(PICTURES)(self._draw)

    def knows(self, code: str, address: str) -> bool:
        """Whether a visitor knows the code, if there is one; wrong ones count as in the game."""
        return self._server.room.knows(code, address)

    def ways(self, code: str, address: str) -> list[dict[str, str]]:
        """Return the ways to come here, the best first; who knows the code, if any, gets it back.

        As the host writes it, not as the visitor does: pictures of it are kept.
        """
        code = self._server.room.door.code if self.knows(code, address) else ""
        found = addresses.addresses(self._bound)
        port = self._server.address[1]
        options = invitation.play_options(secure=self._server.tls is not None, code=code)
        return [
            {
                "url": (url := self._url(ip)),
                "qr": invitation.picture(url + invitation.fragment(code)),
                "play": invitation.play_command(ip, port, options),
            }
            for ip in found
            if len(found) == 1 or not ip.startswith("127.")
        ]

    def link(self) -> str:
        """Return a link that opens the remote, once; its page says the code, if there is one."""
        ip = addresses.addresses(self._bound)[0]
        behind = invitation.fragment(self._server.room.door.code)
        return self._url(ip).rstrip("/") + self.remote.link() + behind

    def _url(self, ip: str) -> str:
        return invitation.web_address(ip, self._port, secure=self._server.tls is not None)

    def picture(self, number: int, language: str, sheet: Sheet) -> bytes:
        """Return the picture of a closed round. Raises ResultsError if it is not closed."""
        contest = self._server.room.competition
        if contest is None or number not in contest.closed:
            raise ResultsError(f"la manche {number} n'est pas finie")
        # Nobody can make the host draw one again and again; but who is renamed is to be seen.
        return self._drawn(number, language, sheet, self._server.room.roster.version)

    def _draw(self, number: int, language: str, sheet: Sheet, _: int) -> bytes:
        return picture.render(self._server.director.report(), number, language, sheet).encode()
