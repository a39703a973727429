"""The tables: what each server did, and justeprix beside each of the others."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from statistics import median

from tests.bench.contest import Contest, Sweep
from tests.bench.measure import Measure
from tests.bench.web import BOTH, BROWSERS, Memory, Volley

__all__ = [
    "COLUMNS",
    "ELSEWHERE",
    "Results",
    "beside",
    "followed",
    "holds",
    "kept",
    "layout",
    "mark",
    "ratio_table",
    "ratios",
    "span",
    "sweep_table",
    "tell",
    "value_table",
    "volley_table",
]

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
VOLLEY_COLUMNS: dict[str, Callable[[Volley], float]] = {
    "first to last sent ms": lambda v: v.sends * 1000,
    "first sent to last answered ms": lambda v: v.all * 1000,
    "first to last time ms": lambda v: max(v.times) - min(v.times),
    "pairs out of order %": lambda v: v.disorder * 100,
}
NOTES: dict[str, Callable[[Measure], float]] = {
    "load CPU %": lambda m: m.load_cpu * 100,
    "unanswered": lambda m: m.starved,
}
BUSY = 0.9
"""The share of its processor from which on the load may be what limits a server."""

MARK = " *"


def value_table(results: Results) -> str:
    """The median over the rounds of everything that was measured."""
    columns = COLUMNS | NOTES
    rows = [["players", "server", *columns, "rounds"]]
    for (players, server), measures in results.items():
        good = [m for m in measures if m is not None]
        cells = [number(median(map(get, good))) if good else "—" for get in columns.values()]
        name = server + mark(measures)
        rows.append([f"{players:,}", name, *cells, f"{len(good)} of {len(measures)}"])
    marked = any(map(mark, results.values()))
    return layout(rows) + (f"\n\n{LIMITED}" if marked else "")


LIMITED = (
    "* The load's processor was busy nearly all the time: it was the limit, and the server could"
    " do\nat least this much."
)


def mark(measures: Sequence[Measure | None]) -> str:
    """Return a mark if the load was at its end, so that nobody takes it for the server's."""
    shares = [m.load_cpu for m in measures if m is not None]
    return MARK if shares and median(shares) > BUSY else ""


def ratio_table(results: Results, first: str) -> str:
    """`first` divided by each other server: median over the rounds (smallest–largest)."""
    rows = [["players", f"{first} /", *COLUMNS]]
    for (players, server), measures in results.items():
        ours = results.get((players, first))
        if server == first or ours is None:
            continue
        found = [ratios(ours, measures, get) for get in COLUMNS.values()]
        cells = [span(values) if values else "—" for values in found]
        rows.append([f"{players:,}", server, *cells])
    return layout(rows)


def sweep_table(players: int, kinds: Mapping[str, Sequence[Sweep]]) -> str:
    """How something came to all: median over all sweeps (smallest–largest)."""
    rows = [["players", "server", *SWEEP_COLUMNS, "sweeps"]]
    for kind, sweeps in kinds.items():
        if sweeps:
            cells = [span([get(sweep) for sweep in sweeps]) for get in SWEEP_COLUMNS.values()]
            rows.append([f"{players:,}", kind, *cells, str(len(sweeps))])
    return layout(rows)


def volley_table(players: int, kinds: Mapping[str, Sequence[Volley]]) -> str:
    """One guess of all at once: the waits, and the times that the host has put down."""
    rows = [["players", "server", "p50 ms", "p99 ms", "max ms", *VOLLEY_COLUMNS, "volleys"]]
    for kind, volleys in kinds.items():
        if volleys:
            waits = sorted(wait * 1000 for volley in volleys for wait in volley.waits)
            shares = [number(waits[int(len(waits) * share)]) for share in (0.5, 0.99)]
            cells = [span([get(volley) for volley in volleys]) for get in VOLLEY_COLUMNS.values()]
            cells = [*shares, number(waits[-1]), *cells, str(len(volleys))]
            rows.append([f"{players:,}", kind, *cells])
    return layout(rows)


def kept(players: int, memories: Sequence[Memory]) -> str:
    """What a browser costs in memory, medians."""
    if not memories:
        return "The browsers' memory: no numbers."
    begun, one, idle, played = (median(column) for column in zip(*memories, strict=True))
    return (
        f"The host's memory: {begun:.1f} MB, {one:.1f} MB with one browser, whose library stays,"
        f" {idle:.1f} MB with {players:,} idle,\n"
        f"{(idle - one) / max(1, players - 1) * 1e6:,.0f} bytes each; {played:.1f} MB when they"
        " have played."
    )


ELSEWHERE = (
    "Elsewhere, on such a machine: a volley of 300 to a classroom server in Node with socket.io"
    " 2.4 s;\na bare socket.io game, 300 clients: 31,000 answers a second, p99 17 ms."
)


def beside(players: int, plays: Results, volleys: Mapping[str, Sequence[Volley]]) -> str:
    """Divide those numbers by ours, or ours by them: more is better."""
    alone = [m for m in plays.get((players, BROWSERS), []) if m]
    both = [m for m in plays.get((2 * players, BOTH), []) if m]
    parts = []
    if alone:
        parts.append(f"{median(m.rate for m in alone) / 31_000:.2f} times the answers")
        parts.append(f"p99 {17_000 / median(m.p99 for m in alone):.2f} times shorter")
    if both:
        parts.append(f"{median(m.rate for m in both) / 31_000:.2f} times with as many sockets")
    parts += [
        f"a volley of {kind} {2.4 / median(v.all for v in shot):,.0f} times shorter"
        for kind, shot in volleys.items()
        if shot
    ]
    return f"Here, {players:,} browsers:\n- " + "\n- ".join(parts)


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


def holds(bound: float, *series: Sequence[float]) -> str:
    """Say whether all of several series stay under a bound: always, in the median, or not."""
    if all(max(values) < bound for values in series):
        return "yes"
    return "median" if all(median(values) < bound for values in series) else "no"


def ratios(
    ours: Sequence[Measure | None],
    theirs: Sequence[Measure | None],
    get: Callable[[Measure], float],
) -> list[float]:
    """Divide round by round, where both gave numbers."""
    pairs = zip(ours, theirs, strict=True)
    return [get(a) / get(b) for a, b in pairs if a and b and get(b)]


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


def tell(text: str) -> None:
    """Say how far we are, beside the tables."""
    print(text, end="", file=sys.stderr, flush=True)
