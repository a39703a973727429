"""What each command does, and all that holds for it: one record each, in one table. Pure."""

from __future__ import annotations

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.game.records import SavedSession
from justeprix.game.roster import Player
from justeprix.protocol.commands import (
    Ask,
    Code,
    Command,
    Finish,
    Guess,
    Http,
    Name,
    NumberedGuess,
    Ping,
    Resume,
    Say,
    SessionRequest,
    parse,
)
from justeprix.protocol.replies import BoundsTold, Goodbye, Help, NameGiven, Ok, Pong, SessionOpened
from justeprix.protocol.words import Word, printable
from justeprix.session.events import Named, Resumed, Said
from justeprix.session.guesses import check_bounds, check_numbered, guess, numbered_guess
from justeprix.session.speaker import Handler, Speaker
from justeprix.session.step import Step

__all__ = ["HANDLERS", "TEXT_PAUSE", "announces", "handler_of"]

HEAVY = 20
"""Messages that a question about everybody counts for, against the allowed rate."""

MAX_TEXT = 200
"""Characters of one chat message."""

TEXT_PAUSE = 2.0
"""Seconds between two chat messages of one session."""


# What it plays.


def _ready(session: Speaker, command: Ask, step: Step) -> str:
    told = session.plays.ready(step)
    if told is None:
        session.waiting = True
        session.identity.await_round()
        return ""
    if type(told) is Goodbye:
        session.over = True
    return str(told)


def _bounds(session: Speaker, command: Ask, step: Step) -> str:
    return str(BoundsTold(session.plays.game.bounds))


def _seal(session: Speaker, command: Ask, step: Step) -> str:
    return str(session.plays.seal())


# Who it is.


def _session(session: Speaker, command: SessionRequest, step: Step) -> str:
    me = session.identity
    if not me.resumable:
        me.outlive(*session.host.new_token(), step)
        session.plays.outlast(step)
    return _opened(session)


def _resume(session: Speaker, command: Resume, step: Step) -> str:
    me = session.identity
    saved = session.host.resume(command.token)
    me.token = command.token
    _take_over(session, saved, step, may_return=me.resumable)
    session.admitted = True
    return _opened(session)


def _opened(session: Speaker) -> str:
    me = session.identity
    return str(SessionOpened(me.token, me.seq, session.plays.guesses_now))


def _take_over(session: Speaker, saved: SavedSession, step: Step, *, may_return: bool) -> None:
    """Go on as a stored session; the one this link had so far is given up."""
    player = session.identity.take_over(saved, step.now, may_return=may_return)
    session.plays.restore(saved.game, player)
    session.identity.store(step)  # seen now, and under the name it has now
    step.news.append(Resumed(player.name))


def _name(session: Speaker, command: Name, step: Step) -> str:
    me = session.identity
    vacant = session.host.roster.vacant(command.name, me.address)
    if vacant is not None:
        return _adopt(session, vacant, step)
    before, name = me.name, me.rename(command.name, step)
    if me.lasts:
        me.store(step)
    if name != before:
        step.news.append(Named(before, name))
    return str(NameGiven(name))


def _adopt(session: Speaker, vacant: Player, step: Step) -> str:
    """Go on as a player who left, and under whose name nobody else can come back."""
    me = session.identity
    if me.seq:
        raise ProtocolError(
            ErrorCode.PRIS, "ce nom a déjà joué, et toi aussi : choisis-en un autre"
        )
    session.host.roster.check_free(session.host.roster[me.id])
    saved = session.host.adopt(vacant.session, me.token_hash, me.id)
    _take_over(session, saved, step, may_return=False)
    return str(NameGiven(me.name))


def _code(session: Speaker, command: Code, step: Step) -> str:
    session.host.enter(command.code)
    session.admitted = True
    return str(Ok())


def _finish(session: Speaker, command: Finish, step: Step) -> str:
    me = session.identity
    session.over = True
    me.finish(step)
    if me.resumable:
        me.store(step)
    return str(Goodbye())


# The others.


def _scores(session: Speaker, command: Ask, step: Step) -> str:
    return session.host.scores()


def _follow(session: Speaker, command: Ask, step: Step) -> str:
    session.follows = True
    return session.host.snapshot(session.identity.id)


def _say(session: Speaker, command: Say, step: Step) -> str:
    text = printable(command.text).strip()
    if not 1 <= len(text) <= MAX_TEXT:
        raise ProtocolError(
            ErrorCode.TEXTE, f"écris de 1 à {MAX_TEXT} caractères, comme : dire salut"
        )
    if session.host.muted:
        raise ProtocolError(ErrorCode.MUET, session.host.muted)
    if step.now < session.said_at + TEXT_PAUSE:
        raise ProtocolError(ErrorCode.ATTENTE, "attends deux secondes entre deux messages")
    session.said_at = step.now
    step.news.append(Said(session.identity.name, text))
    return str(Ok())


# Whoever it is.


def _ping(session: Speaker, command: Ping, step: Step) -> str:
    return str(Pong(printable(command.text).strip()))


def _help(session: Speaker, command: Ask, step: Step) -> str:
    return HELP


def _http(session: Speaker, command: Http, step: Step) -> str:
    session.over = True
    raise ProtocolError(
        ErrorCode.HTTP,
        "ce port est celui du jeu : les pages sont à l'adresse http que l'hôte affiche, et"
        " un terminal joue avec justeprix play --server ADRESSE",
    )


HANDLERS: dict[type[Command] | Word, Handler] = {
    Guess: Handler(guess, "un nombre joue", check=check_bounds, by_player=True),
    NumberedGuess: Handler(numbered_guess, check=check_numbered, by_player=True),
    Name: Handler(_name, "nom Ada", by_player=True),
    Word.BORNES: Handler(_bounds, "bornes"),
    Word.SCORES: Handler(_scores, "scores", cost=HEAVY),
    Word.PRET: Handler(_ready, "pret", by_player=True),
    Say: Handler(_say, "dire salut"),
    Word.SCEAU: Handler(_seal, "sceau"),
    Ping: Handler(_ping, "ping mot", at_the_door=True),
    Code: Handler(_code, "code 1234", at_the_door=True, announces=False),
    SessionRequest: Handler(_session, "session"),
    Resume: Handler(_resume, at_the_door=True, announces=False),  # a player, and no new one
    Word.SUIVRE: Handler(_follow, "suivre", announces=False, cost=HEAVY),
    Word.AIDE: Handler(_help, "aide", at_the_door=True),
    Finish: Handler(_finish, "FIN termine", at_the_door=True),
    Http: Handler(_http, at_the_door=True),
}
"""Every command by its type, and what stands alone by its word; in the order of `aide`."""

HELP = str(Help(" ; ".join(known.help for known in HANDLERS.values() if known.help)))


def handler_of(command: Command) -> Handler:
    """Return the record of a command; each has one."""
    return HANDLERS[command.word if type(command) is Ask else type(command)]


def announces(message: bytes) -> bool:
    """Whether a first message tells that somebody new is here.

    Not if it may bring a player back, or is of a screen, or of who does not know the code.
    """
    try:
        return handler_of(parse(message)).announces
    except ProtocolError:
        return True
