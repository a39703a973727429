"""The web port: pages from memory, the teacher's remote, and the door to the game for browsers.

    GET  /  /tableau  and their files    from `pages/`, read once
    GET  /ws                             becomes a WebSocket: its socket goes to a worker
    GET  /adresses                       how to come here, with QR codes
    GET  /manche/3.svg                   the picture of a closed round
    GET  /animateur?cle=…                the remote, by its link or with its cookie
    POST /animateur/ordre                one line of the console
    GET  /animateur/joueurs, /animateur/resultats.csv .json .svg

The standard library's threading server, a thread a visit. A visit is short: it ends after one
answer, after VISIT seconds at the latest, sooner where others wait for its thread.
"""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache, lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

from justeprix.errors import ResultsError, StoreError
from justeprix.formats import picture
from justeprix.listener import EXHAUSTED, listen
from justeprix.server import Server
from justeprix.web import addresses
from justeprix.web.addresses import WEB_PORT
from justeprix.web.pages import TYPES, Answer, preload, sentence
from justeprix.web.remote import MAX_ORDER, Remote, report_of

__all__ = ["Site"]

VISITS = 64
"""Visits at one time; who comes then waits in the system's queue."""

VISIT = 10.0
"""Seconds that a visit may take in all."""

HURRIED = 1.0
"""Seconds after which a visit is ended if others wait for its place."""

SILENCE = 5.0
"""Seconds without a byte that end a visit."""

LAST_INPUT = 1 << 20
"""Bytes still read, and thrown away, so that a refusal reaches who sends too much."""

PICTURES = 16
"""Pictures of rounds that are kept."""

POLL = 0.1
"""Seconds within which the server notices that it is to end."""

HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")

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


