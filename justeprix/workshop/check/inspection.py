"""Runs the checks in their order: each needs some that come before it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, TypeVar

from justeprix.workshop.check.finding import Check, Fault, Finding, Outcome, Transcript

__all__ = ["Inspected", "inspect"]


class Inspected(Protocol):
    """What is tried out."""

    def lost(self) -> str:
        """Say why nothing more can be tried; empty if it can."""


T = TypeVar("T", bound=Inspected)


def inspect(checks: Sequence[Check[T]], target: T) -> Iterator[Finding]:
    """Yield what each check finds, as soon as it is known.

    What a check does not outlive is its finding, and the others are skipped.
    """
    wanted = {check.name for check in checks}
    passed: set[str] = set()
    lost = ""
    for check in checks:
        missing = [name for name in check.needs if name in wanted - passed]
        if lost:
            yield _skipped(check, lost)
        elif missing:
            yield _skipped(check, f"d'abord : {', '.join(missing)}")
        else:
            transcript = Transcript()
            finding = _tried(check, target, transcript)
            lost = target.lost()
            if lost and finding.outcome in (Outcome.PASSED, Outcome.ADVICE):
                finding = _failed(check, Fault(f"depuis cet essai, {lost}"), transcript)
            if finding.outcome in (Outcome.PASSED, Outcome.ADVICE):
                passed.add(check.name)
            yield finding


def _tried(check: Check[T], target: T, transcript: Transcript) -> Finding:
    try:
        check.run(target, transcript)
    except Fault as fault:
        return _failed(check, fault, transcript)
    return Finding(check.name, check.title, Outcome.PASSED)


def _failed(check: Check[T], fault: Fault, transcript: Transcript) -> Finding:
    return Finding(
        check.name,
        check.title,
        Outcome.ADVICE if fault.advice else Outcome.FAILED,
        fault.problem,
        fault.words["expected"] or check.expected,
        fault.words["explanation"] or check.explanation,
        fault.words["look_for"] or check.look_for,
        tuple(transcript.exchanges),
    )


def _skipped(check: Check[T], reason: str) -> Finding:
    return Finding(check.name, check.title, Outcome.SKIPPED, reason)
