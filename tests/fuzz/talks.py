r"""Sessions, fuzzed: a few actors talk to a pure host, and a model follows by their replies alone.

The script is text, so that a failing one can be read; a line is what one actor does:

    150          actor 1 sends `50`, a step of its own
    a#1 50       actor 0 sends too, in one step with its next line (a, b, c are 0, 1, 2)
    0session $1  $1 stands for the last token that actor 1 was told
    -2           the link of actor 2 breaks; the next who sits there is a newcomer
    >  <  !      a competition opens a round, closes it, is over;  + three seconds pass
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

from justeprix.errors import ProtocolError
from justeprix.game.competition import TRANSITIONS, Event
from justeprix.protocol.commands import Finish, parse
from justeprix.session.session import Session
from tests.fuzz.model import Model
from tests.support.pure_host import ContestHost, PureHost

__all__ = ["competition", "locked", "practice"]

SECRETS = (42, 77, 13, 1, 100)
ACTORS = 3
EVENTS = {">": Event.OPEN, "<": Event.CLOSE, "!": Event.FINISH}
LONGEST_LINE = 65536

Host = PureHost


class Talk:
    """Three chairs before one host."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.chairs: list[Session | None] = [None] * ACTORS
        self.tokens = [""] * ACTORS
        self.batches: list[list[bytes]] = [[] for _ in range(ACTORS)]
        self.model = Model(host)

    def run(self, script: bytes) -> None:
        for line in script.split(b"\n"):
            first, rest = chr(line[0]) if line else "", line[1:]
            if first in EVENTS and isinstance(self.host, ContestHost):
                self._move(self.host, EVENTS[first])
            elif first == "+":
                self.host.now += 3
            elif first == "-":
                self._drop((rest or b"0")[0] % ACTORS)
            elif first and first in "abc":
                self.batches["abc".index(first)].append(rest)
            elif first and first in "012":
                self._say(int(first), rest)
        for session in self._seated():
            assert_still_right(self.host, session)

    # What actors do.

    def _say(self, actor: int, message: bytes) -> None:
        session = self.chairs[actor] or self._arrive(actor)
        messages = [self._filled(m) for m in [*self.batches[actor], message]]
        self.batches[actor] = []
        step, replies, heard = self.host.new_step(), [], []
        for one in messages:
            heard.append(one)
            replies.append(self._answered(session, session.handle(one, step), actor))
            assert not _says_fin(one) or replies[-1] == "FIN", "FIN waits for nothing"
            if session.over:
                break
        self.host._commit()
        self.host.settle(step)
        self.host.record(session)
        self._follow(actor, session, list(zip(heard, replies, strict=True)))

    def _follow(self, actor: int, session: Session, said: list[tuple[bytes, str]]) -> None:
        self.model.follow(actor, session, said)
        for other in range(ACTORS):
            fenced = self.chairs[other]
            if fenced is not None and _elsewhere(self.host, fenced):
                self._forget(other)  # as the worker cuts it
        if session.over and self.chairs[actor] is session:
            self._drop(actor)

    def _answered(self, session: Session, reply: str, actor: int) -> str:
        assert reply or session.waiting, "no answer, and nothing to wait for"
        assert reply.isprintable(), f"control characters in {reply!r}"
        assert len(reply.encode()) <= LONGEST_LINE
        told = re.fullmatch(r"session (\S+) \d+ \d+", reply)
        self.tokens[actor] = told[1] if told else self.tokens[actor]
        return reply

    def _filled(self, message: bytes) -> bytes:
        def token(found: re.Match[bytes]) -> bytes:
            return self.tokens[int(found[1]) % ACTORS].encode()

        return re.sub(rb"\$([0-9])", token, message)

    def _arrive(self, actor: int) -> Session:
        session = self.chairs[actor] = self.host.arrive()
        self.model.arrive(actor)
        return session

    def _drop(self, actor: int) -> None:
        session = self.chairs[actor]
        if session is None:
            return
        if not _elsewhere(self.host, session):
            returns = session.identity.may_return
            self.host.roster.leave(session.id, self.host.now, may_return=returns)
        self._forget(actor)

    def _forget(self, actor: int) -> None:
        session = self.chairs[actor]
        if isinstance(self.host, ContestHost) and session in self.host._everyone:
            self.host._everyone.remove(session)
        self.chairs[actor] = None
        self.model.leave(actor, session)

    # What the teacher does.

    def _move(self, host: ContestHost, event: Event) -> None:
        if (host.contest.phase, event) not in TRANSITIONS:
            return
        if event is Event.OPEN and host.contest.next_number > host.contest.row.rounds:
            return
        held = {s: list(s._held) for s in self._seated() if s.waiting}
        told = host.move(event)
        for actor, session in enumerate(self.chairs):
            if session in told:
                line, *replies = [self._answered(session, str(r), actor) for r in told[session]]
                assert line == "FIN" or re.fullmatch(r"manche \d entre 1 et 100", line)
                said = list(zip(held[session], replies, strict=False))
                self._follow(actor, session, said)
                if line == "FIN" and self.chairs[actor] is session:
                    self._drop(actor)

    def _seated(self) -> list[Session]:
        return [session for session in self.chairs if session is not None]


def _elsewhere(host: Host, session: Session) -> bool:
    """Whether somebody resumed or gave up that session on another link."""
    player = host.roster._players.get(session.id)
    return player is None or player.epoch != session.identity.epoch


def _says_fin(message: bytes) -> bool:
    with contextlib.suppress(ProtocolError):
        return isinstance(parse(message), Finish)
    return False


def assert_still_right(host: Host, session: Session) -> None:
    """Whoever still sits there is answered, unless the answer to `pret` is due first."""
    assert host.say(session, "ping ?") == ("" if session.waiting else "pong ?")


def _talk(make: Callable[[], Host]) -> Callable[[bytes], None]:
    return lambda data: Talk(make()).run(data)


def _behind_a_code() -> Host:
    host = PureHost(secrets=SECRETS)
    host.unlocked = False  # the code is 4821
    return host


practice = _talk(lambda: PureHost(secrets=SECRETS))
competition = _talk(lambda: ContestHost(*SECRETS))
locked = _talk(_behind_a_code)
