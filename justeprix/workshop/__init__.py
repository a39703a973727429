"""The workshop: what pupils wrote that morning is tried out here. Bots, clients, servers.

Commands import the rest of it where they use it: who only plays starts without.
"""

from __future__ import annotations

__all__ = ["LIMIT"]

LIMIT = 2.0
"""Seconds a pupil's bot may take for a guess."""
