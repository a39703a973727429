"""What can go wrong, as a tree.

JustePrixError
├── ProtocolError        a line that cannot be obeyed; becomes one `erreur` line
├── StoreError           the game file cannot be used: missing rights, not ours, too new
│   └── CommitError      one batch could not be stored; the file may work again later
├── ServerError          the host cannot start: busy port, forbidden port, bad bounds
├── ResultsError         results that cannot be shown, written or read
├── BotError             a pupil's bot cannot play, or cannot go on
├── CheckError           nothing to check there, or not allowed
├── CompetitionError     the teacher asks for what this phase, or these players, do not allow
└── ClientError          (also a ConnectionError) the client cannot go on
    ├── Unreachable      nobody answers at that address, after every try
    ├── ForeignServer    somebody answers, but it is not a justeprix host
    ├── Refused          the host answered `erreur`; the session goes on
    └── SessionOver      the game has ended: shutdown, or a session the host does not know
        └── AllPlayed    the host said FIN: there is nothing more to play

Each carries one sentence that says what to do, fit to be shown as it is.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "AllPlayed",
    "BotError",
    "CheckError",
    "ClientError",
    "CommitError",
    "CompetitionError",
    "ErrorCode",
    "ForeignServer",
    "JustePrixError",
    "ProtocolError",
    "Refused",
    "ResultsError",
    "ServerError",
    "SessionOver",
    "StoreError",
    "Unreachable",
]


class ErrorCode(StrEnum):
    """Every code that an `erreur` line may carry; rules.md says what each means."""

    ATTENTE = "attente"
    BORNES = "bornes"
    CODE = "code"
    COMMANDE = "commande"
    COMPLET = "complet"
    DELAI = "delai"
    EXCLU = "exclu"
    FINIE = "finie"
    HTTP = "http"
    JETON = "jeton"
    LONGUEUR = "longueur"
    MUET = "muet"
    NOM = "nom"
    NOMBRE = "nombre"
    PRIS = "pris"
    SEQUENCE = "sequence"
    SESSION = "session"
    TEXTE = "texte"
    TLS = "tls"
    UTF8 = "utf8"
    VIDE = "vide"


class JustePrixError(Exception):
    """Everything this package raises on purpose."""


class ProtocolError(JustePrixError):
    """A line that cannot be obeyed.

    `code` is one word for programs, the message one French sentence for people.
    """

    def __init__(self, code: ErrorCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class StoreError(JustePrixError):
    """The game file cannot be used."""


class CommitError(StoreError):
    """One batch could not be stored; nothing of it was."""


class ServerError(JustePrixError):
    """The host cannot start."""


class CompetitionError(JustePrixError):
    """What the teacher asks for is not possible now."""


class BotError(JustePrixError):
    """A pupil's bot cannot play, or cannot go on; the sentence names the file and the line."""


class CheckError(JustePrixError):
    """There is nothing to check there, or it may not be checked."""


class ResultsError(JustePrixError):
    """Results that cannot be shown, written or read."""


class ClientError(JustePrixError, ConnectionError):
    """The client cannot go on. A ConnectionError too, so that plain socket code catches it."""


class Unreachable(ClientError):
    """Nobody answers at that address, after every try."""


class ForeignServer(ClientError):
    """Somebody answers, but it is not a justeprix host."""


class Refused(ClientError):
    """The host answered `erreur <code> <sentence>`; the session goes on.

    `code` is an ErrorCode, or a word that only a newer host knows.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class SessionOver(ClientError):
    """The game has ended and cannot be resumed."""


class AllPlayed(SessionOver):
    """The host said FIN: there is nothing more to play."""
