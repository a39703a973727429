"""What came of an arena as JSON, for programs. Pure."""

from __future__ import annotations

import json
from typing import Any

from justeprix.protocol.replies import ANSWERS
from justeprix.workshop.arena.outcome import Career, Results

__all__ = ["FORMAT", "render"]

FORMAT = "justeprix-arena/1"


def render(outcome: Results) -> str:
    """Return everything but times: each secret, and the guesses that each bot needed for it.

    `null` instead of a count of guesses: the game was lost.
    """
    bounds = outcome.bounds
    content = {
        "format": FORMAT,
        "bornes": [bounds.low, bounds.high],
        "graine": outcome.seed,
        "secrets": list(outcome.secrets),
        "optimum": {"pire": bounds.worst, "moyenne": bounds.mean},
        "robots": list(map(_bot, outcome.ranks, outcome.careers)),
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _bot(rank: int, career: Career) -> dict[str, Any]:
    found = career.found
    return {
        "rang": rank,
        "nom": career.name,
        "trouves": len(found),
        "moyenne": career.mean if found else None,
        "pire": career.worst if found else None,
        "perdus": len(career.counts) - len(found),
        "invalides": career.invalid,
        "coups": career.counts,
        "fautes": [
            {"parties": games, "raison": sentence}
            for sentence, games in career.faults.most_common()
        ],
        "pire_partie": [[move.number, ANSWERS[move.answer]] for move in career.longest],
        "affiche": career.said,
    }
