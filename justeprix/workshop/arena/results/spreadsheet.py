"""What came of an arena as a CSV file that a French Excel opens with a double click. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from justeprix.french import counted, decimal
from justeprix.results.spreadsheet import rows_text, safe
from justeprix.workshop.arena.outcome import Career, Results
from justeprix.workshop.arena.results.spread import Bin, bins, optimal_share, share

__all__ = ["render"]

HEAD = ["rang", "robot", "trouvés", "moyenne", "pire", "perdus", "invalides"]


def render(outcome: Results) -> str:
    """Return a row a bot, then the optimum; of the games of each length, the share in percent."""
    return rows_text(_rows(outcome))


def _rows(outcome: Results) -> Iterator[list[str]]:
    columns, bounds = bins(outcome), outcome.bounds
    yield [*HEAD, *(_title(bin) for bin in columns)]
    for rank, career in zip(outcome.ranks, outcome.careers, strict=True):
        yield [str(rank), *_totals(career), *(_percent(share(career, bin)) for bin in columns)]
    optimum = ["", "dichotomie", "", decimal(bounds.mean, 3), str(bounds.worst), "", ""]
    yield [*optimum, *(_percent(optimal_share(bounds, bin)) for bin in columns)]


def _totals(career: Career) -> list[str]:
    found = len(career.found)
    return [
        safe(career.name),
        str(found),
        decimal(career.mean, 3) if found else "",
        str(career.worst) if found else "",
        str(len(career.counts) - found),
        str(career.invalid),
    ]


def _title(bin: Bin) -> str:
    """Name a column; « 13-24 » alone could pass for a date."""
    if bin.least == bin.most:
        return f"% en {counted(bin.most, 'coup')}"
    return f"% en {bin.least} à {bin.most} coups"


def _percent(part: float) -> str:
    return decimal(100 * part, 2)
