"""Clients in the styles that classes write, each a real process, against a real server."""

import subprocess
import sys

import pytest

from justeprix import Server
from justeprix.session.events import Gone, Won
from tests.support.places import PUPILS

PLAYERS = sorted(path.stem for path in PUPILS.glob("*.py") if path.stem != "bonjour")
LIMIT = 20  # seconds: a client that waits for ever fails here


def run(style: str, port: int) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", PUPILS / f"{style}.py", str(port)],
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("style", PLAYERS)
def test_a_pupils_client_plays_a_whole_game_and_leaves_with_fin(style: str) -> None:
    news = []
    with Server(port=0, seed=7, on_news=news.append) as server:
        output = run(style, server.address[1])
    wins = [item for item in news if isinstance(item, Won)]
    word, _number, goodbye = output.split()
    assert (word, goodbye) == ("gagné", "FIN")
    assert len(wins) >= 1


def test_who_says_hello_gets_one_clear_line_and_disturbs_nobody() -> None:
    news = []
    with Server(port=0, on_news=news.append) as server:
        greeting, answer = run("bonjour", server.address[1]).splitlines()
        # Its leaving is noticed while the room goes on for the next one.
        assert "gagné" in run("sans_fin_de_ligne", server.address[1])
    assert greeting == "hello justeprix/1 entre 1 et 100"
    assert answer.startswith("erreur commande ")
    assert Gone("Joueur 1", may_return=False) in news


def test_all_styles_play_at_the_same_time() -> None:
    with Server(port=0) as server:
        running = [
            subprocess.Popen(
                [sys.executable, "-X", "utf8", PUPILS / f"{style}.py", str(server.address[1])],
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
            for style in PLAYERS
        ]
        outputs = [process.communicate(timeout=LIMIT)[0] for process in running]
    assert all("gagné" in output and "FIN" in output for output in outputs)
