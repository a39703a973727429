"""Nothing that leaves the host tells what a running round hides.

All that every kind of client receives and all that the host writes, its log at DEBUG included, is
kept, and searched before each round ends: for the secrets, for the nonces, for others' tokens.
"""

import re
import socket
import sqlite3
from contextlib import ExitStack, closing

import pytest

from tests.contest.books import secrets
from tests.contest.contest import Host, Stage
from tests.support.player import Player, error

LOW, HIGH = 10**11, 10**12 - 1
"""Twelve digits: no secret stands anywhere by chance."""

LOGGING = """
import logging
logging.basicConfig(level=logging.DEBUG)
from justeprix.cli import main
main()
"""
FORMATS = ("json", "csv", "svg", "txt")

RUBBISH = (
    "", "abc", "1_000", "#9 5", "#1 abc", "5", str(HIGH + 1), "nom !", "nom " + "x" * 40, "x" * 600,
    "bornes", "scores", "sceau", "aide", "ping salut", "dire psst", "suivre trop",
)  # fmt: skip


class Tap:
    """A socket of which every byte received is kept."""

    def __init__(self, sock: socket.socket) -> None:
        self.heard = b""
        self._socket = sock

    def recv(self, size: int) -> bytes:
        data = self._socket.recv(size)
        self.heard += data
        return data

    def __getattr__(self, name: str):
        return getattr(self._socket, name)


class Tapped(Player):
    """A player whose stream is kept; `knows` are the tokens that are its own."""

    def __init__(self, host: Host, name: str = "", *, bare: bool = False) -> None:
        super().__init__(host.address, greet=False)
        self.socket = Tap(self.socket)
        self.recv_line()
        self.knows: set[str] = set()
        self._bare = bare
        if name:
            assert self.says(f"nom {name}") == f"nom {name}"

    @property
    def heard(self) -> bytes:
        return self.socket.heard

    def says(self, message: str) -> str:
        """Ask in the own dialect."""
        return self.ask_bare(message).decode() if self._bare else self.ask(message)

    def joins(self, token: str = "") -> str:
        """Open or resume a session; return its token."""
        token = self.says(f"session {token}".strip()).split()[1]
        self.knows.add(token)
        return token


@pytest.fixture
def room(tmp_path):
    with Stage() as stage:
        options = ("--rounds", 2, "--min", LOW, "--max", HIGH)
        host = Host(stage, tmp_path / "game.db", *options, program=("-c", LOGGING))
        host.start()
        yield stage, host


def test_nothing_tells_a_running_round(room, tmp_path) -> None:
    stage, host = room
    first, second = hidden = secrets(host.db)
    with ExitStack() as stack:

        def tapped(name: str = "", **options) -> Tapped:
            taps.append(stack.enter_context(Tapped(host, name, **options)))
            return taps[-1]

        taps: list[Tapped] = []
        plain, bare = tapped("Lignes"), tapped("Nu", bare=True)
        numbered, follower, screen = tapped("Numéros"), tapped("Suiveur"), tapped()
        tokens = [numbered.joins(), follower.joins()]
        for player in (follower, screen):
            player.follow()
        provoke([plain, bare, numbered, follower])
        exports = ask_teacher(stage, host, tmp_path)
        search(taps, host, exports, tokens, hidden)

        host.type("depart")
        assert plain.says("pret") == f"manche 1 entre {LOW} et {HIGH}"
        provoke([plain, bare, numbered, follower])
        for n in range(30):  # near the end of a search, but not at it
            guess = first.secret + (1 << (30 - n)) * (-1) ** n
            number = str(min(max(guess, LOW), HIGH))
            for player in (plain, bare, follower):
                assert player.says(number) in ("plus", "moins")
            assert numbered.says(f"#{n + 1} {number}").startswith("resultat ")
        assert error(plain.says(f"session {tokens[0][:-1]}")) == "jeton"
        again = tapped()
        assert again.joins(tokens[0]) == tokens[0]
        assert numbered.rest() == b""
        for player in (plain, follower):
            assert player.says(str(first.secret)) == "gagné"
            assert player.says("sceau") == f"sceau {first.seal}"
        provoke([plain, bare, again, follower])
        exports += ask_teacher(stage, host, tmp_path)
        search(taps, host, exports, tokens, hidden)

        host.type("stop")
        host.process.wait_for(f"le secret était {first.secret}")
        for player in (plain, bare, again, follower, screen):
            assert player.says("sceau") == f"secret {first.secret} {first.nonce}"
        provoke([plain, bare, again, follower])
        exports = ask_teacher(stage, host, tmp_path)
        search(taps, host, exports, tokens, [second])
        assert first.nonce in exports[0]
        before, closing_line, _ = host.process.output.partition("── Manche 1 finie")
        assert closing_line
        look(before, tokens, hidden)
        host.until(lambda state: state["nonce"] == first.nonce)
    searched_file(host, tokens)


def provoke(players) -> None:
    """Say everything that may be answered with too much."""
    for player in players:
        for message in RUBBISH:
            if message or not player._bare:  # nothing at all is no segment
                player.says(message[:512] if player._bare else message)


def ask_teacher(stage, host, folder) -> list[str]:
    """Have the host print and write all it can; return what it wrote into files."""
    files = [folder / f"results.{kind}" for kind in FORMATS]
    written = [f"resultats {file}" for file in files]
    for command in (*written, "joueurs", "scores", "aide", "manches", "libere Personne", "rien"):
        host.type(command)
    host.process.wait_for("Commande inconnue")
    texts = [
        file.read_text(encoding="utf-8") for file in files if file.exists()
    ]  # no round: no svg
    for command in (("results",), ("results", 1), ("replay", 1)):
        process = stage.start("-m", "justeprix", *command, "--db", host.db)
        process.end()
        texts.append(process.output)
    return texts


def search(taps, host, exports, tokens, hidden) -> None:
    """Look for what must not be there in all that has left the host so far."""
    for player in taps:
        if player.follows:
            player.says("ping")  # what was on its way has come
        look(player.heard.decode(), set(tokens) - player.knows, hidden)
    look(host.process.output, tokens, hidden)
    for text in exports:
        look(text, tokens, hidden)


def look(text, tokens, hidden) -> None:
    numbers = set(re.findall(r"\d+", text))
    for secret in hidden:
        assert secret.nonce not in text
        assert str(secret.secret) not in numbers
    for token in tokens:
        assert token not in text


def searched_file(host, tokens) -> None:
    """Who reads the file cannot sit down on somebody's seat."""
    content = host.db.read_bytes()
    with closing(sqlite3.connect(host.db)) as file:
        content += "\n".join(file.iterdump()).encode()
    for token in tokens:
        assert token.encode() not in content
        assert bytes.fromhex(token) not in content
