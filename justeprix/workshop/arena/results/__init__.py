"""The ways to show what came of an arena. Pure.

The contract: `render(outcome)` returns the whole text of a file. All but the table are the same
each time for the same seed: how long a bot thought is in the table alone.
"""

from __future__ import annotations

from collections.abc import Callable

from justeprix.workshop.arena.outcome import Results
from justeprix.workshop.arena.results import document, picture, spreadsheet, table

__all__ = ["FORMATS"]

FORMATS: dict[str, Callable[[Results], str]] = {
    "table": table.render,
    "csv": spreadsheet.render,
    "json": document.render,
    "svg": picture.render,
}
"""Each format by the name that `--format` gives it."""
