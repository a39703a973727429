"""Competitions made by hand or by seed, for the tests of what is shown and checked."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from justeprix.game.secret import Answer, Bounds, compare
from justeprix.results.report import Move, PlayerReport, Report, RoundReport
from justeprix.store import open_store
from tests.support import rows

STARTED = 1_773_308_096_789  # 2026-03-12T09:34:56.789Z

Style = Callable[[random.Random, Bounds], int]
"""How a player picks the next number out of what is left."""

STYLES: tuple[Style, ...] = (
    lambda _, left: (left.low + left.high) // 2,
    lambda chance, left: chance.randint(left.low, left.high),
    lambda chance, left: left.low + left.size * chance.randint(1, 9) // 10,
)


def numbers(style: Style, chance: random.Random, bounds: Bounds, secret: int) -> Iterator[int]:
    """Play one round to its win."""
    left = bounds
    while True:
        number = style(chance, left)
        yield number
        match compare(secret, number):
            case Answer.FOUND:
                return
            case Answer.HIGHER:
                left = Bounds(number + 1, left.high)
            case Answer.LOWER:
                left = Bounds(left.low, number - 1)


def moves(secret: int, played: Sequence[int], pace: int = 1000) -> tuple[Move, ...]:
    """Answer a list of guesses, one every `pace` ms."""
    return tuple(
        Move(number, compare(secret, number), pace * count)
        for count, number in enumerate(played, start=1)
    )


def nonce(number: int) -> str:
    return f"{number:032x}"


def make_report(
    secrets: Sequence[int],
    games: dict[str, Sequence[Sequence[int]]],
    *,
    bounds: Bounds = Bounds(1, 1000),  # noqa: B008 (frozen)
    planned: int | None = None,
    excluded: Sequence[str] = (),
    ended: bool = True,
) -> Report:
    """Make a report of the guesses of each player, round by round; [] is a round not played."""
    players = tuple(
        PlayerReport(
            name,
            name in excluded,
            {
                number: moves(secret, played, 1000 + 10 * place)
                for number, (secret, played) in enumerate(zip(secrets, rounds, strict=True), 1)
                if played
            },
        )
        for place, (name, rounds) in enumerate(games.items())
    )
    longest = max(
        (game[-1].time for player in players for game in player.games.values()), default=0
    )
    rounds = tuple(
        RoundReport(number, secret, nonce(number), longest)
        for number, secret in enumerate(secrets, 1)
    )
    return Report(3, STARTED, bounds, planned or len(secrets), ended, rounds, players)


def simulated(seed: int, players: int, rounds: int, bounds: Bounds = Bounds(1, 1000)) -> Report:  # noqa: B008
    """Let players of every style play; all of them find."""
    chance = random.Random(seed)
    secrets = [chance.randint(bounds.low, bounds.high) for _ in range(rounds)]
    return make_report(
        secrets,
        {
            f"Joueur {place}": [
                list(numbers(STYLES[place % len(STYLES)], chance, bounds, secret))
                for secret in secrets
            ]
            for place in range(1, players + 1)
        },
        bounds=bounds,
    )


SMALL = make_report(
    [512, 7],
    {
        "Ada": [[500, 750, 512], [500, 7]],
        "李": [[500, 600, 512], [1, 2, 3]],
        "-Zoé": [[512], []],
        "Bob": [[500, 501], [7]],
    },
    planned=5,
    excluded=["Bob"],
    ended=False,
)
"""Two rounds of five: Ada finds both, 李 one, -Zoé came for one, Bob was excluded."""


def keep(report: Report, file: Path) -> int:
    """Store a competition as a host would have; return its number."""
    store = open_store(file)
    ids = iter(store.reserve(10_000))
    id, start = next(ids), report.started_at
    stored: list[rows.Row] = [
        rows.contest(
            id,
            started_at=start,
            rounds=report.planned,
            low=report.bounds.low,
            high=report.bounds.high,
            ended=report.ended,
        )
    ]
    secrets = {}
    for played in report.rounds:
        times = {"opened_at": start, "closed_at": start + played.duration}
        row = rows.round_of(id, played.number, played.secret, **times)
        secrets[played.number] = row._replace(id=next(ids), nonce=played.nonce)
    stored += secrets.values()
    excluded = []
    for player in report.players:
        session = next(ids)
        stored.append(rows.session(session, name=player.name, competition=id))
        if player.excluded:
            excluded.append((session, player.name))
        seqs = itertools.count(1)
        for number, moves in player.games.items():
            played = secrets[number]
            game = rows.game(next(ids), session, ordinal=number, secret=played.secret)
            stored.append(game._replace(round=played.id))
            for move in moves:
                at = start + move.time
                stored.append(rows.guess(game.id, next(seqs), move.number, session, at=at))
    rows.put(store, *stored)
    for session, name in excluded:
        store.exclude(session, name, id, 0)
    store.close()
    return id
