"""What the handler of a command is, and what it sees of the session that speaks. Pure.

Contracts, no code: the handlers themselves are in `handlers`, the session in `session`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from justeprix.session.host import Host
from justeprix.session.identity import Identity
from justeprix.session.part import Part
from justeprix.session.step import Step

__all__ = ["Handler", "Speaker"]


class Speaker(Protocol):
    """A session, as its handlers see it."""

    identity: Identity
    plays: Part
    host: Host
    admitted: bool  # has said the code, or needs none
    follows: bool  # is told the state, unasked
    waiting: bool  # for a round: the answer to `pret` is still owed
    over: bool  # its link must end
    said_at: float  # when it last spoke to the others; monotonic seconds


@dataclass(frozen=True, slots=True)
class Handler:
    """All that there is to know of one kind of command, in one record.

    `answer(session, command, step)` returns the reply, without its ending, and may raise
    ProtocolError; so may `check(session, command)`, before the command has any effect.
    """

    answer: Callable[[Speaker, Any, Step], str]
    help: str = ""  # what `aide` says of it
    check: Callable[[Speaker, Any], None] | None = None
    at_the_door: bool = False  # heard before the code is said
    by_player: bool = False  # makes its sender a player, whatever the answer
    announces: bool = True  # as a first message, tells that somebody new is here
    cost: int = 1  # messages that it counts for, against the allowed rate
