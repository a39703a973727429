"""Plays against a server on the wire, like pupils' clients do, and writes down what goes over it.

    visitors = Visitors(find_server("127.0.0.1:5566", mine=False))
    ada = visitors.welcome(Transcript())
    ada.guess(50)                              # "plus", "moins" or "gagné"; else a Fault

Nothing waits for ever: a server has `REPLY` seconds for each thing that must come.
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from contextlib import suppress

from justeprix.errors import CheckError, ErrorCode
from justeprix.game.secret import Bounds
from justeprix.net.link import why
from justeprix.protocol.replies import ANSWERS, Error, read
from justeprix.protocol.words import Word
from justeprix.workshop.check.finding import Fault, Transcript

__all__ = ["PAUSE", "Cut", "Silent", "Visitor", "Visitors"]

REPLY = 2.0
"""Seconds a server has for its greeting, for an answer, for closing."""

PAUSE = 0.3
"""Seconds of silence after which nothing more is expected: a message without newline is whole."""

LONGEST = 65536
"""Bytes without a newline that are taken for one message."""

RESET = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""SO_LINGER on, zero seconds: close() sends a reset."""


class Silent(Fault):
    """Nothing came in time."""


class Cut(Fault):
    """The server ended the connection."""


class Visitor:
    """One connection to the server. What fails on it is a Fault.

    It reads whatever comes up to a newline; but if bytes came and no newline after them within
    `grace` seconds, these are the message: who forgets newlines shall hear of his other faults too.
    """

    def __init__(
        self, sock: socket.socket, name: str, transcript: Transcript, grace: float
    ) -> None:
        self.name = name
        self.greeting = ""
        self.bounds = Bounds(0, 0)
        self.grace = grace
        self._socket = sock
        self._transcript = transcript
        self._buffer = b""
        self._awaited = "l'accueil"

    # What pupils' clients do.

    def greet(self) -> None:
        """Read the greeting, with its bounds."""
        self.greeting = _text(self.receive())
        words = self.greeting.split()
        if words[:1] == [Word.ERREUR.value]:
            raise Fault(f"ton serveur refuse {self.name} : « {self.greeting} »")
        try:
            self.bounds = Bounds(int(words[-3]), int(words[-1]))
        except (ValueError, IndexError):
            raise Fault(
                f"l'accueil est « {self.greeting} » : on n'y trouve pas les bornes, qui sont le"
                " dernier mot et le troisième en partant de la fin"
            ) from None
        if self.bounds.size < 2:
            raise Fault(f"entre {words[-3]} et {words[-1]} il n'y a rien à deviner")

    def guess(self, number: int) -> str:
        """Play a number; return `plus`, `moins` or `gagné`, for all else is a fault."""
        self.say(str(number))
        return self.answer_to(number)

    def answer_to(self, number: int) -> str:
        """Return the answer to a number that was sent."""
        answer = self.hear()
        if answer in ANSWERS.values():
            return answer
        told = read(answer)
        if isinstance(told, Error) and told.code == ErrorCode.ATTENTE:
            raise Fault(
                f"ton serveur attend une manche (à {number} il répond « {answer} ») : pour cet"
                " essai, lance-le à l'entraînement"
            )
        raise Fault(
            f"à {number}, qui est entre les bornes, ton serveur répond « {answer} », et pas plus,"
            " moins ou gagné"
        )

    def ask(self, message: str) -> str:
        """Send one line; return the one that comes back."""
        self.say(message)
        return self.hear()

    def say(self, message: str) -> None:
        """Send one line."""
        self.send(f"{message}\n".encode())

    def hear(self) -> str:
        """Return the next message as text."""
        return _text(self.receive())

    def overhear(self, seconds: float = PAUSE) -> str:
        """Return what comes though nothing should; empty if it stays silent for so long.

        An empty line is something too: a newline as Python writes it stands for it.
        """
        with suppress(Silent):
            return _text(self.receive(seconds)) or r"\n"
        return ""

    def leave(self) -> None:
        """Say FIN, wait for the end."""
        self.begin_to_leave()
        self.finish_leaving(time.monotonic() + REPLY)

    def begin_to_leave(self) -> None:
        """Say FIN, if that can still be said, and that there will be nothing more."""
        if self._socket.fileno() >= 0:
            self._transcript.note(f"{self.name} envoie", b"FIN\n")
            with suppress(OSError):
                self._socket.sendall(b"FIN\n")
                self._socket.shutdown(socket.SHUT_WR)

    def finish_leaving(self, deadline: float) -> None:
        """Read until the end: to close before would be a reset, which not every server outlives."""
        if self._socket.fileno() >= 0:
            while self._more(deadline):
                pass
            self._transcript.note(self.name, "ferme")
            self._socket.close()

    # What networks do.

    def vanish(self) -> None:
        """Close without FIN."""
        self._transcript.note(self.name, "ferme sans FIN")
        self._socket.close()

    def break_off(self) -> None:
        """Reset the connection, as a machine does that lost its program."""
        self._transcript.note(self.name, "coupe net")
        with suppress(OSError):  # cut already: macOS refuses it then
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._socket.close()

    # Bytes.

    def send(self, data: bytes) -> None:
        """Send in one segment."""
        self._transcript.note(f"{self.name} envoie", data)
        self._awaited = f"la réponse à {_named(data)}"
        try:
            self._socket.settimeout(REPLY)
            self._socket.sendall(data)
        except OSError:
            raise self._cut() from None

    def receive(self, patience: float = REPLY) -> bytes:
        """Return the next message, with its newline if it has one. Raises Silent or Cut."""
        deadline = time.monotonic() + patience
        while b"\n" not in self._buffer and len(self._buffer) < LONGEST:
            if self._buffer:
                deadline = min(deadline, time.monotonic() + self.grace)
            data = self._more(deadline)
            if not data:
                break
            self._buffer += data
        if self._buffer:
            return self._message()
        if data is None:
            raise Silent(f"{self.name} attend {self._awaited}, et rien ne vient")
        raise self._cut()

    def wait_for_end(self) -> None:
        """Wait until the server closes. Raises Silent if it does not."""
        deadline = time.monotonic() + REPLY
        while data := self._more(deadline):
            self._transcript.note(f"{self.name} reçoit", data)
        if data is None:
            raise Silent(f"{self.name} attend la fin de la connexion, et rien ne vient")
        self._transcript.note("le serveur", f"ferme la connexion de {self.name}")

    def _message(self) -> bytes:
        end = self._buffer.find(b"\n") + 1
        if not end:
            self.grace = 0.0  # no newline here, none anywhere: not worth waiting for
        message, self._buffer = self._buffer[: end or None], self._buffer[end:] if end else b""
        self._transcript.note(f"{self.name} reçoit", message)
        return message

    def _more(self, deadline: float) -> bytes | None:
        """Return what has come; b"" at the end, None if nothing came until then."""
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        self._socket.settimeout(left)
        try:
            return self._socket.recv(LONGEST)
        except TimeoutError:
            return None
        except OSError:
            return b""

    def _cut(self) -> Cut:
        self._transcript.note("le serveur", f"ferme la connexion de {self.name}")
        return Cut(f"{self.name} attend {self._awaited}, et ton serveur ferme la connexion")


