"""One visit to the web port: a request, checked, and its answer, with the headers that guard it.

GET  /  /tableau  and their files    from `pages/`, read once
GET  /aide  /aide/eleve              the help, made when first asked for
GET  /ws                             becomes a WebSocket
GET  /adresses                       how to come here, with QR codes; ?code=… for all of it
GET  /manche/3.svg                   the picture of a closed round; ?ecran=1, ?lang=en, ?code=…
GET  /animateur?cle=…                the remote, by its link or with its cookie
POST /animateur/ordre                one line of the console
GET  /animateur/joueurs, /animateur/resultats.csv .json .svg
"""

from __future__ import annotations

import io
import json
import re
import socket
from collections.abc import Callable
from contextlib import suppress
from email.message import Message
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from urllib.parse import parse_qs

from justeprix.errors import JustePrixError
from justeprix.results.sheet import PAPER, SCREEN, Sheet
from justeprix.web.answers import TYPES, Answer, sentence
from justeprix.web.contents import Contents
from justeprix.web.remote import MAX_ORDER

if TYPE_CHECKING:
    import ssl

    from justeprix.protocol.tls import Channel

__all__ = ["Visit"]

SILENCE = 5.0
"""Seconds without a byte that end a visit."""

HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")

LOCAL = re.compile(r"([0-9.]+|\[.*\]|[^.]+|.*\.local)(:[0-9]+)?", re.IGNORECASE)
"""Names that nobody on the internet can give to our address, to have a page of theirs call us."""

SECURITY = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),  # the link of the remote is a secret
    ("Cache-Control", "no-store"),  # a host of tomorrow may serve other pages
)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self' ws://{host} wss://{host}; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""What a page may do. Safari before 15.4 does not count ws: as 'self'."""


NOTHING = sentence(404, "Il n'y a rien ici : le jeu est à la page d'accueil, /")


NOT_OPEN = sentence(403, "La télécommande n'est pas ouverte ici.")


BY_ADDRESS = sentence(403, "Appelle l'hôte par son adresse, comme http://192.168.1.10:8000/")


class House(Protocol):
    """What a visit may ask of the server that it is paid to."""

    contents: Contents
    tls: ssl.SSLContext | None

    def upgrade(self, sock: socket.socket, address: str, channel: Channel | None) -> None:
        """Hand a visitor's socket to the game, with the TLS that runs over it."""


class Head(HTTPMessage):
    """The header of a request. Its reader, made for mail, would look for parts of a body too."""

    def get_content_type(self) -> str:
        """Say that there is nothing to take apart, and so nothing that can go wrong."""
        return "text/plain"


