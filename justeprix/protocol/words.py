"""The words on the wire, each written once, and how much a line may hold. Pure.

`rules.md` is the reference: what a word means to its sender stands there.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["MAX_DIGITS", "MAX_LINE", "PORT", "Word", "printable"]

PORT = 2300
MAX_LINE = 512  # bytes, without the line ending
MAX_DIGITS = 12


class Word(StrEnum):
    """Every fixed word of the protocol."""

    # From the player.
    FIN = "fin"
    NOM = "nom"
    PRET = "pret"
    BORNES = "bornes"
    SCORES = "scores"
    PING = "ping"
    DIRE = "dire"
    SCEAU = "sceau"
    AIDE = "aide"
    SESSION = "session"
    CODE = "code"
    SUIVRE = "suivre"
    # From the host.
    HELLO = "hello justeprix/1"
    PLUS = "plus"
    MOINS = "moins"
    GAGNE = "gagné"
    GOODBYE = "FIN"
    MANCHE = "manche"
    PONG = "pong"
    OK = "ok"
    MESSAGE = "message"
    SECRET = "secret"  # noqa: S105 (a word of the protocol, not a password)
    RESULTAT = "resultat"
    ETAT = "etat"
    SHUTDOWN = "shutdown"
    PAUSE = "pause"
    ERREUR = "erreur"


def printable(text: str) -> str:
    """Return what somebody wrote, fit for one line of any screen: other signs are blanks."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
