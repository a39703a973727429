"""A competition through whatever may happen, and through restarts of its host."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from justeprix.errors import CompetitionError
from justeprix.game.competition import TRANSITIONS, Competition, Event, Phase
from justeprix.game.records import SavedCompetition, SavedPlayer
from justeprix.game.standings import Result, rank, total
from tests.support.rows import drawn

START = 1000  # when the competitions begin, on their own clock


class Contest(RuleBasedStateMachine):
    """A competition on a clock, and beside it the rows that a store would hold."""

    def __init__(self):
        super().__init__()
        self.now = START
        self.begin(None, None)

    def begin(self, time_limit, players):
        self.saved = drawn(42, 77, 13, time_limit=time_limit, players=players, pause=2)
        self.stored = {}  # session -> {round -> Result}, told apart from what the books say
        self.contest = Competition(self.saved)

    def store(self, change):
        rounds = {round.number: round for round in self.saved.rounds}
        if change.round is not None:
            rounds[change.round.number] = change.round
        self.saved = self.saved._replace(row=change.row, rounds=list(rounds.values()))
        self.contest.apply(change)

    def reloaded(self):
        players = [
            SavedPlayer(session, 1, str(session), True, False, results)
            for session, results in self.stored.items()
        ]
        return Competition(SavedCompetition(self.saved.row, self.saved.rounds[::-1], players))

    @precondition(lambda self: self.now == START)
    @rule(time_limit=st.none() | st.integers(1, 5), players=st.none() | st.integers(1, 3))
    def choose(self, time_limit, players):
        self.begin(time_limit, players)

    @rule(ms=st.integers(1, 3000))
    def wait(self, ms):
        self.now += ms

    @rule(event=st.sampled_from(Event))
    def ask(self, event):
        try:
            change = self.contest.plan(event, self.now)
        except CompetitionError:
            assert (self.contest.phase, event) not in TRANSITIONS
        else:
            self.store(change)

    @rule(seconds=st.integers(1, 3))
    def extend(self, seconds):
        try:
            self.store(self.contest.extend(seconds, self.now))
        except CompetitionError:
            assert self.contest.seconds_left(self.now) is None

    @rule(present=st.sets(st.integers(1, 3)), ready=st.sets(st.integers(1, 3)))
    def tick(self, present, ready):
        event = self.contest.due(self.now, present, ready & present)
        if event is not None:
            self.store(self.contest.plan(event, self.now))  # what is due is allowed
        assert self.contest.due(self.now, [], []) is None

    @rule(session=st.integers(1, 3), found=st.booleans())
    def guess(self, session, found):
        round = self.contest.open_round(self.now)
        results = self.stored.setdefault(session, {})
        if round is None or results.get(round.number, Result(0)).found:
            return
        guesses = results.get(round.number, Result(0)).guesses + 1
        time = self.now - round.opened_at if found else 0
        results[round.number] = Result(guesses, found, time)
        self.contest.record(session, round.number, guesses, found, self.now)

    @rule()
    def restart(self):
        self.contest = self.reloaded()

    @invariant()
    def rounds_open_once_and_in_order(self):
        rounds = self.contest.rounds
        opened = [round for round in rounds if round.opened_at is not None]
        closed = [round for round in opened if round.closed_at is not None]
        assert opened == rounds[: len(opened)]
        assert len(opened) - len(closed) == (self.contest.phase is Phase.ROUND)
        assert all(round.closed_at is None for round in rounds[len(opened) :])
        assert all(round.opened_at <= round.closed_at for round in closed)
        times = [at for round in closed for at in (round.opened_at, round.closed_at)]
        assert times == sorted(times)

    @invariant()
    def what_is_stored_is_all_there_is(self):
        """Taken up from the rows alone, it is the same competition."""
        again = self.reloaded()
        assert (again.phase, again.row) == (self.contest.phase, self.contest.row)
        assert (again.rounds, again.current) == (self.contest.rounds, self.contest.current)
        assert again.seconds_left(self.now) == self.contest.seconds_left(self.now)
        assert self.ranked(again) == self.ranked(self.contest)

    @invariant()
    def results_are_of_opened_rounds_and_their_time(self):
        for results in self.contest.results.values():
            for number, (_, found, time) in results.items():
                round = self.contest.rounds[number - 1]
                end = self.now if round.closed_at is None else round.closed_at
                assert 0 <= time <= end - round.opened_at
                assert found or not time

    @staticmethod
    def ranked(contest):
        results = contest.results.items()
        return rank((str(session), total(r.values())) for session, r in results if r)


TestContest = Contest.TestCase
TestContest.settings = settings(max_examples=100, stateful_step_count=40)
