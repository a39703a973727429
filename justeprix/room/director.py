"""What the teacher and the clock do to a running room: both only move the competition on.

    plan -> one durable commit -> apply -> tell everybody

Callable from any thread. All methods of the teacher raise CompetitionError with one sentence if
what they ask for is not possible now, and CommitError if it could not be stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from operator import attrgetter
from typing import NamedTuple, Protocol

from justeprix.errors import CommitError, CompetitionError, ProtocolError
from justeprix.game.competition import Change, Competition, Event, Phase
from justeprix.game.records import RoundRow, Rows
from justeprix.game.roster import Player
from justeprix.game.standings import Standing
from justeprix.protocol.replies import RoundAnnounced
from justeprix.protocol.words import Word
from justeprix.results.report import Report
from justeprix.room.room import Room
from justeprix.room.snapshot import Snapshot
from justeprix.session.events import Finished, RoundClosed, RoundOpened
from justeprix.session.step import Step

__all__ = ["Crowd", "Director", "Freed", "Listed", "Progress"]

HEARTBEAT = 1000
"""Milliseconds between two notes of the time: what a killed host may forget of it."""

NO_COMPETITION = "pas de compétition ici : relance avec --rounds 5, par exemple"


class Progress(NamedTuple):
    """A round, how many have found its secret, and how many have made a guess in it."""

    round: RoundRow
    found: int
    players: int


class Listed(NamedTuple):
    """A player as they were when somebody asked, see `Player`."""

    name: str
    present: bool
    returns: bool
    scored: bool
    watches: bool
    excluded: bool


class Freed(NamedTuple):
    """A name that is free; its player's name instead, if that has changed."""

    name: str
    instead: str = ""


_listed = attrgetter(*Listed._fields)


class Crowd(Protocol):
    """All who are connected, whoever serves them. Returns at once: it may be told under locks."""

    def release(self, line: str, *, round: int | None = None, last: Snapshot | None = None) -> None:
        """Answer all who wait for the round; `last`: the state that says that there is none."""

    def expel(self, session: int, reason: str) -> None:
        """End the connections of a session; without a reason it may come back."""


