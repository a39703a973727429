"""How often an address may open connections: a burst, then a rate. Pure: time comes in."""

from __future__ import annotations

__all__ = ["Arrivals"]

REMEMBERED = 4096
"""Addresses after which those are forgotten who may come as they like again."""


class Arrivals:
    """One listening socket's callers. Who comes too often costs us an accept and a close."""

    def __init__(self, at_once: int, per_second: float) -> None:
        self._interval = 1 / per_second
        self._head_start = at_once * self._interval
        self._due: dict[str, float] = {}  # when the calls so far would have come at the rate

    def allows(self, address: str, now: float) -> bool:
        """Count a connection; return whether it may come in."""
        due = max(self._due.get(address, now), now) + self._interval
        if due > now + self._head_start:
            return False
        if len(self._due) >= REMEMBERED:
            self._due = {who: at for who, at in self._due.items() if at > now}
        self._due[address] = due
        return True
