"""The runs of a pupil's client, one a check: the true host, one trick, and what must come of it.

Each returns when all is well, and raises `Fault` when it is not. `transcript` gets what was said.
"""

from __future__ import annotations

from functools import partial

from justeprix.errors import ErrorCode
from justeprix.french import decimal
from justeprix.game.secret import Bounds
from justeprix.workshop.check.client import mischief
from justeprix.workshop.check.client.played import PlayedGuess
from justeprix.workshop.check.client.subject import USUAL, Subject, Trial
from justeprix.workshop.check.client.verdict import (
    GAME,
    contradiction,
    idle,
    must_not_crash,
    not_found,
    quoted,
    settled,
    stuck,
)
from justeprix.workshop.check.finding import Fault, Transcript

__all__ = [
    "bounds_are_read",
    "closing_ends_it",
    "end_ends_it",
    "errors_are_survived",
    "glued_end_ends_it",
    "halves_are_joined",
    "late_answers_are_waited_for",
    "lines_have_ends",
    "secrets_are_found",
    "waits_for_greeting",
    "winning_is_understood",
]

CONNECT = 5.0
"""Seconds in which the client must have connected."""

END = 3.0
"""Seconds in which it must end once the host has said FIN, or the game is won."""

CLOSED = 5.0
"""The same when the link breaks: it may try to connect again."""

FLOOD = 5
"""Messages into a closed link after which a client has not noticed that it is closed."""

TYPICAL = (72,)  # seven guesses by dichotomy, four of them answered plus
LAST = (100,)  # both bounds are possible secrets: what one is off by shows there
FIRST = (1,)
FAR = range(10, 40)  # no client that narrows down to TYPICAL finds it by mistake

SHIFTED = Bounds(501, 1500)
SHIFTED_SECRET = range(1390, 1410)
IN_BOUNDS = 12
"""Guesses within the bounds after which it is clear that the client has read them."""


def waits_for_greeting(subject: Subject, transcript: Transcript) -> None:
    """Greet late: it must have connected, and not speak before."""
    with subject.run(transcript, mischief.hold_greeting, secrets=[TYPICAL]) as trial:
        wire = trial.wire
        if not trial.wait(lambda: wire.links > 0, CONNECT):
            _never_connected(subject, trial)
        trial.wait(lambda: bool(wire.early) or wire.messages > 0, END)
        if wire.early:
            raise Fault(f"il envoie {quoted(wire.early)} avant d'avoir reçu l'accueil")
        if wire.messages:
            return
        must_not_crash(trial, "à l'accueil")
        if trial.ended:
            raise Fault("il s'arrête sans avoir rien proposé")


def _never_connected(subject: Subject, trial: Trial) -> None:
    where = f"connecte-toi à {subject.address}"
    if not trial.ended:
        raise Fault(
            f"{CONNECT:.0f} s, et toujours pas de connexion : {where} ({{port}} dans la commande"
            " devient ce port) ; s'il attend une réponse au clavier, ajoute --saisie RÉPONSE"
        )
    must_not_crash(trial, f"avant d'être connecté à {subject.address}")
    said = f", il a écrit : {trial.program.last_line[:80]}" if trial.program.last_line else ""
    raise Fault(f"il s'arrête sans s'être connecté (code {trial.program.code}{said}) : {where}")


def secrets_are_found(subject: Subject, transcript: Transcript) -> None:
    """Play three games: a middling secret, and both bounds."""
    for secret in (TYPICAL, LAST, FIRST):
        transcript.exchanges.clear()
        with subject.run(transcript, secrets=[secret]) as trial:
            trial.wait(partial(settled, trial), GAME)
            _must_find(trial, f"quand le secret est {secret[0]}, ")


