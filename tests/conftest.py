"""What the tests share: options, servers that are always closed, and a watch over leaks.

pytest -n 4                               # four tests at a time, but those marked `alone`, first
pytest tests/faults --full                # 1,000 faults; 50 kills of the host
pytest tests/faults --seed 1234           # the run that failed, again
"""

from __future__ import annotations

import gc
import itertools
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from justeprix.server.server import Server
from justeprix.store import Store, open_store
from tests.support.client import Watched
from tests.support.foreign import bounded
from tests.support.secure import Certified, certified
from tests.support.turn import Turn

JOIN = 20.0
"""Seconds a thread has to end after the test that started it."""

DESCRIPTORS = Path("/proc/self/fd")

settings.register_profile(
    "justeprix",
    deadline=None,  # on a busy machine anything may take a second
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("justeprix")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("justeprix")
    group.addoption("--full", action="store_true", help="1,000 faults, 50 kills: minutes, not CI")
    group.addoption("--seed", type=int, default=None, help="run the random tests with this seed")


def pytest_configure() -> None:
    """Let Ctrl-C end what the tests start: a run in the background of a script would ignore it.

    A shell without job control has its background ignore SIGINT, and children inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether the long version of the test is wanted."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run. Printed, so that pytest shows it when the test fails."""
    given = request.config.getoption("--seed")
    seed = random.randrange(1_000_000) if given is None else given
    test = f"{request.node.path}::{request.node.name}"
    print(f"run again with: pytest '{test}' --seed {seed}")
    return seed


# Order and company.

NEXT: pytest.StashKey[pytest.Item | None] = pytest.StashKey()
"""Which test this process runs after the present one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first the files whose tests want to be alone, in a row, then those that take long.

    With `--dist loadfile` a file is one process's, and they are begun in this order: the others
    wait once for all who are alone, and nobody in the end for one who takes a minute.
    """
    place = {path: n for n, path in enumerate(dict.fromkeys(item.path for item in items))}
    best = dict.fromkeys(place, 2)
    for item in items:
        best[item.path] = min(best[item.path], rank(item))
    items.sort(key=lambda item: (best[item.path], place[item.path], rank(item)))


def rank(item: pytest.Item) -> int:
    return 0 if is_alone(item) else 1 if item.get_closest_marker("long") else 2


def is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


@pytest.fixture(autouse=True, scope="session")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Turn:
    """Which tests may run at one time, in all processes of this run."""
    root = tmp_path_factory.getbasetemp()
    return Turn(root.parent if "PYTEST_XDIST_WORKER" in os.environ else root)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    item.config.stash[NEXT] = nextitem


@pytest.fixture(autouse=True)
def company(request: pytest.FixtureRequest, turn: Turn) -> Iterator[None]:
    """Run with others; a test that measures, and is marked `alone`, without them."""
    if not is_alone(request.node):
        with turn.together():
            yield
        return
    following = request.config.stash[NEXT]
    turn.take()
    yield
    if following is None or not is_alone(following):
        turn.give()


# Leaks.


@pytest.fixture(autouse=True)
def no_leaks(company: None) -> Iterator[None]:
    """After each test, threads and descriptors are back where they were.

    It is set up first and torn down last, so it sees what the other fixtures leave behind.
    """
    threads, descriptors = set(threading.enumerate()), _descriptors()
    yield
    left = [thread for thread in threading.enumerate() if thread not in threads]
    for thread in left:
        thread.join(JOIN)
    alive = [thread.name for thread in left if thread.is_alive()]
    assert not alive, f"threads still running: {alive}"
    opened = _descriptors()
    if len(opened) > len(descriptors):
        gc.collect()  # names the owner: a ResourceWarning, which fails the run
        new = {number: opened[number] for number in opened.keys() - descriptors.keys()}
        pytest.fail(f"descriptors left open: {new}")


def _descriptors() -> dict[str, str]:
    """Return what each open descriptor is; nothing where the system cannot say."""
    if not DESCRIPTORS.is_dir():
        return {}
    found = {}
    for number in os.listdir(DESCRIPTORS):
        try:
            found[number] = os.readlink(DESCRIPTORS / number)
        except FileNotFoundError:  # the one that listed this folder
            continue
    return found


# Servers.

StartServer = Callable[..., Server]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StartServer]:
    """`server(**options)` starts a Server on a free port and a file; all are closed at the end."""
    with ExitStack() as running:

        def start(**options: object) -> Server:
            options = {"port": 0, "db": tmp_path / "game.db"} | options
            return running.enter_context(Server(**options))  # type: ignore[arg-type]

        yield start


@pytest.fixture(scope="session")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """A host's certificate: `Web(tls=proof.context)`, `Player(address, trust=proof.trust())`."""
    return certified(tmp_path_factory.mktemp("tls"))


# Stores.

STORES: dict[str, Callable[[Path], Store]] = {
    "file": lambda folder: open_store(folder / "game.db"),
    "memory": lambda folder: open_store(":memory:"),
}
"""Every implementation of the contract; a new one is one line here."""


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each store in turn, empty."""
    store = STORES[request.param](tmp_path)
    yield store
    store.close()


# Clients.

Join = Callable[..., Watched]


@pytest.fixture
def join() -> Iterator[Join]:
    """`join(server)` connects a Client; all are stopped at the end, whatever fails."""
    with ExitStack() as stack:

        def make(server: object, *, connect: bool = True, **options: object) -> Watched:
            port = server.address[1] if isinstance(server, Server) else server
            client = Watched(port, **options)
            stack.callback(bounded, client.arret)
            if connect:
                client.connect()
            return client

        yield make


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """For hosts that stay away: the true pauses add up to 12 s and show no more."""
    monkeypatch.setattr(
        "justeprix.client.conversation.waits", lambda first, factor: itertools.repeat(0.01)
    )
