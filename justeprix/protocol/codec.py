"""What a transport does: the messages of one connection out of its bytes, and back. Pure.

A contract, kept by plain sockets (lines.py), TLS (tls.py) and WebSocket (websocket.py).
"""

from __future__ import annotations

from typing import Protocol

__all__ = ["LINE_TIME", "Codec"]

LINE_TIME = 5.0
"""Seconds in which a line, once started, must end; so must what is a line elsewhere."""


class Codec(Protocol):
    """Feed it with `receive(data, now)`; once `deadline` has passed, call `expire()`."""

    deadline: float | None
    """By the same clock as `now`."""

    chunk: int
    """How many bytes to read at once: a flood costs the others that in a step, no more."""

    extra: int
    """How much of the last segment was no message; only then is anything owed, or ended."""

    @property
    def ended(self) -> bool:
        """Whether the connection ends, once what is owed is sent."""

    def receive(self, data: bytes, now: float) -> list[bytes]:
        """Take one segment (not empty); return the messages that it completes."""

    def expire(self) -> list[bytes]:
        """Act on the passed deadline. Raises ProtocolError if the connection must end."""

    def end(self) -> list[bytes]:
        """Nothing more will come; return the message that this completes, if it does."""

    def pack(self, line: str) -> bytes:
        """Return the bytes of one reply."""

    def take_owed(self) -> bytes:
        """Return, once, what must be sent though nobody asked a question."""

    def farewell(self) -> bytes:
        """Return the bytes that end the conversation, behind the last reply."""
