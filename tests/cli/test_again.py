"""The command that goes on with a game, as the host prints it, and what it refuses to drop."""

from __future__ import annotations

import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from justeprix.cli.host.again import shell
from tests.support.player import Player
from tests.support.processes import HOST, NO_SIGNALS, Process, free_port, port_of, running
from tests.support.secure import Certified

CONTEST = ("--rounds", 2, "--min", 1, "--max", 1000)

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the line is for another shell there")


def paused(host: Process) -> list[str]:
    """Stop a host as Ctrl-C does; return the command that it prints, as a shell reads it."""
    host.send(signal.SIGINT)
    words = shlex.split(host.wait_for("Pour reprendre").partition(" : ")[2])
    assert host.end() == 0
    assert words[0] == "justeprix"
    return words[1:]


@contextmanager
def hosting(*options: object, **environment: str) -> Iterator[Process]:
    with running("host", *options, **environment) as host:
        host.wait_for("Commandes : ")
        yield host


pytestmark = [POSIX, NO_SIGNALS]


def test_the_printed_command_brings_everything_back(tmp_path: Path, proof: Certified) -> None:
    """Ports, folder, code, certificate, limits: nobody has to remember them."""
    folder = tmp_path / "l'été à Nice; $HOME"
    folder.mkdir()
    certificate, key = tmp_path / "mon certificat.pem", tmp_path / "clé.pem"
    for file in (certificate, key):
        file.write_bytes(proof.file.read_bytes())
    where = ("--port", free_port(), "--web-port", 0, "--bind", "127.0.0.1", "--db", folder / "a.db")
    limits = ("--max-players", 7, "--per-address", 5, "--idle", 100, "--rate", 50, "--workers", 2)
    doors = ("--code", "auto", "--tls", certificate, key, "--open", "--durable", "full", "--quiet")
    with running("host", *where, *CONTEST, *limits, *doors) as first:
        page = first.wait_for("https://127.0.0.1:").strip()
        code = first.wait_for("Le code de la partie").split()[-1]
        first.wait_for("Commandes : ")
        words = paused(first)
    assert words[:2] == ["host", "--resume"]
    with running(*words) as second:
        assert second.wait_for("https://127.0.0.1:").strip() == page
        assert second.wait_for("Le code de la partie").split()[-1] == code
        second.wait_for(str(folder / "a.db"))
        assert paused(second) == words


def test_a_plain_host_needs_no_more_than_its_file(tmp_path: Path) -> None:
    db = tmp_path / "game.db"
    with hosting("--port", 0, "--no-web", "--db", db, *CONTEST) as host:
        words = paused(host)
    port = words[words.index("--port") + 1]
    assert words == ["host", "--resume", "--port", port, "--no-web", "--db", str(db)]


def test_a_file_beside_us_is_found_from_everywhere(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with hosting(*HOST[1:], "--db", "classe.db", *CONTEST) as host:
        words = paused(host)
    assert words[words.index("--db") + 1] == str(tmp_path / "classe.db")


def test_practice_goes_on_too_with_its_bounds(tmp_path: Path) -> None:
    with running(*HOST, "--db", tmp_path / "a.db", "--max", 7, "--bots", 1) as host:
        host.wait_for("Commandes : ")
        words = paused(host)
    assert "--resume" not in words
    assert words[words.index("--max") + 1] == "7"
    with running(*words) as host:
        host.wait_for("Robot Dicho 1")


def test_the_end_names_no_command_to_go_on(tmp_path: Path) -> None:
    for options in (CONTEST, ()):
        with hosting(*HOST[1:], "--db", tmp_path / "a b.db", *options) as host:
            host.type("fin")
            assert host.end() == 0
            assert "Pour reprendre" not in host.output
            assert ("justeprix results 1 --db '" in host.output) is bool(options)


def test_another_shell_quotes_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert shell(["justeprix", "--db", r"C:\Été 26\a.db"]) == r'justeprix --db "C:\Été 26\a.db"'


# House bots.


@pytest.mark.parametrize("begun", [False, True], ids=["lobby", "round"])
def test_house_bots_are_back_on_their_seats(tmp_path: Path, begun: bool) -> None:
    """Also for who only types --resume: the seats say how many there were."""
    db = ("--db", tmp_path / "game.db")
    with hosting(*HOST[1:], *db, "--rounds", 2, "--max", 3, "--bots", 2) as first:
        first.wait_for("s'appelle Robot")
        first.wait_for("s'appelle Robot")
        if begun:
            first.type("depart")
            for _ in range(2):
                first.wait_for("gagne en")
            first.wait_for("Manche 1 finie")
        words = paused(first)
    assert words[words.index("--bots") + 1] == "2"
    for command in (words, ["host", *HOST[1:], *db, "--resume"]):
        if command is not words and not begun:
            continue  # who has not played has no seat in the file
        with running(*command) as again:
            port = port_of(again)
            for _ in range(2):
                again.wait_for("Robot")  # gets its name, or its seat
            with Player(("127.0.0.1", port)) as player:
                state = player.state_now()
            assert state["presents"] == 2
            seats = {line["nom"] for line in state["classement"]}
            assert seats == ({"Robot Dicho 1", "Robot Hasard 1"} if begun else set())
            paused(again)


# What cannot hold is refused by name.


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """The file of a competition that is not over."""
    db = tmp_path / "game.db"
    with hosting(*HOST[1:], "--db", db, *CONTEST) as host:
        paused(host)
    return db


@pytest.mark.parametrize(
    "option",
    [
        ("--rounds", 3),
        ("--time-limit", 60),
        ("--players", 2),
        ("--pause", 3),
        ("--min", 2),
        ("--max", 100),
        ("--seed", 7),
        ("--start", "auto"),
    ],
    ids=lambda option: option[0],
)
def test_an_option_that_cannot_hold_is_refused(begun: Path, option: tuple[str, object]) -> None:
    with running(*HOST, "--db", begun, "--resume", *option) as host:
        assert host.end() == 2
        assert f"{option[0]} {option[1]} : la compétition 1 reprend" in " ".join(
            host.output.replace("│", " ").split()
        )
    with hosting(*HOST[1:], "--db", begun, "--resume", *CONTEST) as host:  # the same again: holds
        assert "Compétition 1, en 2 manches" in host.output


def test_who_is_asked_and_says_yes_is_refused_too(begun: Path) -> None:
    with running(*HOST, "--db", begun, "--rounds", 3) as host:
        host.type("oui")
        assert host.end() == 2
        assert "--rounds 3" in host.output


def test_a_second_host_on_the_same_file_is_told_why(begun: Path) -> None:
    with hosting(*HOST[1:], "--db", begun, "--resume") as first:
        with running(*HOST, "--db", begun, "--resume") as second:
            assert second.end() == 1
            assert f"un autre hôte mène déjà la compétition 1 de {begun}" in second.output
            assert "Pour reprendre" not in second.output
        paused(first)
