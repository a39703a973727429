"""A game with a host that outlives its links: what every client of ours stands on.

Every guess carries a number. When the link breaks, the conversation connects again, resumes its
session and asks again under the same number: the host answers it once and counts it once.

One lock, `_turn`: who holds it has the link. A question holds it until its answer is there.
"""

from __future__ import annotations

import itertools
import math
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from justeprix.errors import (
    AllPlayed,
    ClientError,
    ErrorCode,
    ForeignServer,
    Refused,
    SessionOver,
    Unreachable,
)
from justeprix.game.secret import Bounds
from justeprix.net.link import Link, LinkLost, check_port, waits, why
from justeprix.net.trust import Trust
from justeprix.protocol.replies import (
    Answered,
    Chat,
    Error,
    Goodbye,
    Greeting,
    NameGiven,
    Reply,
    SessionOpened,
    Shutdown,
    State,
    read,
)
from justeprix.protocol.words import Word

__all__ = ["GOODBYE_TIME", "HOST_AWAY", "TRIES", "Conversation", "paused"]

TRIES = 5

GOODBYE_TIME = 1.0
"""Seconds that a goodbye, or the end of a thread, may take."""

HOST_AWAY = 300.0
"""Seconds in which who waits for a round, or plays by hand, expects a host back."""

LONGEST_PAUSE = 10.0
"""Seconds between two tries at most: a host that is back is noticed by then."""

GREETING_TIME = 2.0
"""Seconds in which a host must greet: it does so at once, before we say a word."""

STOPPED = "le client est arrêté"
OVER = "la partie est finie"


