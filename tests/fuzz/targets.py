"""What is fuzzed: a function of bytes each, which raises when a promise is broken.

`words` are what its input is made of, for those who mix inputs. One line adds a target.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.fuzz import codecs, guests, readers, talks, tls
from tests.fuzz.regressions import REGRESSIONS
from tests.fuzz.words import CHANNEL, FRAMES, HEADS, HOSTS, JSON, NAMES, SCRIPTS, SEGMENTS, WIRE

__all__ = ["CORPUS", "TARGETS", "Target", "corpus"]

CORPUS = Path(__file__).parent / "corpus"


class Target(NamedTuple):
    run: Callable[[bytes], None]
    words: tuple[bytes, ...]
    weight: int  # inputs of it among a hundred or so: of the slow ones fewer


TARGETS: dict[str, Target] = {
    "lines": Target(codecs.lines, SEGMENTS, 15),
    "websocket": Target(codecs.websocket, FRAMES, 10),
    "tls": Target(tls.tls, CHANNEL, 1),
    "message": Target(readers.message, WIRE, 25),
    "name": Target(readers.name, NAMES, 10),
    "announcement": Target(readers.announcement, HOSTS, 10),
    "practice": Target(talks.practice, SCRIPTS, 10),
    "competition": Target(talks.competition, SCRIPTS, 10),
    "locked": Target(talks.locked, SCRIPTS, 4),
    "handshake": Target(guests.handshake, HEADS, 4),
    "visit": Target(guests.visit, HEADS, 4),
    "host": Target(guests.host, HOSTS, 6),
    "screen": Target(guests.screen, JSON, 6),
    "export": Target(readers.export, JSON, 4),
}


def corpus(name: str) -> list[bytes]:
    """The inputs that are kept for a target: what reached code, and what once broke it."""
    files = sorted((CORPUS / name).glob("*")) if (CORPUS / name).is_dir() else []
    return [*REGRESSIONS.get(name, ()), *(file.read_bytes() for file in files)]