def _must_find(trial: Trial, when: str, bounds: Bounds = USUAL, *, advice: bool = False) -> None:
    if trial.wire.wins:
        return
    wrong = contradiction(trial.wire.answered)
    if wrong is not None:
        trial.wire.show_until(wrong[1])
        raise Fault(when + wrong[0], advice=advice)
    must_not_crash(trial, f"{when}avant d'avoir trouvé")
    raise Fault(when + not_found(trial, bounds), advice=advice)


def bounds_are_read(subject: Subject, transcript: Transcript) -> None:
    """Play between other bounds than most expect."""
    with subject.run(transcript, bounds=SHIFTED, secrets=[SHIFTED_SECRET]) as trial:
        wire = trial.wire

        def clear() -> bool:
            return settled(trial) or bool(wire.refused[0]) or len(wire.answered) >= IN_BOUNDS

        trial.wait(clear, GAME)
        outside = [guess.number for guess in wire.guesses if guess.number not in SHIFTED]
        if outside:
            raise Fault(
                f"l'accueil dit « entre {SHIFTED.low} et {SHIFTED.high} », et il propose"
                f" {outside[0]}",
                advice=True,
            )
        if len(wire.answered) < IN_BOUNDS:
            _must_find(trial, f"entre {SHIFTED.low} et {SHIFTED.high}, ", SHIFTED, advice=True)


def winning_is_understood(subject: Subject, transcript: Transcript) -> None:
    """Let it win: it must end, say FIN, or win another game."""
    with subject.run(transcript, secrets=[TYPICAL, FAR]) as trial:
        wire = trial.wire
        trial.wait(partial(settled, trial), GAME)
        _must_find(trial, "cette fois, ")

        def clear() -> bool:
            return len(wire.wins) > 1 or wire.finished or idle(trial) or stuck(_since_win(trial))

        trial.wait(clear, GAME)
        finished = wire.finished and not trial.ends(END)
        must_not_crash(trial, "après « gagné »")
        if finished:
            raise Fault(f"il a dit FIN, l'hôte aussi, et {END:.0f} s après il tourne encore")
        if len(wire.wins) < 2 and not trial.ended:
            raise Fault(_goes_on(trial))


def _since_win(trial: Trial) -> list[PlayedGuess]:
    return trial.wire.answered[trial.wire.wins[0] + 1 :]


def _goes_on(trial: Trial) -> str:
    won, later = trial.wire.answered[trial.wire.wins[0]], _since_win(trial)
    if later:
        trial.wire.show_until(later[0])
        return (
            f"« gagné » à {won.number}, et il propose encore {later[0].number} : il n'a pas"
            " reconnu « gagné »"
        )
    return "après « gagné » il ne fait plus rien : ni fin du programme, ni FIN, ni autre partie"


def halves_are_joined(subject: Subject, transcript: Transcript) -> None:
    """Send messages in two halves: it must wait for the second."""
    with subject.run(transcript, mischief.halve, secrets=[TYPICAL]) as trial:
        wire = trial.wire
        trial.wait(lambda: bool(wire.early) or settled(trial), GAME)
        if wire.early:
            raise Fault(
                "l'hôte n'avait envoyé que la moitié de son message, et ton client dit déjà"
                f" {quoted(wire.early)}"
            )
        if not wire.wins:  # else how it ends is another matter
            must_not_crash(trial, "devant un message en deux morceaux")
        _must_find(trial, "avec des messages en deux morceaux, ")


def late_answers_are_waited_for(subject: Subject, transcript: Transcript) -> None:
    """Answer late: it must wait, and say nothing meanwhile."""
    with subject.run(transcript, mischief.hold_answer, secrets=[TYPICAL]) as trial:
        wire = trial.wire
        trial.wait(lambda: bool(wire.early) or len(wire.guesses) > 2 or settled(trial), GAME)
        late = f"la réponse vient {decimal(mischief.LATE, 1)} s plus tard"
        if wire.early:
            raise Fault(f"{late}, et il envoie {quoted(wire.early)} sans l'attendre")
        if len(wire.guesses) < 3 and not wire.wins:
            must_not_crash(trial, late)
            then = "il s'est arrêté" if trial.ended else "il ne propose plus rien"
            raise Fault(f"{late}, et {then}")


