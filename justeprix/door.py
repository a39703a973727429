"""The door of a room: the code that lets people in, who guesses it, who comes too often. Pure.

A code is short, so that a class can type it: what makes it safe is that an address may be wrong a
few times a minute only, and then is not even listened to. A token is long: it always lets in.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter

from justeprix.errors import ProtocolError, ServerError
from justeprix.limits import Limits

__all__ = ["Door", "check_code"]

WINDOW = 60.0
"""Seconds for which a wrong code or token counts."""

PER_ADDRESS = 500
"""Connections of one address unless the host says otherwise: a school behind one address."""

_CODE = re.compile(r"[0-9A-Za-z]{4,20}")


class Door:
    """`code` empty: everybody may come in. Not thread-safe: the room's lock guards it."""

    def __init__(self, code: str, limits: Limits) -> None:
        self._code = _folded(code)
        self._tries = limits.wrong_codes
        self._per_address = limits.per_address
        self._inside: Counter[str] = Counter()
        self._wrong: dict[str, list[float]] = {}

    @property
    def open(self) -> bool:
        """Whether there is no code."""
        return not self._code

    def shut(self, address: str, now: float) -> bool:
        """Whether an address was wrong too often within the last minute."""
        return len(self._recent(address, now)) >= self._tries

    def admits(self, code: str, address: str, now: float) -> bool:
        """Whether a code opens the door to an address; a wrong one counts, if it was heard."""
        if self.open:
            return True
        if self.shut(address, now):
            return False
        if hmac.compare_digest(self._code, _folded(code)):
            return True
        self.wrong(address, now)
        return False

    def wrong(self, address: str, now: float) -> None:
        """Count a wrong code or token."""
        recent = self._recent(address, now)
        self._wrong = {who: at for who, at in self._wrong.items() if at[-1] > now - WINDOW}
        self._wrong[address] = [*recent[-self._tries :], now]

    def come(self, address: str, *, local: bool) -> None:
        """Count a connection; `local`: from this very machine, which may be trusted.

        Raises ProtocolError(complet) if its address has too many; then it does not count.
        """
        most = self._per_address or (None if local else PER_ADDRESS)
        if most is not None and self._inside[address] >= most:
            raise ProtocolError(
                "complet", f"déjà {most} connexions depuis ton adresse : ferme-en une"
            )
        self._inside[address] += 1

    def go(self, address: str) -> None:
        """Forget a connection that has ended."""
        self._inside[address] -= 1
        if not self._inside[address]:
            del self._inside[address]

    def _recent(self, address: str, now: float) -> list[float]:
        return [at for at in self._wrong.get(address, ()) if at > now - WINDOW]


def check_code(code: str) -> str:
    """Return a code that can be typed anywhere; raises ServerError for another."""
    if not _CODE.fullmatch(code):
        raise ServerError("un code a de 4 à 20 chiffres ou lettres sans accent, comme 4821 ou auto")
    return code


def _folded(code: str) -> bytes:
    return code.strip().casefold().encode()
