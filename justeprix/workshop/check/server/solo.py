"""What a server does for one polite client at a time."""

from __future__ import annotations

from contextlib import suppress

from justeprix.protocol.replies import ANSWERS
from justeprix.protocol.words import Word
from justeprix.workshop.check.finding import Fault, Transcript
from justeprix.workshop.check.server.playing import independent, play, undecided
from justeprix.workshop.check.server.visitor import PAUSE, Cut, Silent, Visitor, Visitors

__all__ = [
    "another_game",
    "bounds_kept",
    "direction",
    "farewell",
    "greeted",
    "next_client",
    "one_reply",
    "same_answer",
    "secret_found",
    "whole_lines",
]

REPEATS = 30
"""Questions that a secret drawn anew for each never answers all alike."""

ATTEMPTS = 3
"""Clients that ask for a bound, should the secret of the first be just that."""


def greeted(visitors: Visitors, transcript: Transcript) -> None:
    """Come, and be greeted with the bounds."""
    visitor = visitors.welcome(transcript)
    if not visitor.greeting.startswith(f"{Word.HELLO} "):
        raise Fault(
            f"l'accueil est « {visitor.greeting} » : les clients de justeprix n'y reconnaissent pas"
            " leur jeu",
            advice=True,
        )


def next_client(visitors: Visitors, transcript: Transcript) -> None:
    """Come when the first has left."""
    try:
        visitors.welcome(transcript).leave()
        second = visitors.welcome(transcript)
        second.ask(str(second.bounds.low))
    except Fault as fault:
        raise Fault(
            "un client est parti poliment, et le suivant n'est pas servi : ton serveur s'arrête"
            " avec son premier client"
        ) from fault


def whole_lines(visitors: Visitors, transcript: Transcript) -> None:
    """See that messages end with a newline, so that those that arrive together stay two."""
    first = visitors.welcome(transcript)
    first.leave()
    hasty = visitors.connect(transcript)
    hasty.grace = PAUSE
    hasty.say(str(first.bounds.low))  # before the greeting is read
    for what in ("l'accueil", "la réponse"):
        message = hasty.receive()
        text = message.decode("utf-8", "replace")
        if text.startswith(first.greeting) and len(text.strip()) > len(first.greeting):
            raise Fault(
                f"l'accueil et la réponse arrivent collés, « {text.strip()} » : il manque la fin de"
                " ligne, et le client ne sait pas où couper"
            )
        if not message.endswith(b"\n"):
            raise Fault(f"{what} « {text} » n'a pas de fin de ligne")


def one_reply(visitors: Visitors, transcript: Transcript) -> None:
    """Hear the server speak when it is spoken to, once."""
    visitor = visitors.welcome(transcript)
    if extra := visitor.overhear():
        raise Fault(
            f"après l'accueil « {visitor.greeting} » vient encore « {extra} », sans que le client"
            " ait rien envoyé"
        )
    number = visitor.bounds.low
    answer = visitor.ask(str(number))
    if answer != Word.GAGNE and (extra := visitor.overhear()):
        raise Fault(f"{number} reçoit « {answer} », puis encore « {extra} » : une ligne de trop")


def direction(visitors: Visitors, transcript: Transcript) -> None:
    """Ask for the lowest number and the highest: there the answers are known."""
    first = visitors.welcome(transcript)
    first.leave()
    low, high = first.bounds.low, first.bounds.high
    lowest, highest = (_asked(visitors, transcript, number) for number in (low, high))
    if lowest == highest != Word.GAGNE:
        raise Fault(
            f"à {low} comme à {high}, ton serveur répond « {lowest} » : son secret n'est pas entre"
            " les bornes qu'il annonce"
        )
    ends = ((low, "petit", lowest, Word.MOINS), (high, "grand", highest, Word.PLUS))
    for number, size, answer, wrong in ends:
        if answer == wrong:
            raise Fault(
                f"à {number}, le plus {size} nombre permis, ton serveur répond « {answer} » : plus"
                " et moins sont inversés"
            )


def _asked(visitors: Visitors, transcript: Transcript, number: int) -> str:
    """Return what a number gets; `gagné` only if it happens again and again."""
    for _ in range(ATTEMPTS):
        visitor = visitors.welcome(transcript)
        answer = visitor.guess(number)
        visitor.leave()
        if answer != Word.GAGNE:
            break
    return answer


def same_answer(visitors: Visitors, transcript: Transcript) -> None:
    """Ask for the same number again and again."""
    visitor, number, answer = undecided(visitors, transcript)
    for _ in range(REPEATS):
        again = visitor.guess(number)
        if again != answer:
            raise Fault(
                f"{number} reçoit « {answer} », puis « {again} » : ton serveur change de secret en"
                " cours de partie"
            )


def secret_found(visitors: Visitors, transcript: Transcript) -> None:
    """Find the secret."""
    play(visitors.welcome(transcript))


def another_game(visitors: Visitors, transcript: Transcript) -> None:
    """Go on after `gagné`: there is another secret, or a polite end; and the next one can play."""
    winner = visitors.welcome(transcript)
    secrets = [play(winner)]
    games = independent(winner.bounds)
    while len(secrets) < games and _goes_on(winner):
        secrets.append(play(winner))
    if len(secrets) == games and len(set(secrets)) == 1:
        raise Fault(f"après « gagné », le secret est encore {secrets[0]}, {games} fois de suite")
    winner.leave()
    play(visitors.welcome(transcript))


def _goes_on(winner: Visitor) -> bool:
    """Whether the server plays on after `gagné`: it may also say FIN, or close."""
    number = winner.bounds.low
    try:
        answer = winner.ask(str(number))
    except Cut:
        return False
    except Silent as fault:
        raise Fault(f"après « gagné », {number} reste sans réponse") from fault
    if answer not in (*ANSWERS.values(), Word.GOODBYE):
        raise Fault(f"après « gagné », {number} reçoit « {answer} » : la partie ne recommence pas")
    return answer != Word.GOODBYE


def farewell(visitors: Visitors, transcript: Transcript) -> None:
    """Say `FIN`, and get it back, and the end of the connection."""
    visitor = visitors.welcome(transcript)
    try:
        answer = visitor.ask(Word.GOODBYE)
    except Cut:
        raise Fault("à FIN, ton serveur ferme sans répondre FIN") from None
    except Silent:
        raise Fault("à FIN, ton serveur ne répond rien") from None
    if answer != Word.GOODBYE:
        raise Fault(f"à FIN, ton serveur répond « {answer} », et pas FIN")
    try:
        visitor.wait_for_end()
    except Silent:
        raise Fault("ton serveur répond FIN, mais ne ferme pas la connexion") from None
    _in_small_letters(visitors.welcome(transcript))


def _in_small_letters(visitor: Visitor) -> None:
    with suppress(Cut, Silent):
        if visitor.ask(Word.FIN) == Word.GOODBYE:
            return
    raise Fault("ton serveur connaît FIN, mais pas fin en minuscules", advice=True)


def bounds_kept(visitors: Visitors, transcript: Transcript) -> None:
    """Play a number that the secret cannot be."""
    visitor, _, _ = undecided(visitors, transcript)
    for number in (visitor.bounds.low - 1, visitor.bounds.high + 1):
        answer = visitor.ask(str(number))
        if answer in ANSWERS.values():
            raise Fault(
                f"{number} est hors des bornes, et ton serveur répond « {answer} » comme à un coup",
                advice=True,
            )
