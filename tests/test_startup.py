"""Starting must stay quick: what is slow to import waits until it is used."""

import subprocess
import sys

import justeprix

SLOW = (
    *("asyncio", "ssl", "prompt_toolkit", "rich", "websockets", "segno", "redis", "ifaddr"),
    *("markdown_it", "importlib.metadata"),
    *("justeprix.workshop.arena.games", "justeprix.workshop.arena.bot", "justeprix.workshop.check"),
    *("justeprix.bench", "justeprix.server.server", "sqlite3"),
)


def test_the_commands_start_without_what_they_may_never_need() -> None:
    program = f"import justeprix.cli, sys; print([m for m in {SLOW} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_both_ways_to_start_are_one() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "justeprix", "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert "host" in done.stdout
    assert "play" in done.stdout


def test_the_version_is_printed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "justeprix", "--version"], capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == (f"justeprix {justeprix.__version__}\n", "")
    assert done.returncode == 0
