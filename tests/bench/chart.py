"""Guesses a second as an SVG for `vitesse.md`: a bar for each server, a panel for each number of
players, all on one scale. In French, as that page is; light or dark, as the reader's screen. Pure.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from statistics import median

from justeprix.results.drawing import add, canvas, text, written
from tests.bench.measure import Measure
from tests.bench.report import Results, mark
from tests.bench.servers import OURS

__all__ = ["render"]

Measures = Sequence[Measure | None]

WIDTH, MARGIN, GUTTER = 760, 20, 24
HEAD, NOTE, TITLE, ROW, GAP, FOOT = 54, 18, 30, 19, 14, 30
"""Heights: of the head, a note, a panel's title, a bar and its gap; below a panel, below all."""

THICK = 13
PANEL = (WIDTH - 2 * MARGIN - GUTTER) / 2
NAMES, VALUES = 112, 66
"""What a panel keeps beside its bars for names, and for numbers."""

NAMED = {
    OURS: "justeprix",
    "justeprix-memory": "justeprix, mémoire",
    "asyncio-streams": "asyncio, flux",
    "asyncio-protocol": "asyncio, protocole",
    "twisted": "Twisted",
    "threads": "un fil par joueur",
    "c-epoll": "C, epoll",
}
KINDS = {OURS: "ours", "justeprix-memory": "memory", "c-epoll": "limit"}

STYLE = """
text { fill: #1f2328 }
.paper { fill: #ffffff }
.note { fill: #59636e }
.ours { fill: #0072b2 }
.memory { fill: #56b4e9 }
.other { fill: #b6bdc5 }
.limit { fill: #818b98 }
.halo { stroke: #ffffff; stroke-width: 3; fill: none }
.spread { stroke: #1f2328; fill: none }
@media (prefers-color-scheme: dark) {
 text { fill: #f0f6fc }
 .paper { fill: #0d1117 }
 .note { fill: #9198a1 }
 .ours { fill: #3d9fe0 }
 .memory { fill: #1f6591 }
 .other { fill: #4a525c }
 .limit { fill: #78818b }
 .halo { stroke: #0d1117 }
 .spread { stroke: #f0f6fc }
}
"""

TITLE_TEXT = "Coups par seconde"
NOTES = (
    "Le même jeu, des joueurs qui attendent chaque réponse. Seul justeprix garde les coups : dans"
    " un fichier, ou en mémoire.",
    "Barre : la médiane des tours. Trait : du plus petit au plus grand.",
)
LIMITED = "* : la charge était à bout, le serveur peut au moins cela."
SILENT = "† : des joueurs n’ont reçu aucune réponse."


def render(results: Results, origin: str) -> str:
    """Draw the rate of every server; `origin` tells what machine and what load it comes from."""
    sizes = sorted({players for players, _ in results})
    panels = {n: {name: m for (size, name), m in results.items() if size == n} for n in sizes}
    tall = TITLE + ROW * max(map(len, panels.values()), default=0) + GAP
    notes = notes_on(results)
    head = HEAD + NOTE * len(notes)
    svg = canvas(WIDTH, head + -(-len(sizes) // 2) * tall + FOOT)
    svg[0].set("class", "paper")
    add(svg, "title").text = TITLE_TEXT
    add(svg, "style").text = STYLE
    text(svg, MARGIN, 32, TITLE_TEXT, font_size=20, font_weight="bold")
    for line, note in enumerate(notes):
        text(svg, MARGIN, HEAD + NOTE * line, note, **{"class": "note"})
    top_rate = max((max(rates) for m in results.values() if (rates := rates_of(m))), default=1.0)
    for place, (players, servers) in enumerate(panels.items()):
        x, y = MARGIN + place % 2 * (PANEL + GUTTER), head + place // 2 * tall
        panel(svg, x, y, players, servers, (PANEL - NAMES - VALUES) / top_rate)
    bottom = int(svg.get("height", 0)) - 16
    text(svg, MARGIN, bottom, origin, font_size=11, **{"class": "note"})
    return written(svg)


def notes_on(results: Results) -> list[str]:
    """Return what stands under the title; signs are explained where there are any."""
    signs = [LIMITED] if any(map(mark, results.values())) else []
    signs += [SILENT] if any(map(silent, results.values())) else []
    return [*NOTES, " ".join(signs)] if signs else list(NOTES)


def panel(
    svg: ET.Element,
    x: float,
    y: float,
    players: int,
    servers: dict[str, Measures],
    scale: float,
) -> None:
    """Draw all servers with so many players; `scale`: units a guess in a second."""
    title = f"{spaced(players)} joueur{'s' * (players > 1)}"
    text(svg, x, y + 18, title, font_weight="bold", font_size=14)
    for row, (name, measures) in enumerate(servers.items()):
        middle = y + TITLE + ROW * row + ROW / 2
        bold = {"font_weight": "bold"} if name == OURS else {}
        label = NAMED.get(name, name)
        text(svg, x + NAMES - 6, middle + 4, label, text_anchor="end", **bold)
        bar(svg, x + NAMES, middle, name, measures, scale)


def bar(
    svg: ET.Element, x: float, middle: float, name: str, measures: Measures, scale: float
) -> None:
    """Draw one server: its median, its spread, its number."""
    rates = rates_of(measures)
    if not rates:
        text(svg, x + 4, middle + 4, "pas de mesure", font_size=11, **{"class": "note"})
        return
    width, low, high = (scale * rate for rate in (median(rates), min(rates), max(rates)))
    shape = {"x": x, "y": middle - THICK / 2, "width": width, "height": THICK}
    add(svg, "rect", **shape, **{"class": KINDS.get(name, "other")})
    if len(rates) > 1:
        spread = f"M{x + low:.1f} {middle - 3:.1f}v6m0-3H{x + high:.1f}m0-3v6"
        for kind in ("halo", "spread"):
            add(svg, "path", d=spread, **{"class": kind})
    number = spaced(rounded(median(rates))) + mark(measures) + silent(measures)
    text(svg, x + high + 6, middle + 4, number, font_size=11)


def rates_of(measures: Measures) -> list[float]:
    return [m.rate for m in measures if m is not None]


def silent(measures: Measures) -> str:
    """Return a mark if some players got no answer at all."""
    starved = [m.starved for m in measures if m is not None]
    return " †" if starved and median(starved) else ""


def rounded(value: float) -> int:
    """Keep three digits."""
    return int(float(f"{value:.3g}"))


def spaced(number: int) -> str:
    """Return a number with its thousands apart, as French does it."""
    return f"{number:,}".replace(",", "\u202f")