class Conversation:
    """The state of a game, the link it runs over, and how to mend that link.

    All methods are called with `_turn` held.
    """

    def __init__(
        self,
        port: str | int,
        host: str,
        *,
        timeout: float,
        code: str,
        trust: Trust | None,
        on_state: Callable[[str, int], None] | None,
        on_line: Callable[[str], None] | None,
        on_pause: Callable[[str], None] | None,
        insist: float,
    ) -> None:
        check_port(port)
        self.port = port
        self.host = host
        self.code = code
        self._trust = trust
        self.client_socket: socket.socket | None = None
        self.state = "shutdown"
        self.resultat: str | None = None
        self.on_state = on_state
        self.on_line = on_line
        self.on_pause = on_pause
        self.fault: ClientError | None = None  # why listening ended
        self._timeout = timeout
        self._insist = insist
        self._returning = False  # a link stands, and our session is not resumed yet
        self._back_by = 0.0  # the host pauses, and is waited for until then
        self._turn = threading.RLock()
        self._stopped = threading.Event()
        self._link: Link | None = None
        self._token = ""
        self._seq = 0
        self._bounds: Bounds | None = None

    # Asking.

    def _guess(self, number: str) -> str:
        """Play a number under the next seq; return the answer."""
        if self._link is None:
            self._reconnect()  # only the host knows the number of the next guess
        seq = self._seq + 1
        reply = self._exchange(f"#{seq} {number}")
        if not isinstance(reply, Answered) or reply.seq != seq:
            raise self._unexpected(reply)
        return reply.answer

    def _await_round(self) -> Reply:
        """Ask for the next round and wait for it without a limit, past a restart of the host."""
        insist, self._insist = self._insist, max(self._insist, HOST_AWAY)
        try:
            return self._exchange(Word.PRET, patience=math.inf)
        finally:
            self._insist = insist

    def _exchange(self, line: str, *, patience: float | None = None) -> Reply:
        """Send a line and return its reply, over as many links as it takes.

        `patience`: seconds for the reply, `timeout` without. Each broken link gives `_reconnect`
        5 tries; a host that takes the link but never answers is given up after 5 links.
        """
        reason: Exception = LinkLost(STOPPED)
        pauses = waits(0.1, 2.0)
        for _ in range(TRIES + 1):
            try:
                if self._link is None:
                    self._reconnect()
                return self._ask_fully(line, patience or self._timeout)
            except ClientError:  # an OSError too, but final
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

    def _ask_fully(self, line: str, patience: float) -> Reply:
        reply = self._ask(line, patience)
        if isinstance(reply, NameGiven):
            self._open_session()  # a name may come with a seat, and its guesses
        return reply

    def _ask(self, line: str, patience: float) -> Reply:
        if self._link is None:
            raise LinkLost("lien coupé")
        self._link.send(line)
        try:
            return self._reply(patience, asked=line)
        except KeyboardInterrupt:
            self._unlink()  # its late answer must not pass for that of the next line
            raise

    def _reply(self, patience: float, *, asked: str = "") -> Reply:
        """Return the next reply that answers us, handling those that nobody asked for."""
        deadline = time.monotonic() + patience
        while True:
            line = self._link.next_line(deadline, self._stopped) if self._link else None
            if line is None:
                raise SessionOver(STOPPED)
            reply = read(line)
            if self._answers(reply, asked):
                return reply

    def _answers(self, reply: Reply, asked: str = "") -> bool:
        """Keep state up to date; return whether the reply is one to what was asked.

        Raises Refused for `erreur`, SessionOver or AllPlayed when the host says that it is over.
        """
        match reply:
            case Answered(answer, seq):
                self._note_answer(answer, seq)
            case Error(code, sentence):
                raise Refused(code, sentence or "l'hôte refuse, sans dire pourquoi")
            case Greeting(bounds):
                self._bounds = bounds
            case Shutdown(reason, pause=True):
                self._await_return(reason)
            case Shutdown(reason):
                self._give_up()
                raise SessionOver(reason or OVER)
            case Goodbye() if self._returning:  # said to somebody whom it does not know yet
                raise LinkLost(OVER)
            case Goodbye():
                self._give_up()
                raise AllPlayed(OVER)
            case State() if asked.lower() == Word.SUIVRE:
                return True
            case State() | Chat():
                if self.on_line is not None:
                    self.on_line(str(reply))
                return False
        return True

    def _await_return(self, reason: str) -> NoReturn:
        """Take the end of a link for one that is mended once the host is back."""
        self._back_by = time.monotonic() + HOST_AWAY
        (self.on_pause or _log_pause)(reason)
        raise LinkLost(reason or OVER)

    def _note_answer(self, answer: str, seq: int | None) -> None:
        if seq is None:  # of a guess sent by hand: the host has counted it
            seq = self._seq + 1
        if seq <= self._seq + 1:
            self._seq, self.resultat = max(self._seq, seq), answer

    def _unexpected(self, reply: Reply) -> ForeignServer:
        """Give up: later answers would be those of other questions."""
        self._give_up()
        return ForeignServer(f"réponse inattendue de l'hôte : {str(reply)[:60]!r}")

    def _without_sessions(self) -> ForeignServer:
        return ForeignServer(f"{self.host}:{self.port} ne connaît pas les sessions")

    # Connecting.

    def _reconnect(self) -> None:
        """Close the link and try again at once, then with growing waits."""
        self._connect(first=0)

    def _connect(self, *, first: int) -> None:
        """Try up to 5 times, pausing between; raises Unreachable after the last.

        A host that was there is tried on for `insist` seconds, and 5 minutes if it said that it
        pauses. `on_state` hears of the attempts
        after number `first`: 1 for a first connection, 0 later.
        """
        # Some 3 s in all for an address that may be wrong, 12 s for a host that was there.
        pauses = waits(0.2, 2.0) if first else waits(0.3, 3.0)
        reason: Exception = LinkLost(STOPPED)
        give_up_at = 0.0 if first else max(time.monotonic() + self._insist, self._back_by)
        for attempt in itertools.count(1):
            retry = attempt if attempt > first else 0
            self._set_state("in progress", retry)
            try:
                if self._stopped.is_set():
                    raise SessionOver(STOPPED)
                self._open()
            except ClientError as error:
                # Our own old link may fill the room, until the host sees that it is dead.
                if not (
                    self._token and isinstance(error, Refused) and error.code == ErrorCode.COMPLET
                ):
                    self._give_up()
                    raise
                reason = error
            except (OSError, LinkLost) as error:
                reason = error
            else:
                self._back_by = 0.0
                self._set_state("running", retry)
                return
            if attempt >= TRIES and time.monotonic() >= give_up_at:
                break
            if self._stopped.wait(min(next(pauses), LONGEST_PAUSE)):
                break
        self._give_up()
        if self._back_by and not first:
            self._back_by = 0.0
            raise Unreachable("l'hôte a fait une pause, et n'est pas revenu : demande-lui")
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
        self._returning = bool(self._token)
        self._link = Link(self.host, check_port(self.port), self._timeout, self._trust)
        self.client_socket = self._link.socket
        # A host that was there may have a whole class to greet again.
        hello = self._reply(self._timeout if self._token else GREETING_TIME)
        if not isinstance(hello, Greeting):
            raise ForeignServer(
                f"{self.host}:{self.port} n'est pas un hôte justeprix : il dit {str(hello)[:60]!r}"
            )
        try:
            if self.code and not self._token:  # which opens the door as well
                self._ask(f"{Word.CODE} {self.code}", self._timeout)
            self._open_session(self._token)
        except Refused as error:
            if error.code == ErrorCode.CODE:
                raise
            if not self._token:
                raise self._without_sessions() from error
            raise SessionOver(f"la partie ne peut pas reprendre : {error}") from error
        if self.on_line is not None:
            self._link.send(Word.SUIVRE)  # its answer is a line like those to come

    def _open_session(self, token: str = "") -> None:
        """Ask for our session, or for that of a token; learn how far it is."""
        opened = self._ask(f"{Word.SESSION} {token}".rstrip(), self._timeout)
        if not isinstance(opened, SessionOpened):
            raise self._without_sessions()
        self._token, self._seq = opened.token, opened.seq
        self._returning = False

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
                self._link.next_line(time.monotonic() + GOODBYE_TIME, threading.Event())
        self._give_up()
        self._token, self._seq = "", 0


def paused(reason: str) -> str:
    """Return what to tell who waits for a host that pauses, and how to leave."""
    minutes = round(HOST_AWAY / 60)
    return f"Pause : {reason}. Je l'attends {minutes} minutes ; pour quitter, Ctrl-C."


def _log_pause(reason: str) -> None:
    """Say why a program stands still, on stderr unless it chose otherwise."""
    import logging  # 10 ms, for a host that pauses only

    logging.getLogger("justeprix").warning(paused(reason))
