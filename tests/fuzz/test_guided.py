"""The targets under atheris, guided by coverage: a little; more by `python -m tests.fuzz`."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fuzz.guided import MISSING, guided
from tests.fuzz.targets import TARGETS

RUNS, RUNS_IN_FULL = 1_000, 50_000

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING)


@pytest.mark.long
def test_coverage_leads_to_no_broken_promise(seed, full, tmp_path):
    def tried(name):
        found = tmp_path / name
        found.mkdir()
        return guided(name, seed=seed, runs=RUNS_IN_FULL if full else RUNS, found=found)

    with ThreadPoolExecutor(2) as pool:
        outcomes = dict(zip(TARGETS, pool.map(tried, TARGETS), strict=True))
    assert not [outcome.crash for outcome in outcomes.values() if outcome.crash]
    assert all(outcome.runs >= RUNS for outcome in outcomes.values()), outcomes


def test_a_broken_promise_is_told_with_its_seed(tmp_path):
    outcome = guided("no such target", seed=5, runs=1, found=tmp_path)
    assert outcome.runs == 0
    assert outcome.crash.startswith("no such target, seed 5: exit code ")
