"""Waits in buckets, 128 for each doubling: what several processes counted adds up exactly. Pure."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["bucket", "floor", "quantile"]

BITS = 7
"""A bucket is less than 1 % wide: 2 to this power for each doubling."""


def bucket(wait: int) -> int:
    """Return the bucket of a wait in nanoseconds."""
    shift = wait.bit_length() - BITS - 1
    return wait if shift <= 0 else (shift << BITS) + (wait >> shift)


def floor(index: int) -> int:
    """Return the nanoseconds at which a bucket begins."""
    shift = max(0, (index >> BITS) - 1)
    return index - (shift << BITS) << shift


def quantile(waits: Mapping[int, int], share: float) -> int:
    """Return the nanoseconds below which that share of the waits are; 0 if there are none."""
    left = int(share * sum(waits.values()))
    for index in sorted(waits):
        left -= waits[index]
        if left < 0:
            return floor(index)
    return floor(max(waits)) if waits else 0
