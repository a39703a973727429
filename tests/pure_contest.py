"""A `PureHost` with a competition: `move` does to it what the director and the clock would do."""

from pure_host import PureHost
from rows import drawn

from justeprix.competition import Competition, Event, Phase
from justeprix.competitor import Competitor
from justeprix.game import Game
from justeprix.replies import RoundAnnounced
from justeprix.words import Word

__all__ = ["ContestHost"]


class ContestHost(PureHost):
    """Deals the given secrets, one a round. Sessions that wait are answered by `move`."""

    def __init__(self, *secrets, **settings):
        self.contest = Competition(drawn(*(secrets or (42, 77, 13)), **settings))
        super().__init__()
        self._everyone = []

    # What a test does.

    def arrive(self):
        session = super().arrive()
        self._everyone.append(session)
        return session

    def part(self, identity):
        return Competitor(identity, self.contest)

    def drop(self, session):
        """The link of a session breaks."""
        self._everyone.remove(session)
        self.roster.leave(session.id, self.now, may_return=session.identity.may_return)

    def move(self, event):
        """Move the competition on; return what each session that waited is told, in order."""
        self.contest.apply(self.contest.plan(event, round(self.now * 1000)))
        if self.contest.phase not in (Phase.ROUND, Phase.FINISHED):
            return {}
        for player in self.roster:
            player.ready = False
        return {s: self._release(s) for s in self._everyone if s.waiting}

    def open(self):
        return self.move(Event.OPEN)

    def close(self):
        self.move(Event.CLOSE)

    def _release(self, session):
        held = session.release()
        if self.contest.phase is Phase.FINISHED:
            return [Word.GOODBYE]
        round = self.contest.current
        return [str(RoundAnnounced(round.number, self.contest.bounds)), *self.tell(session, *held)]

    def record(self, session):
        game = session.plays.game
        row = self.sessions.get(session.id)
        if game.guesses and row is not None and row.epoch == session.identity.epoch:
            self.roster[session.id].scored = True
            at = round(self.now * 1000)
            self.contest.record(session.id, game.ordinal, game.guesses, game.found, at)

    # What a session asks.

    def deal(self, ordinal):
        round = self.contest.rounds[ordinal - 1]
        return Game(0, ordinal, self.bounds, round.secret, round.nonce)

    def adopt(self, session, token_hash, heir):
        self._commit()
        self.sessions.pop(heir, None)
        row = self.sessions[session]
        row = row._replace(epoch=row.epoch + 1, token_hash=token_hash, ended=False)
        self.sessions[session] = row
        return self._load(row)
