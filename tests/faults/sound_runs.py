"""Two small runs in which nothing is wrong, with their books: what the checker is tested with.

Each has all that a check looks at: a session that comes back while its old link lives, wins, seals,
a screen, refused lines, a player without a token, and standings asked for at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from justeprix.game.competition import Settings
from justeprix.server.server import Server
from tests.faults.onlookers import Screen, ask_at_the_end
from tests.faults.recorder import Noted, Recorder
from tests.support.player import Player

__all__ = ["Speaker", "competition", "practice"]

LOW, HIGH = 10**11, 10**12 - 1


class Speaker(Player):
    """A player whose socket is noted."""

    def __init__(self, address: tuple[str, int], book: Recorder, who: str) -> None:
        super().__init__(address, greet=False)
        self.socket = Noted(self.socket, book.open(who))  # type: ignore[assignment]
        self.greeting = self.recv_line()

    def search(self, first: int = 0, *, most: int = 100) -> list[tuple[int, str]]:
        """Play by binary search; with `first`, under the numbers from that on."""
        low, high, told = LOW, HIGH, []
        for seq in range(first, first + most):
            number = (low + high) // 2
            answer = self.ask(f"#{seq} {number}" if first else str(number)).split()[-1]
            told.append((number, answer))
            if answer == "gagné":
                break
            low, high = (number + 1, high) if answer == "plus" else (low, number - 1)
        return told


@contextmanager
def _room(db: Path, book: Recorder, **options: object) -> Iterator[tuple[Server, ExitStack]]:
    options = {"port": 0, "db": db, "low": LOW, "high": HIGH, "seed": 7} | options
    with Server(**options) as server, ExitStack() as stack:  # type: ignore[arg-type]
        stack.enter_context(Screen(server.address, book))
        yield server, stack
        ask_at_the_end(server.address, book)


def _speaker(server: Server, stack: ExitStack, book: Recorder, who: str) -> Speaker:
    return stack.enter_context(Speaker(server.address, book, who))


def _come_back(
    server: Server, stack: ExitStack, book: Recorder, old: Speaker, token: str
) -> Speaker:
    """Resume while the old link lives; it is cut."""
    again = _speaker(server, stack, book, "Ada")
    assert again.ask(f"session {token}").startswith(f"session {token}")
    assert old.rest() == b""
    return again


def practice(db: Path) -> Recorder:
    """Ada comes back and wins; Bob, who has no token, plays and wins too."""
    book = Recorder()
    with _room(db, book) as (server, stack):
        ada, bob = (_speaker(server, stack, book, who) for who in ("Ada", "Bob"))
        token = ada.ask("session").split()[1]
        assert ada.ask("nom Ada") == "nom Ada"
        assert ada.ask("sceau").startswith("sceau ")
        told = ada.search(1, most=5)
        ada = _come_back(server, stack, book, ada, token)
        told += ada.search(6)
        assert ada.ask("sceau").startswith("secret ")
        assert ada.ask("sceaux").startswith("erreur ")
        told += ada.search(len(told) + 1, most=3)
        for number, answer in told:
            book.told("Ada", number, answer)
        assert bob.ask("sceau").startswith("sceau ")
        bob.search()
        assert bob.ask("sceau").startswith("secret ")
    return book


def competition(db: Path) -> Recorder:
    """Two rounds: both find the first; the second is stopped before Bob, who has no token, does."""
    book = Recorder()
    with _room(db, book, competition=Settings(rounds=2)) as (server, stack):
        ada, bob = (_speaker(server, stack, book, who) for who in ("Ada", "Bob"))
        token = ada.ask("session").split()[1]
        assert (ada.ask("nom Ada"), bob.ask("nom Bob")) == ("nom Ada", "nom Bob")
        server.director.start()
        assert ada.ask("sceau").startswith("sceau ")
        told = ada.search(1, most=5)
        ada = _come_back(server, stack, book, ada, token)
        told += ada.search(6)
        bob.search()
        bob.send(b"pret\n")
        while not ada.ask("sceau").startswith("secret "):  # the clock closes the round
            pass
        server.director.next()
        assert bob.recv_line().startswith("manche 2 ")
        told += ada.search(len(told) + 1)
        bob.search(most=5)
        server.director.stop()
        assert bob.ask("sceau").startswith("secret ")
        assert bob.ask("123456789012").startswith("erreur finie")
        for number, answer in told:
            book.told("Ada", number, answer)
    return book