def _text(message: bytes) -> str:
    return message.decode("utf-8", "replace").strip()


def _named(data: bytes) -> str:
    text = data.decode("utf-8", "backslashreplace").strip()
    return f"« {text if len(text) <= 20 else text[:20] + '…'} »" if text else "une ligne vide"


class Visitors:
    """All those who come to one server. After each check, `lost` sends them home."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._present: list[Visitor] = []
        self._arrivals = 0
        self._listens = False
        self._grace = PAUSE  # shorter once the server has shown that it knows no newline

    def welcome(self, transcript: Transcript) -> Visitor:
        """Let one more come, and read its greeting."""
        visitor = self.connect(transcript)
        visitor.greet()
        self._grace = visitor.grace
        return visitor

    def connect(self, transcript: Transcript) -> Visitor:
        """Let one more come, who has read nothing yet.

        Raises Cut if that fails, or CheckError if nobody was ever reached there.
        """
        name = f"client {len(self._present) + 1}"
        transcript.note(name, "se connecte")
        self._arrivals += 1
        try:
            sock = socket.create_connection(self._address, timeout=REPLY)
        except OSError as error:
            transcript.note(name, f"n'y arrive pas : {why(error)}")
            raise self._unreached(name, error) from None
        self._listens = True
        with suppress(OSError):  # cut already: the first read will say so
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._present.append(Visitor(sock, name, transcript, self._grace))
        return self._present[-1]

    def _unreached(self, name: str, error: OSError) -> Exception:
        """Say why a connection failed: only a refusal shows that nobody listens."""
        host, port = self._address
        refused = isinstance(error, ConnectionRefusedError)
        if self._listens:
            reason = "plus personne n'écoute" if refused else f"n'y arrive pas : {why(error)}"
            return Cut(f"{name} se connecte, et {reason}")
        if refused:
            return CheckError(
                f"personne n'écoute à {host}, port {port} : lance d'abord ton serveur"
            )
        return CheckError(f"impossible de se connecter à {host}, port {port} : {why(error)}")

    def lost(self) -> str:
        """Send all home; say why nothing more can be tried, empty if somebody is greeted still."""
        self._send_home()
        if self._arrivals < 2:  # whether a second client is served is a check of its own
            return ""
        try:
            self.connect(Transcript()).receive()
        except Fault:
            return "le serveur n'accueille plus personne"
        finally:
            self._send_home()
        return ""

    def _send_home(self) -> None:
        """Let all leave at the same time."""
        deadline = time.monotonic() + REPLY
        for visitor in self._present:
            visitor.begin_to_leave()
        for visitor in self._present:
            visitor.finish_leaving(deadline)
        self._present.clear()
