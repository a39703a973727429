"""What goes wrong with a pupil's bot: each fault with its line, in words that help."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from justeprix.game.secret import Bounds
from justeprix.workshop.arena import bot as workshop
from justeprix.workshop.arena import runner
from justeprix.workshop.arena.bot import BotProcess
from justeprix.workshop.arena.faults import BotFault, Kind

JOUE = "def joue(bas, haut, historique):\n"

HUNDRED = Bounds(1, 100)

NAME = "mon_bot.py"

STALL = 0.3
"""Seconds that a bot may take which never answers."""


class Case(NamedTuple):
    """What a bot's file is, and what must be said: `word` is in the sentence."""

    source: str | bytes
    kind: Kind
    line: int
    word: str


def played(file: Path, limit: float = 10.0) -> BotFault:
    """Return the fault that the bot's first guess ends with; another game has the same fault."""
    with BotProcess(file, limit=limit) as robot:
        with pytest.raises(BotFault) as caught:
            robot.begin(HUNDRED, "7")
        with pytest.raises(BotFault) as again:
            robot.begin(HUNDRED, "7")
    assert again.value.kind is caught.value.kind
    return caught.value


def loaded(file: Path) -> BotFault:
    """Return the fault that the bot's file ends with before any game."""
    with pytest.raises(BotFault) as caught, BotProcess(file):
        pass
    return caught.value


def check(fault: BotFault, kind: Kind, line: int, word: str) -> None:
    where = f"{NAME}, ligne {line} : " if line else f"{NAME} : "
    assert str(fault).startswith(where), str(fault)
    assert (fault.kind, fault.line) == (kind, line)
    assert word in fault.reason
    assert fault.reason.isprintable(), "one line, and nothing that a terminal would obey"
    fault.reason.encode()


# Before the first game.

