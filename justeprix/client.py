"""The client that pupils import: it plays, and a lost link does not show.

    from justeprix import Client

    with Client(host="192.168.1.20") as client:
        print(client.bornes)          # (1, 100)
        print(client.propose(50))     # "plus", "moins" or "gagné"

Every guess carries a number. When the link breaks, the client connects again, resumes its
session and asks again under the same number: the host answers it once and counts it once.

One lock, `_turn`: who holds it has the link. A question holds it until its answer is there.
"""

from __future__ import annotations

import errno
import os
import random
import re
import select
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Self

from justeprix.errors import ClientError, ForeignServer, Refused, SessionOver, Unreachable
from justeprix.protocol import ANSWERS, PORT, Word, parse_greeting

__all__ = ["TRIES", "Client", "waits"]

TRIES = 5
GREETING_TIME = 2.0
"""Seconds in which a host must greet: it does so at once, before we say a word."""

POLL = 0.2
"""Seconds between two looks at whether somebody stopped the client."""

MAX_REPLY = 1 << 16
"""Bytes without a newline after which whoever talks is no justeprix host."""


def waits(first: float, factor: float = 2.0) -> Iterator[float]:
    """Yield growing waits in seconds, ±25 %, so that a class does not come back all at once."""
    while True:
        yield first * random.uniform(0.75, 1.25)  # noqa: S311 (jitter, not a secret)
        first *= factor


_SESSION = re.compile(rf"{Word.SESSION} (\S+) ([0-9]+) ([0-9]+)")

_REASONS = {
    errno.ECONNREFUSED: "connexion refusée",
    errno.ECONNRESET: "lien coupé",
    errno.EPIPE: "lien coupé",
    errno.EHOSTUNREACH: "machine introuvable",
    errno.ENETUNREACH: "pas de réseau",
    errno.ENETDOWN: "pas de réseau",
}


class _LinkLost(Exception):
    """The link broke, or fell silent: worth another try."""


