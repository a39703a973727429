"""Where things lie: the one file to change when they move."""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "CONTESTANTS",
    "EXAMPLES",
    "FAULTY_CLIENTS",
    "FAULTY_SERVERS",
    "PUPILS",
    "ROOT",
    "RULES_MD",
]

ROOT = Path(__file__).parents[2]
RULES_MD = ROOT / "rules.md"

PROGRAMS = ROOT / "tests" / "programs"
"""Of programs as pupils write them: started as processes, never imported."""

CONTESTANTS = PROGRAMS / "contestants"
EXAMPLES = PROGRAMS / "examples"
FAULTY_CLIENTS = PROGRAMS / "faulty_clients"
FAULTY_SERVERS = PROGRAMS / "faulty_servers"
PUPILS = PROGRAMS / "pupils"
