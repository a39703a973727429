"""`rules.md` is true: every clause has its test, every error its line, every example runs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from wire import Room

HERE = Path(__file__).parent
RULES = (HERE.parent / "rules.md").read_text(encoding="utf-8")
PACKAGE = HERE.parent / "justeprix"


def plain(text: str) -> str:
    """Make all white space one plain space: lines break elsewhere in a docstring."""
    return " ".join(text.split())


def clauses() -> dict[str, str]:
    found = re.findall(r"^\*\*(R\d+)\*\* — (.+?)(?=\n\n|\Z)", RULES, re.M | re.S)
    return {number: plain(text) for number, text in found}


def quotes() -> dict[str, set[str]]:
    """Return what the tests quote, by the number of the clause."""
    quoted: dict[str, set[str]] = defaultdict(set)
    for file in sorted(HERE.glob("test_rules_*.py")):
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


def codes_raised() -> set[str]:
    codes = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if name == "ProtocolError":
                    code = node.args[0]
                    assert isinstance(code, ast.Constant), f"{file.name}:{node.lineno}: no literal"
                    codes.add(code.value)
    return codes


def test_every_error_code_has_its_line_in_the_table() -> None:
    table = re.findall(r"^\| `(\w+)` \| \S", RULES, re.M)
    assert table == sorted(set(table))
    assert set(table) == codes_raised()


def test_every_code_in_a_clause_is_in_the_table() -> None:
    table = set(re.findall(r"^\| `(\w+)` \|", RULES, re.M))
    named = {code for text in clauses().values() for code in re.findall(r"`erreur (\w+)", text)}
    assert named == table


# The examples.


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.+?)^```$", RULES, re.M | re.S)


def test_the_dialogue_happens_again() -> None:
    (dialogue,) = blocks("text")
    greeting, *lines = dialogue.splitlines()
    with Room(seed=2300) as room:
        player = room.player()
        assert greeting == f"< {player.greeting}"
        for sent, received in zip(lines[::2], lines[1::2], strict=True):
            assert (sent[:2], received[:2]) == ("> ", "< ")
            # Seal and nonce are drawn anew, whatever the seed.
            assert hidden(player.ask(sent[2:])) == hidden(received[2:])
        assert player.rest() == b""


def hidden(line: str) -> str:
    return re.sub(r"\b[0-9a-f]{32,}\b", "…", line)


def test_the_client_of_ten_lines_plays(tmp_path: Path) -> None:
    client, _ = blocks("python")
    assert len(client.splitlines()) == 10
    with Room(low=1, high=8, seed=3) as room:
        host, port = room.server.address
        client = client.replace('("127.0.0.1", 2300)', f'("{host}", {port})')
        assert str(port) in client
        program = tmp_path / "client.py"
        program.write_text(client, encoding="utf-8")
        played = subprocess.run(
            [sys.executable, program],
            input="huit\n" + "\n".join(map(str, range(1, 9))) + "\n",
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONUTF8": "1"},
            timeout=30,
            check=True,
        )
    greeting, *answers = played.stdout.splitlines()
    answers = [answer.removeprefix("Ton nombre : ") for answer in answers]
    assert greeting == "hello justeprix/1 entre 1 et 8"
    assert answers[0].startswith("erreur commande ")
    assert answers[1:] == ["plus"] * (len(answers) - 2) + ["gagné"]
    assert played.stderr == ""


@pytest.mark.parametrize(
    ("wrong", "verdict"), [(False, "sceau intact\n"), (True, "triche !\n")], ids=["true", "false"]
)
def test_the_seal_is_checked_in_five_lines(
    wrong: bool, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, check = blocks("python")
    assert len(check.splitlines()) == 5
    (secret,) = re.findall(r'^secret, nonce = "(\d+)"', check, re.M)
    if wrong:
        check = check.replace(f'secret, nonce = "{secret}"', f'secret, nonce = "{int(secret) + 1}"')
    exec(check, {})
    assert capsys.readouterr().out == verdict


def test_the_seal_is_that_of_the_dialogue() -> None:
    (dialogue,) = blocks("text")
    _, check = blocks("python")
    (seal,) = re.findall(r"^< sceau (\w+)$", dialogue, re.M)
    ((secret, nonce),) = re.findall(r"^< secret (\d+) (\w+)$", dialogue, re.M)
    assert f'sceau = "{seal}"' in check
    assert f'secret, nonce = "{secret}", "{nonce}"' in check