class Client:
    """A player.

    `state` is `shutdown` (not connected, or over), `in progress` (connecting) or `running`;
    `resultat` is the last answer. `timeout` is how many seconds an answer may take before the
    link counts as lost. `on_state(state, attempt)` is called with `in progress` before each try
    to connect again, and with `running` when one succeeded.

    Raises ClientError if `port` is no port.
    """

    def __init__(
        self,
        port: str | int = str(PORT),
        host: str = "127.0.0.1",
        *,
        timeout: float = 5.0,
        on_state: Callable[[str, int], None] | None = None,
    ) -> None:
        try:
            self._port = int(port)
        except ValueError:
            self._port = 0
        if not 0 < self._port < 65536:
            raise ClientError(f"{port} n'est pas un port : choisis entre 1 et 65535")
        self.port = port
        self.host = host
        self.client_socket: socket.socket | None = None
        self.state = "shutdown"
        self.resultat: str | None = None
        self._timeout = timeout
        self.on_state = on_state
        self._turn = threading.RLock()
        self._stopped = threading.Event()
        self._token = ""
        self._seq = 0
        self._bounds: tuple[int, int] | None = None
        self._buffer = b""
        self._to_send: deque[str] = deque()
        self._threads: list[threading.Thread] = []
        self._receiver: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.arret()

    @property
    def bornes(self) -> tuple[int, int]:
        """The smallest and the largest number the secret may be.

        Raises ClientError before the first `connect`.
        """
        if self._bounds is None:
            raise ClientError("pas encore connecté : appelle d'abord connect()")
        return self._bounds

    # Playing.

    def connect(self) -> None:
        """Connect, in 5 tries with growing waits, and open a session (or resume ours).

        Raises Unreachable, ForeignServer, or SessionOver.
        """
        with self._turn:
            if self.state == "running":
                return
            self._stopped.clear()
            self._until_done(self._link, pauses=waits(0.2))

    def propose(self, nombre: int | str) -> str:
        """Play a number and return `plus`, `moins` or `gagné`; a dropped link does not show.

        Raises Refused if the host does not take the number (nothing is counted), Unreachable
        when the link stays dead after 5 tries, SessionOver when the host closes.
        """
        with self._turn:
            if self.client_socket is None:
                self.__reconnexion()
            seq = self._seq + 1
            reply = self._exchange(f"#{seq} {nombre}")
            answer = reply.removeprefix(f"{Word.RESULTAT} {seq} ")
            if answer not in ANSWERS.values():
                raise ForeignServer(f"réponse inattendue de l'hôte : {reply[:60]!r}")
            self._seq = seq
            self.resultat = answer
            return answer

    def demande(self, ligne: str) -> str:
        """Send any other line of the protocol (`nom Ada`, `scores`) and return its reply.

        Raises as `propose` does.
        """
        with self._turn:
            return self._exchange(ligne)

    def envoi(self, message: str | bytes) -> None:
        """Send a message in a thread: a number plays, any other line is sent as it is."""
        text = message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
        self._to_send.append(text.strip())
        self._start(self.__envoi_message)

    def recois(self) -> threading.Thread:
        """Receive in a thread (returned), which ends when `state` becomes `shutdown`.

        It keeps `resultat` and `state` up to date and mends a broken link at once.
        """
        if self._receiver is None or not self._receiver.is_alive():
            self._receiver = self._start(self.__recois_message)
        return self._receiver

    def arret(self) -> None:
        """Stop: end the session with FIN, close the socket, end the threads."""
        self._stopped.set()
        with self._turn:
            if self.state == "running":
                with suppress(ClientError, _LinkLost, OSError):
                    self._send_line(Word.GOODBYE)
                    self._read_reply(time.monotonic() + 1.0, stoppable=False)
            self.state = "shutdown"
            self._unlink()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()
        self._threads.clear()

    def quitter(self) -> None:
        """Stop, then end the program."""
        self.arret()
        if threading.current_thread() is threading.main_thread():
            sys.exit(0)
        sys.stdout.flush()
        os._exit(0)  # sys.exit would end only this thread

    def __reconnexion(self) -> None:
        """Close the socket and try again at once, then with growing waits."""
        with self._turn:
            self._unlink()
            self._until_done(self._link, pauses=waits(0.3, 3.0), at_once=True)

    def __envoi_message(self) -> None:
        with self._turn:
            text = self._to_send.popleft()
            try:
                if text.lstrip("+-").isdecimal():
                    self.propose(text)
                else:
                    self.resultat = self.demande(text)
            except Refused as error:
                self.resultat = f"{Word.ERREUR} {error.code} {error}"
            except (ClientError, OSError, _LinkLost):
                self.state = "shutdown"

    def __recois_message(self) -> None:
        while self.state != "shutdown" and not self._stopped.is_set():
            if self._readable():
                with self._turn, suppress(ClientError):
                    if self._listen():
                        self.__reconnexion()

    # The link. Everything below is called with `_turn` held, but `_readable`.

    def _until_done(
        self, action: Callable[[], None], *, pauses: Iterator[float], at_once: bool = False
    ) -> None:
        """Try up to 5 times, pausing between; raises Unreachable after the last."""
        for attempt in range(1, TRIES + 1):
            again = attempt > 1 or at_once
            self._set_state("in progress", attempt if again else 0)
            try:
                action()
            except ClientError:
                self._give_up()
                raise
            except (OSError, _LinkLost) as error:
                self._unlink()
                reason = error
            else:
                self._set_state("running", attempt if again else 0)
                return
            if attempt < TRIES and self._stopped.wait(next(pauses)):
                break
        self._give_up()
        raise Unreachable(
            f"personne ne répond à {self.host}:{self._port} ({_why(reason)}) : vérifie l'adresse,"
            " le réseau, et que l'hôte tourne"
        )

    def _set_state(self, state: str, attempt: int) -> None:
        """Enter a state; tell whoever asked, if this is a try to connect again."""
        self.state = state
        if attempt and self.on_state is not None:
            self.on_state(state, attempt)

    def _give_up(self) -> None:
        self._unlink()
        self.state = "shutdown"

    def _link(self) -> None:
        """Connect once: greeting, then a session, ours if we have one."""
        self._unlink()
        sock = socket.create_connection((self.host, self._port), timeout=self._timeout)
        self.client_socket = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        hello = self._read_reply(
            time.monotonic() + GREETING_TIME, silence="aucun accueil : est-ce un hôte justeprix ?"
        )
        try:
            bounds = parse_greeting(hello)
        except ValueError:
            raise ForeignServer(
                f"{self.host}:{self._port} n'est pas un hôte justeprix : il dit {hello[:60]!r}"
            ) from None
        self._bounds = (bounds.low, bounds.high)
        self._open_session()

    def _open_session(self) -> None:
        self._send_line(f"{Word.SESSION} {self._token}".rstrip())
        try:
            reply = self._read_reply(time.monotonic() + self._timeout)
        except Refused as error:
            raise SessionOver(f"la partie ne peut pas reprendre : {error}") from error
        opened = _SESSION.fullmatch(reply)
        if opened is None:
            raise ForeignServer(f"{self.host}:{self._port} ne connaît pas les sessions")
        self._token, self._seq = opened[1], int(opened[2])

    def _unlink(self) -> None:
        self._buffer = b""
        if self.client_socket is not None:
            self.client_socket.close()
            self.client_socket = None

    def _exchange(self, line: str) -> str:
        """Send a line and return its reply, over as many links as it takes.

        After each broken link `__reconnexion` has 5 tries; a host that takes the link but never
        answers is given up after 5 links.
        """
        reason: Exception = OSError()
        pauses = waits(0.2)
        for attempt in range(1, TRIES + 2):
            try:
                if self.client_socket is None:
                    self.__reconnexion()
                self._send_line(line)
                return self._read_reply(time.monotonic() + self._timeout)
            except ClientError:
                raise
            except (OSError, _LinkLost) as error:
                reason = error
                self._unlink()
                if attempt > 1 and self._stopped.wait(next(pauses)):
                    break
            except BaseException:  # Ctrl-C: a late answer must not pass for that of the next line
                self._unlink()
                raise
        self._give_up()
        raise Unreachable(
            f"{self.host}:{self._port} ne répond plus ({_why(reason)}) : vérifie le réseau"
        )

    def _send_line(self, line: str) -> None:
        if self.client_socket is None:
            raise _LinkLost("pas connecté")
        self.client_socket.settimeout(self._timeout)
        self.client_socket.sendall(f"{line}\n".encode())

    def _read_reply(
        self, deadline: float, *, stoppable: bool = True, silence: str = "aucune réponse à temps"
    ) -> str:
        """Return the next line that answers us, handling those that nobody asked for.

        Raises _LinkLost when the link breaks or the deadline (monotonic) passes, Refused for
        `erreur`, SessionOver when the host says that it is over.
        """
        while True:
            newline = self._buffer.find(b"\n")
            if newline >= 0:
                line = self._buffer[:newline].decode("utf-8", "replace").rstrip("\r")
                self._buffer = self._buffer[newline + 1 :]
                if self._handle(line):
                    return line
                continue
            if len(self._buffer) > MAX_REPLY:
                raise ForeignServer(f"{self.host}:{self._port} n'est pas un hôte justeprix")
            if stoppable and self._stopped.is_set():
                raise SessionOver("le client est arrêté")
            if time.monotonic() >= deadline:
                raise _LinkLost(silence)
            self._receive(min(deadline - time.monotonic(), POLL))

    def _receive(self, patience: float) -> None:
        if self.client_socket is None:
            raise _LinkLost("pas connecté")
        self.client_socket.settimeout(max(patience, 0.001))
        try:
            data = self.client_socket.recv(65536)
        except TimeoutError:
            return
        if not data:
            raise _LinkLost("lien coupé")
        self._buffer += data

    def _handle(self, line: str) -> bool:
        """Keep state up to date; return whether the line answers a question of ours."""
        word, _, rest = line.partition(" ")
        if word in (Word.SHUTDOWN, Word.GOODBYE):
            self._give_up()
            raise SessionOver(rest or "la partie est finie")
        if word == Word.ERREUR:
            code, _, sentence = rest.partition(" ")
            raise Refused(code, sentence)
        if word in (Word.MESSAGE, Word.ETAT):
            return False
        if line in ANSWERS.values():
            self.resultat = line
        return True

    # Listening while nobody asks.

    def _readable(self) -> bool:
        """Wait a moment for something to read; without the lock, so that questions go first."""
        sock = self.client_socket
        try:
            return sock is not None and bool(select.select([sock], [], [], POLL)[0])
        except (OSError, ValueError):  # closed by whoever has the lock: look again
            return not self._stopped.wait(POLL / 10)

    def _listen(self) -> bool:
        """Handle what came unasked; return whether the link is dead."""
        if self.client_socket is None:
            return False
        try:
            self.client_socket.settimeout(0)
            data = self.client_socket.recv(65536)
        except BlockingIOError:
            return False
        except OSError:
            return True
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        for line in lines:
            self._handle(line.decode("utf-8", "replace"))
        return not data

    def _start(self, target: Callable[[], None]) -> threading.Thread:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=target, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread


def _why(error: Exception) -> str:
    """Say in French what the system said in its own words."""
    if isinstance(error, TimeoutError):
        return "aucune réponse à temps"
    if isinstance(error, socket.gaierror):
        return "adresse inconnue"
    if isinstance(error, OSError) and error.errno in _REASONS:
        return _REASONS[error.errno]
    return str(error) or type(error).__name__