class Director:
    """The teacher's hand on one room; `wake` is called when a phase has just begun."""

    def __init__(self, room: Room, crowd: Crowd, wake: Callable[[], None]) -> None:
        self._room = room
        self._crowd = crowd
        self._wake = wake

    # The competition.

    def start(self) -> None:
        """Open the first round."""
        with self._directing() as contest:
            if contest.phase is Phase.PAUSE:
                raise CompetitionError("la compétition a commencé : suivante ouvre la manche")
            self._move(contest, Event.OPEN)

    def next(self) -> None:
        """Open the next round."""
        with self._directing() as contest:
            if contest.phase is Phase.LOBBY:
                raise CompetitionError("la compétition n'a pas commencé : depart l'ouvre")
            self._move(contest, Event.OPEN)

    def stop(self) -> None:
        """Close the running round."""
        with self._directing() as contest:
            self._move(contest, Event.CLOSE)

    def extend(self, seconds: int) -> int | None:
        """Give the running round more time; return the seconds that are left."""
        with self._directing() as contest:
            now = self._room.clock.now()
            self._carry_out(contest, contest.extend(seconds, now))
            return contest.seconds_left(now)

    def finish(self) -> None:
        """End the competition for good, in whatever phase it is."""
        with self._directing() as contest:
            self._move(contest, Event.FINISH)

    def report(self) -> Report:
        """Return the closed rounds as the file has them."""
        contest = self._room.competition
        with self._room.lock, self._room.books as store:
            report = None if contest is None else store.report(contest.row.id)
        if report is None:
            raise CompetitionError("pas de compétition ici, donc pas de résultats")
        return report

    def abandon(self, competition: int) -> None:
        """Close an older competition of the same file as it is."""
        with self._room.lock, self._room.books as store:
            store.end(competition)

    def tick(self) -> None:
        """Do what time or the players ask for; what can't be stored is tried again next time."""
        contest = self._room.competition
        if contest is None or contest.phase is Phase.FINISHED:
            return
        with suppress(CommitError):
            with self._room.lock:  # nearly always nothing is due: then nobody's step is waited for
                if self._due(contest) is None:
                    self._beat(contest)
                    return
            with self._room.everything():
                event = self._due(contest)  # the teacher may have been faster
                if event is not None:
                    self._move(contest, event)

    def _due(self, contest: Competition) -> Event | None:
        """Return what time or the players ask for now."""
        roster = self._room.roster
        present = roster.present
        ready = [player.session for player in present if player.ready]
        missed = [player.session for player in roster.missed(self._room.clock.running())]
        everybody = [player.session for player in present]
        return contest.due(self._room.clock.now(), everybody, ready, missed)

    def _beat(self, contest: Competition) -> None:
        """Note the time, once a HEARTBEAT."""
        now = self._room.clock.now()
        if now >= contest.row.clock + HEARTBEAT:
            row = contest.row._replace(clock=now)
            self._room.books.commit(Step(0.0, now, Rows(competitions=[row])))
            contest.row = row

    def rounds(self) -> list[Progress]:
        """Return where each round is, the first one first; none without a competition."""
        contest = self._room.competition
        if contest is None:
            return []
        with self._room.lock:
            return [Progress(round, *contest.tally(round.number)) for round in contest.rounds]

    # The players.

    def players(self) -> list[Listed]:
        """Return all whom the room knows, as they are now, in the order they came."""
        with self._room.lock:
            return [Listed(*_listed(player)) for player in self._room.roster]

    def scores(self) -> list[Standing]:
        """Return the ranking."""
        with self._room.lock:
            return self._room.standings()

    def exclude(self, name: str) -> str:
        """Throw a player out for good; return the name. Final standings keep them."""
        contest = self._room.competition
        with self._room.everything():
            player = self._find(name)
            id, now = None if contest is None else contest.row.id, self._room.clock.now()
            with self._room.books as store:
                store.exclude(player.session, player.name, id, now, player.address or None)
            if not self._room.roster.is_final(player):
                self._room.exclude(player)
            self._cut(player, "l'animateur t'a exclu")
            return player.name

    def rename(self, before: str, after: str) -> str:
        """Give a player another name; return it as it is shown."""
        with self._room.lock:
            player = self._find_alterable(before)
            roster, now = self._room.roster, self._room.clock.running()
            try:
                name = roster.allowed(player.session, after, now)
            except ProtocolError as error:
                raise CompetitionError(str(error)) from error
            with self._room.books as store:
                store.rename(player.session, name, kept=True)
            roster.give(player.session, name)
            player.kept = True
            return name

    def free(self, name: str) -> Freed:
        """Give a seat to whoever asks for its name next.

        In practice there are no seats: the name is free at once, and its player has another one.
        """
        with self._room.lock:
            player = self._find_alterable(name)
            if self._room.competition is None:
                return self._free_name(player)
            with self._room.books as store:
                store.free(player.session)
            player.freed = True
            self._cut(player, "")  # who still has the token comes back, and keeps the seat
            return Freed(player.name)

    def _free_name(self, player: Player) -> Freed:
        freed, instead = player.name, self._room.roster.free_name()
        with self._room.books as store:
            store.rename(player.session, instead, kept=False)
        self._room.roster.give(player.session, instead)
        player.kept = False
        return Freed(freed, instead)

    def quiet(self, quiet: bool) -> None:
        """Close or open the chat."""
        with self._room.lock:
            with self._room.books as store:
                store.mute(self._room.clock.now() if quiet else None)
            self._room.quiet = quiet

    # How.

    def _find(self, name: str) -> Player:
        player = self._room.roster.find(name)
        if player.excluded:
            raise CompetitionError(f"{player.name} est exclu : ce nom reste fermé")
        return player

    def _find_alterable(self, name: str) -> Player:
        player = self._find(name)
        if self._room.roster.is_final(player):
            raise CompetitionError("la compétition est finie : son classement ne change plus")
        return player

    @contextmanager
    def _directing(self) -> Iterator[Competition]:
        if self._room.competition is None:
            raise CompetitionError(NO_COMPETITION)
        with self._room.everything():
            yield self._room.competition

    def _move(self, contest: Competition, event: Event) -> None:
        self._carry_out(contest, contest.plan(event, self._room.clock.now()))

    def _carry_out(self, contest: Competition, change: Change) -> None:
        """Store a change, make it true, and tell those who wait."""
        before = contest.phase
        round = change.round
        rounds = [] if round is None else [round]
        rows = Rows(competitions=[change.row], rounds=rounds)
        self._room.books.commit(Step(0.0, change.row.clock, rows))
        self._room.move(contest, change)
        if contest.phase is not before:
            self._wake()
        if round is not None and contest.phase is not before:
            if contest.phase is Phase.ROUND:
                self._tell_opened(contest, round)
            else:
                self._tell_closed(contest, round)
        if contest.phase is Phase.FINISHED:
            self._room.tell(Finished(self._room.standings()))
            self._crowd.release(Word.GOODBYE, last=self._room.snapshot())

    def _tell_opened(self, contest: Competition, round: RoundRow) -> None:
        low, high = contest.bounds.low, contest.bounds.high
        self._crowd.release(str(RoundAnnounced(round.number, contest.bounds)), round=round.number)
        limit = contest.row.time_limit
        self._room.tell(RoundOpened(round.number, contest.row.rounds, low, high, limit))

    def _tell_closed(self, contest: Competition, round: RoundRow) -> None:
        found, players = contest.tally(round.number)
        self._room.tell(RoundClosed(round.number, round.secret, found, players))

    def _cut(self, player: Player, reason: str) -> None:
        if player.present:
            self._crowd.expel(player.session, reason)
