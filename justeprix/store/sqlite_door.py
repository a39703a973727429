"""The one door that what SQLite raises, or a damaged file makes us raise, leaves by.

A flipped byte may make SQLite find the damage, or show rows that no host ever wrote: without a
secret, with text for a number. Whatever trips over such a row, it is the file.
"""

from __future__ import annotations

import sqlite3

__all__ = ["SENSELESS", "damaged", "is_damage"]

SENSELESS = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError)
"""What reading raises of rows that no host wrote."""

DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the file itself is damaged: waiting helps nobody."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        # Tables that are not there, text that is none: no code, or the plain one.
        told = "no such" in str(error) or "decode" in str(error).lower()
        return told or (code is not None and code & 0xFF in DAMAGE)
    return isinstance(error, SENSELESS)


def damaged(path: str) -> str:
    """Return the sentence for a damaged file."""
    return f"{path} est abîmé : reprends une copie d'avant, ou choisis --db AUTRE ou --db :memory:"
