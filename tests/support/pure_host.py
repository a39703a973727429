"""A `Host` in memory, for tests of sessions without sockets, threads or files.

It does what worker, room and store do together, in their simplest form: rows of a fenced session
are refused, a step is stored before its news are settled, a resumed session comes back from what
was stored. Time moves when the test says so: `host.now += 2`.
"""

import hashlib
import itertools
import re

from justeprix.errors import ErrorCode, ProtocolError
from justeprix.game.competition import Competition, Event, Phase
from justeprix.game.records import GuessRow, Rows, SavedSession
from justeprix.game.roster import Roster
from justeprix.game.secret import Bounds, Game
from justeprix.protocol.replies import RoundAnnounced
from justeprix.protocol.words import Word
from justeprix.room.snapshot import score_line, snapshot, standings
from justeprix.session.competitor import Competitor
from justeprix.session.events import Won
from justeprix.session.identity import Identity
from justeprix.session.practice import Practice
from justeprix.session.session import Session
from justeprix.session.step import Step
from tests.support.rows import drawn

__all__ = [
    "ContestHost",
    "PureHost",
    "code",
    "narrowed",
    "resumed",
    "talk",
    "token_of",
    "told_hash",
]


def told_hash(token):
    return hashlib.sha256(token.encode()).digest()


class PureHost:
    """Deals the given secrets in turn; remembers what was committed."""

    contest = None  # see ContestHost
    plays = False  # whether guesses are first offered to `play`, as a referee does

    def __init__(self, low=1, high=100, secrets=(42,)):
        self.bounds = Bounds(low, high)
        self.roster = Roster(lasting=self.contest is not None)
        self.muted = ""
        self.unlocked = True  # else the code is 4821
        self.now = 1000.0
        self.sessions = {}  # id -> SessionRow, with the epoch that counts
        self.games = []
        self.guesses = []
        self.logged = []  # (session, seq, secret, number)
        self.news = []  # of the last step
        self._secrets = itertools.cycle(secrets)
        self._ids = itertools.count(1)
        self._step = self.new_step()

    # What a test does.

    def arrive(self, address="127.0.0.1"):
        """A newcomer's session."""
        identity = Identity(next(self._ids), self, address)
        session = Session(identity, self.part(identity))
        self.roster.arrive(session.id, address=address, watches=True)
        return session

    def part(self, identity):
        """What a newcomer plays."""
        return Practice(identity)

    def new_step(self):
        self._step = Step(self.now, round(self.now * 1000))
        return self._step

    def say(self, session, message):
        """One message in a step of its own; returns the reply."""
        return self.tell(session, message)[0]

    def tell(self, session, *messages):
        """Many messages within one step; returns the replies."""
        step = self.new_step()
        replies = []
        for message in messages:
            line = message.encode() if isinstance(message, str) else message
            played = self.plays and session.play(line, step)
            replies.append(played or session.handle(line, step))
        self._commit()
        self.settle(step)
        self.record(session)
        return replies

    def settle(self, step):
        """Make true for all what is stored."""
        self.news = step.news
        for item in step.news:
            if type(item) is Won:
                self.roster.won(item.session, item.epoch, item.guesses)

    def record(self, session):
        """Enter into the books what a session has done, in a competition."""

    def standings(self):
        return standings(self.roster, self.contest)

    def seqs(self, session):
        """The numbers of its guesses that are stored anywhere, ascending."""
        rows = {row.seq for row in self.guesses if row.session == session.id}
        return sorted(rows | {row[1] for row in self.logged if row[0] == session.id})

    def rows(self, session):
        """The stored rows of one session: (its row or None, its games, its guesses)."""
        return (
            self.sessions.get(session.id),
            [row for row in self.games if row.session == session.id],
            [row for row in self.guesses if row.session == session.id],
        )

    # What a session asks.

    def deal(self, ordinal):
        nonce = f"{ordinal:032x}"
        return Game(0, ordinal, self.bounds, next(self._secrets), nonce)

    def new_id(self):
        return next(self._ids)

    def scores(self):
        return score_line(self.standings())

    def snapshot(self, session):
        version, talk = self.roster.version, not self.muted
        state = (version, self.bounds, self.roster, self.contest, self.standings())
        return snapshot(*state, now=round(self.now * 1000), talk=talk).line(session)

    def enter(self, code):
        if not self.unlocked and code != "4821":
            raise ProtocolError(ErrorCode.CODE, "ce n'est pas le code")

    def new_token(self):
        token = f"token-{next(self._ids)}"
        return token, told_hash(token)

    def resume(self, token):
        self._commit()
        rows = self.sessions.values()
        row = next((row for row in rows if row.token_hash == told_hash(token)), None)
        if row is None:
            raise ProtocolError(ErrorCode.JETON, "jeton inconnu")
        if row.ended:
            raise ProtocolError(ErrorCode.FINIE, "partie finie")
        row = self.sessions[row.id] = row._replace(epoch=row.epoch + 1)
        return self._load(row)._replace(kept=row.kept)

    def recall(self, session, seq):
        self._commit()
        guess = next((g for g in self.guesses if (g.session, g.seq) == (session, seq)), None)
        return None if guess is None else (guess.number, self._game(guess.game).secret)

    # What is stored.

    def _commit(self):
        new, self._step.rows = self._step.rows, Rows()
        for row in new.sessions:
            if row.epoch == self.sessions.get(row.id, row).epoch:
                self.sessions[row.id] = row
        self.games += [row for row in new.games if self._counts(row)]
        owner = {row.id: row.session for row in self.games}
        self.guesses += [GuessRow(*row, owner[row[0]], 1) for row in new.plain_guesses]
        self.guesses += [row for row in new.guesses if self._counts(row)]
        self.logged += zip(*[iter(new.logged)] * 4, strict=True)
        for rows in ([(g.session, g.seq) for g in self.guesses], [g.id for g in self.games]):
            assert len(set(rows)) == len(rows), "stored twice"
        logged = [row[:2] for row in self.logged]
        assert len(set(logged)) == len(logged), "logged twice"
        assert all(self._game(guess.game) for guess in self.guesses)

    def _counts(self, row):
        return self.sessions[row.session].epoch == row.epoch

    def _game(self, id):
        return next(row for row in self.games if row.id == id)

    def _load(self, row):
        games = [game for game in self.games if game.session == row.id]
        if not games:
            return SavedSession(row.id, row.epoch, row.token_hash, row.name, 0, None, None)
        stored = max(games, key=lambda game: game.ordinal)
        played = [guess for guess in self.guesses if guess.game == stored.id]
        last = played[-1].number if played else None
        game = Game(
            stored.id,
            stored.ordinal,
            Bounds(stored.low, stored.high),
            stored.secret,
            stored.nonce,
            guesses=stored.before + len(played),
            found=last == stored.secret,
        )
        seq = stored.first_seq + len(played) - 1
        return SavedSession(row.id, row.epoch, row.token_hash, row.name, seq, last, game)


