"""Mirrors justeprix/results."""
