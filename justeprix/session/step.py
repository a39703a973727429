"""What one step of a worker decides: rows to store, and news to tell once they are stored. Pure."""

from __future__ import annotations

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
