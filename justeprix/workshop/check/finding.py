"""What a check is, and what it found. Pure.

A check tries one thing: it returns when all is well, and raises `Fault` when it is not. What went
over the wire meanwhile is in the transcript, so that a finding can show it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Check", "Exchange", "Fault", "Finding", "Outcome", "Transcript"]

Target = TypeVar("Target")

SHOWN = 60
"""Signs of a message that are shown; a longer one is cut, and how many bytes it has is told."""


class Outcome(StrEnum):
    """How a check ended, as people read it."""

    PASSED = "réussi"
    FAILED = "échec"
    ADVICE = "conseil"  # the rules allow it, but it could be better
    SKIPPED = "sauté"


class Fault(Exception):
    """What is wrong, in one sentence.

    `advice`: it could be better, but the rules allow it. The other words, where they are given,
    stand in for those of the check: they fit this case better.
    """

    def __init__(
        self,
        problem: str,
        *,
        advice: bool = False,
        expected: str = "",
        explanation: str = "",
        look_for: str = "",
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.advice = advice
        self.words = {"expected": expected, "explanation": explanation, "look_for": look_for}


class Exchange(NamedTuple):
    """One thing that happened: `who` sent, got or did `what`."""

    who: str
    what: str


@dataclass
class Transcript:
    """What happened during one check, in order."""

    exchanges: list[Exchange] = field(default_factory=list)

    def note(self, who: str, what: str | bytes) -> None:
        """Write down a message (bytes are shown as Python would) or an event (text, as it is)."""
        self.exchanges.append(Exchange(who, _shown(what) if isinstance(what, bytes) else what))


def _shown(message: bytes) -> str:
    text: str | bytes = message
    with suppress(UnicodeDecodeError):
        text = message.decode()
    shown = repr(text[:SHOWN])
    return shown if len(text) <= SHOWN else f"{shown}… ({len(message)} octets)"


@dataclass(frozen=True, slots=True)
class Check(Generic[Target]):
    """One thing that a sound program does.

    `name` is what `--only` takes; `expected`, `explanation` and `look_for` (a piece of Python) tell
    a pupil what to do when it fails. It is skipped if one of those it `needs` has not passed.
    """

    name: str
    title: str
    run: Callable[[Target, Transcript], None]
    expected: str
    explanation: str
    look_for: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; `problem` is empty if it passed, else why it did not."""

    name: str
    title: str
    outcome: Outcome
    problem: str = ""
    expected: str = ""
    explanation: str = ""
    look_for: str = ""
    exchanges: tuple[Exchange, ...] = ()
