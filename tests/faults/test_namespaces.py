"""A network that loses packets, and one that dies, between namespaces."""

from __future__ import annotations

import pytest

from tests.faults.namespaces import (
    ANSWERS,
    ANSWERS_FULL,
    CUTS,
    LOSSES,
    LOSSES_FULL,
    dead,
    lossy,
)
from tests.faults.wire import WHY_NOT

pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


def test_lost_packets_cost_no_guess(seed, full) -> None:
    print(lossy(seed, LOSSES_FULL if full else LOSSES, ANSWERS_FULL if full else ANSWERS))


@pytest.mark.parametrize("how", CUTS)
def test_who_waits_in_a_dead_network_comes_back_to_the_round(seed, how) -> None:
    print(dead(seed, how))
