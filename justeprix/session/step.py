"""What one step of a worker decides: rows to store, and news to tell once they are stored. Pure.

A name that one takes, the next one in the same step must find taken: such a change is made at
once, and taken back if the step cannot be stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from justeprix.game.records import Rows
from justeprix.session.events import News

__all__ = ["Step"]


@dataclass(slots=True)
class Step:
    """One step of a worker: its time, then what it decides."""

    now: float  # seconds, monotonic
    at: int  # milliseconds since 1970
    rows: Rows = field(default_factory=Rows)
    news: list[News] = field(default_factory=list)
    undo: list[Callable[[], None]] = field(default_factory=list)

    def take_back(self) -> None:
        """Undo what was changed since the last rows were stored, the last change first."""
        while self.undo:
            self.undo.pop()()
