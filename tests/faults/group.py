"""Players of several kinds at one host, each through a proxy that notes what they say.

    with Group(host, seed, ((Caller, "Ada"), (Bare, "Kurt"))) as group:
        group.wait_for(answers=100)
        ...
        group.finish()

`harm` says what the proxy of each player does to it; without, it harms nothing. In a `namespace`
there are no proxies: the players live there, and their own sockets are noted.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, Self

from tests.faults.host import HostProcess
from tests.faults.players import Player, Seat
from tests.faults.proxy import Fault, FaultProxy
from tests.faults.recorder import Entry, Kind

__all__ = ["Group", "Kinds"]

PATIENCE = 60.0
"""Seconds for what must happen; only a broken host makes a test wait that long."""

Kinds = Sequence[tuple[type[Player], str]]
"""The players: what kind each is, and its name."""

Harm = Callable[[str, random.Random], dict[str, Any]]
"""The plan and the other options of the FaultProxy of the player of that name."""


class Group:
    """The players, who start on entering; leaving stops whoever still plays.

    In practice each stops once its proxy has made `share` faults, or with `finish`.
    """

    def __init__(
        self,
        host: HostProcess,
        seed: object,
        kinds: Kinds,
        *,
        contest: bool = False,
        timeout: float = 5.0,
        harm: Harm = lambda name, rng: {"plan": iter(())},
        share: int | None = None,
        namespace: str = "",
    ) -> None:
        self.book = host.book
        self.players: list[Player] = []
        self._stop = threading.Event()
        self._pause = threading.Event()  # is never set
        self._share = share
        self._proxies: dict[str, FaultProxy] = {}
        self._stack = ExitStack()
        for kind, name in kinds:
            address = host.address
            if not namespace:
                options = harm(name, random.Random(f"{seed} {name} is harmed"))
                proxy = FaultProxy(address, **options, book=self.book, who=name)
                self._proxies[name] = self._stack.enter_context(proxy)
                address = "127.0.0.1", proxy.port
            seat = Seat(
                name=name,
                address=address,
                rng=random.Random(f"{seed} {name}"),
                book=self.book,
                contest=contest,
                timeout=timeout,
                code=host.code,
                enough=lambda name=name: self._had_enough(name),  # type: ignore[misc]
                stop=self._stop,
                namespace=namespace,
            )
            self.players.append(kind(seat))

    @property
    def made(self) -> Counter[Fault]:
        """The faults so far."""
        return sum((proxy.made for proxy in self._proxies.values()), Counter[Fault]())

    def _had_enough(self, name: str) -> bool:
        return self._share is not None and self._proxies[name].made.total() >= self._share

    def __enter__(self) -> Self:
        for player in self.players:
            player.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        for player in self.players:
            player.leave()
        self._stack.close()  # whoever waits for an answer sees the end of the link
        for player in self.players:
            player.thread.join(PATIENCE)

    def answers(self, who: str = "") -> int:
        """Return how many times the host has said something so far, to that player."""
        links = [link for link in self.book.links if who in ("", link.who)]
        return sum(entry.kind is Kind.GOT for link in links for entry in list(link.entries))

    def links(self, who: str) -> int:
        """Return how many links a player has had."""
        return sum(link.who == who for link in self.book.links)

    def waits(self, who: str) -> bool:
        """Whether the last thing that a player said, on its last link, is `pret`."""
        return any(entry.data.startswith(b"pret") for entry in self._last(who)[-2:])

    def gave_up(self, who: str) -> bool:
        """Whether a player has closed its last link."""
        return any(entry.kind is Kind.ENDED for entry in self._last(who)[-1:])

    def _last(self, who: str) -> list[Entry]:
        """Return the last page of a player."""
        links = [link for link in self.book.links if link.who == who]
        return list(links[-1].entries) if links else []

    def wait_for(self, answers: int, patience: float = PATIENCE) -> None:
        """Wait until the host has said so much more to each player."""
        before = {player.seat.name: self.answers(player.seat.name) for player in self.players}
        self.until(
            lambda: all(self.answers(who) >= n + answers for who, n in before.items()), patience
        )

    def until(self, done: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Wait until something holds; raise what a player fails with."""
        end = time.monotonic() + patience
        while not done():
            self._raise()
            assert time.monotonic() < end, f"it never happens; they still play: {self._playing()}"
            self._pause.wait(0.01)

    def finish(self, *, stop: bool = True, patience: float = PATIENCE) -> None:
        """Let all play to the end, of their game or of the competition; raise what went wrong."""
        if stop:
            self._stop.set()
        self.until(lambda: not self._playing(), patience)
        self._raise()

    def _playing(self) -> list[str]:
        return [player.seat.name for player in self.players if player.thread.is_alive()]

    def _raise(self) -> None:
        for player in self.players:
            if player.error is not None:
                raise player.error
