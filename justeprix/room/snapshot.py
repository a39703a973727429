"""What everybody may know of the room: the standings, the `scores` line, the `etat` snapshot. Pure.

A snapshot is rendered once for all who follow; each gets their own place appended to it.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from justeprix.game.competition import Competition, Phase
from justeprix.game.roster import Player, Roster
from justeprix.game.secret import Bounds
from justeprix.game.standings import Result, Score, Standing, rank, total
from justeprix.protocol.replies import Scores, State

__all__ = ["Snapshot", "View", "score_line", "snapshot", "standings"]

SHOWN = 50
"""Standings and names in one snapshot: more would not fit a slow reader's outbox."""

LATEST = 5
"""Players named who found the round last."""


class Snapshot(NamedTuple):
    """The whole state. `common` is JSON without its last brace, `own` what a session adds to it."""

    common: str
    own: dict[int, dict[str, Any]]

    def line(self, session: int) -> str:
        """Return the `etat` line for one session."""
        own = self.own.get(session)
        moi = "" if own is None else f',"moi":{_json(own)}'
        return str(State(f"{self.common}{moi}}}"))


class View:
    """What all may see of one room, made anew only where it changed."""

    def __init__(self, bounds: Bounds, roster: Roster, competition: Competition | None) -> None:
        self._known = bounds, roster, competition
        self._ranking: tuple[int, list[Standing]] | None = None
        self._snapshot: tuple[tuple[int, int | None, bool, bool], Snapshot] | None = None
        self._version = 0

    @property
    def _changes(self) -> int:
        """Grows with every change that others can see."""
        _, roster, competition = self._known
        return roster.version + (competition.version if competition else 0)

    def standings(self) -> list[Standing]:
        """Return the ranking."""
        _, roster, competition = self._known
        if self._ranking is None or self._ranking[0] != self._changes:
            self._ranking = self._changes, standings(roster, competition)
        return self._ranking[1]

    def snapshot(self, now: int, *, talk: bool, stamp: int, returns: bool = False) -> Snapshot:
        """Return the whole state; its version is the `stamp` if that grows, else grows by one."""
        competition = self._known[-1]
        left = competition.seconds_left(now) if competition else None
        key = (self._changes, left, talk, returns)
        if self._snapshot is None or self._snapshot[0] != key:
            self._version = max(self._version + 1, stamp)
            shown = snapshot(
                self._version,
                *self._known,
                self.standings(),
                now=now,
                talk=talk,
                returns=returns,
            )
            self._snapshot = key, shown
        return self._snapshot[1]


def standings(roster: Roster, competition: Competition | None) -> list[Standing]:
    """Return the ranking; who has done nothing that counts is not in it."""
    scores = ((player, _score(player, competition)) for player in roster)
    return rank((player.name, score) for player, score in scores if score is not None)


def _score(player: Player, competition: Competition | None) -> Score | None:
    """Return what a player has done so far; None if that does not count."""
    if player.excluded:
        return None
    if competition is None:
        return Score(player.found, player.guesses) if player.found else None
    results = competition.results.get(player.session)
    return total(results.values()) if results else None


def score_line(standings: list[Standing]) -> str:
    """Return the `scores` line, cut after as many players as fit 512 bytes."""
    listed: list[str] = []
    for standing in standings:
        listed.append(f"{standing.rank}. {standing.name} {standing.found}/{standing.guesses}")
        if len(str(Scores(", ".join(listed))).encode()) > 500:
            listed[-1] = "…"
            break
    return str(Scores(", ".join(listed)))


def snapshot(
    version: int,
    bounds: Bounds,
    roster: Roster,
    competition: Competition | None,
    ranking: list[Standing],
    *,
    now: int,
    talk: bool,
    returns: bool = False,
) -> Snapshot:
    """Render the state.

    `talk`: whether `dire` is open, `now`: the competition's clock in ms, `returns`: the host is
    about to pause.
    """
    present = roster.present
    runs = competition is not None and competition.phase in (Phase.ROUND, Phase.FINISHED)
    state: dict[str, Any] = {
        "version": version,
        "phase": Phase.PRACTICE,
        "bornes": [bounds.low, bounds.high],
        "optimum": {"pire": bounds.worst, "moyenne": round(bounds.mean, 2)},
        "presents": len(present),
        "ici": [] if runs else [player.name for player in present[:SHOWN]],
        "parole": talk,
        "retour": returns,
    }
    if competition is not None:
        state |= _progress(competition, roster, now)
    state["classement"] = [
        _shown(rank, name, Score(*score)) for rank, name, *score in ranking[:SHOWN]
    ]
    return Snapshot(_json(state)[:-1], _places(ranking, roster, competition))


def _progress(competition: Competition, roster: Roster, now: int) -> dict[str, Any]:
    """Say where a competition is; the secret only of a round that is closed."""
    current = competition.current
    number = current.number if current else 0
    closed = current is not None and current.closed_at is not None
    results = [(player.name, _result(competition, player, number)) for player in roster.present]
    return {
        "phase": competition.phase,
        "manche": number,
        "manches": competition.row.rounds,
        "secondes": competition.seconds_left(now),
        "trouve": sum(result.found for _, result in results),
        "trouveurs": _latest(results),
        "etiquette": None if current is None else current.label,
        "sceau": None if current is None else current.seal,
        "secret": current.secret if current and closed else None,
        "nonce": current.nonce if current and closed else None,
    }


def _latest(results: list[tuple[str, Result]]) -> list[dict[str, Any]]:
    """Name those who found last, the last one first."""
    found = sorted(((r.time, name, r.guesses) for name, r in results if r.found), reverse=True)
    return [
        {"nom": name, "coups": guesses, "temps": time} for time, name, guesses in found[:LATEST]
    ]


def _places(
    ranking: list[Standing], roster: Roster, competition: Competition | None
) -> dict[int, dict[str, Any]]:
    """Return each present player's own place."""
    ranks = {standing[2:]: standing.rank for standing in ranking}
    number = competition.current.number if competition and competition.current else 0
    places = {}
    for player in roster.present:
        score = _score(player, competition)
        place = None if score is None else ranks[score]
        own = _shown(place, player.name, score or Score(0, 0))
        if competition is not None:
            result = _result(competition, player, number)
            own["manche"] = {"coups": result.guesses, "trouve": result.found}
        places[player.session] = own
    return places


def _result(competition: Competition, player: Player, number: int) -> Result:
    return competition.results.get(player.session, {}).get(number, Result(0))


def _shown(rank: int | None, name: str, score: Score) -> dict[str, Any]:
    found, guesses, time = score
    return {"rang": rank, "nom": name, "trouves": found, "coups": guesses, "temps": time}


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
