"""What happens, for those who watch: the console, the followers. Plain tuples, no secrets."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from justeprix.game.standings import Standing

__all__ = [
    "Arrived",
    "Finished",
    "Gone",
    "Hint",
    "Named",
    "News",
    "Noticed",
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


class Hint(Enum):
    """What a client does that its author should know of."""

    UNFRAMED = auto()  # its messages have no newline
    GLUED = auto()  # and two of them came as one
    NO_FIN = auto()  # it left without saying so
    HTTP = auto()  # it takes the port of the game for that of the pages


class Noticed(NamedTuple):
    """A hint, once a connection and kind; `sent` is what made one think so, in printable signs."""

    hint: Hint
    name: str
    address: str
    sent: str = ""


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
    | Noticed
    | RoundOpened
    | RoundClosed
    | Finished
    | Trouble
    | Recovered
)
