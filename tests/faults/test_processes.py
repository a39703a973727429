"""A host that is stopped, a follower that is stopped, clients that are killed."""

from __future__ import annotations

import pytest

from tests.faults.processes import (
    FREEZES,
    FREEZES_FULL,
    KILLS,
    KILLS_FULL,
    STOPS,
    STOPS_FULL,
    WHY_NOT,
    clients_killed,
    follower_stopped,
    host_frozen,
    host_stopped,
)

pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


def test_a_host_that_was_stopped_goes_on(seed, full) -> None:
    print(host_stopped(seed, stops=STOPS_FULL if full else STOPS))


def test_a_guess_sent_in_time_counts_though_the_host_slept(full) -> None:
    print(host_frozen(FREEZES_FULL if full else FREEZES))


def test_a_follower_that_is_stopped_is_cut_and_disturbs_nobody(seed) -> None:
    print(follower_stopped(seed))


def test_the_session_of_a_killed_client_goes_on(seed, full) -> None:
    print(clients_killed(seed, kills=KILLS_FULL if full else KILLS))
