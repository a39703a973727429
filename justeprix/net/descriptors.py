"""How many sockets this process, and one loop of it, may hold at once."""

from __future__ import annotations

import selectors
import sys
from contextlib import suppress

__all__ = ["descriptors", "loops"]

SELECT_LIMIT = 500
"""Sockets a loop may hold where the system has only select(): Windows stops at 512."""


def descriptors() -> int:
    """Return how many descriptors this process may have, after asking for all it can get."""
    try:
        import resource
    except ImportError:  # Windows counts handles instead, and has millions
        return sys.maxsize
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with suppress(ValueError, OSError):  # macOS refuses "unlimited": the soft limit stays
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def loops(sockets: int) -> int:
    """Return how many loops it takes at least to watch that many sockets."""
    if issubclass(selectors.DefaultSelector, selectors.SelectSelector):
        return -(-sockets // SELECT_LIMIT)
    return 1
