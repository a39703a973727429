"""The ways to show a competition. Pure: a report comes in, a text goes out.

The contract: `render(report, number)` returns the whole text of a file; `number` narrows it to
one closed round (None: all of them, or the one that says most). Raises ResultsError if there is
no such round, or if the format cannot be narrowed.
"""

from __future__ import annotations

from collections.abc import Callable

from justeprix.results import document, picture, spreadsheet, table
from justeprix.results.report import Report

__all__ = ["FORMATS"]

FORMATS: dict[str, Callable[[Report, int | None], str]] = {
    "table": table.render,
    "csv": spreadsheet.render,
    "json": document.render,
    "svg": picture.render,
}
"""Each format by the name that `--format` gives it."""