class Visit(BaseHTTPRequestHandler):
    """One request and its answer."""

    MessageClass = Head

    server: House  # type: ignore[assignment]
    server_version, sys_version = "justeprix", ""
    protocol_version = "HTTP/1.1"
    timeout = SILENCE
    wbufsize = -1  # header and body in one piece
    disable_nagle_algorithm = True

    def setup(self) -> None:
        """Make the streams to read and write; where the host encrypts, through TLS."""
        super().setup()
        self._channel: Channel | None = None
        if self.server.tls is None:
            return
        from justeprix.protocol.tls import Channel
        from justeprix.web.secure import SecureStream, speaks_tls

        if speaks_tls(self.connection):
            self._channel = Channel(self.server.tls)
            stream = SecureStream(self.connection, self._channel)
            self.rfile, self.wfile = io.BufferedReader(stream), io.BufferedWriter(stream)

    def finish(self) -> None:
        """Say that the answer is whole: nobody has cut it short."""
        super().finish()
        if self._channel is not None and self._channel.open and self.connection.fileno() != -1:
            with suppress(OSError):
                self.connection.sendall(self._channel.close())

    @property
    def _in_clear(self) -> bool:
        """Whether it should be TLS, and is not."""
        return self.server.tls is not None and self._channel is None

    def do_GET(self) -> None:
        """Answer with a page, or open the door to the game."""
        path, _, query = self.path.partition("?")
        if not self._host:
            self._send(sentence(400, "Adresse illisible."))
        elif self._in_clear:
            self._send(_moved(f"https://{self._host}{self.path}"))
        elif self.server.tls is None and not LOCAL.fullmatch(self._host):
            self._send(BY_ADDRESS)
        elif path == "/ws":
            self._upgrade()
        else:
            self._send(self._found(path, query))

    def do_POST(self) -> None:
        """Obey the teacher."""
        origin = self.headers.get("Origin", "")
        if self.path != "/animateur/ordre":
            self._send(sentence(405, "Ici on ne fait que lire."))
        elif self._in_clear or not self._is_teacher() or origin not in _origins(self._host):
            self._send(NOT_OPEN)
        elif not (size := self._size()):
            self._send(sentence(413, f"Un ordre a de 1 à {MAX_ORDER} octets."))
        elif len(line := self.rfile.read(size)) < size:
            self._send(sentence(400, "L'ordre n'est pas entier : recommence."))
        else:
            self._send(self.server.contents.remote.order(line.decode(errors="replace")))

    def _size(self) -> int:
        """Return the size of the body if it is one that we read, else 0."""
        length = self.headers.get("Content-Length", "")
        size = int(length) if re.fullmatch("[0-9]{1,4}", length) else 0
        return size if size <= MAX_ORDER else 0

    @property
    def _host(self) -> str:
        """What the visitor calls us; empty if that can't be."""
        host = self.headers.get("Host", "")
        return host if HOST.fullmatch(host) else ""

    def _is_teacher(self) -> bool:
        return self.server.contents.remote.may(self.headers.get("Cookie", ""))

    def _found(self, path: str, query: str) -> Answer:
        """Return what is behind a path."""
        page = self.server.contents.pages.get(path)
        if page is not None:
            return page
        if path.startswith("/animateur/") and not self._is_teacher():
            return NOT_OPEN
        for pattern, answer in self.routes:
            match = pattern.fullmatch(path)
            if match:
                return answer(self, match, query)
        return NOTHING

    def _help(self, match: re.Match[str], query: str) -> Answer:
        return self.server.contents.help.answer(match[1]) or NOTHING

    def _addresses(self, match: re.Match[str], query: str) -> Answer:
        ways = self.server.contents.ways(self._code(_wishes(query)), self.client_address[0])
        return Answer(200, "json", json.dumps(ways).encode())

    def _picture(self, match: re.Match[str], query: str) -> Answer:
        wishes, contents = _wishes(query), self.server.contents
        known = contents.knows(self._code(wishes), self.client_address[0])
        if not (known or self._is_teacher()):
            return sentence(403, "Il faut le code de la partie.")
        try:
            return Answer(200, "svg", contents.picture(int(match[1]), *_style(wishes)))
        except JustePrixError as error:
            return sentence(404, f"Pas de dessin : {error}.")

    def _code(self, wishes: dict[str, str]) -> str:
        # Another site's page could shut the door on whoever looks at it, by guessing. Browsers say
        # whose page it is to hosts that encrypt; elsewhere a minute outside is the worst of it.
        elsewhere = self.headers.get("Sec-Fetch-Site", "") == "cross-site"
        return "" if elsewhere else wishes.get("code", "")

    def _remote(self, match: re.Match[str], query: str) -> Answer:
        key = query.removeprefix("cle=") if query.startswith("cle=") else ""
        return self.server.contents.remote.enter(key, self.headers.get("Cookie", ""))

    def _players(self, match: re.Match[str], query: str) -> Answer:
        return self.server.contents.remote.players()

    def _results(self, match: re.Match[str], query: str) -> Answer:
        return self.server.contents.remote.results(match[1])

    routes: ClassVar[list[tuple[re.Pattern[str], Callable[..., Answer]]]] = [
        (re.compile(pattern), answer)
        for pattern, answer in (
            (r"/aide(?:/([^/]+))?/?", _help),
            (r"/adresses", _addresses),
            (r"/manche/([0-9]{1,3})\.svg", _picture),
            (r"/animateur", _remote),
            (r"/animateur/joueurs", _players),
            (r"/animateur/resultats\.(csv|json|svg)", _results),
        )
    ]

    def _upgrade(self) -> None:
        from justeprix.protocol.websocket import shake_hands

        origins = _origins(self._host)
        accepted, response = shake_hands(self.path, self.headers.items(), origins)
        self.close_connection = True
        self.wfile.write(response)
        self.wfile.flush()
        if accepted:
            self.server.upgrade(self.connection, self.client_address[0], self._channel)

    # How it is said.

    def _send(self, answer: Answer) -> None:
        self.close_connection = True
        self.send_response_only(answer.status)
        policy = POLICY.format(host=self._host or "localhost")
        own = (
            ("Content-Type", TYPES[answer.kind]),
            ("Content-Length", str(len(answer.body))),
            ("Connection", "close"),
            ("Content-Security-Policy", policy),
        )
        for name, value in (*own, *SECURITY, *answer.headers):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no request of ours, in one line and not in a page."""
        self.request_version = "HTTP/1.1"  # also to who has sent no header at all
        self.headers = getattr(self, "headers", Message())
        self._send(sentence(code, "Demande illisible."))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the console is the teacher's."""


def _moved(url: str) -> Answer:
    answer = sentence(308, f"Cet hôte chiffre : {url}")
    return answer._replace(headers=(("Location", url),))


def _origins(host: str) -> tuple[str, str]:
    """Return where a page must come from that may talk to us: from us."""
    return f"http://{host}", f"https://{host}"


def _wishes(query: str) -> dict[str, str]:
    """Return what stands behind the question mark of an address; nothing if it is too much."""
    try:
        return {name: last for name, (*_, last) in parse_qs(query, max_num_fields=8).items()}
    except ValueError:
        return {}


def _style(wishes: dict[str, str]) -> tuple[str, Sheet]:
    """Return how a picture is wanted: in what language, and for the board's screen or for paper."""
    language = "en" if wishes.get("lang") == "en" else "fr"
    return language, SCREEN if "ecran" in wishes else PAPER
