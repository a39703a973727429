"""What happens, for those who watch: the console, the followers. Plain tuples, no secrets."""

from __future__ import annotations

from typing import NamedTuple

from justeprix.standings import Standing

__all__ = [
    "Arrived",
    "Finished",
    "Gone",
    "Named",
    "News",
    "Recovered",
    "Resumed",
    "RoundClosed",
    "RoundOpened",
    "Said",
    "Trouble",
    "Won",
]


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


class RoundOpened(NamedTuple):
    """A round began; `seconds` is its time limit, if it has one."""

    number: int
    rounds: int
    low: int
    high: int
    seconds: int | None


class RoundClosed(NamedTuple):
    """A round is over, and its secret no secret any more."""

    number: int
    secret: int
    found: int
    players: int


class Finished(NamedTuple):
    """The competition is over."""

    standings: list[Standing]


class Trouble(NamedTuple):
    """Something the host must know; said once until it is over."""

    sentence: str


class Recovered(NamedTuple):
    """A trouble that is over."""

    sentence: str


News = (
    Arrived
    | Named
    | Resumed
    | Won
    | Said
    | Gone
    | RoundOpened
    | RoundClosed
    | Finished
    | Trouble
    | Recovered
)
