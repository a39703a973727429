"""What a server does with bytes cut elsewhere than at a line's end, with rubbish, with resets."""

from __future__ import annotations

from justeprix.french import counted
from justeprix.protocol.replies import ANSWERS
from justeprix.protocol.words import Word
from justeprix.workshop.check.finding import Fault, Transcript
from justeprix.workshop.check.server.playing import undecided
from justeprix.workshop.check.server.visitor import Cut, Silent, Visitor, Visitors

__all__ = [
    "DEPARTURES",
    "NOTICE",
    "abrupt_ends",
    "glued_lines",
    "half_lines",
    "unknown_words",
    "unreadable_bytes",
]

GLUED = 3
"""Guesses in one segment."""

NOTICE = 0.1
"""Seconds in which a server has surely noticed who left."""

LONG = 600
"""Signs in a line longer than any the rules allow, and shorter than what one `recv` takes."""


def half_lines(visitors: Visitors, transcript: Transcript) -> None:
    """Send one line in two pieces."""
    # The pieces of a large number are small ones, and get another answer.
    visitor, number, answer = undecided(visitors, transcript, top=True)
    text = f"{number:02d}"
    head, tail = text[: len(text) // 2], text[len(text) // 2 :]
    visitor.send(head.encode())
    if early := visitor.overhear():
        raise Fault(
            f"ton serveur répond « {early} » à {head} sans attendre la suite : le client voulait"
            f" dire {text}"
        )
    visitor.say(tail)
    if (joined := visitor.hear()) != answer:
        raise Fault(
            f"{text} reçoit « {answer} » en un morceau, et « {joined} » en deux, {head} puis {tail}"
        )


def glued_lines(visitors: Visitors, transcript: Transcript) -> None:
    """Send several lines in one piece."""
    visitor, number, answer = undecided(visitors, transcript)
    visitor.send(f"{number}\n".encode() * GLUED)
    for understood in range(GLUED):
        try:
            heard = visitor.hear()
        except (Cut, Silent) as fault:
            raise Fault(
                f"{GLUED} coups arrivent ensemble, et ton serveur n'envoie que"
                f" {counted(understood, 'réponse')}"
            ) from fault
        if heard != answer:
            raise Fault(f"{GLUED} coups arrivent ensemble, et ton serveur répond « {heard} »")


# Rubbish.


def unknown_words(visitors: Visitors, transcript: Transcript) -> None:
    """Say what is no number: a line refuses it, and the game goes on."""
    game = undecided(visitors, transcript)
    said = [
        _refusal(game, b"abc", "« abc »"),
        _refusal(game, b"", "une ligne vide"),
        _refusal(game, b"a" * LONG, f"une ligne de {LONG} signes"),
    ]
    for reply in said:
        if not reply.startswith(Word.ERREUR):
            raise Fault(f"le refus « {reply} » ne commence pas par erreur", advice=True)


def unreadable_bytes(visitors: Visitors, transcript: Transcript) -> None:
    """Send what is no UTF-8: a line refuses it, and the game goes on."""
    game = undecided(visitors, transcript)
    _refusal(game, "été".encode("latin-1"), "un message qui n'est pas en UTF-8")


def _refusal(game: tuple[Visitor, int, str], rubbish: bytes, what: str) -> str:
    """Return the line that refuses rubbish in mid-game."""
    visitor, number, answer = game
    visitor.send(rubbish + b"\n")
    try:
        reply = visitor.hear()
    except Cut:
        raise Fault(
            f"après {what}, ton serveur ferme la connexion : la partie est perdue"
        ) from None
    except Silent:
        raise Fault(f"{what} reste sans réponse : le client attendrait sans fin") from None
    if reply in ANSWERS.values():
        raise Fault(f"{what} n'est pas un nombre, et ton serveur répond « {reply} »")
    if (again := visitor.guess(number)) != answer:
        raise Fault(f"avant, {number} recevait « {answer} » ; après {what}, « {again} »")
    return reply


# Who leaves without a word.


def _break_off_unread(visitor: Visitor) -> None:
    visitor.say(str(visitor.bounds.low))
    visitor.break_off()


DEPARTURES = {
    "un client part sans dire FIN": Visitor.vanish,
    "la connexion d'un client est coupée net": Visitor.break_off,
    "un client est coupé net juste après son coup": _break_off_unread,
}
"""Ways to leave, in the order of how many servers outlive them."""


def abrupt_ends(visitors: Visitors, transcript: Transcript) -> None:
    """Leave without a word: the next one is served."""
    for what, depart in DEPARTURES.items():
        depart(visitors.welcome(transcript))
        try:
            following = visitors.welcome(transcript)
            following.overhear(NOTICE)
            following.ask(str(following.bounds.low))
            following.leave()
        except Fault as fault:
            raise Fault(f"{what}, et ton serveur ne sert plus le suivant") from fault
