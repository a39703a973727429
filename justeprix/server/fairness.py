"""Who is heard in which step of a worker: the calm together, then floods, a little each."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from operator import attrgetter

from justeprix.server.connection import Connection

__all__ = ["Ready", "shares"]

Ready = list[Connection | None]
"""Who can be read or written; None: somebody posted a call."""

AT_ONCE = 256
"""Sockets read in one step at most: a commit gets no cheaper beyond, and all wait longer."""

FLOOD = 32
"""Messages after which those who flood are heard no further: what is not read is ready again."""


def shares(ready: Ready, fast: float) -> Iterator[tuple[Ready, float]]:
    """Yield the steps of one poll: who is served, and after how many messages it ends.

    Who has sent so much that their messages reach past `fast` floods: they are heard last, the
    least of them first.
    """
    floods: Ready = [c for c in ready if c is not None and c.paced > fast]
    if floods:
        ready = [c for c in ready if c is None or c.paced <= fast]
        floods.sort(key=attrgetter("paced"))
    yield ready[:AT_ONCE], inf  # also if nobody is ready: time has passed
    for start in range(AT_ONCE, len(ready), AT_ONCE):
        yield ready[start : start + AT_ONCE], inf
    if floods:
        yield floods, FLOOD
