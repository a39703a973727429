"""A pupil's bot in its process: what it may do, what it sees, and that nothing of it is left."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from justeprix.errors import BotError
from justeprix.game.secret import Bounds
from justeprix.workshop.arena import runner
from justeprix.workshop.arena.bot import LONGEST, MOST_SAID, BotProcess
from justeprix.workshop.arena.faults import BotFault, Kind
from tests.support.foreign import bounded

PATIENCE = 10.0
"""Seconds for what must happen; only a broken BotProcess makes a test wait that long."""

HUNDRED = Bounds(1, 100)

JOUE = "def joue(bas, haut, historique):\n"

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal, or no fork")

Write = Callable[..., BotProcess]


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Write]:
    """`bot(source)` writes a bot and returns it, not yet started; all are closed at the end."""
    with ExitStack() as stack:

        def write(
            source: str | bytes, name: str = "robot.py", limit: float = PATIENCE
        ) -> BotProcess:
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(source if isinstance(source, bytes) else source.encode())
            bot = BotProcess(file, limit=limit)
            stack.callback(bounded, bot.close)
            return bot

        yield write


@pytest.fixture
def lifeline() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Lines of Python that hold on to us, and a function that waits until nobody does."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        server.settimeout(PATIENCE)

        def wait() -> bytes:
            link, _ = server.accept()
            with link:
                link.settimeout(PATIENCE)
                return link.recv(1)

        port = server.getsockname()[1]
        hold = f"import sys, socket\nsys.hold = socket.create_connection(('127.0.0.1', {port}))\n"
        yield hold, wait


def first(bot: BotProcess, bounds: Bounds = HUNDRED, seed: str = "7") -> int:
    return bot.begin(bounds, seed).number


# What a bot may be.


def test_it_is_told_the_bounds_and_what_its_guesses_got(bot: Write) -> None:
    source = f"{JOUE}    print(bas, haut, historique)\n    return bas + len(historique)\n"
    with bot(source) as robot:
        assert first(robot, Bounds(-5, 8)) == -5
        assert robot.go_on(-5, "plus").number == -4
        assert robot.go_on(-4, "moins").number == -3
        seen = "-5 8 []\n-5 8 [(-5, 'plus')]\n-5 8 [(-5, 'plus'), (-4, 'moins')]\n"
        assert robot.said == seen


JOUES = {
    "lambda": "joue = lambda bas, haut, historique: 50\n",
    "instance": "class R:\n    def __call__(self, a, b, c):\n        return 50\njoue = R()\n",
    "recursive": f"{JOUE}    return bas if bas == 50 else joue(bas + 1, haut, historique)\n",
    "other names": "def joue(petit, grand, coups):\n    return 50\n",
    "index": f"class N:\n    def __index__(self): return 50\n{JOUE}    return N()\n",
    "subclass of int": f"class N(int): pass\n{JOUE}    return N(50)\n",
    "dataclass": "from __future__ import annotations\nfrom dataclasses import dataclass\n"
    f"@dataclass\nclass Point:\n    x: int = 50\n{JOUE}    return Point().x\n",
    "600 times elif": f"{JOUE}    if bas == 0: return 0\n"
    + "".join(f"    elif haut == {n}: return 0\n" for n in range(200, 800))
    + "    else: return 50\n",
    "reconfigure": f"import sys\nsys.stdout.reconfigure(encoding='utf-8')\n{JOUE}    return 50\n",
    "main": f"{JOUE}    return 50\nif __name__ == '__main__':\n    joue = input()\n",
    "no print": f"import sys\nsys.stdout.close()\nsys.stdin.close()\n{JOUE}    return 50\n",
    "threads": "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    f"{JOUE}    return 50\n",
    "BOM": f"\ufeff{JOUE}    return 50\n",
    "CRLF": f"{JOUE}    return 50\n".replace("\n", "\r\n"),
    "latin-1": f"# coding: latin-1\né = 50\n{JOUE}    return é\n".encode("latin-1"),
    "UTF-16, from PowerShell": f"{JOUE}    return 50  # é\n".encode("utf-16"),
}


@pytest.mark.parametrize("source", JOUES.values(), ids=JOUES)
def test_whatever_can_be_called_plays(bot: Write, source: str | bytes) -> None:
    with bot(source) as robot:
        assert (first(robot), first(robot)) == (50, 50)


@pytest.mark.parametrize(
    "name", ["de l'élève/mon robot.py", "random.py", "json.py", "robot", "-c.py", "a'b\"c.py"]
)
def test_any_file_name_does(bot: Write, name: str) -> None:
    if sys.platform == "win32" and '"' in name:
        pytest.skip("no such name on Windows")
    source = f"import os, random, sys\n{JOUE}    return os.path.samefile(__file__, {name!r}) * 50\n"
    robot = bot(source, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(robot.file.parents[name.count("/")])
        with robot:
            assert first(robot) == 50


@pytest.mark.parametrize("other", ["random", "json", "ast", "signal", "faulthandler", "robot"])
def test_what_lies_beside_it_harms_nobody(bot: Write, tmp_path: Path, other: str) -> None:
    (tmp_path / f"{other}.py").write_text("MIEN = 50\n")
    with bot(f"import random\n{JOUE}    return 50\n", "mon_bot.py") as robot:
        assert first(robot) == 50


@pytest.mark.parametrize("other", ["aide", "robot", "runner", "faults"])
def test_it_imports_the_files_beside_it(bot: Write, tmp_path: Path, other: str) -> None:
    (tmp_path / f"{other}.py").write_text("def milieu(a, b):\n    return (a + b) // 2\n")
    source = f"from {other} import milieu\n{JOUE}    return milieu(bas, haut)\n"
    with bot(source, "mon_bot.py") as robot:
        assert first(robot) == 50


def test_it_cannot_import_our_own_by_accident(bot: Write) -> None:
    source = "try:\n    import faults\n    n = 1\nexcept ImportError:\n    n = 50\n"
    with bot(f"{source}{JOUE}    return n\n") as robot:
        assert first(robot) == 50


def test_where_memory_cannot_be_limited_it_plays_all_the_same(
    bot: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "windows"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text("import sys\nsys.modules['resource'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    source = "try:\n    import resource\n    n = 1\nexcept ImportError:\n    n = 50\n"
    with bot(f"{source}{JOUE}    return n\n") as robot:
        assert first(robot) == 50


# One game, and the next.


def test_each_game_starts_with_the_file_as_it_was_written(bot: Write) -> None:
    source = f"coups = []\n{JOUE}    coups.append(1)\n    return len(coups)\n"
    with bot(source) as robot:
        for _ in range(2):
            assert first(robot) == 1
            assert robot.go_on(1, "plus").number == 2


def test_who_changes_the_history_harms_only_this_move(bot: Write) -> None:
    source = f"{JOUE}    n = len(historique) + 1\n    historique.clear()\n    return n\n"
    with bot(source) as robot:
        assert first(robot) == 1
        assert robot.go_on(1, "plus").number == 2
        assert robot.go_on(2, "plus").number == 3


def test_chance_comes_from_the_seed_alone(bot: Write) -> None:
    source = f"import random\nx = random.random()\n{JOUE}    return random.randint(bas, haut)\n"
    big = Bounds(1, 10**9)
    with bot(source) as robot:
        guesses = [first(robot, big, seed) for seed in ("1", "2", "1")]
    assert guesses[0] == guesses[2] != guesses[1]
    with bot(source) as another:
        assert first(another, big, "1") == guesses[0]


def test_an_order_of_hashes_is_the_same_each_time(bot: Write) -> None:
    source = f"{JOUE}    return hash('Ada') % 100 + 1\n"
    found = set()
    for _ in range(2):
        with bot(source) as robot:
            found.add(first(robot))
    assert len(found) == 1


@pytest.mark.parametrize(("size", "most"), [(5, 5), (10**6, LONGEST)])
def test_a_game_has_an_end(bot: Write, size: int, most: int) -> None:
    with bot(f"{JOUE}    return bas\n") as robot:
        first(robot, Bounds(1, size))
        for _ in range(most - 1):
            robot.go_on(1, "plus")
        with pytest.raises(BotFault, match=f"{most} coups sans trouver") as caught:
            robot.go_on(1, "plus")
        assert caught.value.kind is Kind.ENDLESS
        assert first(robot) == 1


# What it prints.


def test_prints_are_kept_and_no_more_than_that(bot: Write) -> None:
    source = f"import sys\nprint('début')\n{JOUE}    print('x' * 10**6, file=sys.stderr)\n"
    with bot(f"{source}    return 1\n") as robot:
        assert robot.said == "début\n"
        first(robot)
        assert len(robot.said) <= len("début\n") + runner.MOST_SAID
        for _ in range(3):
            first(robot)
        assert robot.said.startswith("début\ndébut\nxxx")
        assert len(robot.said) == MOST_SAID


def test_what_it_printed_before_it_got_lost_is_kept(bot: Write) -> None:
    robot = bot(f"{JOUE}    print('là')\n    while True: pass\n", limit=0.3)
    with pytest.raises(BotFault):
        first(robot)
    assert robot.said == "là\n"


def test_prints_can_be_written_as_utf_8(bot: Write) -> None:
    with bot(f"{JOUE}    print('é \\ud800 \U0001f600')\n    return 1\n") as robot:
        first(robot)
        assert robot.said.encode().startswith("é ".encode())
        assert "\U0001f600" in robot.said


def test_what_goes_to_the_true_streams_goes_nowhere(bot: Write) -> None:
    source = f"import os, sys\n{JOUE}    os.write(1, b'{{')\n    os.system('echo x')\n"
    with bot(f"{source}    print('x', file=sys.__stdout__, flush=True)\n    return 1\n") as robot:
        assert first(robot) == 1
        assert robot.said == ""


# Its process.


@pytest.mark.parametrize("file", ["rien.py", "."])
def test_no_file_is_said_before_anything_starts(tmp_path: Path, file: str) -> None:
    with pytest.raises(BotError, match="ce fichier n'existe pas"), BotProcess(tmp_path / file):
        pass


def test_a_bot_that_cannot_even_start_leaves_nothing(
    tmp_path: Path, lifeline: tuple[str, Callable[[], bytes]]
) -> None:
    hold, wait = lifeline
    (tmp_path / "robot.py").write_text(f"{hold}1 / 0\n")
    robot = BotProcess(tmp_path / "robot.py")
    with pytest.raises(BotFault), robot:
        pass
    assert wait() == b""


LAST_WORDS = {
    "nothing": "",
    "thread": "import threading\nthreading.Thread(target=threading.Event().wait).start()\n",
    "atexit": "import atexit, threading\natexit.register(threading.Event().wait)\n",
    "fork": "import os, threading\nif os.fork() == 0:\n    threading.Event().wait()\n",
}


@pytest.mark.parametrize("trick", LAST_WORDS)
def test_close_ends_it_and_may_be_called_twice(
    bot: Write, lifeline: tuple[str, Callable[[], bytes]], trick: str
) -> None:
    if trick == "fork" and not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    hold, wait = lifeline
    robot = bot(f"{JOUE}    return 1\n{hold}{LAST_WORDS[trick]}")
    robot.load()
    bounded(robot.close)
    assert wait() == b""
    robot.close()


@posix
@pytest.mark.parametrize("trick", ["nothing", "thread", "atexit"])
def test_it_does_not_outlive_us(
    tmp_path: Path, lifeline: tuple[str, Callable[[], bytes]], trick: str
) -> None:
    hold, wait = lifeline
    file = tmp_path / "robot.py"
    file.write_text(f"{JOUE}    return 1\n{hold}{LAST_WORDS[trick]}")
    program = (
        "import os, signal, pathlib\nfrom justeprix.workshop.arena.bot import BotProcess\n"
        f"bot = BotProcess(pathlib.Path({str(file)!r}))\nbot.load()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=PATIENCE)
    assert ended.returncode == -signal.SIGKILL
    assert wait() == b""


@posix
def test_who_is_killed_from_outside_is_told_and_plays_again(bot: Write) -> None:
    with bot(f"import os\nprint(os.getpid())\n{JOUE}    return 1\n") as robot:
        os.kill(int(robot.said), signal.SIGKILL)
        with pytest.raises(BotFault, match=r"éteint d'un coup \(code -9\)") as caught:
            first(robot)
        assert caught.value.kind is Kind.GONE
        assert first(robot) == 1


TRICKS = {
    "rubbish on our pipe": "for n in range(3, 50):\n"
    "        try: os.write(n, b'coucou\\n')\n        except OSError: pass\n    return 1\n",
    "half a reply on our pipe": "for n in range(3, 50):\n"
    "        try: os.write(n, b'{\"number\": ')\n        except OSError: pass\n    os._exit(0)\n",
    "our pipes closed": "os.closerange(3, 50)\n    return 1\n",
    "our pipes closed, and it stays": "faulthandler.cancel_dump_traceback_later()\n"
    "    os.closerange(3, 50)\n    threading.Event().wait()\n",
}


@posix
@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_stops_us(bot: Write, trick: str) -> None:
    imports = "import faulthandler, os, threading\n"
    robot = bot(f"{imports}{JOUE}    if haut == 100:\n        return 1\n    {TRICKS[trick]}")
    robot.load()
    with pytest.raises(BotFault) as caught:
        bounded(lambda: first(robot, Bounds(1, 99)), PATIENCE)
    assert caught.value.kind is Kind.GONE
    assert bounded(lambda: first(robot)) == 1


@posix
def test_an_heir_that_holds_our_pipes_stops_us_no_longer_than_a_stall(bot: Write) -> None:
    source = f"import os, threading\n{JOUE}    os.fork() or threading.Event().wait()\n"
    robot = bot(f"{source}    os._exit(0)\n", limit=0.3)
    with pytest.raises(BotFault):
        bounded(lambda: first(robot), PATIENCE)


@posix
def test_who_escapes_its_own_watch_is_stopped_by_ours(bot: Write) -> None:
    source = f"import faulthandler\n{JOUE}    faulthandler.cancel_dump_traceback_later()\n"
    robot = bot(f"{source}    while True: pass\n", limit=0.3)
    with pytest.raises(BotFault, match="toujours rien au bout de 0,3 s") as caught:
        bounded(lambda: first(robot), PATIENCE)
    assert caught.value.kind is Kind.STALLED
