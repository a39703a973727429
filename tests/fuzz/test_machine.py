"""A real host through whatever hypothesis thinks up, while its neighbour plays on."""

import sys
import tempfile
import traceback
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.faults.holdings import descriptors
from tests.fuzz.house import House
from tests.fuzz.intruder import ENDINGS, Browser, Intruder, Visitor
from tests.fuzz.words import HEADS, WIRE
from tests.support.browser import CONT, PING, TEXT, encode
from tests.support.room import eventually

CHAIRS = 4

messages = st.lists(st.sampled_from(WIRE), min_size=1, max_size=4).map(
    lambda words: b"".join(words).replace(b"\n", b"")
)
chairs = st.integers(0, CHAIRS - 1)
names = st.sampled_from([b"Ada", b"Bob", b"Joueur 1", b"Voisine"])


class Hosting(RuleBasedStateMachine):
    """Connections come, talk, break and go; after each step the neighbour has a turn."""

    def __init__(self):
        super().__init__()
        self.chairs = {}
        self.tokens = [b"0" * 32]
        self.folder = tempfile.TemporaryDirectory()
        self.before = descriptors()
        self.house = None

    @initialize(rounds=st.sampled_from([0, 1000]), workers=st.integers(1, 2))
    def open_the_house(self, rounds, workers):
        self.house = House(Path(self.folder.name), rounds=rounds, workers=workers)
        self.house.__enter__()

    def after(self, intruder):
        """What holds after each step."""
        intruder.drain()
        self.tokens += [token for token in intruder.tokens[-1:] if token not in self.tokens]
        self.house.neighbour.turn()
        self.house.check_alive()
        assert self.house.neighbour.token.encode() not in intruder.heard

    def seated(self, chair, kind=Intruder):
        """Whoever sits there, or a newcomer."""
        intruder = self.chairs.get(chair)
        if intruder is None or intruder.ended:
            if intruder is not None:
                intruder.close()
            game = kind is Intruder
            port = self.house.server.address[1] if game else self.house.site.port
            intruder = self.chairs[chair] = kind(port)
        return intruder

    # Connections.

    @rule(chair=chairs, said=st.lists(messages, min_size=1, max_size=12))
    def talk(self, chair, said):
        intruder = self.seated(chair)
        intruder.say(said)
        self.after(intruder)

    @rule(chair=chairs, said=st.lists(messages, min_size=1, max_size=5))
    def browse(self, chair, said):
        intruder = self.seated(chair, Browser)
        intruder.say(said)
        self.after(intruder)

    @rule(chair=chairs, data=messages | st.binary(min_size=1, max_size=40))
    def fragment(self, chair, data):
        """Half a line, half a frame, or neither."""
        intruder = self.seated(chair)
        intruder.push(data)
        self.after(intruder)

    @rule(chair=chairs, data=st.binary(max_size=200), opcode=st.integers(0, 15), fin=st.booleans())
    def frame(self, chair, data, opcode, fin):
        intruder = self.seated(chair, Browser)
        intruder.push(encode(opcode, data, fin=fin))
        self.after(intruder)

    @rule(chair=chairs, count=st.integers(1, 40))
    def fragments(self, chair, count):
        intruder = self.seated(chair, Browser)
        middle = encode(CONT, b"5", fin=False) + encode(PING, b"?")
        intruder.push(encode(TEXT, b"5", fin=False) + middle * count + encode(CONT, b"0"))
        self.after(intruder)

    @rule(head=st.lists(st.sampled_from(HEADS), max_size=8).map(b"".join))
    def visit(self, head):
        visitor = Visitor(self.house.site.port)
        visitor.push(head)
        self.after(visitor)
        visitor.wait_for_end()

    @rule(chair=chairs, message=messages, count=st.integers(100, 1500))
    def flood(self, chair, message, count):
        intruder = self.seated(chair)
        intruder.say([message] * count)
        self.after(intruder)

    # Games.

    @rule(chair=chairs, name=names, more=st.sampled_from([[], [b"50"], [b"50", b"FIN"]]))
    def join(self, chair, name, more):
        if chair in self.chairs:
            self.chairs.pop(chair).close()
        intruder = self.seated(chair)
        intruder.say([b"nom " + name, b"session", *more])
        intruder.listen(b"session ")
        self.after(intruder)

    @rule(chair=chairs, first=st.integers(0, 4), count=st.integers(1, 30))
    def play(self, chair, first, count):
        intruder = self.seated(chair)
        intruder.say([b"#%d %d" % (first + n, 10**11 + n) for n in range(count)])
        self.after(intruder)

    @rule(
        chair=chairs,
        which=st.integers(-2, -1),
        more=st.lists(
            st.sampled_from([b"FIN", b"nom Ada", b"session", b"50", b"pret"]), max_size=3
        ),
        leaving=st.booleans(),
    )
    def resume(self, chair, which, more, leaving):
        """Go on as somebody who may still be there, and do more, or leave, in the same breath."""
        intruder = self.seated(chair)
        intruder.say([b"session " + self.tokens[max(which, -len(self.tokens))], *more])
        if leaving:
            del self.chairs[chair]
            intruder.reset()
        else:
            self.after(intruder)

    @precondition(lambda self: self.house and self.house.rounds)
    @rule(order=st.sampled_from(["start", "next", "stop"]))
    def direct(self, order):
        self.house.direct(order)
        self.house.neighbour.turn()

    @precondition(lambda self: self.house and self.house.rounds)
    @rule(order=st.sampled_from(["free", "exclude"]), name=names.filter(lambda n: n != b"Voisine"))
    def discipline(self, order, name):
        self.house.direct(order, name.decode())
        self.house.neighbour.turn()

    # The end.

    @precondition(lambda self: self.chairs)
    @rule(chair=chairs, ending=st.sampled_from([*ENDINGS, Intruder.half_close]))
    def leave(self, chair, ending):
        intruder = self.chairs.get(chair)
        if intruder is not None:
            if ending is not Intruder.half_close:
                del self.chairs[chair]
            ending(intruder)
            self.house.neighbour.turn()

    def teardown(self):
        try:
            for intruder in self.chairs.values():
                intruder.close()
            if self.house is not None:
                try:
                    self.house.check_empty()
                finally:
                    self.house.__exit__(None, None, None)
            assert descriptors() <= self.before
        finally:
            self.folder.cleanup()


