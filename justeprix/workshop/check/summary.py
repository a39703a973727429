"""What the checks found, for people and for programs. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from justeprix.french import counted, decimal
from justeprix.protocol.words import printable
from justeprix.workshop.check.finding import Exchange, Finding, Outcome

__all__ = ["details", "document", "headline", "total"]

LAST = 8
"""Exchanges shown: the last ones, for there it went wrong."""


def headline(finding: Finding) -> str:
    """Return one line: how the check ended."""
    reason = f" ({finding.problem})" if finding.outcome is Outcome.SKIPPED else ""
    return f"  {finding.outcome:<8} {finding.name:<12} {finding.title}{reason}"


def details(finding: Finding) -> list[str]:
    """Return what there is to learn from a failed check."""
    return [
        f"── {finding.name} : {finding.title}",
        f"   {printable(finding.problem)}",  # it may quote what the program said
        *_exchanges(finding.exchanges),
        *_fields(finding),
    ]


def _exchanges(exchanges: Sequence[Exchange]) -> Iterator[str]:
    if len(exchanges) > LAST:
        yield f"   … {counted(len(exchanges) - LAST, 'échange')} avant"
    for who, what in exchanges[-LAST:]:
        yield f"   {who} : {what}"


def _fields(finding: Finding) -> Iterator[str]:
    yield f"   attendu : {finding.expected}"
    yield f"   pourquoi : {finding.explanation}"
    first, *others = finding.look_for.splitlines() or [""]
    yield f"   en Python : {first}"
    yield from (f"               {line}" for line in others)


def total(findings: Sequence[Finding], seconds: float) -> str:
    """Return the last line, as test runners end."""
    counts = Counter(finding.outcome for finding in findings)
    said = [counted(counts[outcome], outcome) for outcome in Outcome if counts[outcome]]
    return f"{', '.join(said) or 'rien à vérifier'} en {decimal(seconds, 1)} s"


def document(target: str, findings: Sequence[Finding], seconds: float) -> str:
    """Return everything as JSON."""
    counts = Counter(finding.outcome for finding in findings)
    content = {
        "format": "justeprix-check/1",
        "cible": target,
        "secondes": round(seconds, 1),
        "bilan": {outcome.value: counts[outcome] for outcome in Outcome},
        "constats": [_constat(finding) for finding in findings],
    }
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _constat(finding: Finding) -> dict[str, Any]:
    return {
        "nom": finding.name,
        "titre": finding.title,
        "verdict": finding.outcome.value,
        "probleme": finding.problem,
        "attendu": finding.expected,
        "explication": finding.explanation,
        "python": finding.look_for,
        "echanges": [{"qui": who, "quoi": what} for who, what in finding.exchanges],
    }
