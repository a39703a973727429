"""What an experiment found: the lines of the report that `python -m tests.faults` prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Experiment", "Figure"]


class Figure(NamedTuple):
    """One line of the report: what was counted or measured, and what came out."""

    what: str
    value: str


Experiment = Callable[..., list[Figure]]
"""`experiment(seed, full=False)`; raises AssertionError when a promise is broken."""