TestHosting = Hosting.TestCase
TestHosting.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    suppress_health_check=list(HealthCheck),
    database=None,
)


# What once killed the worker's thread, and so the host.


def told_token(house, *before):
    """Somebody who has a session and stays, and its token."""
    owner = Intruder(house.server.address[1])
    owner.say([*before, b"session"])
    owner.listen(b"session ")
    return owner, owner.tokens[-1]


def vacate(house, name):
    """Open a round; somebody plays in it under that name, and ends."""
    house.direct("start")
    gone = Intruder(house.server.address[1])
    gone.say([b"nom " + name, b"50", b"FIN"])
    gone.listen(b"FIN\n")
    gone.close()
    eventually(lambda: house.server.room.roster.find(name.decode()).present, False)


def test_a_session_that_is_resumed_and_ended_by_who_hangs_up(tmp_path):
    with House(tmp_path) as house:
        owner, token = told_token(house)
        thief = Intruder(house.server.address[1])
        thief.say([b"session " + token, b"FIN"])
        thief.reset()
        owner.wait_for_end()
        house.check_empty()


def test_a_session_that_is_resumed_and_given_up_in_one_breath(tmp_path):
    with House(tmp_path, rounds=3) as house:
        vacate(house, b"Ada")
        owner, token = told_token(house)
        heir = Intruder(house.server.address[1])
        heir.say([b"session " + token, b"nom Ada"])
        heir.listen(b"nom Ada")
        owner.say([b"ping"])
        owner.wait_for_end()
        heir.say([b"ping x"])
        heir.listen(b"pong x")
        heir.wait_for_end()
        house.check_empty()


def deciding(worker):
    """Whether a worker is where all is decided; while the room's lock is taken, it stays there."""
    frame = sys._current_frames()[worker._thread.ident]
    return "judge" in [deeper.f_code.co_name for deeper, _ in traceback.walk_stack(frame)]


def test_who_is_given_up_and_speaks_in_the_same_step(tmp_path):
    with House(tmp_path, rounds=3) as house:
        vacate(house, b"Ada")
        owner, token = told_token(house)
        heir, _ = told_token(house)
        with house.server.room.lock:
            heir.say([b"ping"])
            eventually(lambda: deciding(next(iter(house.server.workers))), True)
            heir.say([b"session " + token, b"nom Ada"])
            owner.say([b"ping"])
        heir.listen(b"nom Ada")
        owner.wait_for_end()
        assert b"pong" not in owner.heard
        heir.wait_for_end()
        house.check_empty()
