"""When all who follow are sent the state: two a second, one kept for what all wait for. Pure.

A round that begins is to be on every screen at once. So before it, when players come and make ready
every moment, that alone is shown once a second: the second place stays free. One that ends waits
half a second at most, or less than one if it has just begun: its guesses have had their turn.
"""

from __future__ import annotations

from math import inf
from typing import NamedTuple

from justeprix.game.competition import Phase

__all__ = ["Refresh", "Scene"]

WINDOW = 1.0
"""Seconds in which there are two shows at most."""

PAUSES = {Phase.LOBBY: WINDOW, Phase.PAUSE: WINDOW}
"""Seconds between two shows of the same scene."""

PAUSE = WINDOW / 2
"""The same in any other phase."""


class Scene(NamedTuple):
    """What is played: a new scene is news to everybody."""

    phase: Phase
    round: int  # 0: none yet


class Refresh:
    """The last two shows. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._scene: Scene | None = None
        self._last = self._before = -inf

    def due(self, scene: Scene, now: float) -> bool:
        """Whether a change may be shown now."""
        pause = PAUSES.get(scene.phase, PAUSE) if scene == self._scene else 0.0
        return now >= max(self._before + WINDOW, self._last + pause)

    def note(self, scene: Scene, now: float) -> None:
        """Note that all are being shown that scene."""
        self._scene, self._last, self._before = scene, now, self._last
