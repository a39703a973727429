"""The standings, worked out again from the rows, against what `etat` and `scores` last said."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.faults.evidence import Evidence, Session
from tests.faults.transcript import state_of

__all__ = ["one_state", "standings"]

SHOWN = 50
"""Lines of the standings in one `etat`."""

_ENTRY = re.compile(r"([0-9]+)\. (.+?) ([0-9]+)/([0-9]+)")


class Line(NamedTuple):
    """One line of the standings; time is None where it is not told."""

    rank: int
    name: str
    found: int
    guesses: int
    time: int | None


def standings(evidence: Evidence) -> Iterator[str]:
    """The last standings that somebody asked for are those of the rows."""
    asked = dict(_last_told(evidence))
    if not asked:
        yield "nobody asked suivre or scores after the last guess: nothing to compare"
    expected = _ranked(evidence)
    for how, (lines, whole) in asked.items():
        if evidence.contest:
            shown = expected[: len(lines)] if not whole else expected
            lines_left, rows = _cut(lines, how), _cut(shown, how)
            if Counter(lines_left) != Counter(rows):
                more = sorted((Counter(lines_left) - Counter(rows)).elements())
                less = sorted((Counter(rows) - Counter(lines_left)).elements())
                yield f"{how} shows {more}, the rows say {less}"
        else:
            yield from _practice(evidence, how, lines, whole)
        yield from _order(how, lines)


def one_state(evidence: Evidence) -> Iterator[str]:
    """States of one version are the same but for `moi`, and `moi` agrees with the standings."""
    seen: dict[int, str] = {}
    for page in evidence.pages:
        for _, text in page.heard:
            state = state_of(text)
            if state is None:
                continue
            me = state.pop("moi", None)
            common = json.dumps(state, sort_keys=True)
            if seen.setdefault(state["version"], common) != common:
                yield f"{page.link}: version {state['version']} has two contents"
            line = next((x for x in state["classement"] if me and x["nom"] == me["nom"]), None)
            if evidence.contest and line and line != {key: me[key] for key in line}:
                yield f"{page.link}: moi is {me}, the standings say {line}"


def _last_told(evidence: Evidence) -> Iterator[tuple[str, tuple[list[Line], bool]]]:
    """Yield the last replies that were asked for when every guess had been sent; with whether
    nothing was cut off."""
    guesses = [g for page in evidence.pages for s in page.stints for g in s.guesses]
    last = max((max(g.sent_at, g.got_at or 0.0) for g in guesses), default=0.0)
    exchanges = sorted(e for page in evidence.pages for e in page.exchanges if e.reply is not None)
    for exchange in exchanges:
        if exchange.sent_at < last or exchange.reply is None:
            continue
        state = state_of(exchange.reply)
        if state is not None:
            lines = [
                Line(x["rang"], x["nom"], x["trouves"], x["coups"], x["temps"])
                for x in state["classement"]
            ]
            yield "etat", (lines, len(lines) < SHOWN)
        elif exchange.reply.partition(" ")[0] == "scores":
            lines = [
                Line(int(rank), name, int(found), int(guesses), None)
                for rank, name, found, guesses in _ENTRY.findall(exchange.reply)
            ]
            yield "scores", (lines, not exchange.reply.endswith("…"))


def _cut(lines: list[Line], how: str) -> list[Line]:
    return [line._replace(time=None) for line in lines] if how == "scores" else lines


def _ranked(evidence: Evidence) -> list[Line]:
    """Rank the players of the competition: found, guesses, time; equal, and the rank is too."""
    scores = [
        (_score(evidence, session), session.name or "")
        for session in evidence.sessions
        if session.stored and not session.excluded
    ]
    order = sorted((-found, guesses, time, name) for (found, guesses, time), name in scores)
    lines: list[Line] = []
    for place, (minus, guesses, time, name) in enumerate(order, 1):
        before = lines[-1] if lines else None
        level = before is not None and before[2:] == (-minus, guesses, time)
        rank = before.rank if before and level else place
        lines.append(Line(rank, name, -minus, guesses, time))
    return lines


def _score(evidence: Evidence, session: Session) -> tuple[int, int, int]:
    """(found, guesses, time): in practice the guesses of the games that were found."""
    opened = {round.id: round.opened_at or 0 for round in evidence.rounds}
    found = guesses = time = 0
    games = defaultdict(list)
    for row in session.stored:
        games[row.game].append(row)
    for game, rows in games.items():
        won = [row for row in rows if row.number == game.secret]
        found += bool(won)
        guesses += len(rows) if won or evidence.contest else 0
        if won and game.round is not None:
            time += won[0].at - opened[game.round]
    return found, guesses, time


def _practice(evidence: Evidence, how: str, lines: list[Line], whole: bool) -> Iterator[str]:
    """Names without a token are not stored: there the results alone are compared."""
    scored = [(session, _score(evidence, session)[:2]) for session in evidence.sessions]
    results = Counter(score for _, score in scored if score[0])
    shown = Counter((line.found, line.guesses) for line in lines)
    named = {session.name: score for session, score in scored if session.name}
    for extra in (shown - results).elements():
        yield f"{how} shows {extra}, which no session has done"
    for line in lines:
        if line.name in named and named[line.name] != (line.found, line.guesses):
            yield f"{how} shows {line}, the rows say {named[line.name]}"
    if whole and not evidence.restarted:
        for missing in (results - shown).elements():
            yield f"{how} leaves out {missing}"


def _order(how: str, lines: list[Line]) -> Iterator[str]:
    keys: list[tuple[Any, ...]] = [(-x.found, x.guesses, x.time or 0) for x in lines]
    if keys != sorted(keys):
        yield f"{how}: the order is wrong: {lines}"
    for place, (line, key) in enumerate(zip(lines, keys, strict=True), 1):
        first = keys.index(key) + 1
        if how == "etat" and line.rank != first:
            yield f"{how}: {line.name} has rank {line.rank}, should have {first} (place {place})"
