"""The elements of an SVG, and lines that nobody needs colours to tell apart. Pure."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from justeprix.french import cells

__all__ = ["add", "canvas", "fitted", "sample", "stroke", "text", "written"]

CELL = 6.63
"""The width of a letter at most, on average, in type of 12."""

# Seven colours that the colour-blind tell apart (Okabe and Ito's, without the yellow: it is too
# pale on white). 5 dashes and 6 markers: together they repeat after 30 lines.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
DASHES = ("none", "7 3", "2 2", "9 3 2 3", "4 2 1 2")
MARKERS = (
    "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z",  # disc
    "m-2.7-2.7h5.4v5.4h-5.4z",  # square
    "m0-3.6l3.4 6h-6.8z",  # triangle
    "m0-4l4 4-4 4-4-4z",  # diamond
    "m0 3.6l3.4-6h-6.8z",  # triangle on its head
    "m-3-3l6 6m0-6l-6 6",  # cross
)


def add(parent: ET.Element, tag: str, **attributes: object) -> ET.Element:
    """Add an element; `stroke_width=1.5` becomes `stroke-width="1.5"`."""
    named = {name.replace("_", "-"): _written(value) for name, value in attributes.items()}
    return ET.SubElement(parent, tag, named)


def _written(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def text(parent: ET.Element, x: float, y: float, text: str, **attributes: object) -> ET.Element:
    """Add a text."""
    element = add(parent, "text", x=x, y=y, **attributes)
    element.text = text
    return element


def fitted(text: str, width: float) -> float:
    """Return the size of type, 12 at most, in which a text is no wider than that."""
    return 12 * min(1.0, width / (cells(text) * CELL))


def canvas(width: int, height: int) -> ET.Element:
    """Return a white sheet."""
    svg = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "role": "img",
            "font-family": "sans-serif",
            "font-size": "12",
        },
    )
    add(svg, "rect", width=width, height=height, fill="#fff")
    return svg


def written(svg: ET.Element) -> str:
    """Return the text of the file."""
    ET.indent(svg, " ")
    return ET.tostring(svg, encoding="unicode") + "\n"


# Lines.


def stroke(
    parent: ET.Element, points: Sequence[str], place: int, width: float, marks: Sequence[str]
) -> None:
    """Draw the line of that place: dashes through the points, markers on the marks."""
    marker = MARKERS[place % len(MARKERS)]
    group = add(parent, "g", stroke=COLOURS[place % len(COLOURS)], stroke_width=width)
    dash = DASHES[place % len(DASHES)]
    add(group, "path", d=f"M{'L'.join(points)}", fill="none", stroke_dasharray=dash)
    add(group, "path", d="".join(f"M{point}{marker}" for point in marks), fill="#fff")


def sample(parent: ET.Element, x: float, y: float, place: int, width: float) -> None:
    """Draw a piece of that line for a legend, 44 wide."""
    group = add(parent, "g", stroke=COLOURS[place % len(COLOURS)], stroke_width=width)
    dash = DASHES[place % len(DASHES)]
    add(group, "path", d=f"M{x} {y - 4}h44", fill="none", stroke_dasharray=dash)
    add(group, "path", d=f"M{x + 22} {y - 4}{MARKERS[place % len(MARKERS)]}", fill="#fff")
