"""One guess of a client under test, and what it got. Pure."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PlayedGuess"]


@dataclass(slots=True)
class PlayedGuess:
    """On which link it came, and its answer (or `erreur …`) once the client has it.

    `written`: how many exchanges had been written down by then.
    """

    number: int
    link: int
    written: int
    answer: str = ""
