"""The tables: what each server did, and justeprix beside each of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from tests.bench.contest import Contest, Sweep
from tests.bench.measure import Measure

__all__ = ["Results", "followed", "ratio_table", "sweep_table", "value_table"]

Results = Mapping[tuple[int, str], Sequence[Measure | None]]
"""For each (players, server) its measures, one a round; None where a round failed."""

COLUMNS: dict[str, Callable[[Measure], float]] = {
    "guesses/s": lambda m: m.rate,
    "p50 ms": lambda m: m.p50 / 1000,
    "p99 ms": lambda m: m.p99 / 1000,
    "p99.9 ms": lambda m: m.p999 / 1000,
    "CPU µs/guess": lambda m: m.cpu,
    "RSS MB": lambda m: m.rss,
}
SWEEP_COLUMNS: dict[str, Callable[[Sweep], float]] = {
    "command to first ms": lambda s: s.first * 1000,
    "command to last ms": lambda s: s.last * 1000,
    "first to last ms": lambda s: s.spread * 1000,
    "read late ms": lambda s: s.lag * 1000,
}
NOTES: dict[str, Callable[[Measure], float]] = {
    "load CPU %": lambda m: m.load_cpu * 100,
    "unanswered": lambda m: m.starved,
}


def value_table(results: Results) -> str:
    """The median over the rounds of everything that was measured."""
    columns = COLUMNS | NOTES
    rows = [["players", "server", *columns, "rounds"]]
    for (players, server), measures in results.items():
        good = [m for m in measures if m is not None]
        cells = [number(median(map(get, good))) if good else "—" for get in columns.values()]
        rows.append([f"{players:,}", server, *cells, f"{len(good)} of {len(measures)}"])
    return layout(rows)


def ratio_table(results: Results, first: str) -> str:
    """`first` divided by each other server: median over the rounds (smallest–largest)."""
    rows = [["players", f"{first} /", *COLUMNS]]
    for (players, server), measures in results.items():
        ours = results.get((players, first))
        if server == first or ours is None:
            continue
        pairs = [(a, b) for a, b in zip(ours, measures, strict=True) if a and b]
        cells = [ratios(pairs, get) for get in COLUMNS.values()]
        rows.append([f"{players:,}", server, *cells])
    return layout(rows)


def sweep_table(contests: Mapping[str, Sequence[Contest]]) -> str:
    """How `manche` came to all: median over all rounds of all competitions (smallest–largest)."""
    rows = [["players", "server", *SWEEP_COLUMNS, "sweeps"]]
    for kind, held in contests.items():
        sweeps = [sweep for contest in held for sweep in contest.sweeps]
        if sweeps:
            cells = [span([get(sweep) for sweep in sweeps]) for get in SWEEP_COLUMNS.values()]
            rows.append([f"{held[0].players:,}", kind, *cells, str(len(sweeps))])
    return layout(rows)


def followed(held: Sequence[Contest]) -> str:
    """What the followers saw: the worst of all competitions."""
    return (
        f"Each follower got {median(c.states for c in held):.0f} states"
        f" in {median(c.following for c in held):.1f} s,"
        f" {median(c.bytes for c in held):,.0f} bytes each. One was"
        f" {max(c.late for c in held) * 1000:.0f} ms old at most when it came, and"
        f" {max(c.stale for c in held) * 1000:.0f} ms at most when the next one came."
    )


def span(values: Sequence[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def ratios(pairs: Sequence[tuple[Measure, Measure]], get: Callable[[Measure], float]) -> str:
    found = [get(a) / get(b) for a, b in pairs if get(b)]
    return span(found) if found else "—"


def number(value: float) -> str:
    """Show three digits that matter."""
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}"


def layout(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table: names to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if place == 1 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(f"| {' | '.join(cells)} |")
    rule = ["-" * (width - 1) + ":" for width in widths]
    rule[1] = ":" + "-" * (widths[1] - 1)
    lines.insert(1, f"| {' | '.join(rule)} |")
    return "\n".join(lines)