def end_ends_it(subject: Subject, transcript: Transcript) -> None:
    """Say FIN instead of an answer: it must end."""
    with subject.run(transcript, mischief.say_end, secrets=[TYPICAL]) as trial:
        if _reached(trial):
            _must_end(trial, spare=0)


def glued_end_ends_it(subject: Subject, transcript: Transcript) -> None:
    """Say FIN in one piece with an answer: it must end."""
    with subject.run(transcript, mischief.glue_end, secrets=[TYPICAL]) as trial:
        if not _reached(trial):
            return
        if not trial.wire.framed:
            raise Fault(
                "sans fin de ligne, rien à essayer : l'hôte lui envoie FIN à part, mais TCP peut"
                " coller deux réponses",
                advice=True,
            )
        _must_end(trial, spare=1)  # in lockstep one reads FIN as the answer to the next guess


def _reached(trial: Trial) -> bool:
    """Wait for the host's last word; return False if the game was over before."""
    wire = trial.wire
    if trial.wait(lambda: bool(wire.over), GAME):
        return True
    if wire.wins:
        return False
    must_not_crash(trial, "en pleine partie")
    raise Fault(f"l'essai n'a pas pu se faire : {not_found(trial, USUAL)}")


def _must_end(trial: Trial, *, spare: int) -> None:
    """Raise a Fault if the client does not stop at FIN; `spare` guesses more are forgiven."""

    def more() -> list[int]:
        # The number that was typed for it is none of its own.
        return [number for number in trial.wire.late if number != trial.typist.unblocking]

    trial.wait(lambda: len(more()) > spare, END)
    if len(more()) > spare:
        raise Fault(f"l'hôte a dit FIN, et il propose encore {more()[spare]}")
    must_not_crash(trial, "après FIN")
    if not trial.ended:
        raise Fault(f"l'hôte a dit FIN, et {END:.0f} s après ton client tourne encore")


def closing_ends_it(subject: Subject, transcript: Transcript) -> None:
    """Close in mid-game: it must end, or come back and play."""
    with subject.run(transcript, mischief.close_link, secrets=[TYPICAL]) as trial:
        wire = trial.wire
        if not _reached(trial):
            return

        def back() -> bool:
            return any(guess.link > 1 and guess.answer for guess in wire.guesses)

        trial.wait(lambda: back() or wire.late_messages >= FLOOD, CLOSED)
        if wire.late_messages >= FLOOD:
            raise Fault("l'hôte a fermé le lien, et ton client continue d'y envoyer")
        must_not_crash(trial, "quand l'hôte ferme le lien")
        if not trial.ended and not back():
            raise Fault(
                f"l'hôte a fermé le lien, et {CLOSED:.0f} s après ton client tourne encore, sans"
                " jouer"
            )


def lines_have_ends(subject: Subject, transcript: Transcript) -> None:
    """Look whether its messages are lines."""
    with subject.run(transcript, secrets=[TYPICAL]) as trial:
        trial.wait(lambda: bool(trial.wire.answered), CONNECT)
        if not trial.wire.messages:
            raise Fault("il n'envoie rien")
        if not trial.wire.framed:
            raise Fault("ses messages n'ont pas de fin de ligne", advice=True)


def errors_are_survived(subject: Subject, transcript: Transcript) -> None:
    """Refuse a guess once: it must go on and find."""
    with subject.run(transcript, mischief.refuse, secrets=[TYPICAL]) as trial:
        trial.wait(partial(settled, trial), GAME)
        if not trial.wire.wins:
            must_not_crash(trial, "après une ligne « erreur … »")
        error = trial.wire.refused[1]
        if error is not None and error.code == ErrorCode.SEQUENCE:
            return  # the true host has counted the guess: the numbers of the next ones are wrong
        _must_find(trial, "après une ligne « erreur … », ", advice=True)
