"""How much one player may cost: every bound of the server in one place."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The defaults are the documented ones; tests shorten the times."""

    max_players: int = 1000
    per_address: int | None = None  # connections; None: 500, but this very machine as it likes
    rate: float = 1000.0  # messages a second and connection, in the long run; 0 = no limit
    burst: int = 100  # messages that may come at once before that
    idle: float = 600.0  # seconds without a byte before the host says goodbye
    idle_lobby: float = 1800.0  # the same while a competition has not begun
    outbox: int = 65536  # bytes a slow reader may be behind
    stuck: float = 5.0  # seconds in which a slow reader must take something
    linger: float = 1.0  # seconds left to the other side to read our last line
    wrong_codes: int = 5  # a minute and address, then none is heard; as many tokens
    arrivals: int = 1000  # connections an address may open at once, then a tenth of it a second
    doorstep: float = 60.0  # seconds to say the code
