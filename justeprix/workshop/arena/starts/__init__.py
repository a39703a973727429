"""Bots to start from, for `justeprix bot --exemple`: files for pupils, run only as bots."""

from __future__ import annotations

from importlib.resources import files

__all__ = ["start"]


def start(name: str) -> str:
    """Return the text of the file of that name, without its `.py`."""
    return (files(__name__) / f"{name}.py").read_text(encoding="utf-8")
