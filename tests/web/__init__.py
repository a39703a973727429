"""Mirrors justeprix/web."""