SYNTAX = {
    "colon": ("def joue(bas, haut, historique)\n    return 1\n", 1, "il manque « : »"),
    "else if": (f"{JOUE}    if bas:\n        return 1\n    else if haut:\n", 4, "il manque « : »"),
    "no block": (f"{JOUE}return 1\n", 2, "décalé de quatre espaces"),
    "too far": ("x = 1\n  y = 2\n", 2, "trop décalée"),
    "dedent": (f"{JOUE}        x = 1\n    return 1\n", 3, "à aucun bloc"),
    "tabs": (f"{JOUE}    if 1:\n\treturn 1\n", 3, "pas de tabulations"),
    "open": (f"{JOUE}    return (1\n", 2, "jamais fermé"),
    "closed": (f"{JOUE}    return 1)\n", 2, "de trop"),
    "quote": (f"{JOUE}    x = 'abc\n    return 1\n", 2, "il manque un guillemet"),
    "comma": (f"{JOUE}    x = [1 2]\n", 2, "virgule"),
    "equals": (f"{JOUE}    if bas = 3:\n        return 1\n", 2, "écris =="),
    "outside": ("x = 1\nreturn x\n", 2, "que dans une fonction"),
    "print": (f"{JOUE}    print 'x'\n", 2, "un signe manque"),
    "cp1252": ("x = 'é'\n".encode("cp1252"), None, "UTF-8"),
    "nul": (f"{JOUE}    return 1\0\n", None, "UTF-8"),
}
"""Source, line (None: whatever Python says), what is told."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / NAME


def write(file: Path, source: str | bytes) -> Path:
    file.write_bytes(source if isinstance(source, bytes) else source.encode())
    return file


@pytest.mark.parametrize(("source", "line", "word"), SYNTAX.values(), ids=SYNTAX)
def test_what_python_cannot_read(
    file: Path, source: str | bytes, line: int | None, word: str
) -> None:
    fault = loaded(write(file, source))
    check(fault, Kind.SYNTAX, fault.line if line is None else line, word)


AT_START = {
    "empty": Case("", Kind.MISSING, 0, "def joue(bas, haut, historique)"),
    "other name": Case("def jouer(a, b, c): return 1\n", Kind.MISSING, 0, "il manque"),
    "no function": Case("joue = 5\n", Kind.MISSING, 0, "il manque la fonction joue"),
    "input": Case("x = 1\nn = input('nombre ? ')\n", Kind.KEYBOARD, 2, "input()"),
    "stdin": Case("import sys\nfor n in sys.stdin:\n    pass\n", Kind.KEYBOARD, 2, "clavier"),
    "sys.exit": Case("import sys\n\nsys.exit()\n", Kind.EXIT, 3, "return"),
    "os._exit": Case("import os\nos._exit(3)\n", Kind.GONE, 0, "code 3"),
    "exception": Case("x = 1\nx.y\n", Kind.EXCEPTION, 2, "AttributeError"),
    "module": Case("import numpi\n", Kind.EXCEPTION, 1, "pas installé ici"),
}


@pytest.mark.parametrize("case", AT_START.values(), ids=AT_START)
def test_what_goes_wrong_before_the_first_game(file: Path, case: Case) -> None:
    check(loaded(write(file, case.source)), *case[1:])


def test_a_helper_that_python_cannot_read_is_named_with_its_line(file: Path) -> None:
    (file.parent / "aide.py").write_text("x = 1\nif x\n    pass\n")
    fault = loaded(write(file, f"x = 1\nimport aide\n{JOUE}    return 1\n"))
    check(fault, Kind.SYNTAX, 2, "aide.py, ligne 2")


# In a game.

IN_PLAY = {
    "None": Case(f"{JOUE}    x = 1\n", Kind.TYPE, 1, "oublié return"),
    "None, later": Case(f"x = 1\n{JOUE}    x = 2\n    return\n", Kind.TYPE, 2, "oublié return"),
    "float": Case(f"{JOUE}    return (bas + haut) / 2\n", Kind.TYPE, 2, "écris // et non /"),
    "str": Case(f"{JOUE}    return '50'\n", Kind.TYPE, 2, "int(…)"),
    "bool": Case(f"{JOUE}    return bas < haut\n", Kind.TYPE, 2, "pas une comparaison"),
    "several": Case(
        f"{JOUE}    if bas > 1:\n        return 1\n    return '50'\n    return 2\n",
        *(Kind.TYPE, 4, "'50'"),
    ),
    "of a helper": Case(
        f"def milieu(a, b):\n    return (a + b) / 2\n{JOUE}    return milieu(bas, haut)\n",
        *(Kind.TYPE, 4, "50.5"),
    ),
    "inner": Case(f"{JOUE}    def f():\n        return 'x'\n    return f()\n", Kind.TYPE, 4, "'x'"),
    "index": Case(
        f"class N:\n    def __index__(self): return 'a'\n{JOUE}    return N()\n",
        *(Kind.TYPE, 4, "(N)"),
    ),
    "itself": Case(f"{JOUE}    return joue\n", Kind.TYPE, 2, "(function)"),
    "yield": Case(f"x = 1\n{JOUE}    yield 1\n", Kind.TYPE, 2, "(generator)"),
    "async": Case(f"x = 1\nasync {JOUE}    return 1\n", Kind.TYPE, 2, "(coroutine)"),
    "lambda": Case(
        "def f():\n    return 3\nf()\njoue = lambda a, b, c: 'x'\n", Kind.TYPE, 4, "'x'"
    ),
    "instance": Case(
        "class R:\n    def __call__(self, a, b, c):\n        pass\njoue = R()\n",
        *(Kind.TYPE, 2, "oublié return"),
    ),
    "too big": Case(f"{JOUE}    return 101\n", Kind.BOUNDS, 2, "101, qui n'est pas entre"),
    "too small": Case(f"{JOUE}    return 0\n", Kind.BOUNDS, 2, "les bornes 1 et 100"),
    "endless digits": Case(f"{JOUE}    return 10**5000\n", Kind.BOUNDS, 2, "entre les bornes"),
    "zero": Case(f"{JOUE}    x = 0\n    return 1 // x\n", Kind.EXCEPTION, 3, "par zéro"),
    "name": Case(f"{JOUE}    return bass\n", Kind.EXCEPTION, 2, "name 'bass'"),
    "unbound": Case(f"n = 1\n{JOUE}    n += 1\n    return n\n", Kind.EXCEPTION, 3, "global"),
    "list": Case(f"{JOUE}    return historique[-1][0]\n", Kind.EXCEPTION, 2, "est vide"),
    "library": Case(
        f"import statistics\n{JOUE}    return statistics.mean([])\n",
        *(Kind.EXCEPTION, 3, "StatisticsError"),
    ),
    "assert": Case(f"{JOUE}    assert bas > 5, 'là'\n", Kind.EXCEPTION, 2, "là"),
    "recursion": Case(
        f"{JOUE}    return joue(bas, haut, historique)\n", Kind.EXCEPTION, 2, "s'appelle elle-même"
    ),
    "two parameters": Case(
        "x = 1\ndef joue(bas, haut):\n    return 1\n", Kind.EXCEPTION, 2, "trois"
    ),
    "str fails": Case(
        f"class E(Exception):\n    def __str__(self): 1 / 0\n{JOUE}    raise E\n",
        *(Kind.EXCEPTION, 4, "(E : …)"),
    ),
    "two lines": Case(
        f"{JOUE}    raise ValueError('a\\nb\\x1b[2J\\ud800')\n", Kind.EXCEPTION, 2, "ValueError : a"
    ),
    "long": Case(f"{JOUE}    raise ValueError('a' * 10**6)\n", Kind.EXCEPTION, 2, "aaa…"),
    "Ctrl-C": Case(f"{JOUE}    raise KeyboardInterrupt\n", Kind.EXCEPTION, 2, "KeyboardInterrupt"),
    "input": Case(f"{JOUE}    return int(input())\n", Kind.KEYBOARD, 2, "__main__"),
    "tries input": Case(
        f"{JOUE}    while True:\n        try:\n            return int(input())\n"
        "        except Exception:\n            print('non')\n",
        *(Kind.KEYBOARD, 4, "clavier"),
    ),
    "quit": Case(f"{JOUE}    quit()\n", Kind.EXIT, 2, "s'arrête lui-même"),
    "os._exit": Case(f"import os\n{JOUE}    os._exit(3)\n", Kind.GONE, 0, "code 3"),
    "eval": Case(f"{JOUE}    return eval('1+')\n", Kind.SYNTAX, 2, "<string>"),
}


@pytest.mark.parametrize("case", IN_PLAY.values(), ids=IN_PLAY)
def test_what_goes_wrong_in_a_game(file: Path, case: Case) -> None:
    check(played(write(file, case.source)), *case[1:])


def test_the_same_fault_has_the_same_words_in_each_process(file: Path) -> None:
    write(file, f"{JOUE}    return [joue, object()]\n")
    assert len({str(played(file)) for _ in range(2)}) == 1


def test_a_fault_in_a_helper_has_the_line_that_called_it(file: Path) -> None:
    (file.parent / "aide.py").write_text("\n\n\n\ndef milieu(a, b):\n    return a // 0\n")
    write(file, f"import aide\n{JOUE}    return aide.milieu(bas, haut)\n")
    check(played(file), Kind.EXCEPTION, 3, "division par zéro")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")
@pytest.mark.parametrize(
    "line", ["[0] * 10**10", "bytearray(10**10)", "sorted(range(10**10))", "'x' * 10**10"]
)
def test_ten_gigabytes_are_too_much(file: Path, line: str) -> None:
    check(played(write(file, f"{JOUE}    return {line}\n")), Kind.MEMORY, 2, "trop de mémoire")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")
def test_a_list_that_grows_is_too_much(file: Path) -> None:
    source = f"tout = []\n{JOUE}    while True:\n        tout.append(bytes(10**8))\n"
    check(played(write(file, source)), Kind.MEMORY, 4, "grandit sans fin")


# Without an end.

STALLS = {
    "python": (f"{JOUE}    x = 1\n    while True:\n        pass\n", 3),
    "several lines": (
        f"{JOUE}    x = 1\n    while x:\n        x = 2\n        x = 3\n        x = 4\n",
        3,
    ),
    "C": (f"{JOUE}    return sum(range(10**13))\n", 2),
    "prints": (f"{JOUE}    while True:\n        print('coucou', str(bas))\n", 2),
    "in the library": (f"import time\n{JOUE}    time.sleep(1000)\n", 3),
    "of a helper": (
        f"def cherche():\n    while True:\n        pass\n{JOUE}    return cherche()\n",
        2,
    ),
    "while in for": (
        f"{JOUE}    for n in range(9):\n        while n < 99:\n            pass\n",
        3,
    ),
    "beside a thread": (
        "import threading\n"
        "threading.Thread(target=lambda: threading.Event().wait(), daemon=True).start()\n"
        f"{JOUE}    while True:\n        pass\n",
        4,
    ),
}


@pytest.mark.parametrize(("source", "line"), STALLS.values(), ids=STALLS)
def test_what_never_answers_is_stopped_and_its_loop_told(
    file: Path, source: str, line: int
) -> None:
    robot = BotProcess(write(file, source), limit=STALL)
    with pytest.raises(BotFault) as caught:
        robot.begin(HUNDRED, "7")
    check(caught.value, Kind.STALLED, line, "toujours rien au bout de 0,3 s")


def test_a_loop_in_a_helper_whose_name_ends_alike_is_not_mistaken(file: Path) -> None:
    (file.parent / f"pas_{NAME}").write_text("\n\n\n\ndef f():\n    while True: pass\n")
    robot = BotProcess(write(file, f"import pas_mon_bot\n{JOUE}    pas_mon_bot.f()\n"), limit=STALL)
    with pytest.raises(BotFault) as caught:
        robot.begin(HUNDRED, "7")
    check(caught.value, Kind.STALLED, 3, "boucle")


def test_a_loop_before_the_first_game(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workshop, "FIRST_RUN", 1.0)
    with (
        pytest.raises(BotFault) as caught,
        BotProcess(write(file, "while True:\n    pass\n"), limit=0.5),
    ):
        pass
    check(caught.value, Kind.STALLED, 1, "au bout de 1 s")


# And on.


@pytest.fixture(params=["return 1 // 0", "return 'x'", "os._exit(1)", "while True: pass"])
def moody(request: pytest.FixtureRequest, file: Path) -> Iterator[BotProcess]:
    """A bot that fails in some way as long as a file lies beside it."""
    (file.parent / "humeur").touch()
    source = f"import os\n{JOUE}    if os.path.exists({str(file.parent / 'humeur')!r}):\n"
    with BotProcess(
        write(file, f"{source}        {request.param}\n    return 50\n"), limit=0.5
    ) as bot:
        yield bot


def test_after_a_fault_the_next_game_works(moody: BotProcess) -> None:
    for _ in range(2):
        with pytest.raises(BotFault):
            moody.begin(HUNDRED, "7")
    (moody.file.parent / "humeur").unlink()
    assert moody.begin(HUNDRED, "7").number == 50
    assert moody.go_on(50, "plus").number == 50


def test_a_fault_of_a_later_move_is_told_as_well(file: Path) -> None:
    write(
        file, f"{JOUE}    if historique:\n        return haut + historique[-1][0]\n    return 1\n"
    )
    with BotProcess(file) as robot:
        robot.begin(HUNDRED, "7")
        with pytest.raises(BotFault) as caught:
            robot.go_on(1, "plus")
    check(caught.value, Kind.BOUNDS, 3, "101")
    assert caught.value.is_invalid


def test_every_kind_of_fault_has_been_seen_here() -> None:
    seen = {case.kind for case in [*AT_START.values(), *IN_PLAY.values()]}
    elsewhere = {Kind.SYNTAX, Kind.MEMORY, Kind.STALLED, Kind.ENDLESS, Kind.WITHDRAWN}
    assert seen | elsewhere == set(Kind)


def test_a_reply_is_one_line_of_json_whatever_is_in_it() -> None:
    told = runner.tell(ValueError("a\nb\ud800"), NAME)
    assert json.loads(json.dumps(told))["error"] == "ValueError"