class ContestHost(PureHost):
    """The same with a competition: it deals the given secrets, one a round.

    `move` does what the director and the clock would do, and answers the sessions that wait.
    """

    def __init__(self, *secrets, **settings):
        self.contest = Competition(drawn(*(secrets or (42, 77, 13)), **settings))
        super().__init__()
        self._everyone = []

    # What a test does.

    def arrive(self, address="127.0.0.1"):
        session = super().arrive(address)
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
        return self._load(row)._replace(kept=True)


# What tests say often.


def talk(host, session, *exchanges):
    """Play (message, reply) pairs, each in a step of its own."""
    for message, reply in exchanges:
        assert (message, host.say(session, message)) == (message, reply)


def code(reply):
    """The code of an `erreur` line, None of any other."""
    found = re.fullmatch(r"erreur (\w+) \S.*", reply)
    return found and found[1]


def token_of(host, session):
    return host.say(session, "session").split()[1]


def resumed(host, session):
    """The same session on a new connection."""
    token = token_of(host, session)
    again = host.arrive()
    assert host.say(again, f"session {token}").startswith(f"session {token} ")
    return again


def narrowed(bounds, number, answer):
    """The bounds that an answer leaves to the secret."""
    low, high = bounds
    left = {"plus": (number + 1, 100), "moins": (1, number - 1), "gagné": (number, number)}[answer]
    return max(low, left[0]), min(high, left[1])
