"""One look at a host before anybody plays: whether we may come in, and what it plays."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import NamedTuple

from justeprix.errors import ClientError, ErrorCode, ForeignServer, Unreachable
from justeprix.game.competition import Phase
from justeprix.net.link import Link, LinkLost, why
from justeprix.protocol.replies import Error, Goodbye, Greeting, Ok, Reply, State, read
from justeprix.protocol.words import Word

__all__ = ["Sighting", "look"]

REPLY_TIME = 5.0
"""Seconds for one line; a host that wants TLS says so after 1.5."""

HINTS: dict[str, str] = {
    ErrorCode.COMPLET: "la salle est déjà pleine : relance l'hôte avec --max-players",
    ErrorCode.TLS: "cet hôte chiffre, et la mesure joue en clair : relance-le sans --tls pour elle",
}
"""What to do about an `erreur` in place of the greeting; else the host's own words will do."""


class Sighting(NamedTuple):
    """What the host plays; `round` is the number of the round that is open, 0 if none is."""

    contest: bool
    round: int


def look(host: str, port: int, code: str) -> Sighting:
    """Come in, ask, and leave; raises ClientError if there is nothing to measure.

    A server that does not know `suivre` is taken for one of practice.
    """
    link = None
    try:
        link = Link(host, port, REPLY_TIME, None)
        hello = _reply(link)
        if not isinstance(hello, Greeting):
            raise _refused(hello)
        if code and not isinstance(reply := _ask(link, f"{Word.CODE} {code}"), Ok):
            raise _refused(reply)
        return _sighting(link)
    except ClientError:  # an OSError too, but final
        raise
    except (OSError, LinkLost) as error:
        raise Unreachable(
            f"personne ne répond à {host}:{port} ({why(error)}) : vérifie l'adresse,"
            " le réseau, et que l'hôte tourne"
        ) from error
    finally:
        if link is not None:
            link.close()


def _sighting(link: Link) -> Sighting:
    reply: Reply | None = None
    with suppress(LinkLost, OSError):
        reply = _ask(link, Word.SUIVRE)
        link.send(Word.GOODBYE)
        while not isinstance(_reply(link), Goodbye):
            pass
    if isinstance(reply, Error) and reply.code == ErrorCode.CODE:
        raise ClientError("cet hôte demande un code : --code, suivi du bon")
    if not isinstance(reply, State):
        return Sighting(contest=False, round=0)
    with reply.opened() as state:
        phase = state["phase"]
        number = int(state["manche"]) if phase == Phase.ROUND else 0
    if phase == Phase.FINISHED:
        raise ClientError("la compétition de cet hôte est finie : ouvres-en une autre")
    return Sighting(phase != Phase.PRACTICE, number)


def _ask(link: Link, line: str) -> Reply:
    link.send(line)
    return _reply(link)


def _reply(link: Link) -> Reply:
    return read(link.next_line(time.monotonic() + REPLY_TIME, threading.Event()) or "")


def _refused(reply: Reply) -> ClientError:
    if not isinstance(reply, Error):
        return ForeignServer(f"ce n'est pas un hôte justeprix : il dit {str(reply)[:60]!r}")
    return ClientError(HINTS.get(reply.code, reply.sentence))
