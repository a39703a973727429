"""Under each attack bystanders wait no more than twice as long, and nothing of it stays behind."""

from __future__ import annotations

import pytest

from tests.faults.attacks import ATTACKS
from tests.faults.starvation import (
    FLOOR,
    FULL,
    LIMIT,
    ORDEALS,
    WHY_NOT,
    Ordeal,
    Round,
    Trial,
    try_out,
)

MARGIN = 2 * LIMIT
"""What a test allows: a host that makes people wait does so ten times over, and a machine that is
busy with something else must fail no test. `python -m tests.faults` judges by the promise."""

pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


@pytest.mark.alone
@pytest.mark.parametrize("ordeal", ORDEALS, ids=[ordeal.name for ordeal in ORDEALS])
def test_bystanders_hardly_notice(ordeal: Ordeal, seed: int, full: bool) -> None:
    """Promise 5: who sends rubbish or floods does not slow the others. Promise 7: all is freed."""
    trial = try_out(ordeal, seed, full=full)
    for round in trial.rounds:
        print(round)
    violations = trial.violations(MARGIN)
    assert not violations, "\n".join(violations)


def test_every_attack_is_tried() -> None:
    assert {ordeal.name for ordeal in [*ORDEALS, *FULL]} == set(ATTACKS)


def test_a_ratio_over_the_limit_is_a_violation_and_so_is_memory() -> None:
    calm, slow = (Round(FLOOR, FLOOR * n, 0, 0.0, {}) for n in (1, 3))
    assert not Trial(ORDEALS[0], [calm, calm, slow], 0.0).violations()
    assert len(Trial(ORDEALS[0], [calm, slow, slow], 0.0).violations()) == 1
    assert len(Trial(ORDEALS[0], [calm, slow, slow], 11.0).violations()) == 2