class Site(ThreadingHTTPServer):
    """The web port of a server; `obey` is what the remote's orders are given to.

    Raises ServerError if the port can't be had. Starts with `start`, ends with `close`.
    """

    daemon_threads = False  # `close` waits for them

    def __init__(
        self, server: Server, bind: str, port: int, obey: Callable[[str], str | None]
    ) -> None:
        self.game = server
        self.bound = bind
        super().__init__((bind, port), Visit, bind_and_activate=False)
        self.socket.close()  # ours has the options that a host's needs
        self.socket = listen(bind, port, option="--web-port", usual=WEB_PORT)
        self.port: int = self.socket.getsockname()[1]
        self.remote = Remote(server, obey)
        self.pages = preload()
        self._drawn = lru_cache(PICTURES)(self._draw)
        self._closing = threading.Event()
        self._slots = threading.Semaphore(VISITS)
        self._visits: dict[socket.socket, float] = {}  # and when they began
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=[POLL], name="web")

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def close(self) -> None:
        """End all visits and join their threads; WebSockets belong to the game's server."""
        self._closing.set()
        self._end_visits(0.0)
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self._end_visits(0.0)
        self.server_close()

    def __enter__(self) -> Site:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    # What it knows.

    def addresses(self) -> list[dict[str, str]]:
        """Return the ways to come here, the best first."""
        ways = addresses.addresses(self.bound)
        port = self.game.address[1]
        return [
            {
                "url": (url := addresses.web_address(ip, self.port)),
                "qr": _qr(url),
                "play": addresses.play_command(ip, port),
            }
            for ip in ways
            if len(ways) == 1 or not ip.startswith("127.")
        ]

    def link(self) -> str:
        """Return a link that opens the remote, once."""
        ip = addresses.addresses(self.bound)[0]
        return addresses.web_address(ip, self.port).rstrip("/") + self.remote.link()

    def picture(self, number: int, language: str) -> bytes:
        """Return the picture of a closed round. Raises ResultsError if it is not closed."""
        contest = self.game.room.competition
        if contest is None or number not in contest.closed:
            raise ResultsError(f"la manche {number} n'est pas finie")
        # Nobody can make the host draw one again and again; but who is renamed is to be seen.
        return self._drawn(number, language, self.game.room.roster.version)

    def _draw(self, number: int, language: str, _: int) -> bytes:
        return picture.render(report_of(self.game), number, language).encode()

    # Visits.

    def upgrade(self, sock: socket.socket, address: str) -> None:
        """Hand a visitor's socket to the game: from now on it speaks the game's lines."""
        from justeprix.web.websocket import WebSocketCodec

        with self._lock:
            self._visits.pop(sock, None)
            ours = socket.socket(fileno=sock.detach())
        self.game.admit(ours, address, WebSocketCodec())

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a visitor; where the system has no room, wait a little before the next try."""
        try:
            return super().get_request()
        except OSError as error:
            if error.errno in EXHAUSTED:
                self._closing.wait(POLL)
            raise

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a visitor in a thread, once there is one for them."""
        while not self._slots.acquire(timeout=POLL):
            if self._closing.is_set():
                request.close()
                return
            self._end_visits(HURRIED)
        with self._lock:
            self._visits[request] = time.monotonic()
        super().process_request(request, client_address)

    def service_actions(self) -> None:
        """End the visits that take too long."""
        self._end_visits(VISIT)

    def _end_visits(self, age: float) -> None:
        now = time.monotonic()
        with self._lock:
            late = [sock for sock, began in self._visits.items() if now >= began + age]
            for sock in late:
                with suppress(OSError):  # it has just ended
                    sock.shutdown(socket.SHUT_RDWR)

    def shutdown_request(self, request: Any) -> None:
        """End a visit so that our answer arrives: closing with unread input would reset it."""
        with suppress(OSError):
            request.shutdown(socket.SHUT_WR)
            request.settimeout(HURRIED)
            unread = LAST_INPUT
            while unread > 0 and (data := request.recv(65536)):
                unread -= len(data)
        with self._lock:
            self._visits.pop(request, None)
        request.close()
        self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a visitor go who hung up; anything else is a bug, to be seen."""
        import sys

        if not isinstance(sys.exception(), OSError):
            raise


class Visit(BaseHTTPRequestHandler):
    """One request and its answer."""

    server: Site
    server_version, sys_version = "justeprix", ""
    protocol_version = "HTTP/1.1"
    timeout = SILENCE
    wbufsize = -1  # header and body in one piece
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer with a page, or open the door to the game."""
        path, _, query = self.path.partition("?")
        if not HOST.fullmatch(self.headers.get("Host", "")):
            self._send(sentence(400, "Adresse illisible."))
        elif path == "/ws":
            self._upgrade()
        else:
            self._send(self._found(path, query))

    def do_POST(self) -> None:
        """Obey the teacher."""
        host = self.headers.get("Host", "")
        if self.path != "/animateur/ordre":
            self._send(sentence(405, "Ici on ne fait que lire."))
        elif not self._is_teacher() or self.headers.get("Origin", "") not in _origins(host):
            self._send(sentence(403, "La télécommande n'est pas ouverte ici."))
        elif not (size := self._size()):
            self._send(sentence(413, f"Un ordre a de 1 à {MAX_ORDER} octets."))
        else:
            line = self.rfile.read(size).decode(errors="replace")
            self._send(self.server.remote.order(line))

    def _size(self) -> int:
        """Return the size of the body if it is one that we read, else 0."""
        length = self.headers.get("Content-Length", "")
        size = int(length) if re.fullmatch("[0-9]{1,4}", length, re.ASCII) else 0
        return size if size <= MAX_ORDER else 0

    def _is_teacher(self) -> bool:
        return self.server.remote.may(self.headers.get("Cookie", ""))

    def _found(self, path: str, query: str) -> Answer:
        """Return what is behind a path."""
        page = self.server.pages.get(path)
        if page is not None:
            return page
        if path.startswith("/animateur/") and not self._is_teacher():
            return sentence(403, "La télécommande n'est pas ouverte ici.")
        for pattern, answer in self.routes:
            match = pattern.fullmatch(path)
            if match:
                return answer(self, match, query)
        return sentence(404, "Il n'y a rien ici : le jeu est à la page d'accueil, /")

    def _addresses(self, match: re.Match[str], query: str) -> Answer:
        return Answer(200, "json", json.dumps(self.server.addresses()).encode())

    def _picture(self, match: re.Match[str], query: str) -> Answer:
        try:
            return Answer(200, "svg", self.server.picture(int(match[1]), _language(query)))
        except (ResultsError, StoreError) as error:
            return sentence(404, f"Pas de dessin : {error}.")

    def _remote(self, match: re.Match[str], query: str) -> Answer:
        key = query.removeprefix("cle=") if query.startswith("cle=") else ""
        return self.server.remote.enter(key, self.headers.get("Cookie", ""))

    def _players(self, match: re.Match[str], query: str) -> Answer:
        return self.server.remote.players()

    def _results(self, match: re.Match[str], query: str) -> Answer:
        return self.server.remote.results(match[1])

    routes: ClassVar[list[tuple[re.Pattern[str], Callable[..., Answer]]]] = [
        (re.compile(pattern), answer)
        for pattern, answer in (
            (r"/adresses", _addresses),
            (r"/manche/([0-9]{1,3})\.svg", _picture),
            (r"/animateur", _remote),
            (r"/animateur/joueurs", _players),
            (r"/animateur/resultats\.(csv|json|svg)", _results),
        )
    ]

    def _upgrade(self) -> None:
        from justeprix.web.websocket import shake_hands

        origins = _origins(self.headers["Host"])
        accepted, response = shake_hands(self.path, self.headers.items(), origins)
        self.close_connection = True
        self.wfile.write(response)
        self.wfile.flush()
        if accepted:
            self.server.upgrade(self.connection, self.client_address[0])

    # How it is said.

    def _send(self, answer: Answer) -> None:
        self.close_connection = True
        self.send_response_only(answer.status)
        policy = POLICY.format(host=self.headers.get("Host", ""))
        own = (
            ("Content-Type", TYPES[answer.kind]),
            ("Content-Length", str(len(answer.body))),
            ("Connection", "close"),
            ("Content-Security-Policy", policy),
        )
        for name, value in (*own, *SECURITY, *answer.headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no request of ours, in one line and not in a page."""
        self.close_connection = True
        self.request_version = "HTTP/1.1"  # also to who has sent no header at all
        body = b"Demande illisible.\n"
        self.send_response_only(code, message)
        self.send_header("Content-Type", TYPES["txt"])
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the console is the teacher's."""


def _origins(host: str) -> tuple[str, str]:
    """Return where a page must come from that may talk to us: from us."""
    return f"http://{host}", f"https://{host}"


def _language(query: str) -> str:
    try:
        wanted = parse_qs(query, max_num_fields=4).get("lang", [""])[-1]
    except ValueError:
        return "fr"
    return "en" if wanted == "en" else "fr"


@cache
def _qr(url: str) -> str:
    return addresses.picture(url)
