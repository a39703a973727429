"""The host is killed under a thousand players: all play again in time, nothing is lost."""

from __future__ import annotations

import sys

import pytest

from tests.faults.holdings import may_open
from tests.faults.recovery import PLAYERS, recovery

SPARE = 100
"""Descriptors that the crowd, or the host, needs besides its players' sockets."""


@pytest.mark.alone
def test_a_thousand_are_back_in_time(seed, full) -> None:
    """Promise 6, with the room full; and who comes back has the session that they had."""
    if sys.platform == "win32":
        pytest.skip("select() holds 512 sockets a process there")
    if not may_open(PLAYERS + SPARE):
        pytest.skip(f"too few descriptors: {PLAYERS} players need one each")
    for figure in recovery(seed, full=full):
        print(*figure, sep=": ")
