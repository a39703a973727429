"""What happens, for those who watch: the console, the followers. Plain tuples, no secrets."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Arrived", "Gone", "Named", "News", "Recovered", "Resumed", "Said", "Trouble", "Won"]


class Arrived(NamedTuple):
    """Somebody connected."""

    name: str
    address: str


class Named(NamedTuple):
    """A player took a name."""

    before: str
    name: str


class Resumed(NamedTuple):
    """A session came back on a new connection."""

    name: str


class Won(NamedTuple):
    """A secret was found, by the session of that id, in that epoch of it."""

    session: int
    epoch: int
    name: str
    guesses: int


class Said(NamedTuple):
    """A chat message, for those who follow."""

    name: str
    text: str


class Gone(NamedTuple):
    """A connection ended; `may_return` if its session can be resumed."""

    name: str
    may_return: bool


class Trouble(NamedTuple):
    """Something the host must know; said once until it is over."""

    sentence: str


class Recovered(NamedTuple):
    """A trouble that is over."""

    sentence: str


News = Arrived | Named | Resumed | Won | Said | Gone | Trouble | Recovered
