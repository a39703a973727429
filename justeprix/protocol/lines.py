r"""Cut the bytes of one connection into messages. Pure: bytes and times in, messages out.

Two dialects share the port. Programs that end their lines speak LINES. Pupils' first clients
often send `50` and nothing more: the server must guess from silence that the message is whole,
and from then on the connection is UNFRAMED, each segment a message. One newline, whenever it
comes, settles the matter for LINES.

    UNKNOWN --newline--> LINES
       |                   ^
    silence                | newline
       v                   |
    UNFRAMED --------------+
"""

from __future__ import annotations

from enum import Enum, auto

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.protocol.codec import LINE_TIME
from justeprix.protocol.words import MAX_LINE

__all__ = ["LONE_BYTE_SILENCE", "SILENCE", "Dialect", "LineCodec"]

SILENCE = 0.2
"""Seconds without a byte after which an unended first message is taken as whole."""

LONE_BYTE_SILENCE = 1.0
"""The same after a segment of one byte: perhaps a telnet that sends each key as it is typed."""

TOO_LONG = MAX_LINE + 1
"""An overlong message is handed out cut to this many bytes: enough for the parser to refuse it."""


class Dialect(Enum):
    UNKNOWN = auto()
    UNFRAMED = auto()
    LINES = auto()


class LineCodec:
    """Messages on a plain socket, without their newline.

    One over 512 bytes is given once, cut to 513, and the rest of it is skipped.
    """

    extra = 0
    ended = False

    __slots__ = (
        "_between_lines",
        "_ending",
        "_line_is_due",
        "_pending",
        "_skipping",
        "_started",
        "_taken_early",
        "chunk",
        "deadline",
        "dialect",
    )

    def __init__(self) -> None:
        self._speak(Dialect.UNKNOWN)
        self.deadline: float | None = None
        self._between_lines = False  # they are its dialect, and none is begun
        self._line_is_due = False  # whether the deadline is that of a line, not of a silence
        self._pending = b""
        self._started = 0.0  # when the pending message began
        self._skipping = False  # inside an overlong message, already reported
        self._taken_early = False  # the last message was ended by silence: its newline may follow

    def pack(self, line: str) -> bytes:
        """Return a reply in the dialect of this connection."""
        return (line + self._ending).encode()

    def _speak(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._ending = "" if dialect is Dialect.UNFRAMED else "\n"
        # Python takes 256 from its own blocks, and nearly every line is a few bytes; but where a
        # segment is a message, it is read whole, or seen to be too long.
        self.chunk = 256 if dialect is Dialect.LINES else MAX_LINE + 2

    def take_owed(self) -> bytes:
        """Return nothing: here only questions are answered."""
        return b""

    def farewell(self) -> bytes:
        """Return nothing: closing says it all."""
        return b""

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Take one segment (not empty); return the messages that it completes."""
        if self._between_lines and data.find(b"\n") == len(data) - 1 < MAX_LINE:
            return [data[:-1]]  # one whole line: nearly every segment
        messages = self._receive(data, now)
        lines = self.dialect is Dialect.LINES
        self._between_lines = lines and not self._pending and not self._skipping
        return messages

    def _receive(self, data: bytes, now: float) -> list[bytes]:
        if self.dialect is not Dialect.LINES:
            if self._taken_early:
                data = self._without_late_ending(data)
            if b"\n" in data:
                self._speak(Dialect.LINES)
            if not data:
                return []
        if self.dialect is Dialect.LINES:
            return self._receive_lines(data, now)
        return self._receive_segment(data, now)

    def expire(self) -> list[bytes]:
        """Act on the passed `deadline`: silence ends a message, but not a line.

        Raises ProtocolError(delai) when a started line took too long; the connection must end.
        """
        if self._line_is_due:
            raise ProtocolError(
                ErrorCode.DELAI, "ligne jamais finie : termine par un retour à la ligne"
            )
        message, self._pending = self._pending, b""
        self._speak(Dialect.UNFRAMED)
        self.deadline, self._skipping, self._taken_early = None, False, True
        return [message] if message else []

    def end(self) -> list[bytes]:
        """Nothing more will come: that ends a message, but half a line is none.

        `#7 12`, cut out of `#7 123`, must not be played.
        """
        message, self._pending, self.deadline = self._pending, b"", None
        return [message] if message and self.dialect is not Dialect.LINES else []

    def _receive_lines(self, data: bytes, now: float) -> list[bytes]:
        *lines, rest = (self._pending + data).split(b"\n")
        if lines:
            self.deadline = None
            if self._skipping:
                self._skipping = False
                del lines[0]
            lines = [line[:TOO_LONG] for line in lines]
        self._pending = rest
        if rest:
            self._keep_rest(lines, now)
        return lines

    def _keep_rest(self, messages: list[bytes], now: float) -> None:
        """Bound what is kept of an unfinished message, and start its clock."""
        if self.deadline is None:
            self._started = now
            self._line_is_due = True
            self.deadline = now + LINE_TIME
        if self._skipping:
            self._pending = b""
        elif len(self._pending) > MAX_LINE:
            messages.append(self._pending[:TOO_LONG])
            self._pending, self._skipping = b"", True

    def _receive_segment(self, data: bytes, now: float) -> list[bytes]:
        if self.dialect is Dialect.UNFRAMED and not self._skipping and len(data) <= MAX_LINE:
            self._taken_early = True
            return [data]
        messages: list[bytes] = []
        self._pending += data
        self._keep_rest(messages, now)
        silence = LONE_BYTE_SILENCE if len(data) == 1 else SILENCE
        line_end = self._started + LINE_TIME
        # An overlong message is refused already: only silence or a newline ends skipping it.
        self._line_is_due = now + silence >= line_end and not self._skipping
        self.deadline = line_end if self._line_is_due else now + silence
        return messages

    def _without_late_ending(self, data: bytes) -> bytes:
        """Drop the line ending of a message that silence ended first: it was answered already."""
        if data == b"\r":
            return b""
        if data.startswith((b"\n", b"\r\n")):
            self._speak(Dialect.LINES)
            data = data[data.index(b"\n") + 1 :]
        self._taken_early = False
        return data
