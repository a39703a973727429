"""House bots: how they choose, and how they come, wait, play, and go, whatever the host does."""

from __future__ import annotations

import itertools
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from justeprix import Server
from justeprix.client.house_bots import STYLES, HouseBots
from justeprix.game.names import clean_name
from justeprix.game.secret import Answer, Bounds, compare
from justeprix.protocol.words import MAX_DIGITS
from tests.support.foreign import GREETING, Foreign, Manners, bounded, read_line
from tests.support.player import PATIENCE, Player
from tests.support.room import eventually

AT_ONCE = (0.0, 0.0)
ROUND = b"manche 1 entre 1 et 1000\n"
STYLE = pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)


# How they choose.


def guesses(style: Callable[..., int], bounds: Bounds, secret: int, rng: random.Random) -> int:
    """Play one secret; return how many guesses it took."""
    low, high = bounds.low, bounds.high
    for count in itertools.count(1):
        guess = style(low, high, rng)
        assert low <= guess <= high
        answer = compare(secret, guess)
        if answer is Answer.FOUND:
            return count
        low, high = (guess + 1, high) if answer is Answer.HIGHER else (low, guess - 1)
    raise AssertionError


@STYLE
def test_each_style_finds_every_secret(style: Callable[..., int]) -> None:
    bounds, rng = Bounds(1, 100), random.Random(7)
    for secret in range(1, 101):
        assert guesses(style, bounds, secret, rng) <= 20


def test_nobody_does_better_than_dicho() -> None:
    bounds, rng = Bounds(1, 100), random.Random(7)
    cost = {
        name: sum(guesses(style, bounds, secret, rng) for secret in range(1, 101))
        for name, style in STYLES.items()
    }
    assert cost["Dicho"] == round(100 * bounds.mean)
    assert min(cost, key=cost.__getitem__) == "Dicho"
    assert len(set(cost.values())) == len(STYLES), "two styles play alike"


NUMBERS = st.integers(-(10**MAX_DIGITS) + 1, 10**MAX_DIGITS - 1)


@STYLE
@given(numbers=st.tuples(NUMBERS, NUMBERS, NUMBERS), seed=st.integers(0, 9))
def test_each_style_keeps_to_what_is_possible_and_comes_to_an_end(
    style: Callable[..., int], numbers: tuple[int, int, int], seed: int
) -> None:
    low, secret, high = sorted(numbers)
    # A hundred guesses shrink even the widest interval, by a third each.
    assert guesses(style, Bounds(low, high), secret, random.Random(seed)) <= 150


@pytest.mark.parametrize(
    ("low", "high", "number"),
    [(1, 100, 50), (51, 100, 80), (1, 49, 30), (501, 1000, 800), (-50, 50, 0), (7, 7, 7)],
)
def test_rond_likes_round_numbers_near_the_middle(low: int, high: int, number: int) -> None:
    assert STYLES["Rond"](low, high, random.Random()) == number


# Their names.


def test_each_bot_has_a_name_of_its_own_that_tells_its_style() -> None:
    names = HouseBots(("127.0.0.1", 1), 1000).names
    assert len(set(names)) == 1000
    assert [clean_name(name) for name in names] == names
    assert names[:5] == [
        *("Robot Dicho 1", "Robot Hasard 1", "Robot Prudent 1", "Robot Rond 1", "Robot Dicho 2")
    ]


# A host that says what the test wants.


class Script:
    """What a host says on each link in turn, and what it hears.

    A link is a list of replies, one a line heard; after the last the host listens, and hears b""
    when the bot hangs up. A link that ends with None is cut there by the host. The last link is
    repeated for whoever comes after.
    """

    def __init__(self, *links: list[bytes | None], greeting: bytes = GREETING) -> None:
        self.heard: list[list[str]] = []
        self.done = threading.Event()
        self._greeting = greeting
        self._links: Iterator[list[bytes | None]] = itertools.chain(
            links, itertools.repeat(links[-1])
        )
        self._last = links[-1]

    def __call__(self, sock: socket.socket) -> None:
        replies, heard = next(self._links), []
        self.heard.append(heard)
        sock.sendall(self._greeting)
        for reply in replies:
            heard.append(read_line(sock).decode().strip())
            if reply is None:
                return
            sock.sendall(reply)
        if replies is self._last:
            self.done.set()
        heard.append(read_line(sock).decode().strip())


NAMED = b"nom Robot Dicho 1\n"
NAME = "nom Robot Dicho 1"
FIN = b"FIN\n"


def play_out(script: Manners, pace: tuple[float, float] = AT_ONCE) -> int:
    """Send one bot there, which must come to its end by itself; return how often it called."""
    with Foreign(script) as host, HouseBots(("127.0.0.1", host.port), 1, pace=pace) as bots:
        eventually(lambda: bots.playing, 0)
        return host.calls


