"""The arena: many games of several bots against the same secrets, without a network.

Each bot plays in a process of its own, which never learns a secret; each game starts with the file
as it was written and with chance of its own. So the same seed gives the same games, whoever else
plays and on whatever machine.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from justeprix.errors import BotError
from justeprix.game.secret import Answer, Bounds, compare
from justeprix.protocol.replies import ANSWERS
from justeprix.results.report import Move
from justeprix.workshop.arena.bot import BotProcess, Proposal
from justeprix.workshop.arena.faults import BotFault, Kind
from justeprix.workshop.arena.outcome import Career, Results

__all__ = ["draw", "play"]

DEATHS = 3
"""Processes that a bot may lose in a row; then it has lost all the games that remain."""

DEADLY = (Kind.STALLED, Kind.GONE)
"""The faults that cost the process."""

CTRL_C = 0.5
"""Seconds between two chances for Ctrl-C: on Windows a wait without limit has none."""


def draw(bounds: Bounds, games: int | None, seed: int) -> list[int]:
    """Return the secrets of so many games, or each number once."""
    if games is None:
        return list(range(bounds.low, bounds.high + 1))
    chance = random.Random(seed)  # noqa: S311 (the arena must be repeatable)
    return [chance.randint(bounds.low, bounds.high) for _ in range(games)]


def play(
    bots: Sequence[tuple[str, BotProcess]],
    bounds: Bounds,
    secrets: Sequence[int],
    seed: int,
    *,
    at_once: int,
    on_game: Callable[[int], None],
) -> Results:
    """Have each named bot play all secrets, `at_once` bots at a time; the best comes first.

    `on_game` is called with how many games are over, from several threads. Ctrl-C ends every bot.
    """
    arena = _Arena(bounds, secrets, seed, on_game)
    with ThreadPoolExecutor(at_once) as pool:
        tasks = [pool.submit(arena.career, name, bot) for name, bot in bots]
        try:
            while wait(tasks, CTRL_C).not_done:
                pass
        except BaseException:
            arena.stopped.set()
            for task, (_, bot) in zip(tasks, bots, strict=True):
                task.cancel()
                bot.close()
            raise
    careers = [task.result() for task in tasks]
    careers.sort(key=lambda career: (*career.merit, career.name))
    return Results(bounds, secrets, seed, careers)


@dataclass
class _Arena:
    """What all bots of an arena share."""

    bounds: Bounds
    secrets: Sequence[int]
    seed: int
    on_game: Callable[[int], None]
    stopped: threading.Event = field(default_factory=threading.Event)

    def career(self, name: str, bot: BotProcess) -> Career:
        """Have one bot play all secrets, and close it."""
        career = Career(name)
        try:
            bot.load()
            self._play_all(bot, career)
        except BotError as fault:  # it could not even start, or died too often
            left = len(self.secrets) - len(career.counts)
            career.lose(fault, left)
            self.on_game(left)
        finally:
            career.said = bot.said
            bot.close()
        return career

    def _play_all(self, bot: BotProcess, career: Career) -> None:
        deaths = 0
        for index, secret in enumerate(self.secrets):
            if self.stopped.is_set():
                return
            moves: list[Move] = []
            try:
                for guess in self._game(bot, secret, self._chance(index), moves):
                    career.guesses += 1
                    career.seconds += guess.seconds
                career.win(moves)
                deaths = 0
            except BotFault as fault:
                deaths = deaths + 1 if fault.kind in DEADLY else 0
                career.lose(fault)
            self.on_game(1)
            if deaths == DEATHS and index + 1 < len(self.secrets):
                raise BotFault(career.name, Kind.WITHDRAWN, {"deaths": deaths})

    def _chance(self, index: int) -> str:
        """Return the seed of one game: hashed, for the secrets were drawn from ours."""
        return hashlib.sha256(f"{self.seed} {index}".encode()).hexdigest()

    def _game(
        self, bot: BotProcess, secret: int, seed: str, moves: list[Move]
    ) -> Iterator[Proposal]:
        """Play one game; yield each guess. Raises BotFault if the bot loses it."""
        guess = bot.begin(self.bounds, seed)
        while True:
            answer = compare(secret, guess.number)
            moves.append(Move(guess.number, answer, 0))
            yield guess
            if answer is Answer.FOUND:
                return
            guess = bot.go_on(guess.number, ANSWERS[answer])
