"""`rules.md` is true: every clause has its test, every error its line, every example runs."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from justeprix.errors import ErrorCode
from justeprix.game.competition import Phase, Settings
from justeprix.room.limits import Limits
from tests.support.places import ROOT, RULES_MD
from tests.support.player import Player, error
from tests.support.room import Room, eventually

HERE = Path(__file__).parent
RULES = RULES_MD.read_text(encoding="utf-8")
PACKAGE = ROOT / "justeprix"
PUPILS = (PACKAGE / "docs" / "eleve.md").read_text(encoding="utf-8")


def plain(text: str) -> str:
    """Make all white space one plain space: lines break elsewhere in a docstring."""
    return " ".join(text.split())


def clauses() -> dict[str, str]:
    found = re.findall(r"^\*\*(R\d+)\*\* — (.+?)(?=\n\n|\Z)", RULES, re.M | re.S)
    return {number: plain(text) for number, text in found}


def quotes() -> dict[str, set[str]]:
    """Return what the tests quote, by the number of the clause."""
    quoted: dict[str, set[str]] = defaultdict(set)
    for file in sorted({*HERE.glob("test_*.py")} - {Path(__file__)}):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
                continue
            match = re.fullmatch(r"(R\d+) — « (.+) »", plain(ast.get_docstring(node) or ""))
            assert match, f"{file.name}: {node.name} quotes no clause"
            quoted[match[1]].add(match[2])
    return quoted


def test_the_clauses_are_numbered_without_a_gap() -> None:
    numbers = re.findall(r"^\*\*(R\d+)\*\*", RULES, re.M)
    assert len(numbers) > 50
    assert numbers == [f"R{n}" for n in range(1, len(numbers) + 1)]
    assert list(clauses()) == numbers


def test_every_clause_is_quoted_by_a_test_and_every_quote_is_a_clause() -> None:
    assert quotes() == {number: {text} for number, text in clauses().items()}


def test_the_contents_name_every_heading_and_the_clauses_below_it() -> None:
    contents, text = re.sub(r"^```.+?^```$", "", RULES, flags=re.M | re.S).split("\n## ", 1)
    chapters = {}
    for chapter in re.split(r"^##+ ", f"## {text}", flags=re.M)[1:]:
        heading, numbers = chapter.splitlines()[0], re.findall(r"^\*\*(R\d+)\*\*", chapter, re.M)
        chapters[heading] = f", {numbers[0]} à {numbers[-1]}" if numbers else ""
    assert dict(re.findall(r"^ *- \[(.+)\]\(#.+\)(.*)$", contents, re.M)) == chapters


def trees() -> Iterator[tuple[str, ast.Module]]:
    for file in PACKAGE.rglob("*.py"):
        yield file.name, ast.parse(file.read_text(encoding="utf-8"))


def codes_raised() -> set[str]:
    codes = set()
    for file, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if name == "ProtocolError":
                    code = ast.unparse(node.args[0])
                    assert code.startswith("ErrorCode."), f"{file}:{node.lineno}: {code}"
                    codes.add(ErrorCode[code.removeprefix("ErrorCode.")].value)
    return codes


def error_table() -> list[str]:
    """Return the codes in the order of the table."""
    return re.findall(r"^\| `(\w+)` \| \S", RULES.split("### Les codes d'erreur")[1], re.M)


def test_every_error_code_has_its_line_in_the_table() -> None:
    table = error_table()
    assert table == sorted(set(table))
    assert set(table) == set(ErrorCode) == codes_raised()


def test_no_error_code_is_compared_as_a_bare_string() -> None:
    for file, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare):
                sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
                if any(re.search(r"\bcode$", side) for side in sides):
                    constants = (n for n in ast.walk(node) if isinstance(n, ast.Constant))
                    bare = {n.value for n in constants if isinstance(n.value, str)}
                    assert not bare & set(ErrorCode), f"{file}:{node.lineno}"


def test_every_code_in_a_clause_is_in_the_table() -> None:
    named = {code for text in clauses().values() for code in re.findall(r"`erreur (\w+)", text)}
    assert named == set(error_table())


# The examples.


def blocks(language: str, page: str = RULES) -> list[str]:
    return re.findall(rf"^```{language}\n(.+?)^```$", page, re.M | re.S)


def test_the_dialogue_happens_again() -> None:
    dialogue, _ = blocks("text")
    with Room(seed=2300) as room:
        assert_happens(dialogue, room.player(), {})


def test_the_competition_happens_again() -> None:
    _, dialogue = blocks("text")
    with Room(competition=Settings(rounds=2), seed=2304) as room:
        ada, bob = room.player(), room.player("Bob")
        director = room.server.director

        def find() -> None:
            bob.win()
            eventually(lambda: room.server.room.phase is Phase.ROUND, False)

        events = {
            "l'animateur ouvre la manche 1": director.start,
            "l'animateur ouvre la manche 2": director.next,
            "Bob trouve à son tour : la manche est finie": find,
        }
        assert_happens(dialogue, ada, events)


def assert_happens(dialogue: str, player: Player, events: dict[str, Callable[[], object]]) -> None:
    """Send what the dialogue sends, have its events happen, receive what it receives."""
    greeting, *lines = dialogue.splitlines()
    assert greeting == f"< {player.greeting}"
    for line in lines:
        sign, text = line[:2], line[2:]
        if sign == "> ":
            player.send(f"{text}\n".encode())
        elif sign == "* ":
            events[text]()
        else:
            assert sign == "< "
            # Seal and nonce are drawn anew, whatever the seed.
            assert hidden(player.recv_line()) == hidden(text)
    assert player.rest() == b""


def hidden(line: str) -> str:
    return re.sub(r"\b[0-9a-f]{32,}\b", "…", line)


def run(
    program: str,
    address: tuple[str, int],
    folder: Path,
    typed: str = "",
    meanwhile: Callable[[subprocess.Popen[str]], str] | None = None,
) -> list[str]:
    """Run an example against a host on another port; return what it prints.

    `meanwhile` talks with it before the rest is typed, and returns what it has read.
    """
    host, port = address
    here = program.replace('("127.0.0.1", 2300)', f'("{host}", {port})')
    here = here.replace('(host="127.0.0.1")', f'(host="{host}", port={port})')
    assert here != program
    file = folder / "programme.py"
    file.write_text(here, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-u", file],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", "PYTHONPATH": str(ROOT)},
    ) as running:
        told = meanwhile(running) if meanwhile else ""
        rest, faults = running.communicate(typed, timeout=30)
    assert faults == ""
    assert running.returncode == 0
    return (told + rest).splitlines()


def test_the_client_of_ten_lines_plays(tmp_path: Path) -> None:
    client, *_ = blocks("python")
    assert len(client.splitlines()) == 10
    with Room(low=1, high=8, seed=3) as room:
        typed = "huit\n" + "\n".join(map(str, range(1, 9))) + "\n"
        greeting, *answers = run(client, room.server.address, tmp_path, typed)
    answers = [answer.removeprefix("Ton nombre : ") for answer in answers]
    assert greeting == "hello justeprix/1 entre 1 et 8"
    assert answers[0].startswith("erreur commande ")
    assert answers[1:] == ["plus"] * (len(answers) - 2) + ["gagné"]


def test_the_client_of_ten_lines_ends_with_its_host(tmp_path: Path) -> None:
    with Room(low=1, high=8, seed=3) as room:

        def until_the_host_closes(running: subprocess.Popen[str]) -> str:
            assert running.stdin is not None
            assert running.stdout is not None
            running.stdin.write("huit\n")
            running.stdin.flush()
            told = running.stdout.readline() + running.stdout.readline()
            room.server.close()
            return told

        client, address = blocks("python")[0], room.server.address
        *_, last = run(client, address, tmp_path, "1\n2\n", until_the_host_closes)
    assert last.removeprefix("Ton nombre : ") == "FIN"  # the prompt may have been read above


def test_the_page_for_pupils_shows_the_same_ten_lines() -> None:
    _, client = blocks("python", PUPILS)
    assert client == blocks("python")[0]


def test_the_client_on_the_page_for_pupils_finds_the_secret(tmp_path: Path) -> None:
    client, _ = blocks("python", PUPILS)
    with Room(high=1000, seed=3) as room:
        assert run(client, room.server.address, tmp_path) == []
        (standing,) = room.server.room.standings()
    assert standing.found == 1


@contextlib.contextmanager
def teaching(room: Room) -> Iterator[None]:
    """Lead a competition of three rounds meanwhile; the second is stopped under the players."""
    teacher = threading.Thread(target=_teach, args=(room,))
    teacher.start()
    try:
        yield
    finally:
        teacher.join()


def _teach(room: Room) -> None:
    director, contest = room.server.director, room.server.room.competition
    assert contest is not None

    def someone_waits() -> bool:
        with room.server.room.lock:
            return any(seat.ready for seat in room.server.room.roster)

    def someone_guessed() -> bool:
        with room.server.room.lock:
            return any(2 in results for results in contest.results.values())

    for number, move in enumerate((director.start, director.next, director.next), 1):
        eventually(someone_waits, True)
        move()
        if number == 2:
            eventually(someone_guessed, True)
            director.stop()
        eventually(lambda: contest.phase is Phase.ROUND, False)


@pytest.fixture
def class_room() -> Iterator[Room]:
    """A competition of three rounds, with guesses slow enough to be stopped in one."""
    slow = Limits(burst=1, rate=100)
    with Room(competition=Settings(rounds=3), high=10**12 - 1, seed=5, limits=slow) as room:
        yield room


def test_the_bot_without_newlines_plays_a_whole_competition(
    tmp_path: Path, class_room: Room
) -> None:
    _, bot, *_ = blocks("python")
    with teaching(class_room):
        greeting, name, *rounds = run(bot, class_room.server.address, tmp_path)
    assert greeting == "hello justeprix/1 entre 1 et 999999999999"
    assert name == "nom Robo"
    results = [line.split(" : ", 1)[1] for line in rounds]
    assert (results[0], error(results[1]), results[2]) == ("gagné", "attente", "gagné")
    assert_found_two(class_room, "Robo")


def test_the_bot_with_the_client_plays_a_whole_competition(
    tmp_path: Path, class_room: Room
) -> None:
    _, _, bot, _ = blocks("python")
    with teaching(class_room):
        assert run(bot, class_room.server.address, tmp_path) == []
    assert_found_two(class_room, "HAL")


def assert_found_two(room: Room, name: str) -> None:
    (standing,) = room.server.room.standings()
    assert (standing.name, standing.found) == (name, 2)
    assert room.server.room.phase is Phase.FINISHED


@pytest.mark.parametrize(
    ("wrong", "verdict"), [(False, "sceau intact\n"), (True, "triche !\n")], ids=["true", "false"]
)
def test_the_seal_is_checked_in_five_lines(
    wrong: bool, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    *_, check = blocks("python")
    assert len(check.splitlines()) == 5
    (secret,) = re.findall(r'^secret, nonce = "(\d+)"', check, re.M)
    if wrong:
        check = check.replace(f'secret, nonce = "{secret}"', f'secret, nonce = "{int(secret) + 1}"')
    exec(check, {})
    assert capsys.readouterr().out == verdict


def test_the_seal_is_that_of_the_second_round() -> None:
    _, dialogue = blocks("text")
    *_, check = blocks("python")
    label, seal = re.findall(r"^< (manche \d+) .*\n> sceau\n< sceau (\w+)$", dialogue, re.M)[1]
    ((secret, nonce),) = re.findall(r"^< secret (\d+) (\w+)$", dialogue, re.M)
    assert f'sceau, etiquette = "{seal}", "{label}"' in check
    assert f'secret, nonce = "{secret}", "{nonce}"' in check


def test_the_seal_in_practice_has_the_other_label(capsys: pytest.CaptureFixture[str]) -> None:
    dialogue, _ = blocks("text")
    *_, check = blocks("python")
    (seal,) = re.findall(r"^< sceau (\w+)$", dialogue, re.M)
    ((secret, nonce),) = re.findall(r"^< secret (\d+) (\w+)$", dialogue, re.M)
    lines = check.splitlines()
    lines[1] = f'sceau, etiquette = "{seal}", "session"'
    lines[2] = f'secret, nonce = "{secret}", "{nonce}"'
    exec("\n".join(lines), {})
    assert capsys.readouterr().out == "sceau intact\n"