def test_a_bot_speaks_one_line_for_each_line_and_ends_with_the_competition() -> None:
    script = Script([NAMED, ROUND, b"moins\n", b"plus\n", "gagné\n".encode(), FIN])
    assert play_out(script) == 1
    assert script.heard == [[NAME, "pret", "500", "250", "375", "pret", ""]]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds of each pause that anybody makes."""
    pauses = []
    wait = threading.Event.wait

    def noted(event: threading.Event, seconds: float | None = None) -> bool:
        pauses.append(seconds or 0.0)
        return wait(event, seconds)

    monkeypatch.setattr(threading.Event, "wait", noted)
    return pauses


def test_a_bot_thinks_before_each_guess(pauses: list[float]) -> None:
    play_out(Script([NAMED, ROUND, *[b"moins\n"] * 5, b"gagn\xc3\xa9\n", FIN]), (0.015, 0.02))
    thoughts = [pause for pause in pauses if 0.015 <= pause <= 0.02]
    assert len(thoughts) == len(set(thoughts)) == 6


def test_the_bounds_are_those_of_the_round() -> None:
    script = Script([NAMED, b"manche 2 entre -9 et -7\n", b"gagn\xc3\xa9\n", FIN])
    play_out(script)
    assert script.heard == [[NAME, "pret", "-8", "pret", ""]]


def test_the_next_round_has_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("justeprix.client.house_bots.REPLY_TIME", 0.4)
    silent = []

    def host(sock: socket.socket) -> None:
        sock.sendall(GREETING)
        read_line(sock)
        sock.sendall(NAMED)
        read_line(sock)  # pret
        sock.settimeout(1.0)
        try:
            sock.recv(1)
        except TimeoutError:
            silent.append(True)
        sock.settimeout(PATIENCE)
        sock.sendall(FIN)

    assert play_out(host) == 1
    assert silent == [True]


def test_an_answer_that_never_comes_costs_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("justeprix.client.house_bots.REPLY_TIME", 0.4)
    script = Script([NAMED, ROUND, b""], [FIN])
    assert play_out(script) == 2
    assert script.heard == [[NAME, "pret", "500", ""], [NAME, ""]]


def test_too_early_a_guess_means_that_the_round_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("justeprix.client.house_bots.PAUSE", 60.0)
    script = Script([NAMED, ROUND, b"erreur attente la manche est finie\n", FIN])
    play_out(script)
    assert script.heard == [[NAME, "pret", "500", "pret", ""]]


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ([b"erreur attente une minute\n"], ["pret"]),
        ([ROUND, b"erreur bornes entre 1 et 10\n"], ["pret", "500"]),
        ([b"manche 1 entre 1 et 3\n", b"plus\n", b"plus\n"], ["pret", "2", "3"]),  # fits no secret
    ],
)
def test_after_a_refusal_a_bot_pauses_and_asks_for_a_round(
    monkeypatch: pytest.MonkeyPatch, pauses: list[float], replies: list[bytes], said: list[str]
) -> None:
    monkeypatch.setattr("justeprix.client.house_bots.PAUSE", 0.125)
    script = Script([NAMED, *replies, FIN])
    play_out(script)
    assert script.heard == [[NAME, *said, "pret", ""]]
    assert pauses.count(0.125) == 1


def test_a_bot_insists_on_its_name_and_does_not_sit_down_without_it() -> None:
    taken = [b"erreur pris ce nom est pris\n"]
    script = Script(taken, taken, [NAMED, FIN])
    assert play_out(script) == 3
    assert script.heard == [[NAME, ""], [NAME, ""], [NAME, "pret", ""]]


def test_an_excluded_bot_does_not_come_back() -> None:
    assert play_out(Script([b"erreur exclu ce nom est exclu\n"])) == 1


def test_a_lost_link_is_followed_by_another_under_the_same_name() -> None:
    script = Script([None], [NAMED, None], [NAMED, ROUND, None], [NAMED, FIN])
    assert play_out(script) == 4
    assert script.heard == [[NAME], [NAME, "pret"], [NAME, "pret", "500"], [NAME, "pret", ""]]


def test_who_finds_the_room_full_comes_again() -> None:
    full = Script([], greeting=b"erreur complet la salle est pleine\n")
    room = Script([NAMED, FIN])
    doors = iter([full, full, room])
    assert play_out(lambda sock: next(doors)(sock)) == 3
    assert room.heard == [[NAME, "pret", ""]]


def test_the_same_seed_makes_the_same_choices() -> None:
    def choices(seed: int) -> dict[str, str]:
        """The first guess of each bot."""
        chosen = {}

        def host(sock: socket.socket) -> None:
            sock.sendall(GREETING)
            name = read_line(sock)
            sock.sendall(name)
            for reply in (b"manche 1 entre 1 et 999999999999\n", FIN):
                chosen[name.decode().strip()] = read_line(sock).decode()
                sock.sendall(reply)

        with Foreign(host) as foreign:
            bots = HouseBots(("127.0.0.1", foreign.port), 8, pace=AT_ONCE, seed=seed)
            with bots:
                eventually(lambda: bots.playing, 0)
        return chosen

    once = choices(1)
    assert once == choices(1)
    other = choices(2)
    by_chance = {said for choice in (once, other) for name, said in choice.items() if "Has" in name}
    assert len(by_chance) == 4  # two bots, two seeds


# They go when they are told.


@pytest.mark.parametrize(
    "replies",
    [[], [NAMED], [NAMED, ROUND], [NAMED, b"erreur attente \n"]],
    ids=["name", "waiting", "thinking", "pausing"],
)
def test_stop_waits_for_nothing(monkeypatch: pytest.MonkeyPatch, replies: list[bytes]) -> None:
    monkeypatch.setattr("justeprix.client.house_bots.PAUSE", 60.0)
    script = Script(replies)
    with Foreign(script) as host:
        bots = HouseBots(("127.0.0.1", host.port), 3, pace=(60.0, 60.0))
        bots.start()
        assert script.done.wait(PATIENCE)
        bounded(bots.stop, 2.0)
        assert not any(thread.name in bots.names for thread in threading.enumerate())
        bots.stop()


@pytest.mark.parametrize("greeting", [b"", b"hello?\n"], ids=["silent", "foreign"])
def test_stop_waits_for_no_greeting(greeting: bytes) -> None:
    with Foreign(Script([], greeting=greeting)) as host:
        bots = HouseBots(("127.0.0.1", host.port), 1)
        bots.start()
        assert host.arrived.wait(PATIENCE)
        bounded(bots.stop, 2.0)


def test_stop_waits_for_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    called = threading.Event()

    def nobody(*address: object) -> None:
        called.set()
        raise ConnectionRefusedError

    monkeypatch.setattr("justeprix.client.house_bots.Link", nobody)
    monkeypatch.setattr("justeprix.client.house_bots.FIRST_WAIT", 60.0)
    monkeypatch.setattr("justeprix.client.house_bots.LONGEST_WAIT", 60.0)
    bots = HouseBots(("127.0.0.1", 1), 1)
    bots.start()
    assert called.wait(PATIENCE)
    bounded(bots.stop, 2.0)


def test_a_host_that_listens_everywhere_is_called_here(monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def nobody(*address: object) -> None:
        called.append(address[:2])
        raise ConnectionRefusedError

    monkeypatch.setattr("justeprix.client.house_bots.Link", nobody)
    with HouseBots(("0.0.0.0", 2300), 1):
        eventually(lambda: called[:1], [("127.0.0.1", 2300)])


def test_bots_may_be_started_again() -> None:
    script = Script([NAMED, FIN])
    with Foreign(script) as host:
        bots = HouseBots(("127.0.0.1", host.port), 1, pace=AT_ONCE)
        for _ in range(2):
            bots.start()
            eventually(lambda: bots.playing, 0)
        bots.stop()
    assert script.heard == [[NAME, "pret", ""]] * 2


# With a host of ours.


def winners(player: Player) -> set[str]:
    """Return who stands in the standings."""
    entries = player.ask("scores").removeprefix("scores").split(",")
    return {" ".join(entry.split()[1:-1]) for entry in entries if entry}


FOUR = {"Robot Dicho 1", "Robot Hasard 1", "Robot Prudent 1", "Robot Rond 1"}


def test_bots_win_in_practice_and_never_end() -> None:
    with Server(port=0) as server, HouseBots(server.address, 4, pace=AT_ONCE) as bots:
        with Player(server.address) as player:
            eventually(lambda: winners(player), FOUR)
        assert bots.playing == 4


def test_bots_end_when_the_host_closes_the_game() -> None:
    with Server(port=0) as server, HouseBots(server.address, 4, pace=AT_ONCE) as bots:
        with Player(server.address) as player:
            eventually(lambda: winners(player), FOUR)
        server.close()
        eventually(lambda: bots.playing, 0)


def test_bots_outlive_a_host_that_died() -> None:
    """Died: without a word, and for a while nobody is there."""
    with ExitStack() as stack:
        with Foreign(Script([b"", None])) as dead:
            stack.enter_context(HouseBots(("127.0.0.1", dead.port), 4, pace=AT_ONCE))
            assert dead.arrived.wait(PATIENCE)
        with Server(port=dead.port) as server, Player(server.address) as player:
            eventually(lambda: winners(player), FOUR)
