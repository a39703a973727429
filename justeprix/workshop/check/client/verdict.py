"""What a run shows: did it crash, did it find the secret, and if not, why. In a pupil's words."""

from __future__ import annotations

import time
from itertools import pairwise

from justeprix.errors import ErrorCode
from justeprix.french import counted
from justeprix.game.secret import Bounds
from justeprix.protocol.replies import ANSWERS
from justeprix.protocol.words import Word
from justeprix.workshop.check.client.crash import Crash
from justeprix.workshop.check.client.played import PlayedGuess
from justeprix.workshop.check.client.subject import Trial
from justeprix.workshop.check.finding import Fault

__all__ = [
    "GAME",
    "contradiction",
    "idle",
    "must_not_crash",
    "not_found",
    "quoted",
    "settled",
    "stuck",
]

GAME = 15.0
"""Seconds that a game may take."""

MOST_GUESSES = 1000
"""Guesses after which a client is taken to search for ever; one by chance needs some 500."""

SAME = 5
"""Times in a row that the same guess may be made: then it will be for ever."""

QUIET = 4.0
"""Seconds of silence after which the client, whose turn it is, is taken to be stuck."""

DIRECTIONS = {Word.PLUS.value: "plus grand", Word.MOINS.value: "plus petit"}

WORDS = {
    "UnicodeDecodeError": (
        "l'hôte parle en UTF-8 : le é de « gagné » prend deux octets, que l'ASCII ne connaît pas",
        'data.decode("utf-8")\nhote.makefile(encoding="utf-8")',
    ),
    "ConnectionRefusedError": (
        "à cette adresse et sur ce port, personne n'écoute",
        'hote = socket.create_connection(("127.0.0.1", 2300))',
    ),
    "Refused": (
        "la classe Client lève Refused quand l'hôte répond « erreur … » : la partie continue",
        "except Refused as refus:\n    print(refus)",
    ),
    "SessionOver": (
        "la classe Client lève SessionOver quand l'hôte arrête la partie : attrape-la, et tout"
        " finit proprement",
        "from justeprix.errors import SessionOver\nexcept SessionOver:\n    break",
    ),
}
"""Exceptions that say enough by themselves: why, and the Python to look for."""
WORDS["AllPlayed"] = WORDS["SessionOver"]

GOODBYES = ("SessionOver", "AllPlayed")
"""How the Client class says that the game is over: a clear sentence, and a sound end."""


def must_not_crash(trial: Trial, moment: str) -> None:
    """Raise a Fault with the line if the program has crashed."""
    crash, code = trial.program.crash, trial.program.code
    if crash is not None:
        explanation, look_for = _words(crash)
        raise Fault(
            f"{moment}, ton client s'arrête sur une erreur : {crash}",
            advice=crash.kind in GOODBYES,
            explanation=explanation,
            look_for=look_for,
        )
    if code is not None and code < 0:
        raise Fault(f"{moment}, ton client est arrêté net par le système (signal {-code})")


def _words(crash: Crash) -> tuple[str, str]:
    if "unexpected end of data" in crash.text or "invalid start byte" in crash.text:
        return "", ""  # half a sign: the check knows better
    return WORDS.get(crash.kind, ("", ""))


def settled(trial: Trial) -> bool:
    """Whether the first secret is found, or will never be."""
    wire = trial.wire
    return (
        bool(wire.wins) or len(wire.guesses) > MOST_GUESSES or stuck(wire.answered) or idle(trial)
    )


def idle(trial: Trial) -> bool:
    """Whether nothing happens any more."""
    return time.monotonic() - trial.wire.moved_at > QUIET


def stuck(guesses: list[PlayedGuess]) -> bool:
    """Whether the same guess gets the same answer again and again."""
    last = guesses[-SAME:]
    return len(last) == SAME and len({(guess.number, guess.answer) for guess in last}) == 1


def contradiction(guesses: list[PlayedGuess]) -> tuple[str, PlayedGuess] | None:
    """Say which guess does the contrary of what the answer before it asks for, if one does.

    On another link it need not: there another secret is played.
    """
    for before, after in pairwise(guesses):
        wrong = {
            Word.PLUS.value: after.number < before.number,
            Word.MOINS.value: after.number > before.number,
        }
        if before.link == after.link and wrong.get(before.answer):
            sentence = (
                f"après « {before.answer} » à {before.number} il propose {after.number} :"
                f" « {before.answer} » veut dire que le secret est {DIRECTIONS[before.answer]}"
            )
            return sentence, after
    return None


def not_found(trial: Trial, bounds: Bounds) -> str:
    """Say why the secret was not found: one sentence."""
    wire, guesses = trial.wire, trial.wire.answered
    if not wire.messages and trial.ended:
        return "il s'arrête sans rien proposer"
    if not wire.messages:
        return "il ne propose rien : attend-il une réponse à une question ? alors --saisie RÉPONSE"
    if not guesses or guesses[-1].answer not in ANSWERS.values():
        return _refused(trial, bounds)
    last = guesses[-1]
    if stuck(guesses):
        return (
            f"il propose {last.number} encore et encore, alors que la réponse est « {last.answer} »"
        )
    if trial.ended:
        return f"il s'arrête après {counted(len(guesses), 'coup')} sans avoir trouvé"
    if idle(trial):
        return f"après « {last.answer} » à {last.number} il ne propose plus rien"
    return f"{counted(len(guesses), 'coup')} en {GAME:.0f} s, et toujours pas trouvé"


def _refused(trial: Trial, bounds: Bounds) -> str:
    asked, error = trial.wire.refused
    if error is None:
        return "il envoie autre chose qu'un nombre, et attend"
    if error.code == ErrorCode.BORNES:
        return f"il propose {asked}, qui n'est pas entre {bounds.low} et {bounds.high}"
    return f"il envoie {quoted(asked.encode())}, et l'hôte répond « {error} »"


def quoted(data: bytes) -> str:
    """Return the start of a message as it is shown in a sentence."""
    text = data.decode(errors="replace").strip()
    return f"« {text[:30]}{'…' if len(text) > 30 else ''} »".replace("\n", " ")
