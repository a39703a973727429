"""Who may come in: the code that opens the door, who guesses it, who comes too often. Pure.

A code is short, so that a class can type it: what makes it safe is that an address may be wrong a
few times a minute only, and then is not even listened to. A token is long: the right one always
lets in, and wrong ones are counted apart, for yesterday's pages send theirs.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter

from justeprix.errors import ErrorCode, ProtocolError, ServerError
from justeprix.room.limits import Limits

__all__ = ["Arrivals", "Door", "Mistakes", "check_code"]

WINDOW = 60.0
"""Seconds for which a mistake counts."""

PER_ADDRESS = 500
"""Connections of one address unless the host says otherwise: a school behind one address."""

REMEMBERED = 4096
"""Addresses after which those are forgotten who may come as they like again."""

_CODE = re.compile(r"[0-9A-Za-z]{4,20}")


class Mistakes:
    """How often each address was wrong within the last minute."""

    def __init__(self, allowed: int) -> None:
        self._allowed = allowed
        self._made: dict[str, list[float]] = {}

    def too_many(self, address: str, now: float) -> bool:
        """Whether an address has made all that it may."""
        return len(self._recent(address, now)) >= self._allowed

    def add(self, address: str, now: float) -> None:
        """Count one."""
        recent = self._recent(address, now)
        self._made = {who: at for who, at in self._made.items() if at[-1] > now - WINDOW}
        self._made[address] = [*recent[-self._allowed :], now]

    def _recent(self, address: str, now: float) -> list[float]:
        return [at for at in self._made.get(address, ()) if at > now - WINDOW]


class Door:
    """`code` empty: everybody may come in. Not thread-safe: the room's lock guards it."""

    def __init__(self, code: str, limits: Limits) -> None:
        self.code = code
        self.wrong_codes = Mistakes(limits.wrong_codes)
        self.wrong_tokens = Mistakes(limits.wrong_codes)
        self._per_address = limits.per_address
        self._inside: Counter[str] = Counter()

    @property
    def open(self) -> bool:
        """Whether there is no code."""
        return not self.code

    def admits(self, code: str, address: str, now: float) -> bool:
        """Whether a code opens the door to an address; a wrong one counts, if it was heard."""
        if self.open:
            return True
        if self.wrong_codes.too_many(address, now):
            return False
        if hmac.compare_digest(_folded(self.code), _folded(code)):
            return True
        self.wrong_codes.add(address, now)
        return False

    def come(self, address: str, *, local: bool) -> None:
        """Count a connection; `local`: from this very machine, which may be trusted.

        Raises ProtocolError(complet) if its address has too many; then it does not count.
        """
        most = self._per_address or (None if local else PER_ADDRESS)
        if most is not None and self._inside[address] >= most:
            links = "une connexion" if most == 1 else f"{most} connexions"
            raise ProtocolError(
                ErrorCode.COMPLET, f"déjà {links} depuis ton adresse : ferme-en une"
            )
        self._inside[address] += 1

    def go(self, address: str) -> None:
        """Forget a connection that has ended."""
        self._inside[address] -= 1
        if not self._inside[address]:
            del self._inside[address]


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


def check_code(code: str) -> str:
    """Return a code that can be typed anywhere; raises ServerError for another."""
    if not _CODE.fullmatch(code):
        raise ServerError("un code a de 4 à 20 chiffres ou lettres sans accent, comme 4821 ou auto")
    return code


def _folded(code: str) -> bytes:
    return code.strip().casefold().encode()
