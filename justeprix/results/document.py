"""A competition as JSON: all that happened, for programs and for `justeprix verify`. Pure.

Times are in ms since the round opened. `empreinte` is the sha256 of all the rest, written with
sorted keys and no spaces: who alters one value has to alter that too, and whoever noted it down
sees it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from justeprix.errors import ResultsError
from justeprix.game.secret import Bounds
from justeprix.game.standings import Standing
from justeprix.protocol.replies import ANSWERS
from justeprix.results.report import PlayerReport, Report, RoundReport

__all__ = ["FORMAT", "fingerprint", "optimum", "render", "standing_line"]

FORMAT = "justeprix/1"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def render(report: Report, number: int | None = None) -> str:
    """Return the whole competition: part of one could not be verified."""
    if number is not None:
        raise ResultsError("un export json contient toujours toutes les manches : retire --round")
    content = _content(report)
    content["empreinte"] = fingerprint(content)
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def fingerprint(content: dict[str, Any]) -> str:
    """Return the sha256, in hex, of everything but the fingerprint itself."""
    rest = {key: value for key, value in content.items() if key != "empreinte"}
    text = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def optimum(bounds: Bounds) -> dict[str, Any]:
    """Return what binary search needs."""
    return {"pire": bounds.worst, "moyenne": round(bounds.mean, 3)}


def standing_line(standing: Standing) -> dict[str, Any]:
    """Return one line of the standings."""
    return dict(zip(("rang", "nom", "trouves", "coups", "temps"), standing, strict=True))


def _content(report: Report) -> dict[str, Any]:
    started = EPOCH + timedelta(milliseconds=report.started_at)
    return {
        "format": FORMAT,
        "competition": report.competition,
        "date": started.isoformat(timespec="milliseconds"),
        "bornes": [report.bounds.low, report.bounds.high],
        "manches_prevues": report.planned,
        "finie": report.ended,
        "optimum": optimum(report.bounds),
        "manches": [_round(played) for played in report.rounds],
        "joueurs": [_player(player) for player in report.players],
        "classement": [standing_line(standing) for standing in report.standings],
    }


def _round(played: RoundReport) -> dict[str, Any]:
    return {
        "numero": played.number,
        "etiquette": played.label,
        "sceau": played.seal,
        "secret": played.secret,
        "nonce": played.nonce,
        "duree": played.duration,
    }


def _player(player: PlayerReport) -> dict[str, Any]:
    return {
        "nom": player.name,
        "exclu": player.excluded,
        "parties": [
            {
                "manche": number,
                "coups": [
                    {"nombre": move.number, "reponse": ANSWERS[move.answer], "temps": move.time}
                    for move in moves
                ],
            }
            for number, moves in sorted(player.games.items())
        ],
    }
