"""Whether a JSON value has the shape it should: its fields, and a test for each value. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["Shape", "misfits", "shown"]

Shape = Callable[[Any], bool] | dict[str, Any] | list[Any]
"""A test of one value, the shapes of an object's fields, or the one shape of all in a list."""


def misfits(value: Any, shape: Shape, path: str = "") -> Iterator[str]:
    """Say where a value is not what its place wants; `path` is like `joueurs[1].nom`."""
    if isinstance(shape, dict):
        yield from _field_faults(value, shape, path)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{path} : une liste est attendue, trouvé {shown(value)}."
            return
        for place, item in enumerate(value, start=1):
            yield from misfits(item, shape[0], f"{path}[{place}]")
    elif not shape(value):
        yield f"{path} : cette valeur n'est pas possible : {shown(value)}."


def _field_faults(value: Any, shape: dict[str, Shape], path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path} : un objet est attendu, trouvé {shown(value)}."
        return
    where = f"{path}." if path else ""
    for field in sorted(value.keys() - shape.keys()):
        yield f"{where}{shown(field)[1:-1]} : ce champ est de trop."
    for field, inner in shape.items():
        if field in value:
            yield from misfits(value[field], inner, where + field)
        else:
            yield f"{where}{field} : ce champ manque."


def shown(value: Any) -> str:
    """Return a JSON value in a few words, fit for a terminal."""
    if isinstance(value, list | dict):
        return "une liste" if isinstance(value, list) else "un objet"
    text = json.dumps(value, ensure_ascii=False)
    if not text.isprintable():
        text = json.dumps(value)
    return text if len(text) <= 60 else text[:59] + "…"
