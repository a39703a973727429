"""kill -9 of the host, again and again, under thirty bots: see kills.py."""

from __future__ import annotations

import time

from tests.faults.kills import practice


def test_nothing_acknowledged_is_lost(seed, full) -> None:
    """Promise 6: started again, the same competition goes on."""
    began = time.monotonic()
    kills, found = practice(seed, full=full)
    print(f"{kills} kills in {time.monotonic() - began:.1f} s: {found}")
