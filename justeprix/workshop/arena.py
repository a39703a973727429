"""The arena: many games of several bots against the same secrets, without a network.

Each bot plays in a process of its own, which never learns a secret; each game starts with the file
as it was written and with chance of its own. So the same seed gives the same games, whoever else
plays and on whatever machine.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from justeprix.errors import BotError
from justeprix.game import Answer, Bounds, compare
from justeprix.replies import ANSWERS
from justeprix.report import Move
from justeprix.workshop.bot import Bot, Guess
from justeprix.workshop.faults import BotFault, Kind

__all__ = ["Career", "Results", "draw", "play"]

DEATHS = 3
"""Processes that a bot may lose in a row; then it has lost all the games that remain."""

DEADLY = (Kind.STALLED, Kind.GONE)
"""The faults that cost the process."""

CTRL_C = 0.5
"""Seconds between two chances for Ctrl-C: on Windows a wait without limit has none."""


@dataclass
class Career:
    """What one bot did: for each secret the count of guesses, None for a lost game."""

    name: str
    counts: list[int | None] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)  # the sentence of each lost game
    invalid: int = 0  # lost games whose last value was no guess
    seconds: float = 0.0  # of thinking, in all
    guesses: int = 0
    said: str = ""  # the start of what it printed
    longest: tuple[Move, ...] = ()  # the worst of the games that were won

    @property
    def merit(self) -> tuple[int, float]:
        """What bots are ranked by: less is better."""
        return -len(self.found), self.mean

    def win(self, moves: Sequence[Move]) -> None:
        """Enter a game that was won."""
        self.counts.append(len(moves))
        if len(moves) > len(self.longest):
            self.longest = tuple(moves)

    def lose(self, fault: BotError, games: int = 1) -> None:
        """Enter games that were lost for one reason."""
        self.counts += [None] * games
        self.faults[str(fault)] += games
        self.invalid += games * (isinstance(fault, BotFault) and fault.is_invalid)

    @property
    def found(self) -> list[int]:
        """The counts of guesses of the games that were won."""
        return [count for count in self.counts if count is not None]

    @property
    def mean(self) -> float:
        """Guesses of a game that was won, on average; infinite if none was."""
        found = self.found
        return sum(found) / len(found) if found else float("inf")

    @property
    def worst(self) -> int:
        """The most guesses of a game that was won; 0 if none was."""
        return max(self.found, default=0)


@dataclass(frozen=True)
class Results:
    """What came of an arena: the best bot first."""

    bounds: Bounds
    secrets: Sequence[int]
    seed: int
    careers: list[Career]

    @property
    def ranks(self) -> list[int]:
        """The rank of each bot, from 1; the same for those that are equal."""
        merits = [career.merit for career in self.careers]
        return [merits.index(merit) + 1 for merit in merits]

    @property
    def is_complete(self) -> bool:
        """Whether each number was the secret just once."""
        low, high = self.bounds.low, self.bounds.high
        return len(self.secrets) == self.bounds.size and set(self.secrets) == set(
            range(low, high + 1)
        )


def draw(bounds: Bounds, games: int | None, seed: int) -> list[int]:
    """Return the secrets of so many games, or each number once."""
    if games is None:
        return list(range(bounds.low, bounds.high + 1))
    chance = random.Random(seed)  # noqa: S311 (the arena must be repeatable)
    return [chance.randint(bounds.low, bounds.high) for _ in range(games)]


def play(
    bots: Sequence[tuple[str, Bot]],
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

    def career(self, name: str, bot: Bot) -> Career:
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

    def _play_all(self, bot: Bot, career: Career) -> None:
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

    def _game(self, bot: Bot, secret: int, seed: str, moves: list[Move]) -> Iterator[Guess]:
        """Play one game; yield each guess. Raises BotFault if the bot loses it."""
        guess = bot.begin(self.bounds, seed)
        while True:
            answer = compare(secret, guess.number)
            moves.append(Move(guess.number, answer, 0))
            yield guess
            if answer is Answer.FOUND:
                return
            guess = bot.go_on(guess.number, ANSWERS[answer])
