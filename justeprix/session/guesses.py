"""How a guess counts: once for ever, whatever its sender says of it again. Pure."""

from __future__ import annotations

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.game.records import GuessRow
from justeprix.game.secret import Game, compare
from justeprix.protocol.commands import Guess, NumberedGuess
from justeprix.protocol.replies import ANSWERS, numbered
from justeprix.session.events import Won
from justeprix.session.identity import Identity
from justeprix.session.part import Part
from justeprix.session.speaker import Speaker
from justeprix.session.step import Step

__all__ = ["check_bounds", "check_numbered", "count", "guess", "numbered_guess"]


def check_bounds(session: Speaker, command: Guess | NumberedGuess) -> None:
    """Raise ProtocolError(bornes) if no secret can be that number: then it is no guess."""
    bounds = session.plays.game.bounds
    if not bounds.low <= command.number <= bounds.high:
        raise ProtocolError(
            ErrorCode.BORNES, f"joue entre {bounds.low} et {bounds.high} : ce coup ne compte pas"
        )


def check_numbered(session: Speaker, command: NumberedGuess) -> None:
    """Raise ProtocolError(session) without a token, (bornes) for a new guess that is none."""
    me = session.identity
    if me.token_hash is None:
        raise ProtocolError(ErrorCode.SESSION, "envoie d'abord : session")
    if command.seq == me.seq + 1:
        check_bounds(session, command)


def count(me: Identity, plays: Part, game: Game, number: int, step: Step) -> str:
    """Count a guess in a game that is open, and return `plus`, `moins` or `gagné`."""
    me.seq = seq = me.seq + 1
    me.last = number
    if me.token_hash is not None:
        step.rows.guesses.append(GuessRow(game.id, seq, number, step.at, me.id, me.epoch))
    elif plays.logs:
        step.rows.logged += (me.id, seq, game.secret, number)
    else:
        step.rows.plain_guesses.append((game.id, seq, number, step.at))
    answer = ANSWERS[game.play(number)]
    if game.found:
        step.news.append(Won(me.id, me.epoch, me.name, game.guesses))
    return answer


def guess(session: Speaker, command: Guess | NumberedGuess, step: Step) -> str:
    """Answer `50`, which is in bounds. Raises what `Part.open` raises."""
    plays = session.plays
    return count(session.identity, plays, plays.open(step), command.number, step)


def numbered_guess(session: Speaker, command: NumberedGuess, step: Step) -> str:
    """Answer `#7 50`: count the next one, and say of any other what it was answered.

    Raises ProtocolError(sequence) and what `Part.open` raises.
    """
    me, seq = session.identity, command.seq
    if seq == me.seq + 1:
        return numbered(seq, guess(session, command, step))
    if not 1 <= seq <= me.seq:
        raise ProtocolError(ErrorCode.SEQUENCE, f"le prochain coup porte le numéro {me.seq + 1}")
    return numbered(seq, _answered(session, command))


def _answered(session: Speaker, command: NumberedGuess) -> str:
    """Return the answer that a guess already got, if it was this one."""
    me, (seq, number) = session.identity, command
    if seq == me.seq and me.last == number:
        # The last guess was answered by the newest game, which is in memory.
        return ANSWERS[compare(session.plays.game.secret, number)]
    known = session.host.recall(me.id, seq)
    if known is None:
        raise ProtocolError(
            ErrorCode.SEQUENCE,
            f"le coup {seq} est d'avant le jeton : il ne peut plus être redemandé",
        )
    if known[0] != number:
        raise ProtocolError(ErrorCode.SEQUENCE, f"le coup {seq} est déjà joué avec un autre nombre")
    return ANSWERS[compare(known[1], number)]
