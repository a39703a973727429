"""The client that pupils import: it plays, and a lost link does not show.

    from justeprix import Client

    with Client(host="192.168.1.20") as client:
        print(client.bornes)          # (1, 100)
        print(client.propose(50))     # "plus", "moins" or "gagné"

A bot plays a whole competition; in practice there is always another round:

    with Client(host="192.168.1.20") as client:
        client.demande("nom HAL")
        for manche in client:
            bas, haut = manche.bas, manche.haut
            ...

How a game outlives its links is in conversation.py.
"""

from __future__ import annotations

import os
import re
import selectors
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple, Self

from justeprix.client.conversation import GOODBYE_TIME, TRIES, Conversation
from justeprix.errors import AllPlayed, ClientError, Refused
from justeprix.net.link import POLL, LinkLost
from justeprix.net.trust import Trust
from justeprix.protocol.replies import Error, RoundAnnounced, read
from justeprix.protocol.words import PORT

__all__ = ["TRIES", "Client", "Manche"]

_NUMBER = re.compile(r"[+-]?[0-9]+")


class Manche(NamedTuple):
    """One round: its number, and the smallest and the largest number the secret may be."""

    numero: int
    bas: int
    haut: int


class Client(Conversation):
    """A player.

    `state` is `shutdown` (not connected, or over), `in progress` (connecting) or `running`;
    `resultat` is the last answer. `timeout` is how many seconds an answer may take before the
    link counts as lost; `code` is that of the room, if it has one.
    With `tls` the link is secret; `ca` (a PEM file) or `fingerprint` say what the host must show.
    `on_state(state, attempt)` is called with `in progress` before each try
    to connect again, and with `running` when one succeeded. With `on_line` the client follows the
    room: it is called with each `etat` and `message` line, while `recois` or a question listens.
    A host that pauses is waited for, 5 minutes, whatever is asked; `on_pause(reason)` is called
    first (without: the log has a warning), and Ctrl-C or `arret` ends the wait.
    `insist`: seconds for which a host that was there is tried again, past the 5 tries; `pret`
    always insists, for 5 minutes. `fault` tells why `recois` ended by itself.

    Raises ClientError if `port` is no port.
    """

    def __init__(
        self,
        port: str | int = str(PORT),
        host: str = "127.0.0.1",
        *,
        timeout: float = 5.0,
        code: str = "",
        tls: bool = False,
        ca: str = "",
        fingerprint: str = "",
        on_state: Callable[[str, int], None] | None = None,
        on_line: Callable[[str], None] | None = None,
        on_pause: Callable[[str], None] | None = None,
        insist: float = 0.0,
    ) -> None:
        super().__init__(
            port,
            host,
            timeout=timeout,
            code=code,
            trust=Trust(ca=ca, fingerprint=fingerprint) if tls or ca or fingerprint else None,
            on_state=on_state,
            on_line=on_line,
            on_pause=on_pause,
            insist=insist,
        )
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

        Raises Unreachable, ForeignServer, SessionOver, or Refused if the room wants another `code`.
        """
        with self._turn:
            if self.state != "running":
                self._stopped.clear()
                self.fault = None
                self._connect(first=1)

    def propose(self, nombre: int | str) -> str:
        """Play a number and return `plus`, `moins` or `gagné`; a dropped link does not show.

        Raises Refused if the host does not take the number (nothing is counted), Unreachable
        when the link stays dead after 5 tries, SessionOver when the host closes.
        """
        with self._turn:
            return self._guess(_one_line(str(nombre)))

    def pret(self) -> Manche | None:
        """Wait for the next round (in practice: take the next secret); None if there is none.

        It waits as long as it takes, up to 5 minutes past a host that went away. Raises
        Unreachable after that, SessionOver when the host closes.
        """
        with self._turn:
            try:
                round = self._await_round()
            except AllPlayed:
                return None
            if not isinstance(round, RoundAnnounced):
                raise self._unexpected(round)
            number, self._bounds = round
            return Manche(number, self._bounds.low, self._bounds.high)

    def __iter__(self) -> Iterator[Manche]:
        """Yield each round as it begins, until the competition is over."""
        while (manche := self.pret()) is not None:
            yield manche

    def demande(self, ligne: str) -> str:
        """Send any line of the protocol (`nom Ada`, `scores`) and return its reply.

        A number is played as by `propose`. Raises as `propose` does.
        """
        line = _one_line(ligne)
        with self._turn:
            return self.propose(line) if _NUMBER.fullmatch(line) else str(self._exchange(line))

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
        if self._turn.acquire(timeout=GOODBYE_TIME):
            try:
                self._say_goodbye()
            finally:
                self._turn.release()
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join(GOODBYE_TIME)

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
                self.resultat = str(Error(error.code, str(error)))
            except ClientError:
                self._give_up()

    def __recois_message(self) -> None:
        while self.state != "shutdown" and not self._stopped.is_set():
            if self._readable():
                with self._turn:
                    self._listen()

    def _readable(self) -> bool:
        """Wait a moment for something to read; without the lock, so that questions go first."""
        link, sock = self._link, self.client_socket
        if link is not None and link.has_line:
            return True
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
                with suppress(Refused):  # of a line that was sent by hand
                    self._answers(read(line))
        except ClientError as error:
            self.fault = error
            self._give_up()
        except (OSError, LinkLost):
            try:
                self.__reconnexion()
            except ClientError as error:
                self.fault = error

    def __reconnexion(self) -> None:
        """Close the socket and try again at once, then with growing waits."""
        with self._turn:
            self._reconnect()


def _one_line(text: str) -> str:
    line = text.strip()
    if "\n" in line or "\r" in line:
        raise ClientError("une seule ligne à la fois")
    return line
