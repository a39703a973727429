"""A short soak, and what reads it: the slope, and a host of which something is left."""

from __future__ import annotations

import pytest

from tests.faults.soak import Sample, slope, soak


@pytest.mark.long
def test_nothing_is_left_and_no_promise_broken(seed, full) -> None:
    """Promise 7, and all the others: see checker.py."""
    for figure in soak(seed, full=full):
        print(*figure, sep=": ")


@pytest.mark.parametrize(
    ("kilobytes", "per_minute"),
    [([100, 100, 100], 0), ([100, 110, 120], 600), ([100, 130, 100, 130], 360), ([100], 0)],
)
def test_the_slope_is_that_of_the_least_squares(kilobytes, per_minute) -> None:
    samples = [Sample(second, value, 9, 9) for second, value in enumerate(kilobytes)]
    assert slope(samples) == pytest.approx(per_minute)
