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

import os
import random
import re
import selectors
import socket
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Self

from justeprix.errors import ClientError, ForeignServer, Refused, SessionOver, Unreachable
from justeprix.game import Bounds
from justeprix.link import POLL, Link, LinkLost, why
from justeprix.protocol import ANSWERS, PORT, Word, parse_greeting

__all__ = ["TRIES", "Client", "waits"]

TRIES = 5

PATIENCE = 1.0
"""Seconds that a goodbye may take."""

GREETING_TIME = 2.0
"""Seconds in which a host must greet: it does so at once, before we say a word."""

_SESSION = re.compile(rf"{Word.SESSION} (\S+) ([0-9]{{1,18}}) [0-9]{{1,18}}")
_RESULT = re.compile(rf"{Word.RESULTAT} ([0-9]{{1,18}}) ({'|'.join(ANSWERS.values())})")
_NUMBER = re.compile(r"[+-]?[0-9]+")

STOPPED = "le client est arrêté"


def waits(first: float, factor: float) -> Iterator[float]:
    """Yield growing waits in seconds, ±25 %, so that a class does not come back all at once."""
    while True:
        yield first * random.uniform(0.75, 1.25)  # noqa: S311 (jitter, not a secret)
        first *= factor


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
        _check_port(port)
        self.port = port
        self.host = host
        self.client_socket: socket.socket | None = None
        self.state = "shutdown"
        self.resultat: str | None = None
        self.on_state = on_state
        self._timeout = timeout
        self._turn = threading.RLock()
        self._stopped = threading.Event()
        self._link: Link | None = None
        self._token = ""
        self._seq = 0
        self._bounds: Bounds | None = None
        self._to_send: deque[str] = deque()
        self._threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
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
        return self._bounds.low, self._bounds.high

    # What pupils call.

    def connect(self) -> None:
        """Connect, in 5 tries with growing waits, and open a session (or resume ours).

        Raises Unreachable, ForeignServer, or SessionOver.
        """
        with self._turn:
            if self.state != "running":
                self._stopped.clear()
                self._connect(waits(0.2, 2.0), first=1)

    def propose(self, nombre: int | str) -> str:
        """Play a number and return `plus`, `moins` or `gagné`; a dropped link does not show.

        Raises Refused if the host does not take the number (nothing is counted), Unreachable
        when the link stays dead after 5 tries, SessionOver when the host closes.
        """
        with self._turn:
            if self._link is None:
                self.__reconnexion()  # only the host knows the number of the next guess
            seq = self._seq + 1
            reply = self._exchange(f"#{seq} {_one_line(str(nombre))}")
            result = _RESULT.fullmatch(reply)
            if result is None or int(result[1]) != seq:
                self._give_up()  # later answers would be those of other questions
                raise ForeignServer(f"réponse inattendue de l'hôte : {reply[:60]!r}")
            return result[2]

    def demande(self, ligne: str) -> str:
        """Send any line of the protocol (`nom Ada`, `scores`) and return its reply.

        A number is played as by `propose`. Raises as `propose` does.
        """
        line = _one_line(ligne)
        with self._turn:
            return self.propose(line) if _NUMBER.fullmatch(line) else self._exchange(line)

    def envoi(self, message: str | bytes) -> None:
        """Send a message in a thread: a number plays, any other line is sent as it is."""
        text = message.decode("utf-8", "replace") if isinstance(message, bytes) else str(message)
        self._to_send.append(text)
        self._start(self.__envoi_message)

    def recois(self) -> threading.Thread:
        """Receive in a thread (returned), which ends when `state` becomes `shutdown`.

        It keeps `resultat` and `state` up to date and mends a broken link at once.
        """
        if self._receiver is None or not self._receiver.is_alive():
            self._receiver = self._start(self.__recois_message)
        return self._receiver

    def arret(self) -> None:
        """Stop: end the session with FIN, close the socket, end the threads.

        After that `connect` starts a new game.
        """
        self._stopped.set()
        self.state = "shutdown"
        # Who holds the link sees that we stopped, and gives up; only a connection under way
        # takes longer, and ends by itself.
        if self._turn.acquire(timeout=PATIENCE):
            try:
                self._say_goodbye()
            finally:
                self._turn.release()
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join(PATIENCE)

    def quitter(self) -> None:
        """Stop, then end the program."""
        self.arret()
        if threading.current_thread() is threading.main_thread():
            sys.exit(0)
        if sys.stdout is not None:  # pythonw has none
            sys.stdout.flush()
        os._exit(0)  # sys.exit would end only this thread

    # Their threads.

    def _start(self, target: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=target, daemon=True)
        self._threads.add(thread)
        thread.start()
        return thread

    def __envoi_message(self) -> None:
        with self._turn:
            text = self._to_send.popleft()
            try:
                self.resultat = self.demande(text)
            except Refused as error:
                self.resultat = f"{Word.ERREUR} {error.code} {error}"
            except ClientError:
                self._give_up()

    def __recois_message(self) -> None:
        while self.state != "shutdown" and not self._stopped.is_set():
            if self._readable():
                with self._turn:
                    self._listen()

    def _readable(self) -> bool:
        """Wait a moment for something to read; without the lock, so that questions go first."""
        sock = self.client_socket
        if sock is None:  # another thread is connecting
            return not self._stopped.wait(POLL)
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(sock, selectors.EVENT_READ)
                return bool(selector.select(POLL))
        except (OSError, ValueError):  # closed meanwhile: `_listen` will see
            return True

    def _listen(self) -> None:
        """Handle what came unasked, and mend the link if it broke."""
        if self._link is None:
            return
        try:
            for line in self._link.lines_so_far():
                self._answers(line)
        except Refused:
            return  # of a line that was sent by hand
        except ClientError:
            self._give_up()
        except (OSError, LinkLost):
            with suppress(ClientError):  # `state` says it
                self.__reconnexion()

    # The link. All below is called with `_turn` held.

    def __reconnexion(self) -> None:
        """Close the socket and try again at once, then with growing waits."""
        with self._turn:
            self._connect(waits(0.3, 3.0), first=0)

    def _connect(self, pauses: Iterator[float], *, first: int) -> None:
        """Try up to 5 times, pausing between; raises Unreachable after the last.

        `on_state` hears of the attempts after number `first`: 1 for a first connection, 0 later.
        """
        reason: Exception = LinkLost(STOPPED)
        for attempt in range(1, TRIES + 1):
            self._set_state("in progress", attempt if attempt > first else 0)
            try:
                if self._stopped.is_set():
                    raise SessionOver(STOPPED)
                self._open()
            except ClientError:
                self._give_up()
                raise
            except (OSError, LinkLost) as error:
                reason = error
            else:
                self._set_state("running", attempt if attempt > first else 0)
                return
            if attempt < TRIES and self._stopped.wait(next(pauses)):
                break
        self._give_up()
        raise Unreachable(
            f"personne ne répond à {self.host}:{self.port} ({why(reason)}) : vérifie l'adresse,"
            " le réseau, et que l'hôte tourne"
        )

    def _set_state(self, state: str, retry: int) -> None:
        self.state = state
        if retry and self.on_state is not None:
            self.on_state(state, retry)

    def _open(self) -> None:
        """Connect once: greeting, then a session, ours if we have one."""
        self._unlink()
        self._link = Link(self.host, _check_port(self.port), self._timeout)
        self.client_socket = self._link.socket
        hello = self._reply(GREETING_TIME)
        if not hello.startswith(Word.HELLO) or self._bounds is None:
            raise ForeignServer(
                f"{self.host}:{self.port} n'est pas un hôte justeprix : il dit {hello[:60]!r}"
            )
        self._link.send(f"{Word.SESSION} {self._token}".rstrip())
        try:
            opened = _SESSION.fullmatch(self._reply(self._timeout))
        except Refused as error:
            raise SessionOver(f"la partie ne peut pas reprendre : {error}") from error
        if opened is None:
            raise ForeignServer(f"{self.host}:{self.port} ne connaît pas les sessions")
        self._token, self._seq = opened[1], int(opened[2])

    def _unlink(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link = self.client_socket = None

    def _give_up(self) -> None:
        self.state = "shutdown"  # before the host can notice
        self._unlink()

    def _say_goodbye(self) -> None:
        with suppress(LinkLost, OSError):  # it is over anyway
            if self._link is not None:
                self._link.send(Word.GOODBYE)
                # The host's own FIN: then it has ours, and nothing is left unread.
                self._link.next_line(time.monotonic() + PATIENCE, threading.Event())
        self._give_up()
        self._token, self._seq = "", 0

    def _exchange(self, line: str) -> str:
        """Send a line and return its reply, over as many links as it takes.

        Each broken link gives `__reconnexion` 5 tries; a host that takes the link but never
        answers is given up after 5 links.
        """
        reason: Exception = LinkLost(STOPPED)
        pauses = waits(0.1, 2.0)
        for _ in range(TRIES + 1):
            try:
                if self._link is None:
                    self.__reconnexion()
                return self._ask(line)
            except (ClientError, KeyboardInterrupt):
                raise
            except (OSError, LinkLost) as error:
                reason = error
                self._unlink()
                if self._stopped.wait(next(pauses)):
                    break
        self._give_up()
        raise Unreachable(
            f"{self.host}:{self.port} ne répond plus ({why(reason)}) : vérifie le réseau"
        )

    def _ask(self, line: str) -> str:
        if self._link is None:
            raise LinkLost("lien coupé")
        self._link.send(line)
        try:
            return self._reply(self._timeout, asked=line)
        except KeyboardInterrupt:
            self._unlink()  # its late answer must not pass for that of the next line
            raise

    def _reply(self, patience: float, *, asked: str = "") -> str:
        """Return the next line that answers us, handling those that nobody asked for."""
        deadline = time.monotonic() + patience
        while True:
            line = self._link.next_line(deadline, self._stopped) if self._link else None
            if line is None:
                raise SessionOver(STOPPED)
            if self._answers(line, asked):
                return line

    def _answers(self, line: str, asked: str = "") -> bool:
        """Keep state up to date; return whether the line answers what was asked.

        Raises Refused for `erreur`, SessionOver when the host says that it is over.
        """
        word, _, rest = line.partition(" ")
        if word in (Word.SHUTDOWN, Word.GOODBYE):
            self._give_up()
            raise SessionOver(rest or "la partie est finie")
        if word == Word.ERREUR:
            code, _, sentence = rest.partition(" ")
            raise Refused(code, sentence or "l'hôte refuse, sans dire pourquoi")
        if line.startswith(Word.HELLO):
            with suppress(ValueError):
                self._bounds = parse_greeting(line)
        result = _RESULT.fullmatch(line)
        if result is not None and int(result[1]) <= self._seq + 1:
            self._seq, self.resultat = max(self._seq, int(result[1])), result[2]
        elif line in ANSWERS.values():  # of a guess sent by hand: the host has counted it
            self._seq, self.resultat = self._seq + 1, line
        return word != Word.MESSAGE and (word != Word.ETAT or asked.lower() == Word.SUIVRE)


def _check_port(port: str | int) -> int:
    try:
        number = int(port)
    except ValueError:
        number = 0
    if not 0 < number < 65536:
        raise ClientError(f"{port} n'est pas un port : choisis entre 1 et 65535")
    return number


def _one_line(text: str) -> str:
    line = text.strip()
    if "\n" in line or "\r" in line:
        raise ClientError("une seule ligne à la fois")
    return line
